"""Replays recorded HTTP exchanges and WebSocket transcripts on a plugin host, without sockets, in virtual time.

Frames are written and read here a second time, so that no mistake of the host's own can hide.
"""

import base64
import json
import zlib

from hosting import PORT, Served
from replayer import Difference, same

from thunderoci.profiles import FLAVOURS
from thunderoci.quirks import NONE

_LONG = 170
"""Seconds for which silence is proved; a little later an idle connection is ended."""
_PATIENCE = 2
"""Seconds in which a frame comes."""
_KEY = bytes([1, 2, 3, 4])
_TEXT = 1


def as_is(data):
    """Change nothing of what the host sends."""
    return data


class Box(Served):
    """A plugin host of a profile and flavour, on a bus with a scripted Dobby.

    `tamper` changes the bytes that the host sends, `misspell` the calls that it makes.
    """

    def __init__(self, pair, quirks=NONE, *, tamper=as_is, misspell=as_is):
        profile, _, flavour = pair.partition("@")
        super().__init__(profile=profile, flavour=FLAVOURS[flavour], quirks=quirks)
        self._tamper = tamper
        self._misspell = misspell

    def sent(self, peer):
        """Return what the host has sent since the last look."""
        return self._tamper(peer.received())

    def calls(self):
        """Return the calls to Dobby."""
        return [self._misspell(call) for call in self.bus.calls]

    def request(self, packed):
        """Send a request on a connection of its own; return the answer, and whether the connection stays open."""
        peer = self.connect()
        peer.channel.dataReceived(_bytes(packed, "raw"))
        sent = self.sent(peer)
        if not sent and not peer.transport.ended:
            self.clock.pump([1] * _LONG)
            sent = self.sent(peer)
        stays = not peer.transport.ended
        peer.leave()
        return sent, stays


def _bytes(holder, name):
    if f"{name}_zb64" in holder:
        return zlib.decompress(base64.b64decode(holder[f"{name}_zb64"]))
    if f"{name}_b64" in holder:
        return base64.b64decode(holder[f"{name}_b64"])
    return holder.get(name, "").encode()


def _differ(what, got, expected):
    if got != expected:
        raise Difference(f"{what} {got!r}, but recorded was {expected!r}")


def _compact(value):
    return json.dumps(value, separators=(",", ":"))


def _check_head(head, expected, *, length_counts=True):
    """Compare a status line, where its version was recorded, and headers in their order."""
    status, *lines = head.decode("latin-1").split("\r\n")
    version, _, status = status.partition(" ")
    _differ("the version", version, expected.get("version", "HTTP/1.1"))
    _differ("the status", status, f"{expected['status']} {expected['reason']}")
    recorded = [[name, value.replace("${PORT}", str(PORT))] for name, value in expected["headers"] if name != "Date"]
    headers = [list(line.split(": ", 1)) for line in lines]
    if not length_counts:
        headers, recorded = ([pair for pair in pairs if pair[0] != "Content-Length"] for pairs in (headers, recorded))
    _differ("the headers", headers, recorded)


def check_exchange(box, item):
    """Replay one exchange; raises Difference."""
    for request in item.get("setup", ()):
        box.request(request)
    box.bus.calls.clear()
    box.bus.load(item["dobby"])
    answer, stays = box.request(item["request"])
    expected = item["response"]
    if expected.get("silent"):
        _differ("the answer", answer, b"")
        _differ("the connection stays", stays, True)
    else:
        head, _, body = answer.partition(b"\r\n\r\n")
        _check_head(head, expected, length_counts="body_json" not in expected)
        if "body_json" not in expected:
            _differ("the body", body, _bytes(expected, "body"))
        elif not same(expected["body_json"], json.loads(body)):
            raise Difference(f"the body {body!r}, but recorded was {expected['body_json']}")
        _differ("the connection stays", stays, expected["conn"] == "open")
    _differ("the calls to Dobby", _compact(box.calls()), _compact(item["dbus_calls"]))


def check_transcript(box, item):
    """Replay one WebSocket transcript; raises Difference."""
    transcript = _Transcript(box)
    for number, step in enumerate(item["steps"], 1):
        try:
            transcript.do(step)
        except Difference as difference:
            raise Difference(f"step {number}: {difference}") from None
    transcript.be_quiet(0)
    # calls to Dobby side by side have no order
    _differ("the calls to Dobby", sorted(map(_compact, box.calls())), sorted(map(_compact, item["dbus_calls"])))


def check(pair, item, quirks=NONE, **faults):
    """Replay an exchange or a transcript on a host of its own; raises Difference."""
    (check_transcript if "steps" in item else check_exchange)(Box(pair, quirks, **faults), item)


def differs(pair, item, quirks):
    """Tell whether what is replayed is not what was recorded."""
    try:
        check(pair, item, quirks)
    except Difference:
        return True
    return False


class _Transcript:
    """The connections of one transcript, and the bytes on each that did not have their turn."""

    def __init__(self, box):
        self._box = box
        self._peers = {}
        self._unread = {}

    def do(self, step):
        match step:
            case {"connect": name, "request": request, "response": expected}:
                self._connect(name, request, expected)
            case {"conn": name, "send": text}:
                self._peers[name].channel.dataReceived(_frame({"text": text}))
            case {"conn": name, "send_frames": frames}:
                for data in [b"".join(map(_frame, frames))] if step.get("one_write") else map(_frame, frames):
                    self._peers[name].channel.dataReceived(data)
            case {"conn": name, "close": "tcp"}:
                self._peers.pop(name).leave()
            case {"dbus_signal": signal}:
                self._box.bus.emit(*signal)
            case {"dobby": table}:
                self._box.bus.load(table)
            case {"http": request, "body": expected}:
                answer, _ = self._box.request(request)
                _differ("the body", answer.partition(b"\r\n\r\n")[2], expected.encode())
            case _:
                self._expect(step)

    def _expect(self, step):
        match step:
            case {"conn": name, "expect": expected}:
                _differ("the frame", self._next(name), expected)
            case {"conn": name, "expect_unordered": expected}:
                frames = [self._next(name) for _ in expected]
                _differ("the frames", sorted(map(_compact, frames)), sorted(map(_compact, expected)))
            case {"expect_silence_ms": duration}:
                self.be_quiet(duration)
            case _:
                raise NotImplementedError(step)

    def _connect(self, name, request, expected):
        peer = self._peers[name] = self._box.connect()
        peer.channel.dataReceived(_bytes(request, "raw"))
        head, _, self._unread[name] = self._box.sent(peer).partition(b"\r\n\r\n")
        if expected is None:
            _differ("the answer", head, b"")
        else:
            _check_head(head, expected)

    def be_quiet(self, duration):
        """Let so many milliseconds pass; raises Difference when there is a frame that did not have its turn."""
        self._box.clock.pump([0.01] * (duration // 10))
        for name, peer in self._peers.items():
            self._unread[name] += self._box.sent(peer)
            _differ(f"what came to {name}", self._unread[name], b"")

    def _next(self, name):
        """Return the next frame as transcripts show it; None when none comes."""
        peer = self._peers[name]
        for step in range(_PATIENCE * 100):
            self._unread[name] += self._box.sent(peer)
            frame, self._unread[name] = _cut(self._unread[name])
            if frame is not None:
                return frame
            if peer.transport.ended:
                return {"closed": True}
            self._box.clock.advance(0.01 if step else 0)
        return None


def _frame(fields):
    """Return the bytes of a frame of a client's."""
    data = _bytes(fields, "data") if "data_b64" in fields else fields.get("text", "").encode()
    masked = fields.get("mask", True)
    first = fields.get("fin", 1) << 7 | fields.get("rsv", 0) << 4 | fields.get("op", _TEXT)
    small, size = (
        (len(data), b"")
        if len(data) < 126
        else (126, len(data).to_bytes(2))
        if len(data) < 65536
        else (127, len(data).to_bytes(8))
    )
    head = bytes([first, masked << 7 | small]) + size
    if not masked:
        return head + data
    return head + _KEY + bytes(byte ^ _KEY[at % 4] for at, byte in enumerate(data))


def _cut(data):
    """Return the host's first frame, as transcripts show it, and the bytes behind it; None when it is not complete."""
    if len(data) < 2:
        return None, data
    begin = {126: 4, 127: 10}.get(data[1], 2)
    length = int.from_bytes(data[2:begin]) if begin > 2 else data[1]
    end = begin + length
    if len(data) < end:
        return None, data
    payload = data[begin:end]
    if data[0] == 0x80 | _TEXT:
        return payload.decode(), data[end:]
    shown = {"op": data[0] & 0x0F if data[0] & 0x80 else data[0], "data_b64": base64.b64encode(payload).decode()}
    return shown, data[end:]
