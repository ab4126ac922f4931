"""The suite's WebSocket client, fed with bytes: handshakes, frames and ends, cut in every way."""

import base64
import hashlib
from collections.abc import Callable

import pytest
from twisted.internet import defer, error
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from conformance import websocket
from conformance.websocket import Refused, WebSocket

DONE = Failure(error.ConnectionDone())


class Talk:
    """A WebSocket whose other end is the test."""

    def __init__(self) -> None:
        self.socket = WebSocket("box:9998", "/jsonrpc?token=t", ["notification"], [(b"X-A", b"b")])
        self.opened: list[str | Failure] = []
        self.closed: list[str] = []
        self.received: list[str | bytes] = []
        self.socket.opened.addBoth(self._opened)
        self.socket.closed.addCallback(self.closed.append)
        self.transport = StringTransport()
        self.socket.makeConnection(self.transport)
        self.request = self.transport.value().decode()
        self.transport.clear()

    def _opened(self, outcome: str | Failure) -> None:
        self.opened.append(outcome)
        self.socket.received = self.received.append  # as whoever waits for the opening does, and not before

    @property
    def accept(self) -> str:
        key = next(line for line in self.request.split("\r\n") if line.lower().startswith("sec-websocket-key"))
        digest = hashlib.sha1(key.split(": ")[1].encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()  # noqa: S324 - as RFC 6455 has it
        return base64.b64encode(digest).decode()

    def handshake(
        self, accept: str | None = None, protocol: str = "notification", status: str = "101 Switching"
    ) -> bytes:
        lines = [f"HTTP/1.1 {status}", "Upgrade: websocket", "Connection: Upgrade"]
        lines.append(f"Sec-WebSocket-Accept: {self.accept if accept is None else accept}")
        if protocol:
            lines.append(f"Sec-WebSocket-Protocol: {protocol}")
        return "\r\n".join([*lines, "", ""]).encode()

    def feed(self, *pieces: bytes) -> "Talk":
        for piece in pieces:
            self.socket.dataReceived(piece)
        return self

    def refusal(self) -> str:
        (failure,) = self.opened
        assert isinstance(failure, Failure)
        assert failure.check(Refused)
        assert self.closed == [str(failure.value)]
        return str(failure.value)


def frame(payload: bytes, opcode: int = 1, *, fin: bool = True, mask: bool = False, rsv: int = 0) -> bytes:
    head = bytes([(0x80 if fin else 0) | rsv | opcode])
    length = len(payload)
    extended = b""
    if length > 65535:
        length, extended = 127, length.to_bytes(8, "big")
    elif length > 125:
        length, extended = 126, length.to_bytes(2, "big")
    return head + bytes([(0x80 if mask else 0) | length]) + extended + (b"\0\0\0\0" if mask else b"") + payload


def open_talk() -> Talk:
    talk = Talk()
    return talk.feed(talk.handshake())


def test_the_handshake_asks_for_what_was_given() -> None:
    lines = Talk().request.split("\r\n")
    assert lines[0] == "GET /jsonrpc?token=t HTTP/1.1"
    assert {"Host: box:9998", "Sec-WebSocket-Protocol: notification", "X-A: b"} <= set(lines)


def test_opening_and_messages_in_any_pieces() -> None:
    messages = (
        frame(b'{"a":1}') + frame(b"one ", fin=False) + frame(b"t", 9) + frame("\u00e9".encode(), 0) + frame(b"\xff", 2)
    )
    length = len(open_talk().handshake() + messages)
    for at in range(1, length):
        talk = Talk()
        raw = talk.handshake() + messages
        talk.feed(raw[:at], raw[at:])
        assert talk.opened == ["notification"]
        assert talk.received == ['{"a":1}', "one \u00e9", b"\xff"]
        assert talk.transport.value()[:2] == b"\x8a\x81"  # a pong, masked
    talk = Talk()
    talk.feed(*(bytes([byte]) for byte in talk.handshake() + messages))
    assert talk.received == ['{"a":1}', "one \u00e9", b"\xff"]


def test_a_long_message_comes_whole() -> None:
    content = "x" * 70_000
    talk = open_talk().feed(frame(content.encode()))
    assert talk.received == [content]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda _: b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "it answered HTTP 404"),
        (lambda _: b"HTTP/1.1 200 OK\r\n\r\n<html>", "it answered HTTP 200"),
        (lambda talk: talk.handshake(accept="AAAA"), "it broke the protocol: "),
        (lambda talk: talk.handshake(protocol="json"), "it broke the protocol: "),
        (lambda talk: talk.handshake(status="101 ").replace(b"Upgrade: websocket\r\n", b""), "it broke the protocol: "),
        (lambda talk: frame(b"early") + talk.handshake(), "it broke the protocol: "),
        (lambda _: b"SSH-2.0-x\r\n\r\n", "it broke the protocol: "),
        (lambda _: b"HTTP/1.1 101 x\r\n" + b"X: y\r\n" * 10_000, "it broke the protocol: "),
    ],
    ids=["404", "200", "key", "protocol", "no upgrade", "early frames", "no HTTP", "headers without end"],
)
def test_a_handshake_that_is_none(answer: Callable[[Talk], bytes], why: str) -> None:
    whole = Talk()
    assert whole.feed(answer(whole)).refusal().startswith(why)
    single = Talk()
    raw = answer(single)
    assert single.feed(*(raw[at : at + 1] for at in range(len(raw)))).refusal().startswith(why)
    assert single.transport.disconnected
    assert single.received == []


def test_a_target_that_chooses_no_subprotocol() -> None:
    talk = Talk()
    assert talk.feed(talk.handshake(protocol="")).opened == [""]


def test_a_connection_that_ends_within_the_handshake() -> None:
    talk = Talk()
    talk.feed(talk.handshake()[:30])
    talk.socket.connectionLost(DONE)
    assert talk.refusal() == "the connection was closed"


def test_what_breaks_tls_is_told() -> None:
    talk, fault = Talk(), OSError("certificate")
    talk.socket.connectionLost(Failure(fault))
    (failure,) = talk.opened
    assert isinstance(failure, Failure)
    assert failure.value is fault
    assert talk.closed == ["the connection was closed"]


@pytest.mark.parametrize(
    "raw",
    [
        frame(b"m", mask=True),
        frame(b"\xff\xfe"),
        frame(b"\xc3", fin=False) + frame(b"\x28", 0),
        frame(b"x", rsv=0x40),
        frame(b"x", 3),
        frame(b"x", 0),
        frame(b"a", fin=False) + frame(b"b"),
        frame(b"x" * 126, 9),
        frame(b"x", 9, fin=False),
        frame(b"\x03", 8),
        frame((1005).to_bytes(2, "big"), 8),
    ],
    ids=[
        *("masked", "no UTF-8", "no UTF-8 in two", "reserved bit", "reserved opcode", "continues nothing"),
        *("begins within", "long ping", "ping in two", "close of one byte", "close with 1005"),
    ],
)
def test_frames_that_are_none(raw: bytes) -> None:
    for pieces in ([raw], [raw[:1], raw[1:]], [bytes([byte]) for byte in raw]):
        talk = open_talk().feed(*pieces, frame(b"behind"))
        (why,) = talk.closed
        assert why.startswith("it broke the protocol: ")
        assert talk.transport.disconnected
        assert talk.received == []


@pytest.mark.parametrize("opcode", [1, 2])
@pytest.mark.parametrize("fragments", [1, 4])
def test_a_message_without_end_is_not_read_to_it(opcode: int, fragments: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "MOST_BYTES", 100)
    talk = open_talk()
    for number in range(fragments):
        talk.feed(frame(b"x" * (120 // fragments), 0 if number else opcode, fin=number == fragments - 1))
    assert talk.closed == ["it sent a message of more than 100 bytes"]
    assert talk.transport.disconnected
    assert talk.received == []


def test_messages_one_after_the_other_are_no_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "MOST_BYTES", 100)
    talk = open_talk().feed(*[frame(b"x" * 60)] * 5, *[frame(b"y" * 60, 2)] * 5)
    assert len(talk.received) == 10


def test_pings_and_pongs() -> None:
    talk = open_talk()
    seen = []
    talk.socket.on_pong = lambda: seen.append(talk.socket.pongs[-1])
    talk.socket.ping(b"p")
    talk.feed(frame(b"p", 10))
    assert seen == [b"p"]


def test_the_target_closes() -> None:
    talk = open_talk().feed(frame(b"last") + frame((1001).to_bytes(2, "big") + b"bye", 8) + frame(b"behind"))
    assert talk.received == ["last"]
    assert talk.closed == ["it closed with code 1001"]
    assert talk.transport.value()[0] == 0x88
    assert talk.transport.disconnecting
    talk.feed(b"whatever")
    talk.socket.connectionLost(DONE)
    talk.socket.send("nobody hears")
    assert talk.closed == ["it closed with code 1001"]


def test_we_close() -> None:
    talk = open_talk()
    talk.socket.close()
    assert talk.transport.value()[0] == 0x88
    talk.feed(frame(b"on its way") + frame((1000).to_bytes(2, "big"), 8))
    assert talk.received == ["on its way"]
    assert talk.closed == ["it closed with code 1000"]


def test_a_lost_connection() -> None:
    talk = open_talk()
    talk.socket.connectionLost(DONE)
    assert talk.closed == ["the connection was closed"]


def test_whoever_gives_up_waiting_ends_the_connection() -> None:
    talk = Talk()
    talk.socket.opened.cancel()
    (failure,) = talk.opened
    assert isinstance(failure, Failure)
    assert failure.check(defer.CancelledError)
    assert talk.transport.disconnected
