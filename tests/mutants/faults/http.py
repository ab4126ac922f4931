"""How HTTP carries the answers."""

import gzip

from mutation.http import Message
from mutation.mutant import CLOSE, Mutant, mutant

_LIST = "listContainers/1"
_LONG = 17 * 2**20


def _resized(message, length):
    """Return an answer whose Content-Length is another."""
    headers = [*message.without("content-length"), ("Content-Length", str(length))]
    return Message(message.start, headers, message.body)


@mutant("http.silence", _LIST, "http.answer")
class Silence(Mutant):
    """Requests over HTTP are carried out and never answered"""

    def wire(self, _call, _message):
        return []


@mutant("http.drips", _LIST, "http.answer")
class Drips(Mutant):
    """Answers come byte by byte, so slowly that they do not end in time"""

    def wire(self, _call, message):
        return [piece for byte in bytes(message) for piece in (bytes([byte]), 0.05)]


@mutant("http.no-end", _LIST, "http.answer")
class NoEnd(Mutant):
    """Answers have no length, and the connection stays open behind them"""

    def wire(self, _call, message):
        return [bytes(Message(message.start, message.without("content-length"), message.body))]


@mutant("http.length-too-great", _LIST, "http.answer")
class LengthTooGreat(Mutant):
    """Content-Length is one more than there are bytes, and the connection stays open"""

    def wire(self, _call, message):
        return [bytes(_resized(message, len(message.body) + 1))]


@mutant("http.hangs-up", _LIST, "http.answer")
class HangsUp(Mutant):
    """The connection is closed in place of an answer"""

    def wire(self, _call, _message):
        return [CLOSE]


@mutant("http.head-cut", _LIST, "http.answer")
class HeadCut(Mutant):
    """The connection is closed in the middle of the headers"""

    def wire(self, _call, message):
        return [message.head[:25], CLOSE]


@mutant("http.body-cut", _LIST, "http.answer")
class BodyCut(Mutant):
    """The connection is closed in the middle of the body"""

    def wire(self, _call, message):
        return [bytes(message)[:-5], CLOSE]


@mutant("http.chunk-cut", _LIST, "http.answer")
class ChunkCut(Mutant):
    """The body comes in chunks, and the connection is closed before the last one"""

    def wire(self, _call, message):
        head = Message(message.start, [*message.without("content-length"), ("Transfer-Encoding", "chunked")]).head
        return [head + b"%x\r\n%s\r\n" % (len(message.body), message.body), CLOSE]


@mutant("http.chunk-size", _LIST, "http.answer")
class ChunkSize(Mutant):
    """The body comes in chunks whose sizes are no hexadecimal numbers"""

    def wire(self, _call, message):
        head = Message(message.start, [*message.without("content-length"), ("Transfer-Encoding", "chunked")]).head
        return [head + b"all\r\n" + message.body + b"\r\n0\r\n\r\n"]


@mutant("http.length-too-small", _LIST, "envelope.json")
class LengthTooSmall(Mutant):
    """Content-Length is one less than there are bytes"""

    def wire(self, _call, message):
        return [bytes(_resized(message, len(message.body) - 1))]


@mutant("http.length-no-number", _LIST, "http.answer")
class LengthNoNumber(Mutant):
    """Content-Length is no number"""

    def wire(self, _call, message):
        return [bytes(_resized(message, "all"))]


@mutant("http.two-lengths", _LIST, "http.answer")
class TwoLengths(Mutant):
    """There are two Content-Length headers that differ"""

    def wire(self, _call, message):
        return [bytes(Message(message.start, [*message.headers, ("Content-Length", "5")], message.body))]


@mutant("http.trailing", _LIST, "http.one-answer")
class Trailing(Mutant):
    """Some bytes come behind the body"""

    def wire(self, _call, message):
        return [bytes(message) + b"\n\n"]


@mutant("http.twice", _LIST, "http.one-answer")
class Twice(Mutant):
    """Each answer comes twice"""

    def wire(self, _call, message):
        return [bytes(message) * 2]


@mutant("http.status-line", _LIST, "http.answer")
class StatusLine(Mutant):
    """The status line is garbled"""

    def wire(self, _call, message):
        return [bytes(message).replace(b"HTTP/1.1 ", b"HTP/1.1 ", 1)]


@mutant("http.no-status", _LIST, "http.answer")
class NoStatus(Mutant):
    """The body comes without status line and headers"""

    def wire(self, _call, message):
        return [message.body + b"\r\n\r\n"]


@mutant("http.header-broken", _LIST, "http.answer")
class HeaderBroken(Mutant):
    """A header has no colon"""

    def wire(self, _call, message):
        return [bytes(message).replace(b"\r\n", b"\r\nThunder\r\n", 1)]


@mutant("http.gzip", _LIST, "envelope.json")
class Gzip(Mutant):
    """Bodies are compressed, which nobody asked for"""

    def wire(self, _call, message):
        packed = gzip.compress(message.body, mtime=0)
        return [bytes(Message(message.start, [*message.headers, ("Content-Encoding", "gzip")]).carrying(packed))]


@mutant("http.endless", _LIST, "http.answer")
class Endless(Mutant):
    """The body is much longer than anything in the specification"""

    def wire(self, _call, message):
        return [_resized(message, 2**40).head, *([b"x" * 2**20] * 17)]


@mutant("http.status-500", "http/1", "http.status")
class Status500(Mutant):
    """Answers come with the status 500"""

    def wire(self, _call, message):
        return [bytes(Message("HTTP/1.1 500 Internal Server Error", message.headers, message.body))]


@mutant("http.status-204", _LIST, "envelope.json")
class Status204(Mutant):
    """Answers come with the status 204 and no body"""

    def wire(self, _call, message):
        return [bytes(Message("HTTP/1.1 204 No Content", message.without("content-length")))]


@mutant("http.no-keep-alive", "http/2", "http.keep-alive")
class NoKeepAlive(Mutant):
    """The connection is closed behind each answer, without a word"""

    def wire(self, _call, message):
        return [bytes(message), CLOSE]


@mutant("http.second-request", "http/2", "http.answer")
class SecondRequest(Mutant):
    """Only the first request on a connection is answered"""

    def __init__(self):
        self._seen = set()

    def wire(self, call, message):
        if call.link in self._seen:
            return []
        self._seen.add(call.link)
        return [bytes(message)]


@mutant("http.no-preflight", "http/3", "http.preflight")
class NoPreflight(Mutant):
    """A browser's preflight gets status 501"""

    def wire(self, call, message):
        if call.head.start.startswith("OPTIONS"):
            return [bytes(Message("HTTP/1.1 501 Not Implemented", message.headers, message.body))]
        return [bytes(message)]
