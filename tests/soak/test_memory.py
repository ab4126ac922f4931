"""What a call leaves behind, in bytes: nothing, once all that is kept of the latest calls has its size."""

import asyncio
import itertools
import os
import statistics

from crowd import SPEC, Caller, Subscriber
from watched import until

LONG = os.environ.get("SOAK") == "long"
CALLS = 50_000 if LONG else 5_000
"""How many calls there are in a leg; of each the memory may grow by a few pages or not."""
LEGS = 3
COUNT = itertools.count()
MOST = 60
"""Bytes that a call may leave behind: what is kept of each by mistake is larger."""


async def calls(port, number):
    """Make calls of many kinds over HTTP and on WebSockets that come and go, each with texts that never came before."""
    first = next(COUNT)
    async with Caller.on(port) as caller:
        for at in range(0, number, 50):
            which = f"{first}-{at}"
            socket = await Subscriber.come(port, "onContainerStarted")
            for client in (caller, socket):
                for _ in range(10):
                    assert "result" in await client.call("listContainers")
                    assert "error" in await client.call(f"nonsense{which}", {"containerId": which})
            for client, name in ((caller, f"c{which}"), (socket, f"s{which}")):
                params = {"containerId": name, "dobbySpec": SPEC}
                assert (await client.call("startContainerFromDobbySpec", params))["result"]["success"] is True
                assert "result" in await client.call("getContainerInfo", {"containerId": name})
                assert "result" in await client.call("stopContainer", {"containerId": name})
            assert await socket.until(lambda socket=socket: len(socket.heard) == 2)
            await socket.leave(("close", "reset", "half")[at // 50 % 3])


def is_full(box):
    journal = box.control("GET", "journal?limit=1")
    return journal["dropped"] > 0


def test_a_call_leaves_nothing_behind(up, record_property, capsys):
    box = up()
    files = box.open_files
    while not is_full(box):
        asyncio.run(calls(box.port, 1000))
    asyncio.run(calls(box.port, CALLS))
    memory = [box.memory]
    for _ in range(LEGS):
        asyncio.run(calls(box.port, CALLS))
        memory.append(box.memory)
    assert is_full(box)
    until(lambda: box.open_files <= files)
    slopes = [(after - before) / CALLS for before, after in itertools.pairwise(memory)]
    figures = {"bytes_per_call": [round(slope, 1) for slope in slopes], "memory_mib": round(memory[-1] / 2**20, 1)}
    record_property("soak", figures)
    with capsys.disabled():
        print(f"\nsoak: {figures}")  # noqa: T201 (figures are for people to read)
    # what leaks does so in every leg; pools of the allocator grow in one of them
    assert statistics.median(slopes) < MOST, figures
    status, said = box.end()
    assert (status, "Traceback" in said, "defect" in said) == (0, False, False), said
