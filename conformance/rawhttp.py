"""Reads HTTP messages out of bytes, and says what is wrong with them; it makes no I/O.

The HTTP client reads by h11, which takes no look at what is no HTTP. Here that is just what has to be told apart.
"""

import re
from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^ \r\n]+) HTTP/\d\.\d")
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})(?: ([^\r\n]*))?")
_PERHAPS_A_LINE = re.compile(rb"[A-Za-z]+(?: [^\r\n]*)?\r?")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CHUNK = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(?:;[^\r\n]*)?\r\n")
_VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
_WITHOUT_BODY = frozenset({204, 304})
_INFORMATION = 200
"""Statuses below this one have no body."""


class NotHTTP(ValueError):
    """Bytes that are no proper HTTP message."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request as a server gets it. ``problem`` says why it is no proper HTTP, "" when it is.

    What is not ``complete`` has a proper beginning and no end: the server has to wait.
    """

    verb: str = ""
    target: str = ""
    headers: Headers = ()
    body: bytes = b""
    problem: str = ""
    complete: bool = True

    @property
    def path(self) -> str:
        """The path that is asked for, without query and fragment."""
        return re.split(r"[?#]", self.target, maxsplit=1)[0]

    @property
    def upgrades(self) -> bool:
        """Whether it asks for a WebSocket."""
        wishes = [wish.strip().lower() for wish in (header(self.headers, "Connection") or "").split(",")]
        return "upgrade" in wishes and (header(self.headers, "Upgrade") or "").lower() == "websocket"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. ``problem`` says what is wrong with its form, "" when nothing is.

    The status is None where only the body is known.
    """

    status: int | None = None
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""
    problem: str = ""

    def length_problem(self, verb: str) -> str:
        """Say where body and Content-Length differ, "" when they do not; ``verb`` is that of the request."""
        length = header(self.headers, "Content-Length")
        if length is None or self.status is None:
            return ""
        if verb == "HEAD" or self.status in _WITHOUT_BODY or self.status < _INFORMATION:
            return "" if not self.body else f"{len(self.body)} bytes where no body belongs"
        if length.isdecimal() and int(length) == len(self.body):
            return ""
        return f"Content-Length: {length}, and {len(self.body)} bytes"


def header(headers: Headers, name: str) -> str | None:
    """Return the value of the first header of this name, in any case."""
    return next((value for key, value in headers if key.lower() == name.lower()), None)


def received(data: bytes) -> Received:
    """Read the first request in ``data``."""
    first, newline, _ = data.partition(b"\n")
    if not newline and _PERHAPS_A_LINE.fullmatch(first):
        return Received(complete=False)
    line = _REQUEST_LINE.fullmatch(first.removesuffix(b"\r"))
    if not line:
        return Received(problem="its first line is no request line")
    verb, target = line[1].decode("ascii"), line[2].decode("latin-1")
    problem = "its lines end in LF alone" if not first.endswith(b"\r") else ""
    problem = "HTTP does not know the verb" if verb not in _VERBS else problem
    head, end, rest = data.partition(b"\r\n\r\n")
    if problem or not end:
        return Received(verb, target, problem=problem, complete=False)
    try:
        headers = _headers(head.split(b"\r\n")[1:])
        body = _body(headers, rest)
    except NotHTTP as wrong:
        return Received(verb, target, problem=str(wrong))
    if (header(headers, "Content-Encoding") or "identity").lower() != "identity":
        return Received(verb, target, problem="its body is encoded in a way that nobody agreed to")
    return Received(verb, target, headers, body or b"", complete=body is not None)


def answer(data: bytes) -> Answer:
    """Read an answer that a server sent, and all that came behind it."""
    head, end, rest = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    line = _STATUS_LINE.fullmatch(lines[0])
    if not line or not end:
        return Answer(body=data, problem="it does not begin with a status line and headers")
    status, reason = int(line[1]), (line[2] or b"").decode("latin-1")
    try:
        headers = _headers(lines[1:])
        chunked = "chunked" in (header(headers, "Transfer-Encoding") or "").lower()
        body = _body(headers, rest) if chunked else rest
    except NotHTTP as problem:
        return Answer(status, reason, body=rest, problem=str(problem))
    return Answer(status, reason, headers, body or b"", "" if body is not None else "its last chunk is missing")


def _headers(lines: list[bytes]) -> Headers:
    """Return the headers; raises NotHTTP."""
    found = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or b"\n" in line or not _NAME.fullmatch(name):
            raise NotHTTP("it has a line among its headers that is none")
        found.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))
    return tuple(found)


def _body(headers: Headers, rest: bytes) -> bytes | None:
    """Return the body that begins ``rest``, None when it is not all there; raises NotHTTP."""
    if "chunked" in (header(headers, "Transfer-Encoding") or "").lower():
        return _chunks(rest)
    lengths = {value for name, value in headers if name.lower() == "content-length"}
    if len(lengths) > 1 or not all(length.isdecimal() for length in lengths):
        raise NotHTTP("its Content-Length is no number")
    length = int(lengths.pop()) if lengths else 0
    return rest[:length] if len(rest) >= length else None


def _chunks(rest: bytes) -> bytes | None:
    """Return the content of chunks, None when the last one is missing; raises NotHTTP."""
    whole = bytearray()
    at = 0
    while size := _CHUNK.match(rest, at):
        length = int(size[1], 16)
        if not length:
            return bytes(whole)
        end = size.end() + length
        if end > len(rest):
            return None
        whole += rest[size.end() : end]
        behind = rest[end : end + 2]
        if behind and not b"\r\n".startswith(behind):
            raise NotHTTP("a chunk is longer than it says")
        at = end + 2
    if rest.find(b"\n", at) >= 0:
        raise NotHTTP("what should be the size of a chunk is none")
    return None
