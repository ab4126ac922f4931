"""A thousand WebSocket clients at once, in the short form, too."""

import asyncio
import statistics

from crowd import SPEC, Caller, Subscriber
from watched import until

STARTED = "onContainerStarted"
CROWD = 1000
MOST = 32 * 1024
"""Bytes that a client may take while it is there."""


def test_a_thousand_clients_hear_of_each_container(up, record_property, capsys):
    box = up()
    files, memory = box.open_files, box.memory

    async def scene():
        loop = asyncio.get_running_loop()
        begun = loop.time()
        clients = await asyncio.gather(*(Subscriber.come(box.port, STARTED) for _ in range(CROWD)))
        there = loop.time() - begun
        taken = box.memory - memory
        waits = []
        async with Caller.on(box.port) as caller:
            for number in range(5):
                begun = loop.time()
                params = {"containerId": f"c{number}", "dobbySpec": SPEC}
                assert (await caller.call("startContainerFromDobbySpec", params))["result"]["success"] is True
                for client in clients:
                    assert await client.until(lambda client=client, n=number: len(client.heard) == n + 1)
                waits.append(max(client.heard[-1][2] for client in clients) - begun)
        assert {tuple(client.names(STARTED)) for client in clients} == {tuple(f"c{number}" for number in range(5))}
        assert box.control("GET", "status")["subscriptions"] == CROWD
        await asyncio.gather(*(client.leave(("close", "reset", "half")[at % 3]) for at, client in enumerate(clients)))
        return there, taken, statistics.median(waits)

    there, taken, wait = asyncio.run(scene())
    figures = {"all_there_s": round(there, 2), "bytes_each": taken // CROWD, "start_until_all_know_s": round(wait, 3)}
    record_property("soak", figures)
    with capsys.disabled():
        print(f"\nsoak: {figures}")  # noqa: T201 (figures are for people to read)
    assert taken < CROWD * MOST
    until(lambda: box.open_files <= files)
    assert box.control("GET", "status")["subscriptions"] == 0
    status, said = box.end()
    assert (status, "Traceback" in said, "defect" in said) == (0, False, False), said
