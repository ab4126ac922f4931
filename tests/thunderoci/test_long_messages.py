"""Long messages are read in slices: others have their turns in between, and nothing overtakes them."""

import pytest
from hosting import CALLSIGN, UPGRADE, Connection, Peer, call, post, result
from hypothesis import given
from hypothesis import strategies as st

from thunderoci.message import SLICE, Rejected, parse_in_slices, parse_request
from thunderoci.messagestream import MessageStream
from thunderoci.profiles import FLAVOURS
from thunderoci.quirks import CATALOGUE, LARGE_FRAME, NONE, SILENCE, TRUNCATED
from thunderoci.reader import ObjectReader
from thunderoci.websocket_frames import FrameReader, Text, text_frame

RDK = FLAVOURS["r4.4.1-rdk"]
TEXTS = [
    b'"%b"' % (b"x" * 3 * SLICE),
    b'"%b"' % (b'\\"' * 2 * SLICE),
    b'"%b"' % (b"\\u0041" * SLICE),
    b'["a", %b1]' % (b"1 , " * SLICE),
    b"{}" + b" " * 3 * SLICE,
]


def long_call(params=TEXTS[0], call_id=1):
    return b'{"jsonrpc":"2.0","id":%d,"method":"%b.1.echo","params":%b}' % (call_id, CALLSIGN.encode(), params)


def step(connection):
    """Take one turn of the loop; return what is sent in it."""
    timer = connection.clock.calls.pop(0)
    timer.called = 1
    timer.func(*timer.args)
    return connection.received()


def steps_until_sent(connection):
    """Take turns of the loop until something is sent; return it, and how many they were."""
    count = 0
    while connection.clock.calls and connection.clock.calls[0].getTime() <= connection.clock.seconds():
        count += 1
        if sent := step(connection):
            return sent, count
    return b"", count


def in_one_go(steps):
    """Return what a generator returns, and how often it yields."""
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value, count
        count += 1


@pytest.mark.parametrize("params", TEXTS, ids=range(len(TEXTS)))
@pytest.mark.parametrize("flavour", FLAVOURS.values(), ids=FLAVOURS)
def test_slices_give_the_same_request(params, flavour):
    body = long_call(params)
    request, yields = in_one_go(parse_in_slices(body, flavour))
    assert request == parse_request(body, flavour)
    assert yields == (len(body) - 1) // SLICE
    (other,), more = in_one_go(MessageStream(flavour).feed_in_slices(body))
    assert (other, more) == (request, yields)


@pytest.mark.parametrize("body", [b"x", b"[" * 3 * SLICE, b'{"id":' + b"1" * 3 * SLICE, b'{"a":"' + b"x" * 3 * SLICE])
@pytest.mark.parametrize("quirks", [NONE, frozenset({TRUNCATED})])
def test_slices_give_the_same_refusal(body, quirks):
    def shown(read):
        try:
            return read()
        except Rejected as rejected:
            return str(rejected), rejected.error.code, rejected.quirk

    whole = shown(lambda: parse_request(body, RDK, quirks))
    assert shown(lambda: in_one_go(parse_in_slices(body, RDK, quirks))[0]) == whole


ESCAPED = st.lists(st.sampled_from([*'"\\u0aA/bnxé', '\\"', "\\\\", "\\u00e9", "\\n"]), max_size=12).map("".join)


@given(ESCAPED, st.integers(1, 5), st.sampled_from([NONE, frozenset(CATALOGUE)]))
def test_strings_are_the_same_however_they_come(text, size, quirks):
    def read(data, size):
        reader = ObjectReader(RDK.dialect(quirks))
        try:
            for at in range(0, len(data), size):
                reader.feed(data[at : at + size])
        except ValueError:
            return "refused"
        return reader.members, reader.done

    data = b'{"a" :"%b"}' % text.encode()
    assert read(data, size) == read(data, len(data))


def test_a_long_body_is_read_in_turns_and_what_is_behind_it_waits():
    connection = Connection()
    assert connection.send(post(long_call()) + post(call(call_id=2))) == b""
    sent, turns = steps_until_sent(connection)
    assert sent.index(result()) < sent.index(result(call_id=2))
    assert turns == 3
    assert len(connection.plugin.calls) == 2


def test_a_body_that_is_not_long_is_read_at_once():
    assert Connection().send(post(long_call(b'"%b"' % (b"x" * SLICE)))).endswith(result())


def test_a_long_body_that_is_refused():
    connection = Connection()
    broken = b'{"id":1,"a":"' + b"x" * 3 * SLICE + b'"!'
    connection.send(post(broken))
    assert b"-32700" in steps_until_sent(connection)[0]
    connection = Connection(SILENCE)
    connection.send(post(broken) + post())
    sent, _ = steps_until_sent(connection)
    assert (sent.count(b"HTTP/1.1"), sent.endswith(result())) == (1, True)


def test_a_long_frame_is_read_in_turns_and_what_is_behind_it_waits():
    connection = Connection()
    connection.send(UPGRADE)
    assert connection.send(text_frame(long_call()) + text_frame(call(call_id=2)) + b"\x89\x00") == b""
    assert connection.transport.producerState == "paused"
    sent, _ = steps_until_sent(connection)
    assert sent == text_frame(result())
    sent, _ = steps_until_sent(connection)
    assert sent == text_frame(result(call_id=2)) + b"\x8a\x00"
    assert connection.transport.producerState == "producing"
    assert connection.send(text_frame(call())) == text_frame(result())


def test_long_frames_that_are_refused_at_their_beginning():
    connection = Connection()
    connection.send(UPGRADE)
    sent = connection.send(text_frame(b"x" * 3 * SLICE) * 3 + text_frame(call()))
    while more := steps_until_sent(connection)[0]:
        sent += more
    events = FrameReader(2**20).feed(sent)
    assert [b"-32700" in event.data for event in events if isinstance(event, Text)] == [True, True, True, False]
    assert connection.transport.producerState == "producing"


def test_a_long_frame_that_goes_on_a_message():
    connection = Connection()
    connection.send(UPGRADE)
    body = long_call()
    connection.send(text_frame(body[:20]) + text_frame(body[20:]))
    assert steps_until_sent(connection)[0] == text_frame(result())
    connection.send(text_frame(b"{") + text_frame(body))
    assert steps_until_sent(connection)[0].endswith(text_frame(result()))


@pytest.mark.parametrize(
    ("opening", "message"), [(b"", post(long_call())), (UPGRADE, text_frame(long_call()))], ids=["HTTP", "WebSocket"]
)
def test_a_client_may_leave_while_its_message_is_read(opening, message, monkeypatch, caplog):
    connection, slices = Connection(), []
    feed = ObjectReader.feed
    monkeypatch.setattr(ObjectReader, "feed", lambda *args: slices.append(0) or feed(*args))
    connection.send(opening + message)
    assert len(slices) == 1
    connection.leave()
    assert not connection.clock.getDelayedCalls()
    assert steps_until_sent(connection)[0] == b""
    assert len(slices) == 1
    assert not connection.plugin.calls
    assert "Traceback" not in caplog.text
    assert Peer(connection.factory).send(post()).endswith(result())


@pytest.mark.parametrize("flavour", ["r4.4.1-rdk", "r4.4.7"])
@pytest.mark.parametrize("quirks", [(), (LARGE_FRAME,)])
def test_a_long_message_is_not_begun_while_its_client_does_not_read(flavour, quirks):
    connection = Connection(*quirks, flavour=flavour)
    connection.send(UPGRADE + text_frame(long_call()))
    connection.channel.pauseProducing()
    connection.clock.advance(0)
    for _ in range(3):
        connection.clock.advance(0)
    assert not connection.plugin.calls
    connection.channel.resumeProducing()
    assert connection.received().endswith(text_frame(result()))
    assert connection.transport.producerState == "producing"


def test_who_leaves_without_having_read_has_no_long_message_begun():
    connection = Connection()
    connection.send(UPGRADE + text_frame(long_call()))
    connection.channel.pauseProducing()
    for _ in range(4):
        connection.clock.advance(0)
    connection.leave()
    connection.channel.resumeProducing()
    assert not connection.plugin.calls


def test_a_long_text_is_not_looked_through_for_what_is_wrong_with_it():
    with pytest.raises(Rejected, match="Thunder can't read the request: it does not begin with a brace"):
        parse_request(b"[" + b"1," * 2**20 + b"1]", RDK)


def test_so_many_long_messages_are_read_one_slice_a_turn(monkeypatch):
    """Others wait for one slice, however many send long messages."""
    connection = Connection()
    senders = [Peer(connection.factory) for _ in range(12)]
    slices = []
    feed = ObjectReader.feed
    monkeypatch.setattr(ObjectReader, "feed", lambda *args: slices.append(0) or feed(*args))
    for number, sender in enumerate(senders):
        if number % 2:
            sender.send(UPGRADE)
        sender.send(text_frame(long_call()) if number % 2 else post(long_call()))
    assert len(slices) == 1  # only the first one's
    for _ in range(12 * 4 - 1):
        before = len(slices)
        step(connection)
        assert len(slices) == before + 1
    assert [sender.received().endswith(result()) for sender in senders] == [True] * 12
