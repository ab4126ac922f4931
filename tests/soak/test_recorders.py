"""The recorder between a crowd and a box, with few files, and before clients that do not read."""

import asyncio
import json
import resource
import socket
from collections import Counter
from contextlib import ExitStack

import pytest
from test_slow_readers import EVENT, EVENTS, tell

from crowd import SPEC, Caller, Subscriber
from watched import until

STARTED = "onContainerStarted"
MEBIBYTE = 2**20


@pytest.fixture
def recorded(up, watch, tmp_path):
    """Start an emulator with a recorder in front of it; return both, and the file."""
    box = up()
    file = tmp_path / "box.jsonl"
    return box, watch("record", "--port", "0", "--upstream", box.ready["url"], "--output", str(file)), file


def lines_of(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def ended(recorder):
    status, said = recorder.end()
    assert (status, "Traceback" in said, "defect" in said) == (0, False, False), said
    return said


async def a_round(port, number, crowd):
    """Let a crowd hear of one container, and go in every way."""
    clients = await asyncio.gather(*(Subscriber.come(port, STARTED) for _ in range(crowd)))
    name = f"seen-{number}"
    async with Caller.on(port) as caller:
        answer = await caller.call("startContainerFromDobbySpec", {"containerId": name, "dobbySpec": SPEC})
        assert answer["result"]["success"] is True
        for client in clients:
            assert await client.until(lambda client=client: client.names(STARTED) == [name])
        assert (await caller.call("stopContainer", {"containerId": name}))["result"]["success"] is True
    await asyncio.gather(*(client.leave(("close", "reset", "half")[at % 3]) for at, client in enumerate(clients)))


def test_a_crowd_is_recorded(recorded, scale):
    box, recorder, file = recorded
    files, memory = (box.open_files, recorder.open_files), []
    rounds = max(60, 2 * scale.rounds)  # the first thirty fill the pools of the allocator
    for number in range(rounds):
        asyncio.run(a_round(recorder.port, number, scale.crowd))
        until(lambda: box.open_files <= files[0] and recorder.open_files <= files[1])
        memory.append(recorder.memory)
    ended(recorder)
    lines = lines_of(file)
    counted = Counter(line["kind"] for line in lines)
    assert counted["closed"] == rounds * (scale.crowd + 1)
    heard = [json.loads(line["body"])["params"]["name"] for line in lines if '"me.' in line.get("body", "")]
    assert Counter(heard) == {f"seen-{number}": scale.crowd for number in range(rounds)}
    assert memory[-1] <= memory[len(memory) // 2] + MEBIBYTE


def connected(recorder):
    return socket.create_connection(("127.0.0.1", recorder.port), 20)


def is_ended(connection):
    connection.settimeout(20)
    try:
        while connection.recv(4096):
            pass
    except ConnectionError:
        pass
    return True


def test_a_recorder_with_few_files_goes_on_for_those_who_are_there(recorded):
    _, recorder, file = recorded
    files = recorder.open_files
    with ExitStack() as open_ones:
        client = open_ones.enter_context(recorder.connect())
        assert client.call("listContainers")["result"]["success"] is True
        recorder.allow(resource.RLIMIT_NOFILE, recorder.open_files + 21)
        others = [open_ones.enter_context(connected(recorder)) for _ in range(60)]
        for other in others:
            other.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert all(map(is_ended, others[30:]))
        # who was there before is served, and nobody runs in a circle
        before = recorder.cpu
        for _ in range(20):
            assert client.call("listContainers")["result"]["success"] is True
        assert recorder.cpu - before < 1
    until(lambda: recorder.open_files <= files)
    assert recorder.call("listContainers")["result"]["success"] is True
    ended(recorder)
    assert lines_of(file)


def test_a_client_that_does_not_read_is_the_boxs_business(recorded):
    box, recorder, _ = recorded

    async def scene():
        listeners = [await Subscriber.come(recorder.port, STARTED) for _ in range(5)]
        slow = [await Subscriber.come(recorder.port, STARTED) for _ in range(3)]
        for one in slow:
            one._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.stop_reading()
        before = recorder.memory
        took = await tell(box, listeners, 2 * EVENTS)
        until(lambda: box.said().count("it does not read") == len(slow))
        grown = recorder.memory - before
        assert [len(listener.heard) for listener in listeners] == [2 * EVENTS] * len(listeners)
        for one in (*listeners, *slow):
            await one.leave()
        return took, grown

    files = recorder.open_files
    took, grown = asyncio.run(scene())
    assert max(took) < 3
    assert grown < 3 * 3 * MEBIBYTE  # as little waits here as there
    until(lambda: recorder.open_files <= files)
    ended(recorder)
    assert EVENT["event"] == STARTED
