"""A stream of bytes, cut into messages."""

from collections.abc import Iterator
from struct import Struct

from fakedobby.embeddedbus.grammar import Malformed
from fakedobby.embeddedbus.limits import Limits
from fakedobby.embeddedbus.message import FIXED_HEADER

_PROTOCOL_VERSION = 1
_LENGTHS = {ord("l"): Struct("<4xI4xI"), ord("B"): Struct(">4xI4xI")}
"""By the byte order: the lengths of body and fields."""


class Splitter:
    """Takes bytes in any pieces, gives whole messages; each byte is copied a fixed number of times."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        """The beginning of a message."""
        self._needed = FIXED_HEADER
        """How many bytes it takes to go on: those that tell the length of the message, then the whole of it."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the messages that `data` completes; raises Malformed once the first 16 bytes of one are wrong."""
        if self._buffer:
            self._buffer += data
            if len(self._buffer) < self._needed:
                return
            data = bytes(self._buffer)
            self._buffer.clear()
        at, self._needed = 0, FIXED_HEADER
        try:
            while len(data) - at >= FIXED_HEADER:
                length = self._measure(data, at)
                if len(data) - at < length:
                    self._needed = length
                    break
                start, at = at, at + length
                yield data[start:at]
        finally:
            self._buffer += data[at:]  # also what is no message: nothing behind it is one

    def _measure(self, data: bytes, at: int) -> int:
        """Return the length of the message that begins there."""
        lengths = _LENGTHS.get(data[at])
        if lengths is None or data[at + 3] != _PROTOCOL_VERSION:
            raise Malformed("this is not the start of a message")
        body, fields = lengths.unpack_from(data, at)
        length = FIXED_HEADER + fields + -fields % 8 + body
        if fields > self._limits.header or length > self._limits.message:
            raise Malformed("a message is too long")
        return length  # type: ignore[no-any-return]  # what a Struct unpacks has no types
