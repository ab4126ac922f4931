"""Who does not read is dropped in time, and delays nobody meanwhile."""

import asyncio
import re
import socket
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from crowd import Caller, Subscriber
from fakedobby.turns import LONG
from watched import PATIENCE, until

EVENT = {"event": "onContainerStarted", "params": {"descriptor": "1", "name": "x" * 20_000}}
EVENTS = 400
MEBIBYTE = 2**20


async def tell(box, listeners, number):
    """Send events one after another; return the seconds that each took to the last of those who listen."""
    loop = asyncio.get_running_loop()
    took = []
    for _ in range(number):
        before = [len(listener.heard) for listener in listeners]
        begun = loop.time()
        await asyncio.to_thread(box.control, "POST", "events", EVENT)
        for listener, count in zip(listeners, before, strict=True):
            assert await listener.until(lambda listener=listener, count=count: len(listener.heard) > count)
        took.append(max(listener.heard[-1][2] for listener in listeners) - begun)
    return took


def test_a_slow_subscriber_is_dropped_and_delays_nobody(up, record_property, capsys):
    box = up()

    async def scene():
        listeners = [await Subscriber.come(box.port, EVENT["event"]) for _ in range(20)]
        alone = await tell(box, listeners, EVENTS)
        slow = [await Subscriber.come(box.port, EVENT["event"]) for _ in range(5)]
        for one in slow:
            one._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.stop_reading()
        before = box.memory
        beside = await tell(box, listeners, EVENTS)
        grown = box.memory - before
        until(lambda: box.said().count("it does not read") == len(slow))
        assert [len(listener.heard) for listener in listeners] == [2 * EVENTS] * len(listeners)
        for one in (*listeners, *slow):
            await one.leave()
        return statistics.median(alone), statistics.median(beside), max(beside), grown

    alone, beside, longest, grown = asyncio.run(scene())
    figures = {
        "median_ms_alone": round(alone * 1000, 2),
        "median_ms_beside_slow_ones": round(beside * 1000, 2),
        "longest_ms": round(longest * 1000, 1),
        "memory_grown_mib": round(grown / MEBIBYTE, 1),
    }
    record_property("soak", figures)
    with capsys.disabled():
        print(f"\nsoak: {figures}")  # noqa: T201 (figures are for people to read)
    assert beside < 3 * alone + 0.005  # the machine does other things, too
    assert grown < 5 * 2 * MEBIBYTE  # what waits for each of them, and what it takes to keep that
    status, said = box.end()
    reason = r"dropped the client at 127\.0\.0\.1:\d+: it does not read, and more than 1048576 bytes of events wait"
    assert len(re.findall(reason, said)) == 5
    assert (status, "Traceback" in said) == (0, False)


def test_the_bound_is_a_setting(up):
    box = up("--max-unread", "1000")

    async def scene():
        slow = await Subscriber.come(box.port, EVENT["event"])
        slow.stop_reading()
        for _ in range(1000):
            if "more than 1000 bytes of events wait" in box.said():
                break
            await asyncio.to_thread(box.control, "POST", "events", EVENT)
        await slow.leave()

    asyncio.run(scene())
    assert "more than 1000 bytes of events wait" in box.end()[1]


def test_who_calls_without_end_and_reads_nothing_holds_up_nobody(up):
    box = up()

    async def scene():
        greedy = await Subscriber.come(box.port)
        greedy.stop_reading()
        writer = greedy._writer
        frame = b"\x81\xc9\0\0\0\0" + b'{"jsonrpc":"2.0","id":1,"method":"org.rdk.OCIContainer.1.listContainers"}'
        for _ in range(20_000):
            writer.write(frame)
        loop = asyncio.get_running_loop()
        waits = []
        async with Caller.on(box.port) as other:
            for _ in range(30):
                begun = loop.time()
                assert "result" in await other.call("listContainers")
                waits.append(loop.time() - begun)
        writer.transport.abort()
        await greedy.leave()
        return waits

    before = box.memory
    waits = asyncio.run(scene())
    assert max(waits) < 3
    assert box.memory - before < 20 * MEBIBYTE


PIPELINED = {
    "at once": b"GET /nope HTTP/1.1\r\n\r\n",
    "by Dobby": b"POST /jsonrpc HTTP/1.1\r\nContent-Length: 73\r\n\r\n"
    b'{"jsonrpc":"2.0","id":1,"method":"org.rdk.OCIContainer.1.listContainers"}',
}


def pour(connection, requests, over):
    """Send as long as somebody takes it; return how many bytes were taken."""
    sent = 0
    while not over.is_set():
        try:
            sent += connection.send(requests)
        except TimeoutError:
            continue
        except OSError:
            break
    return sent


@pytest.mark.parametrize("answered", PIPELINED)
@pytest.mark.parametrize("batch", [1, 3000])
def test_who_pipelines_and_does_not_read_holds_up_nobody(up, answered, batch):
    box = up()
    before = box.memory
    over = threading.Event()
    with socket.socket() as greedy, ThreadPoolExecutor() as threads:
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.settimeout(0.1)
        greedy.connect(("127.0.0.1", box.port))
        pouring = threads.submit(pour, greedy, PIPELINED[answered] * batch, over)
        waits = []
        with box.connect() as other:
            for _ in range(300):
                begun = time.monotonic()
                assert "result" in other.call("listContainers")
                waits.append(time.monotonic() - begun)
        over.set()
        sent = pouring.result()
    assert sent < 30 * MEBIBYTE  # what the system keeps on both sides, and what is read ahead
    assert max(waits) < 1
    assert box.memory - before < 20 * MEBIBYTE
    assert box.end()[0] == 0


def test_requests_that_never_end_hold_up_nobody_and_are_ended(up, scale):
    box = up("--idle-time", "5")
    files = box.open_files

    async def scene():
        streams = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", box.port) for _ in range(scale.crowd)))
        for at, (_, writer) in enumerate(streams):
            writer.write(
                (b"POST /jsonrpc HTTP/1.1\r\nX: ", b"POST /jsonrpc HTTP/1.1\r\nContent-Length: 99\r\n\r\n{")[at % 2]
            )
        async with Caller.on(box.port) as other:
            assert "result" in await other.call("listContainers")
        ends = await asyncio.wait_for(asyncio.gather(*(reader.read() for reader, _ in streams)), 60)
        for _, writer in streams:
            writer.close()
        return ends

    assert set(asyncio.run(scene())) == {b""}
    until(lambda: box.open_files == files)  # not fewer either: see Watched


def test_long_answers_that_nobody_reads_take_no_memory(up):
    box = up()
    files = box.open_files
    with box.connect() as client:
        for _ in range(30):
            client.call("getContainerState", {"containerId": "x" * MEBIBYTE})
        before = box.memory
        request = b"GET /emulator/journal/export HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % box.port
        sleepers = []
        try:
            for number in range(LONG + 8):
                sleeper = socket.socket()
                sleepers.append(sleeper)
                sleeper.settimeout(PATIENCE)
                sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                sleeper.connect(("127.0.0.1", box.port))
                sleeper.sendall(request)
                status = sleeper.recv(len(b"HTTP/1.1 200"), socket.MSG_WAITALL)[-3:]
                assert status == (b"200" if number < LONG else b"409")
            assert "result" in client.call("listContainers")
            assert box.memory - before < 4 * LONG * MEBIBYTE  # and not the 30 MiB of each
        finally:
            for sleeper in sleepers:
                sleeper.close()
        until(lambda: box.open_files <= files + 1)
        page = client.control("journal")
        assert len(page["entries"]) == page["last"] > 2 * 30
    assert box.end() == (0, box.said())
