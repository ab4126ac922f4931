"""The body of a request that comes in chunks (RFC 9112, 7.1)."""

import re
from collections.abc import Callable
from enum import Enum, auto

from thunderoci.requesthead import Malformed

_END = b"\r\n"
MOST_LINE = 1024
"""The most bytes of the line that tells a chunk's size, where nothing else is said."""
MOST_BEHIND = 2**16
"""The most bytes of the headers that may come behind the last chunk, and mean nothing, where nothing else is said."""
_small_size = re.compile(rb"([0-9A-Fa-f]{1,4})\r\n").match
_size = re.compile(rb"([0-9A-Fa-f]+)(?:;[\t -~\x80-\xff]*)?").fullmatch


class _State(Enum):
    SIZE = auto()
    DATA = auto()
    BEHIND_DATA = auto()
    TRAILER = auto()
    DONE = auto()


class ChunkReader:
    """One body in chunks; `take` gets the bytes in them.

    No line that tells a chunk's size may be longer than `most_line`, and the headers behind the last chunk together not
    longer than `most_behind`.

    SIZE -- > 0 --> DATA --> BEHIND_DATA --> SIZE
      +-- 0 --> TRAILER -- empty line --> DONE
    """

    def __init__(
        self, take: Callable[[bytes], None], *, most_line: int = MOST_LINE, most_behind: int = MOST_BEHIND
    ) -> None:
        self._take = take
        self._most_line = most_line
        self._most_behind = most_behind
        self._state = _State.SIZE
        self.left = 0
        """Bytes of the chunk that are still to come."""
        self._behind = 0
        """Bytes of the headers behind the last chunk."""

    @property
    def done(self) -> bool:
        """Whether the body is complete."""
        return self._state is _State.DONE

    def feed(self, data: bytes, at: int) -> int:
        """Read from `at` on; return where to go on when there is more, or the body ended; raises Malformed.

        What is left is the beginning of a line. One that ends in a bare line feed would never be complete.
        """
        while self._state is not _State.DONE:
            if self._state is _State.SIZE:
                at = self._whole_chunks(data, at)
            end = self._data(data, at) if self._state is _State.DATA else self._line(data, at)
            if end == at:
                break
            at = end
        return at

    def _whole_chunks(self, data: bytes, at: int) -> int:
        """Take the chunks that need no more than a glance: there may be ten thousand of one byte."""
        while found := _small_size(data, at):
            start = found.end()
            end = start + int(found[1], 16)
            if end == start or data[end : end + len(_END)] != _END:
                break
            self._take(data[start:end])
            at = end + len(_END)
        return at

    def _data(self, data: bytes, at: int) -> int:
        piece = data[at : at + self.left]
        self.left -= len(piece)
        if not self.left:
            self._state = _State.BEHIND_DATA
        if piece:
            self._take(piece)
        return at + len(piece)

    def _line(self, data: bytes, at: int) -> int:
        """Take a line, whose end is looked for no farther than it may be long."""
        if self._state is _State.SIZE:
            most = self._most_line
        else:
            most = 0 if self._state is _State.BEHIND_DATA else self._most_behind - self._behind
        end = data.find(_END, at, at + most + len(_END))
        if end < 0:
            begun = data[at : at + most + len(_END)]
            if begun[most:] not in {b"", b"\r"} or b"\n" in begun:
                raise Malformed(begun)
            return at
        self._take_line(data[at:end])
        return end + len(_END)

    def _take_line(self, line: bytes) -> None:
        if self._state is _State.SIZE:
            found = _size(line)
            if found is None:
                raise Malformed(line)
            self.left = int(found[1], 16)
            self._state = _State.DATA if self.left else _State.TRAILER
        elif self._state is _State.BEHIND_DATA:
            self._state = _State.SIZE
        elif line:
            if b"\n" in line:
                raise Malformed(line)
            self._behind += len(line) + len(_END)
            if self._behind > self._most_behind:
                raise Malformed(line)
        else:
            self._state = _State.DONE
