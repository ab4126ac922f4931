"""The head of an HTTP request, line by line, as tolerant as Thunder is and no more (facts/thunder.md A.2, A.3)."""

import re
from collections.abc import Iterable

_REQUEST_LINE = re.compile(rb"([!-~]+) ([!-~\x80-\xff]+) HTTP/[1-9]\.[0-9]")
_VERBS = {b"GET", b"PUT", b"POST", b"DELETE", b"OPTIONS", b"HEAD", b"PATCH", b"TRACE", b"CONNECT"}
_PRINTABLE = range(0x21, 0x7F)


class Malformed(Exception):
    """What begins there is no HTTP request."""


def can_begin(data: bytes) -> bool:
    """Tell whether a request can begin with these two bytes, or one: no TLS, no ends of line but CRLF."""
    return not data or (data[0] in _PRINTABLE and b"\n" not in data) or data == b"\r"


class Fields:
    """The headers of a request or an answer, line by line."""

    def __init__(self) -> None:
        self._fields: dict[bytes, list[bytes | bytearray]] = {}
        self._latest: list[bytes | bytearray] = []
        """The values of the header that came last."""

    def add(self, line: bytes) -> None:
        """Take a header line; one without a colon says nothing."""
        self.add_all((line,))

    def add_all(self, lines: Iterable[bytes]) -> None:
        """Take header lines."""
        for line in lines:
            if line[:1] in {b" ", b"\t"} and self._latest:
                begun = self._latest[-1]
                if isinstance(begun, bytes):  # thousands of such lines would be copied again and again
                    begun = self._latest[-1] = bytearray(begun)
                begun += b" " + line.strip()
                continue
            name, colon, value = line.partition(b":")
            if colon:
                self._latest = self._fields.setdefault(name.strip().lower(), [])
                self._latest.append(value.strip())

    def all(self, name: bytes) -> list[bytes]:
        """Return the values of all headers of this name, given in lower case."""
        return [bytes(value) for value in self._fields.get(name, ())]

    def mentions(self, name: bytes, word: bytes) -> bool:
        """Tell whether a header of this name contains a word, in whichever case."""
        values = self._fields.get(name)
        return values is not None and any(word in value.lower() for value in values)

    @property
    def is_chunked(self) -> bool:
        """Whether the body comes in chunks, and its length does not count."""
        return b"transfer-encoding" in self._fields and self.mentions(b"transfer-encoding", b"chunked")

    @property
    def content_length(self) -> int | None:
        """What the headers say how many bytes the body has; None when they don't.

        A length that is no number counts as none at all, and of two the last holds.
        """
        values = self._fields.get(b"content-length")
        if values is None:
            return None
        digits = values[-1]
        # a number so long that Python would refuse to convert it is beyond any limit
        return int(digits.lstrip(b"0")[:20] or b"0") if digits.isdigit() else 0


class RequestHead(Fields):
    """Request line and headers; `length` says how long the body is."""

    def __init__(self, line: bytes) -> None:
        """Take the request line; raises Malformed."""
        super().__init__()
        found = _REQUEST_LINE.fullmatch(line)
        if found is None:
            raise Malformed(line)
        self.verb, self.target = found.groups()
        self.verb_is_known = self.verb in _VERBS
        """Whether it is one of the nine verbs, in upper case."""

    @property
    def length(self) -> int | None:
        """How many bytes the body has; None when it comes in chunks."""
        return None if self.is_chunked else self.content_length or 0

    @property
    def wants_upgrade(self) -> bool:
        """Whether the connection is to become a WebSocket: only Connection has to say so."""
        if b"connection" not in self._fields or not self.mentions(b"connection", b"upgrade"):
            return False
        return all(b"websocket" in value.lower() for value in self.all(b"upgrade"))

    @property
    def wants_close(self) -> bool:
        """Whether the connection is to end after the answer."""
        return b"connection" in self._fields and self.mentions(b"connection", b"close")
