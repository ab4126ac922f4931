"""A stream of bytes, cut into messages."""

from collections.abc import Iterator

from fakedobby.embeddedbus.grammar import Malformed
from fakedobby.embeddedbus.limits import Limits
from fakedobby.embeddedbus.message import FIXED_HEADER

_PROTOCOL_VERSION = 1


class Splitter:
    """Takes bytes in any pieces, gives whole messages; each byte is copied a fixed number of times."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._length = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the messages that `data` completes; raises Malformed once the first 16 bytes of one are wrong."""
        self._buffer += data
        while True:
            if not self._length and len(self._buffer) >= FIXED_HEADER:
                self._length = self._measure()
            if not self._length or len(self._buffer) < self._length:
                return
            message = bytes(memoryview(self._buffer)[: self._length])
            del self._buffer[: self._length]
            self._length = 0
            yield message

    def _measure(self) -> int:
        """Return the length of the message at the head of the buffer."""
        start = bytes(self._buffer[:FIXED_HEADER])
        if start[:1] not in {b"l", b"B"} or start[3] != _PROTOCOL_VERSION:
            raise Malformed("this is not the start of a message")
        order = "little" if start[:1] == b"l" else "big"
        body = int.from_bytes(start[4:8], "little" if order == "little" else "big")
        fields = int.from_bytes(start[12:16], "little" if order == "little" else "big")
        length = FIXED_HEADER + fields + -fields % 8 + body
        if fields > self._limits.header or length > self._limits.message:
            raise Malformed("a message is too long")
        return length
