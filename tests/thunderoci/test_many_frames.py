"""Many small frames at a time: their answers go out together, and others have their turns in between."""

import pytest
from hosting import UPGRADE, Connection, call, result, turns

from thunderoci.outbox import Outbox
from thunderoci.quirks import LARGE_FRAME
from thunderoci.websocket_frames import FrameReader, Ping, text_frame

PING, PONG = b"\x89\x00", b"\x8a\x00"


@pytest.fixture
def connection():
    connection = Connection()
    connection.send(UPGRADE)
    connection.written = []
    write = connection.transport.write
    connection.transport.write = lambda data: (connection.written.append(data), write(data))
    return connection


def test_what_is_answered_at_once_is_sent_at_once(connection):
    frames = PING + text_frame(call()) + PING * 20
    assert connection.send(frames) == PONG + text_frame(result()) + PONG * 20
    assert len(connection.written) == 1
    assert connection.send(PING) == PONG


def test_an_event_keeps_its_place_among_answers(connection):
    echo = connection.plugin.methods["echo"]

    async def telling(asked):
        connection.client.push(b"event")
        return await echo(asked)

    connection.plugin.methods["echo"] = telling
    frames = PING + text_frame(call()) + PING
    assert connection.send(frames) == PONG + text_frame(b"event") + text_frame(result()) + PONG


def test_so_many_frames_have_a_turn(connection):
    sent = [connection.send(PING * 1000 + text_frame(call()) + PING)]
    assert connection.transport.producerState == "paused"
    sent.append(connection.send(b"\x8a\x00" * 300 + text_frame(call(call_id=2))))
    sent += turns(connection)
    assert b"".join(sent) == PONG * 1000 + text_frame(result()) + PONG + text_frame(result(call_id=2))
    assert max(len(one) for one in sent) <= 256 * len(PONG) + 100
    assert len(connection.written) <= 7
    assert connection.transport.producerState == "producing"
    assert connection.send(PING) == PONG


def test_a_frame_that_is_not_complete_behind_so_many(connection):
    whole = text_frame(call())
    assert connection.send(PING * 256 + whole[:20]) == PONG * 256
    turns(connection)
    assert connection.transport.producerState == "producing"
    assert connection.send(whole[20:]) == text_frame(result())


def test_many_frames_behind_calls_that_take_long(connection):
    connection.send(text_frame(call("wait")) * 256 + PING * 600)
    assert len(connection.plugin.waiting) == 256
    assert turns(connection) == []
    connection.plugin.waiting[0].callback("1")
    assert connection.received() == text_frame(result("1"))
    assert b"".join(turns(connection)) == PONG * 600


def test_no_call_is_begun_for_a_client_that_does_not_read(connection):
    connection.channel.pauseProducing()
    assert connection.send(text_frame(call()) * 3) == b""
    assert not connection.plugin.calls
    connection.channel.resumeProducing()
    assert connection.received() == text_frame(result()) * 3


def test_whoever_is_not_listened_to_any_more_is_read_all_the_same():
    connection = Connection(LARGE_FRAME)
    connection.send(UPGRADE)
    large = call().replace(b"}", b" " * 65536 + b"}")
    assert connection.send(text_frame(large) + PING * 1000) == text_frame(result())
    assert turns(connection) == []
    assert connection.transport.producerState == "producing"


def test_an_answer_that_breaks_keeps_no_other_from_being_sent(connection, monkeypatch):
    frames = PING + text_frame(b"{}") + PING
    with monkeypatch.context() as patch:
        patch.setattr(connection.channel._session, "_call", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            connection.send(frames)
    assert connection.received() == PONG
    connection.client.push(b"event")
    assert connection.received() == text_frame(b"event")


def test_whoever_leaves_leaves_nothing_to_do(connection):
    connection.send(PING * 1000)
    connection.leave()
    assert set(turns(connection)) == {b""}
    assert not connection.clock.getDelayedCalls()


def test_frames_are_read_so_many_at_a_time():
    reader = FrameReader(10)
    assert reader.feed(PING * 5, 2) == [Ping()] * 2
    assert reader.more
    assert reader.feed(PING, 0) == []
    assert reader.feed(b"", 4) == [Ping()] * 4
    assert not reader.more


class Wire:
    """A transport that keeps its writes."""

    def __init__(self):
        self.written = []
        self.write = self.written.append


def test_an_outbox_gathers():
    wire = Wire()
    outbox = Outbox(wire, 10**9, 10**9)
    outbox.gather()
    outbox.write(b"a")
    outbox.push(b"b")
    assert wire.written == []
    outbox.write(b"x" * 70_000)
    assert wire.written == [b"ab" + b"x" * 70_000]
    outbox.write(b"c")
    outbox.hold()
    outbox.write(b"e")
    outbox.drip(b"d")
    outbox.let_go()
    outbox.write(b"f")
    outbox.flush()
    assert wire.written[1:] == [b"c", b"d", b"e", b"f"]
    outbox.write(b"g")
    assert wire.written[-1] == b"g"
    outbox.gather()
    outbox.write(b"h")
    outbox.end()
    outbox.flush()
    assert wire.written[-1] == b"h"
