"""The handshake, the frames, and the answers on a WebSocket."""

from functools import partial

from mutation.frames import BINARY, CONTINUATION, PING, PONG, TEXT, frame
from mutation.frames import CLOSE as CLOSE_FRAME
from mutation.http import Message
from mutation.mutant import CLOSE, SILENCE, Mutant, add, mutant

_OPENS = "websocket/1"
_ANSWERS = "?"


class Handshake(Mutant):
    """Answers the handshake with what `change` makes of the answer."""

    def __init__(self, change):
        self._change = change

    def handshake(self, _link, answer):
        changed = self._change(answer)
        return [bytes(changed)] if isinstance(changed, Message) else changed


def _with(*headers):
    """Return a change that sets headers, or takes them away where the value is None."""
    names = [name.lower() for name, _ in headers]
    return lambda answer: Message(
        answer.start, [*answer.without(*names), *((name, value) for name, value in headers if value is not None)]
    )


_HANDSHAKES = {
    "refused": (
        "answered with 403",
        _OPENS,
        "websocket.handshake",
        lambda _: [b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"],
    ),
    "status-200": (
        "answered with 200",
        _OPENS,
        "websocket.handshake",
        lambda _: [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
    ),
    "silent": ("never answered", _OPENS, "websocket.handshake", lambda _: []),
    "closed": ("answered by closing the connection", _OPENS, "websocket.handshake", lambda _: [CLOSE]),
    "no-upgrade": ("answered without an Upgrade header", _OPENS, "websocket.handshake", _with(("Upgrade", None))),
    "no-accept": (
        "answered without Sec-WebSocket-Accept",
        _OPENS,
        "websocket.accept",
        _with(("Sec-WebSocket-Accept", None)),
    ),
    "wrong-accept": (
        "answered with a Sec-WebSocket-Accept that fits no key",
        _OPENS,
        "websocket.accept",
        _with(("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")),
    ),
    "other-subprotocol": (
        "answered with a subprotocol that nobody offered",
        "?",
        "websocket.subprotocol",
        _with(("Sec-WebSocket-Protocol", "soap")),
    ),
    "all-subprotocols": (
        "answered with two subprotocols",
        "?",
        "websocket.subprotocol",
        _with(("Sec-WebSocket-Protocol", "notification, json")),
    ),
}
for _name, (_does, _finds, _clause, _change) in _HANDSHAKES.items():
    add(f"websocket.handshake-{_name}", f"The handshake is {_does}", _finds, _clause, partial(Handshake, _change))


class Frames(Mutant):
    """Writes answers on a WebSocket as `change` makes them of their bytes."""

    def __init__(self, change):
        self._change = change

    def frames(self, _call, payload):
        return self._change(payload)


def _halves(payload):
    middle = len(payload) // 2
    return payload[:middle], payload[middle:]


_FRAMES = {
    "lost": ("get lost", "websocket.answer", lambda _: []),
    "twice": ("come twice", "websocket.answer", lambda payload: [frame(TEXT, payload) * 2]),
    "binary": ("come as binary frames", "websocket.answer", lambda payload: [frame(BINARY, payload)]),
    "masked": (
        "come masked, as only a client's may be",
        "websocket.answer",
        lambda payload: [frame(TEXT, payload, masked=True)],
    ),
    "reserved-bit": (
        "come with a reserved bit set",
        "websocket.answer",
        lambda payload: [bytes([0xC1]) + frame(TEXT, payload)[1:]],
    ),
    "two-messages": (
        "come as two messages, half in each",
        "websocket.answer",
        lambda payload: [frame(TEXT, half) for half in _halves(payload)],
    ),
    "no-continuation": (
        "come in fragments without a first one",
        "websocket.answer",
        lambda payload: [frame(CONTINUATION, payload)],
    ),
    "unfinished": (
        "come in fragments without a last one",
        "websocket.answer",
        lambda payload: [frame(TEXT, payload, final=False)],
    ),
    "no-utf-8": (
        "come with a byte that is no UTF-8",
        "websocket.answer",
        lambda payload: [frame(TEXT, payload[:-1] + b', "text": "\xe9"}')],
    ),
    "closed-behind": (
        "come with a close frame behind each",
        "websocket.answer",
        lambda payload: [frame(TEXT, payload), frame(CLOSE_FRAME, b"\x03\xe8")],
    ),
    "cut": (
        "end with the connection, in the middle of a frame",
        "websocket.answer",
        lambda payload: [frame(TEXT, payload)[:-5], CLOSE],
    ),
    "trailing-text": (
        "have something behind the JSON",
        "envelope.json",
        lambda payload: [frame(TEXT, payload + b" ok")],
    ),
    "greeting": (
        "are followed by a text that nobody asked for",
        "websocket.answer",
        lambda payload: [frame(TEXT, payload), frame(TEXT, b"ok")],
    ),
}
for _name, (_does, _clause, _change) in _FRAMES.items():
    add(f"websocket.answers-{_name}", f"Answers on a WebSocket {_does}", _ANSWERS, _clause, partial(Frames, _change))


class First(Mutant):
    """Only the first call on a WebSocket is answered"""

    def __init__(self):
        self._seen = set()

    def request(self, call):
        if call.head is not None or call.link not in self._seen:
            self._seen.add(call.link)
            return None
        return SILENCE


add("websocket.first-only", First.__doc__, "?", "websocket.answer", First)


class Control(Mutant):
    """Writes control frames from the emulator as `change` makes them; `opcode` are those that are meant."""

    def __init__(self, opcode, change):
        self._opcode = opcode
        self._change = change

    def control(self, link, control_frame):
        return (
            self._change(control_frame)
            if control_frame.opcode == self._opcode
            else super().control(link, control_frame)
        )


add("websocket.no-pong", "A ping gets no pong", "?", "websocket.ping", partial(Control, PONG, lambda _: []))
add(
    "websocket.pong-other",
    "A pong carries other data than its ping",
    "?",
    "websocket.pong",
    partial(Control, PONG, lambda _: [frame(PONG, b"x")]),
)
add(
    "websocket.ping-for-pong",
    "A ping gets a ping",
    "?",
    "websocket.ping",
    partial(Control, PONG, lambda pong: [frame(PING, pong.payload)]),
)
add(
    "websocket.no-close",
    "A close frame gets no answer, and the connection stays open",
    "?",
    "websocket.close",
    partial(Control, CLOSE_FRAME, lambda _: []),
)


class Deaf(Mutant):
    """Frames that `deaf_to` picks do harm: nothing that comes later on the connection is heard."""

    def __init__(self, deaf_to, *, closes=False):
        self._deaf_to = deaf_to
        self._closes = closes
        self._stuck = set()

    def asked(self, link, client_frame):
        if self._deaf_to(client_frame):
            self._stuck.add(link)
            if self._closes:
                link.hang_up()
        return link not in self._stuck


_LONGEST = 2**16 - 1
add(
    "websocket.large-kills",
    "A frame of more than 65,535 bytes ends the connection",
    "?",
    "websocket.large",
    partial(Deaf, lambda part: len(part.payload) > _LONGEST, closes=True),
)
add(
    "websocket.binary-kills",
    "After a binary frame nothing is answered any more, and the connection stays open",
    "?",
    "websocket.binary",
    partial(Deaf, lambda part: part.opcode == BINARY),
)
add(
    "websocket.fragments-kill",
    "A request in fragments is not understood",
    "?",
    "websocket.fragments",
    partial(Deaf, lambda part: not part.control and not part.final),
)


class PingBetween(Mutant):
    """A ping between the fragments of a request makes the host lose what it has of it"""

    def __init__(self):
        self._inside = set()

    def asked(self, link, client_frame):
        if client_frame.opcode == PING and link in self._inside:
            link._parts["client"].clear()  # what is left of the message is no JSON any more
        elif not client_frame.control:
            (self._inside.discard if client_frame.final else self._inside.add)(link)
        return True


add("websocket.ping-between", PingBetween.__doc__, "?", "websocket.fragments", PingBetween)


@mutant("websocket.answers-elsewhere", "?", "websocket.answer")
class Elsewhere(Mutant):
    """With two WebSockets open, answers go to the one that was opened last"""

    def frames(self, call, payload):
        sockets = [link for link in self.proxy.links if link.websocket]
        if sockets[-1] is call.link:
            return [frame(TEXT, payload)]
        sockets[-1].transport.write(frame(TEXT, payload))
        return []
