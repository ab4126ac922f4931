"""Everything at once, again and again: nobody is disturbed, and nothing is left of it."""

import asyncio
import statistics

from crowd import SPEC, Caller, Subscriber
from watched import until

STARTED, STOPPED = "onContainerStarted", "onContainerStopped"
FAILED = {"error": {"code": 1, "message": "ERROR_GENERAL"}}
RUBBISH = [b"{", b"[]", b'{"id":"abc"}', b"\0" * 100, b"[" * 5000, b'{"id":1,"method":"' + b"x" * 100_000 + b'"}']
MEBIBYTE = 2**20


async def cycle(client, names, number):
    """Start and stop containers; return those that were started, and hold what is said of them against that."""
    started = []
    for name in (f"{names}-{count}" for count in range(number)):
        answer = await client.call("startContainerFromDobbySpec", {"containerId": name, "dobbySpec": SPEC})
        if answer == FAILED:  # Dobby is away
            continue
        assert answer["result"]["success"] is True
        started.append(name)
        state = await client.call("getContainerState", {"containerId": name})
        assert state == FAILED or state["result"]["containerId"] == name
        stopped = await client.call("stopContainer", {"containerId": name})
        assert stopped == FAILED or stopped["result"]["success"] is True
    return started


async def nonsense(port):
    """Send what is no call, and what is no HTTP; each has an answer, and calls go on."""
    async with Caller.on(port) as caller:
        for body in RUBBISH:
            assert b'"error"' in await caller.post(body)
            assert "result" in await caller.call("listContainers")
    for begun in (
        b"\x16\x03\x01",
        b"GET / HTTP/1.1\r\nX: ",
        b"\n\n\n",
        b"POST /jsonrpc HTTP/1.1\r\nContent-Length: 9\r\n\r\n{",
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun)
        await writer.drain()
        writer.transport.abort()


async def crowd(port, number, letter, finish):
    """Have many come, hear of one container, and go in every way; return the most seconds that any waited for it."""
    clients = await asyncio.gather(*(Subscriber.come(port, STARTED) for _ in range(number)))
    name = f"seen-by-all-{letter}"
    begun = asyncio.get_running_loop().time()
    async with Caller.on(port) as caller:
        await cycle(caller, name, 1)
    for client in clients:
        assert await client.until(lambda client=client: f"{name}-0" in client.names(STARTED))
    last = max(at for client in clients for event, params, at in client.heard if params["name"] == f"{name}-0")
    await asyncio.gather(*(client.leave(("close", "reset", "half")[at % 3]) for at, client in enumerate(clients)))
    finish.append(last - begun)


async def trouble(box, port):
    """Let Dobby die and come back while calls go on, and let time jump."""

    async def control(*request):
        return await asyncio.to_thread(box.control, *request)

    await control(
        "POST", "faults", {"place": "dobby", "kind": "gone", "seconds": 30, "times": "once", "method": "Start*"}
    )
    async with Caller.on(port) as caller:
        assert await cycle(caller, "dies", 1) == []
        await control("POST", "clock/advance", {"seconds": 60})  # it is back, and 25 s time-outs are over
        assert await cycle(caller, "lives", 1) == ["lives-0"]
    await control("DELETE", "faults")
    await control("POST", "clock/speed", {"speed": 1000})
    await control("POST", "clock/freeze")
    await control("POST", "clock/advance", {"seconds": 86_400})
    await control("POST", "clock/speed", {"speed": 1})
    await control("GET", "journal?kind=request&limit=100")
    await control("GET", "journal/export")


async def a_round(box, scale, number, waits):
    """Let all of it happen once."""
    port = box.port
    watcher = await Subscriber.come(port, STARTED, STOPPED)
    async with Caller.on(port) as first, Caller.on(port) as second:
        sockets = [await Subscriber.come(port) for _ in range(4)]
        await crowd(port, scale.crowd, f"{number}", waits)
        clients = [first, second, *sockets]
        started = await asyncio.gather(
            *(cycle(client, f"r{number}-c{at}", scale.cycles) for at, client in enumerate(clients)),
            nonsense(port),
            trouble(box, port),
        )
        # whatever became of the containers, nothing is running: what Dobby took along was gone with it
        assert (await first.call("listContainers"))["result"]["containers"] == [] or await drained(first)
        await watcher.call("listContainers")  # goes to Dobby and back, behind all that Dobby has said
        heard = watcher.names(STARTED)
        assert len(set(heard)) == len(heard)
        assert {name for names in started[: len(clients)] for name in names} <= set(heard)
        for client in (watcher, *sockets):
            await client.leave()


async def drained(caller):
    """Stop what still runs."""
    for container in (await caller.call("listContainers"))["result"]["containers"]:
        await caller.call("stopContainer", {"containerId": container["Id"], "force": True})
    return (await caller.call("listContainers"))["result"]["containers"] == []


def test_mixed_traffic_leaves_nothing(up, scale, record_property, capsys):
    box = up()
    files = box.open_files
    memory, waits = [], []
    for number in range(scale.rounds):
        asyncio.run(a_round(box, scale, number, waits))
        until(lambda: box.open_files == files)  # more would be a leak, fewer a count that was taken too early
        assert box.control("GET", "subscriptions") in ([], {"subscriptions": []})
        box.control("DELETE", "journal")
        memory.append(box.memory)
    figures = {
        "memory_mib": [round(size / MEBIBYTE, 1) for size in memory],
        "open_files": files,
        "crowd": scale.crowd,
        "start_until_all_know_s": round(statistics.median(waits), 3),
    }
    record_property("soak", figures)
    with capsys.disabled():
        print(f"\nsoak: {figures}")  # noqa: T201 (figures are for people to read)
    # the first rounds fill caches and the allocator's pools; the second half adds nothing to that
    assert memory[-1] <= memory[len(memory) // 2] * 1.05 + MEBIBYTE
    status, said = box.end()
    assert (status, "Traceback" in said, "defect" in said) == (0, False, False), said
