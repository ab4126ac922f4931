"""Where HTTP messages begin and end in a stream of bytes; nothing of the stream is altered, refused or answered.

It follows Thunder, not the RFC, in what a length is: of two the last holds, and what is no number is none
(facts/thunder.md A.3).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from thunderoci.chunks import ChunkReader
from thunderoci.requesthead import Fields, Malformed, RequestHead

MOST_HEAD = 2**20
"""The most bytes of a head, and of the headers behind the last chunk."""
MOST_BODY = 2**26
"""The most bytes of a body."""
MOST_LINE = 2**16
"""The most bytes of the line that tells the size of a chunk."""
CHUNKED, UNTIL_CLOSE = -1, -2
"""How a body may end that has no length."""

_STATUS_LINE = re.compile(rb"HTTP/[1-9]\.[0-9] ([1-9][0-9]{2})(?: .*)?")
_END = b"\r\n"
_WINDOW = 2**16
"""How much is looked at at once where chunks are read, unless a line is longer."""


class Unreadable(Exception):
    """What comes is no HTTP message, so nothing behind it can be told apart."""


class AnswerHead(Fields):
    """Status line and headers."""

    def __init__(self, line: bytes) -> None:
        """Take the status line; raises Malformed."""
        super().__init__()
        found = _STATUS_LINE.fullmatch(line)
        if found is None:
            raise Malformed(line)
        self.status = found[1]


def head_of_answer(raw: bytes) -> AnswerHead:
    """Return what the bytes of a head say, the empty line included; raises Malformed."""
    return _with_lines(AnswerHead, raw)


def length_of_request(head: RequestHead) -> int:
    """Return how the body of a request ends."""
    length = head.length
    return CHUNKED if length is None else length


def length_of_answer(head: AnswerHead, verb: bytes) -> int:
    """Return how the body of an answer ends, one to a request with this verb."""
    if head.status[:1] == b"1" or head.status in {b"204", b"304"} or verb == b"HEAD":
        return 0
    if head.is_chunked:
        return CHUNKED
    length = head.content_length
    return UNTIL_CLOSE if length is None else length


Head = TypeVar("Head", bound=Fields)


def _with_lines(head_of: Callable[[bytes], Head], raw: bytes) -> Head:
    first, *lines = raw.removesuffix(_END * 2).split(_END)
    head = head_of(first)
    head.add_all(lines)
    return head


@dataclass(frozen=True, slots=True)
class Message(Generic[Head]):
    """A whole message; `raw` are the bytes of its head, `body` is what its chunks hold together if it came in such."""

    head: Head
    raw: bytes
    body: bytes

    @property
    def first(self) -> bytes:
        """The first line."""
        return self.raw.partition(_END)[0]


def request_reader() -> "MessageReader[RequestHead]":
    """Return what cuts requests off a stream."""
    return MessageReader(RequestHead, length_of_request, skips_empty_lines=True)  # some clients send such


def answer_reader(length_of: Callable[[AnswerHead], int]) -> "MessageReader[AnswerHead]":
    """Return what cuts answers off a stream; `length_of` tells of each head how its body ends."""
    return MessageReader(AnswerHead, length_of)


class MessageReader(Generic[Head]):
    """Cuts one direction of a connection into messages: `feed` bytes, take what is complete with `next`.

    `head_of` takes a first line, and raises Malformed; `length_of` tells of each head how its body ends.
    """

    def __init__(
        self, head_of: Callable[[bytes], Head], length_of: Callable[[Head], int], *, skips_empty_lines: bool = False
    ) -> None:
        self._head_of = head_of
        self._length_of = length_of
        self._skips_empty_lines = skips_empty_lines
        self._buffer = bytearray()
        self._searched = 0
        """How much of it holds no end of a head."""
        self._raw = b""
        self._head: Head | None = None
        self._length = 0
        self._body = bytearray()
        self._chunks: ChunkReader | None = None

    def feed(self, data: bytes) -> None:
        """Take bytes, in whatever pieces they come."""
        self._buffer += data

    def rest(self) -> bytes:
        """Take out what has come and belongs to no complete message."""
        begun = b"" if self._head is None else self._raw + bytes(self._body)
        rest = begun + bytes(self._buffer)
        self._buffer.clear()
        self._searched = 0
        self._body.clear()
        self._head = self._chunks = None
        return rest

    def next(self) -> Message[Head] | None:
        """Return the next complete message, None when it is not there yet; raises Unreadable."""
        if self._head is None and not self._take_head():
            return None
        if self._chunks is not None:
            return self._complete() if self._take_chunks(self._chunks) else None
        if self._length == UNTIL_CLOSE:
            self._take(len(self._buffer))
            return None
        if len(self._buffer) < self._length:
            return None
        self._take(self._length)
        return self._complete()

    def end(self) -> Message[Head] | None:
        """Return the message that the end of the stream completes."""
        return self._complete() if self._head is not None and self._length == UNTIL_CLOSE else None

    def _take_head(self) -> bool:
        while self._skips_empty_lines and self._buffer.startswith(_END):
            del self._buffer[: len(_END)]
            self._searched = 0
        end = self._buffer.find(_END * 2, max(0, self._searched - len(_END * 2)))
        if end < 0:
            self._searched = len(self._buffer)
            if len(self._buffer) > MOST_HEAD:
                raise Unreadable("a head does not end")
            return False
        raw = bytes(self._buffer[: end + 2 * len(_END)])
        try:
            head = _with_lines(self._head_of, raw)
        except Malformed:
            raise Unreadable("a first line is none of HTTP") from None
        length = self._length_of(head)
        if length > MOST_BODY:
            raise Unreadable(f"a body has more than {MOST_BODY} bytes")
        del self._buffer[: len(raw)]
        self._searched = 0
        self._head, self._raw, self._length = head, raw, length
        if length == CHUNKED:
            # a box may take longer lines than the emulator
            self._chunks = ChunkReader(self._take_chunk, most_line=MOST_LINE, most_behind=MOST_HEAD)
        return True

    def _take(self, size: int) -> None:
        self._take_chunk(self._buffer[:size])
        del self._buffer[:size]

    def _take_chunks(self, chunks: ChunkReader) -> bool:
        """Take the chunks, or parts of them, that have come; tell whether the last one was among them."""
        window = _WINDOW
        while not chunks.done:
            taken = len(self._body)
            try:
                end = chunks.feed(bytes(self._buffer[:window]), 0)
                self._check_room(chunks.left)
            except (Malformed, Unreadable) as problem:
                del self._body[taken:]  # it is in the buffer, too, and rest() gives both
                if isinstance(problem, Unreadable):
                    raise
                raise Unreadable("a body has no proper chunks") from None
            del self._buffer[:end]
            if not end and window >= len(self._buffer):
                return False
            window = _WINDOW if end else 2 * window
        return True

    def _take_chunk(self, data: bytes | bytearray) -> None:
        self._check_room(len(data))
        self._body += data

    def _check_room(self, size: int) -> None:
        if len(self._body) + size > MOST_BODY:
            raise Unreadable(f"a body has more than {MOST_BODY} bytes")

    def _complete(self) -> Message[Head]:
        assert self._head is not None  # noqa: S101 (whoever calls has seen it)
        message = Message(self._head, self._raw, bytes(self._body))
        self._head = self._chunks = None
        self._body.clear()
        return message
