"""Requests out of the bytes of a connection: as tolerant as Thunder is, and no more (facts/thunder.md A.2, A.3)."""

from collections.abc import Callable
from io import BytesIO

from thunderoci.chunks import ChunkReader
from thunderoci.requesthead import Malformed, RequestHead, can_begin

_EOL = b"\r\n"
_END = b"\r\n\r\n"
"""What is behind the last header."""


class HeadTooLarge(Exception):
    """A head is larger than it may be."""


class BodyTooLarge(Exception):
    """The body of the request with this head is larger than it may be."""

    def __init__(self, head: RequestHead) -> None:
        super().__init__()
        self.head = head


class RequestReader:
    """Cuts requests off what a client sends: `feed` bytes, take what is complete with `next`.

    `most_body` tells the most bytes that the body of a request may have. `is_box` is asked where it matters whether
    a box is to be followed, to which an empty line between requests and an unknown verb are no HTTP.
    """

    def __init__(self, most_head: int, most_body: Callable[[RequestHead], int], is_box: Callable[[], bool]) -> None:
        self._most_head = most_head
        self._most_body = most_body
        self._is_box = is_box
        self._buffer = b""
        self._at = 0
        """How far it has been read; what was read is not cut off for each request."""
        self._head: RequestHead | None = None
        self._head_size = 0
        self._body: BytesIO | None = None
        """What there is of a body that did not come in one piece with its head."""
        self._missing = 0
        self._most = 0
        """How many bytes the body may have."""
        self._chunks: ChunkReader | None = None

    @property
    def left(self) -> int:
        """How many bytes have come and were not looked at yet."""
        return len(self._buffer) - self._at

    @property
    def begun(self) -> bool:
        """Whether a request has begun and is not complete."""
        return self._head is not None or self.left > 0

    def feed(self, data: bytes) -> None:
        """Take bytes, in whatever pieces they come."""
        at = self._at
        if at < len(self._buffer):
            data = self._buffer[at:] + data
        self._buffer = data
        self._at = 0

    def rest(self) -> bytes:
        """Take out what has come behind the last request."""
        rest = self._buffer[self._at :]
        self._buffer, self._at = b"", 0
        return rest

    def next(self) -> tuple[RequestHead, bytes] | None:
        """Return the next request and its body, None when it is not complete.

        Raises Malformed, HeadTooLarge and BodyTooLarge; nothing can be read after that.
        """
        if self._body is not None:
            return self._read_body()
        if self._at == len(self._buffer):
            self.rest()
            return None
        head = self._read_head()
        if head is None:
            return None
        self._head_size = 0
        length = head.length
        if length is None:
            self._chunks = ChunkReader(self._take_chunk)
            self._most = self._most_body(head)
        elif length > self._most_body(head):
            raise BodyTooLarge(head)
        else:
            at = self._at
            end = at + length
            if end <= len(self._buffer):  # as a rule all of it has come
                self._at = end
                self._head = None
                return head, self._buffer[at:end]
            self._missing = length
        self._body = BytesIO()
        return self._read_body()

    def _read_head(self) -> RequestHead | None:
        """Read on in the head; return it when it is complete."""
        buffer, at = self._buffer, self._at
        if self._head is None and (end := buffer.find(_END, at)) > at:  # as a rule all of it has come
            lines = buffer[at:end].split(_EOL)
            end += len(_END)
            fits = self._head_size + end - at <= self._most_head
            if lines[0] and fits and buffer.count(b"\n", at, end) == len(lines) + 1:
                head = self._head = self._begun(lines[0])
                self._at = end
                head.add_all(lines[1:])
                return head
        return self._read_lines(buffer, at)

    def _read_lines(self, buffer: bytes, at: int) -> RequestHead | None:
        """Do the same line by line, with the same outcome in whichever pieces the bytes have come."""
        while (end := buffer.find(_EOL, at)) >= 0:
            line = buffer[at:end]
            self._check_line(line)
            end = self._fitting(at, end + len(_EOL))
            self._head_size += end - at
            self._at = at = end
            if self._head is None:
                if line or self._is_box():
                    self._head = self._begun(line)
            elif line:
                self._head.add(line)
            else:
                return self._head
        # its client would wait for the end of a line that never comes
        self._check_line(buffer[at:])
        self._fitting(at, len(buffer))
        return None

    def _begun(self, line: bytes) -> RequestHead:
        head = RequestHead(line)
        if not head.verb_is_known and self._is_box():
            raise Malformed(line)
        return head

    def _fitting(self, start: int, end: int) -> int:
        """Return `end`, where a part of a head ends; raises HeadTooLarge."""
        if self._head_size + end - start > self._most_head:
            raise HeadTooLarge
        return end

    def _check_line(self, line: bytes) -> None:
        """Refuse a line, though it is not complete, that begins like none of HTTP or has a bare line feed."""
        bad = 0 if self._head is None and not can_begin(line[:2]) else line.find(b"\n")
        if bad >= 0 and self._head_size + bad < self._most_head:
            raise Malformed(line)

    def _read_body(self) -> tuple[RequestHead, bytes] | None:
        """Read on in the body; return the request when it is complete."""
        head, body, at = self._head, self._body, self._at
        assert head is not None and body is not None  # noqa: S101, PT018 (whoever calls has read the head)
        if self._chunks is not None:
            self._at = self._chunks.feed(self._buffer, at)
            if not self._chunks.done:
                return None
        else:
            piece = self._buffer[at : at + self._missing]
            self._at += len(piece)
            self._missing -= len(piece)
            body.write(piece)
            if self._missing:
                return None
        self._head = self._body = self._chunks = None
        return head, body.getvalue()

    def _take_chunk(self, data: bytes) -> None:
        head, body = self._head, self._body
        assert head is not None and body is not None  # noqa: S101, PT018 (there is a body while there are chunks)
        if body.tell() + len(data) > self._most:
            raise BodyTooLarge(head)
        body.write(data)
