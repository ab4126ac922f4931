"""Where HTTP messages begin and end in a stream of bytes; nothing of the stream is altered, refused or answered.

It follows Thunder, not the RFC, in what a length is: of two the last holds, and what is no number is none
(facts/thunder.md A.3).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

MOST_HEAD = 2**20
"""The most bytes of a head."""
MOST_BODY = 2**26
"""The most bytes of a body."""
CHUNKED, UNTIL_CLOSE = -1, -2
"""How a body may end that has no length."""

_REQUEST_LINE = re.compile(rb"[!-~]+ [!-~\x80-\xff]+ HTTP/[1-9]\.[0-9]")
_STATUS_LINE = re.compile(rb"HTTP/[1-9]\.[0-9] [1-9][0-9]{2}(?: .*)?")
_END = b"\r\n"
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")


class Unreadable(Exception):
    """What comes is no HTTP message, so nothing behind it can be told apart."""


class Head:
    """The head of a message; `raw` holds its bytes, the empty line included."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.first, *self.lines = raw.removesuffix(_END * 2).split(_END)
        self._fields = [
            (name.strip().lower(), value.strip())
            for name, colon, value in (line.partition(b":") for line in self.lines)
            if colon
        ]

    def all(self, name: bytes) -> list[bytes]:
        """Return the values of all headers of this name, given in lower case."""
        return [value for field, value in self._fields if field == name]

    def mentions(self, name: bytes, word: bytes) -> bool:
        """Tell whether a header of this name contains a word, in whichever case."""
        return any(word in value.lower() for value in self.all(name))

    @property
    def word(self) -> bytes:
        """The second word of the first line: the target of a request, the status of an answer."""
        return self.first.split(b" ", 2)[1]

    @property
    def verb(self) -> bytes:
        """The first word of the first line, of a request its verb."""
        return self.first.partition(b" ")[0]

    @property
    def length(self) -> int | None:
        """How many bytes the body has: CHUNKED, a length, or None when no header says."""
        if self.mentions(b"transfer-encoding", b"chunked"):
            return CHUNKED
        lengths = self.all(b"content-length")
        if not lengths:
            return None
        return int(lengths[-1].lstrip(b"0")[:20] or b"0") if lengths[-1].isdigit() else 0

    @property
    def wants_upgrade(self) -> bool:
        """Whether a request asks for a WebSocket."""
        return self.mentions(b"connection", b"upgrade")


def length_of_request(head: Head) -> int:
    """Return how the body of a request ends."""
    length = head.length
    return 0 if length is None else length


def length_of_answer(head: Head, verb: bytes) -> int:
    """Return how the body of an answer ends, one to a request with this verb."""
    if head.word[:1] == b"1" or head.word in {b"204", b"304"} or verb == b"HEAD":
        return 0
    length = head.length
    return UNTIL_CLOSE if length is None else length


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message; `body` is what its chunks hold together, where it came in such."""

    head: Head
    body: bytes


class MessageReader:
    """Cuts one direction of a connection into messages: `feed` bytes, take what is complete with `next`.

    `length_of` tells of each head how its body ends.
    """

    def __init__(self, length_of: Callable[[Head], int], *, requests: bool) -> None:
        self._length_of = length_of
        self._requests = requests
        self._first = _REQUEST_LINE if requests else _STATUS_LINE
        self._buffer = bytearray()
        self._head: Head | None = None
        self._length = 0
        self._body = bytearray()

    def feed(self, data: bytes) -> None:
        """Take bytes, in whatever pieces they come."""
        self._buffer += data

    def rest(self) -> bytes:
        """Take out what has come and belongs to no complete message."""
        begun = b"" if self._head is None else self._head.raw + bytes(self._body)
        rest = begun + bytes(self._buffer)
        self._buffer.clear()
        self._body.clear()
        self._head = None
        return rest

    def next(self) -> Message | None:
        """Return the next complete message, None when it is not there yet; raises Unreadable."""
        if self._head is None and not self._take_head():
            return None
        if self._length == CHUNKED:
            return self._complete() if self._take_chunks() else None
        if self._length == UNTIL_CLOSE:
            self._take(len(self._buffer))
            return None
        if len(self._buffer) < self._length:
            return None
        self._take(self._length)
        return self._complete()

    def end(self) -> Message | None:
        """Return the message that the end of the stream completes."""
        return self._complete() if self._head is not None and self._length == UNTIL_CLOSE else None

    def _take_head(self) -> bool:
        while self._requests and self._buffer.startswith(_END):  # some clients send empty lines between requests
            del self._buffer[: len(_END)]
        end = self._buffer.find(_END * 2)
        if end < 0:
            if len(self._buffer) > MOST_HEAD:
                raise Unreadable("a head does not end")
            return False
        head = Head(bytes(self._buffer[: end + 2 * len(_END)]))
        if self._first.fullmatch(head.first) is None:
            raise Unreadable("a first line is none of HTTP")
        length = self._length_of(head)
        if length > MOST_BODY:
            raise Unreadable(f"a body has more than {MOST_BODY} bytes")
        del self._buffer[: len(head.raw)]
        self._head, self._length = head, length
        return True

    def _take(self, size: int) -> None:
        if len(self._body) + size > MOST_BODY:
            raise Unreadable(f"a body has more than {MOST_BODY} bytes")
        self._body += self._buffer[:size]
        del self._buffer[:size]

    def _take_chunks(self) -> bool:
        """Take the chunks that are complete; tell whether the last one was among them."""
        while (end := self._buffer.find(_END)) >= 0:
            digits = _SIZE.match(self._buffer)
            if digits is None:
                raise Unreadable("a chunk has no size")
            size = int(digits[0], 16)
            if size > MOST_BODY:
                raise Unreadable(f"a chunk has more than {MOST_BODY} bytes")
            if size == 0:
                last = self._buffer.find(_END * 2, end)
                if last < 0:
                    return False
                del self._buffer[: last + 2 * len(_END)]
                return True
            start = end + len(_END)
            if len(self._buffer) < start + size + len(_END):
                return False
            del self._buffer[:start]
            self._take(size)
            del self._buffer[: len(_END)]
        return False

    def _complete(self) -> Message:
        assert self._head is not None  # noqa: S101 (whoever calls has seen it)
        message = Message(self._head, bytes(self._body))
        self._head = None
        self._body.clear()
        return message
