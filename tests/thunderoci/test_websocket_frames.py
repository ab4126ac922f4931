"""Frames and handshake against bytes (facts/thunder.md C, "WebSocket")."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thunderoci.websocket_frames import (
    PING,
    PONG,
    Close,
    FrameReader,
    Ignored,
    Ping,
    Text,
    TooLarge,
    close_frame,
    handshake,
    offered_protocol,
    text_frame,
)

LIMIT = 2**20
MASK = b"\x12\x00\xff\x34"


def frame(opcode=1, payload=b"", *, fin=True, rsv=0, mask=MASK, form=None):
    """A client's frame; `form` is the number of bytes of its length, the shortest if not given."""
    size = len(payload)
    if form is None:
        form = 1 if size < 126 else 2 if size < 2**16 else 8
    length = size.to_bytes(form) if form == 1 else (b"\x7e" if form == 2 else b"\x7f") + size.to_bytes(form)
    first = bytes([fin << 7 | rsv << 4 | opcode])
    if mask is None:
        return first + length + payload
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return first + bytes([length[0] | 0x80]) + length[1:] + mask + masked


def read(data, limit=LIMIT):
    return FrameReader(limit).feed(data)


def text(data):
    return Text(data, large=False)


@pytest.mark.parametrize(
    ("data", "events"),
    [
        (frame(1, b"hello"), [text(b"hello")]),
        (frame(1, b"hello", mask=None), [text(b"hello")]),
        (frame(1, b"x" * 125), [text(b"x" * 125)]),
        (frame(1, b"x" * 126), [text(b"x" * 126)]),
        (frame(1, b"x" * 65535), [text(b"x" * 65535)]),
        (frame(1, b"x" * 65536), [Text(b"x" * 65536, large=True)]),
        (frame(1, b"short", form=2), [text(b"short")]),
        (frame(1, b"short", form=8), [text(b"short")]),
        (frame(1, b""), [text(b"")]),
        (frame(1, b"\xff\xfe"), [text(b"\xff\xfe")]),
        *((frame(1, b"hello", rsv=rsv), [text(b"hello")]) for rsv in range(1, 8)),
        (frame(9), [Ping()]),
        (frame(9, b"payload"), [Ping()]),
        (frame(10, b"payload"), []),
        (frame(8), [Close()]),
        (frame(8, b"\x03\xe8bye"), [Close()]),
        *((frame(opcode, b"abc"), [Ignored(opcode)]) for opcode in (2, 3, 4, 5, 6, 7, 11, 12, 13, 14, 15)),
        (frame(1, b"one") + frame(1, b"two"), [text(b"one"), text(b"two")]),
        (frame(8) + frame(1, b"more"), [Close(), text(b"more")]),
    ],
)
def test_what_a_frame_means(data, events):
    assert read(data) == events


@pytest.mark.parametrize(
    ("data", "events"),
    [
        (frame(1, b"a", fin=False) + frame(0, b"b"), [text(b"ab")]),
        (frame(1, b"a", fin=False) + frame(0, b"b", fin=False) + frame(0, b"c"), [text(b"abc")]),
        (frame(1, b"a", fin=False) + frame(9, b"!") + frame(0, b"b"), [Ping(), text(b"ab")]),
        (frame(1, b"a", fin=False) + frame(8) + frame(0, b"b"), [Close(), text(b"ab")]),
        (frame(1, b"a", fin=False) + frame(1, b"b"), [text(b"ab")]),
        (frame(2, b"a", fin=False) + frame(0, b"b") + frame(1, b"c"), [Ignored(2), text(b"c")]),
        (frame(0, b"b"), [text(b"b")]),
        (frame(2, b"a") + frame(0, b"b"), [Ignored(2), text(b"b")]),
        (frame(1, b"x" * 65536, fin=False) + frame(0, b"y"), [Text(b"x" * 65536 + b"y", large=True)]),
        (frame(1, b"x" * 40000, fin=False) + frame(0, b"y" * 40000), [text(b"x" * 40000 + b"y" * 40000)]),
    ],
)
def test_fragments(data, events):
    assert read(data) == events


def test_what_was_large_is_forgotten_with_its_message():
    assert read(frame(1, b"x" * 65536) + frame(1, b"y"))[1] == text(b"y")


STREAM = (
    frame(1, b"one", fin=False)
    + frame(9, b"?")
    + frame(0, b" and two")
    + frame(2, b"binary", mask=None)
    + frame(1, b"x" * 200)
    + frame(1, b"long form", form=8)
    + frame(8, b"\x03\xe8")
    + frame(1, b"after")
)
EVENTS = [Ping(), text(b"one and two"), Ignored(2), text(b"x" * 200), text(b"long form"), Close(), text(b"after")]


@pytest.mark.parametrize("cut", range(len(STREAM) + 1))
def test_every_split_gives_the_same_events(cut):
    reader = FrameReader(LIMIT)
    assert reader.feed(STREAM[:cut]) + reader.feed(STREAM[cut:]) == EVENTS


def test_one_byte_at_a_time_gives_the_same_events():
    reader = FrameReader(LIMIT)
    assert [event for byte in STREAM for event in reader.feed(bytes([byte]))] == EVENTS


def test_a_message_of_just_the_limit_is_taken():
    assert read(frame(1, b"x" * 100), limit=100) == [text(b"x" * 100)]


@pytest.mark.parametrize("opcode", [8, 9])
def test_what_comes_between_fragments_does_not_count_as_part_of_the_message(opcode):
    data = frame(1, b"x" * 90, fin=False) + frame(opcode, b"y" * 20) + frame(0, b"x" * 10)
    assert read(data, limit=100)[1:] == [text(b"x" * 100)]


@pytest.mark.parametrize(
    "data",
    [
        frame(1, b"x" * 101),
        frame(1, b"x" * 60, fin=False) + frame(0, b"x" * 41),
        frame(2, b"x" * 101),
        frame(9, b"x" * 101),
        b"\x81\xff\x00\x00\x00\x00\x00\x00\x00\x65",
    ],
)
def test_a_message_beyond_the_limit_is_told_before_it_is_there_and_ends_the_reading(data):
    reader = FrameReader(100)
    events = reader.feed(data[:-1] if len(data) > 10 else data + MASK)
    assert events == [TooLarge(101)]
    assert reader.feed(data[-1:] + frame(1, b"more")) == []


def test_the_greatest_length_there_is():
    assert read(b"\x81\xff" + b"\xff" * 8 + MASK) == [TooLarge(2**64 - 1)]


MESSAGES = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 3, 8, 9, 10, 11]),
        st.binary(max_size=300),
        st.integers(0, 7),
        st.none() | st.binary(min_size=4, max_size=4),
    )
)


@given(MESSAGES, st.lists(st.integers(1, 50)))
def test_any_frames_in_any_pieces(messages, cuts):
    data = b"".join(frame(opcode, payload, rsv=rsv, mask=mask) for opcode, payload, rsv, mask in messages)
    expected = {1: text, 8: lambda _: Close(), 9: lambda _: Ping()}
    wanted = [
        expected.get(opcode, lambda _, opcode=opcode: Ignored(opcode))(payload)
        for opcode, payload, _, _ in messages
        if opcode != 10
    ]
    reader = FrameReader(LIMIT)
    events = []
    for cut in cuts:
        events += reader.feed(data[:cut])
        data = data[cut:]
    assert events + reader.feed(data) == wanted


@given(st.lists(st.binary()), st.integers(0, 200))
def test_any_bytes_are_events_or_nothing(pieces, limit):
    reader = FrameReader(limit)
    events = [event for piece in pieces for event in reader.feed(piece)]
    together = FrameReader(limit).feed(b"".join(pieces))
    assert events == together
    assert all(len(event.data) <= limit for event in events if isinstance(event, Text))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (text_frame(b"hello"), b"\x81\x05hello"),
        (text_frame(b"x" * 126), b"\x81\x7e\x00\x7e" + b"x" * 126),
        (text_frame(b"x" * 65536), b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00" + b"x" * 65536),
        (close_frame(), b"\x88\x00"),
        (close_frame(1009), b"\x88\x02\x03\xf1"),
        (PING, b"\x89\x00"),
        (PONG, b"\x8a\x00"),
    ],
)
def test_the_frames_of_the_server(made, expected):
    assert made == expected


@pytest.mark.parametrize(
    ("lines", "offered"),
    [
        ([], None),
        ([b""], None),
        ([b"json"], b"json"),
        ([b"foo, jsonrpc"], b"foo"),
        ([b" notification ,json"], b"notification"),
        ([b"json", b"jsonrpc"], b"jsonrpc"),
    ],
)
def test_the_first_protocol_of_the_last_line_counts(lines, offered):
    assert offered_protocol(lines) == offered


@pytest.mark.parametrize(
    ("key", "accept"),
    [
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        (b"", b"Kfh9QIsMVZcl6xEPYxPHzW8SZ8w="),
    ],
)
def test_the_handshake(key, accept):
    head = b"HTTP/1.1 101 SWITCH_PROTOCOL\r\nConnection: UPGRADE\r\nUpgrade: WEBSOCKET\r\nSec-WebSocket-Accept: "
    assert handshake(key, b"json") == (head + accept + b"\r\nSec-WebSocket-Protocol: json\r\nContent-Length: 0\r\n\r\n")
    assert handshake(key, None) == head + accept + b"\r\nContent-Length: 0\r\n\r\n"
