"""Large bodies and messages beside the calls of others: these are answered meanwhile, and nothing is left of those."""

import asyncio
import json
from contextlib import AsyncExitStack
from statistics import median

from crowd import Caller, Subscriber, message
from watched import until

MEBIBYTE = 2**20
LARGE = 8 * MEBIBYTE
"""Bytes of a body; one may have eight times as many."""


def bodies(scale):
    """Return large bodies of several kinds, of which some are calls."""
    text = "x" * LARGE
    known = [
        message(1, "getContainerState", {"containerId": text}),
        message(1, "startContainer", {"containerId": "a", "bundlePath": "/" + text}),
        message(1, "startContainerFromDobbySpec", {"containerId": "a", "dobbySpec": {"version": "1.0", "x": text}}),
        message(1, text, {}),
        message(1, "listContainers", {str(number): number for number in range(LARGE // 64)}),
        b"[" * LARGE,
        b" " * LARGE,
        b"{" + b'"a":0,' * (LARGE // 8),
    ]
    return known * scale.large


async def others(box, stop):
    """Make small calls all the time; return how long each pair of them took."""
    loop = asyncio.get_running_loop()
    waits = []
    async with Caller.on(box.port) as caller:
        socket = await Subscriber.come(box.port)
        while not stop.is_set():
            begun = loop.time()
            assert "result" in await caller.call("listContainers")
            assert "result" in await socket.call("listContainers")
            waits.append(loop.time() - begun)
        await socket.leave()
    return waits


def test_large_bodies_hold_up_nobody_for_long(up, scale, record_property, capsys):
    box = up()
    files = box.open_files

    async def large():
        """Send the large ones over HTTP, one after another, and on a WebSocket."""
        async with Caller.on(box.port) as caller:
            socket = await Subscriber.come(box.port)
            for body in bodies(scale):
                answer = json.loads(await caller.post(body))
                assert answer["jsonrpc"] == "2.0"
            assert "error" in await socket.call("getContainerState", {"containerId": "x" * LARGE})
            await socket.leave()

    async def scene():
        stop = asyncio.Event()
        beside = asyncio.create_task(others(box, stop))
        await asyncio.gather(large(), large())
        stop.set()
        return max(await beside)

    longest = asyncio.run(scene())
    figures = {"longest_wait_s": round(longest, 2), "memory_mib": round(box.memory / MEBIBYTE, 1)}
    record_property("soak", figures)
    with capsys.disabled():
        print(f"\nsoak: {figures}")  # noqa: T201 (figures are for people to read)
    assert longest < 5
    # the journal keeps 64 MiB of it, the allocator as much as there was at a time
    assert box.memory < 400 * MEBIBYTE
    until(lambda: box.open_files <= files)
    status, said = box.end()
    assert (status, "Traceback" in said, "defect" in said) == (0, False, False), said[-3000:]


def test_many_who_send_large_bodies_at_a_time_hold_up_nobody_longer(up, scale, record_property, capsys):
    box = up()
    body = b"{" + b'"a":0,' * MEBIBYTE

    async def large(caller):
        for _ in range(scale.large):
            assert "error" in json.loads(await caller.post(body))

    async def scene(senders):
        stop = asyncio.Event()
        async with AsyncExitStack() as stack:
            callers = [await stack.enter_async_context(Caller.on(box.port)) for _ in range(senders)]
            beside = asyncio.create_task(others(box, stop))
            await asyncio.gather(*map(large, callers))
            stop.set()
            return median(await beside)

    one, many = (asyncio.run(scene(senders)) for senders in (1, 12))
    figures = {"wait_beside_one_s": round(one, 3), "wait_beside_twelve_s": round(many, 3)}
    record_property("soak", figures)
    with capsys.disabled():
        print(f"\nsoak: {figures}")  # noqa: T201 (as above)
    assert many < 3 * one + 0.03
    status, said = box.end()
    assert (status, "Traceback" in said) == (0, False), said[-3000:]
