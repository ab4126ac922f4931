"""WebSocket as Thunder speaks it, without I/O: its handshake, and frames in both directions.

Thunder lets through what a WebSocket library refuses: frames without a mask, reserved bits, opcodes that do not exist,
and messages after a close frame. Source of the rules: facts/thunder.md C, "WebSocket".
"""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha1
from typing import NamedTuple

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LARGE = 2**16
"""The first payload size, in bytes, that needs the long form of the length."""

_FIN = _MASKED = 0x80
_OPCODE = 0x0F
_LENGTH = 0x7F
_TWO_BYTES = 126
_EIGHT_BYTES = 127
_MASK_SIZE = 4

TOO_BIG = 1009
"""The close code for a message beyond the limit (RFC 6455, 7.4.1)."""


class Opcode(IntEnum):
    """What a frame is; the other eight opcodes mean nothing."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


@dataclass(frozen=True, slots=True)
class Text:
    """A whole text message."""

    data: bytes
    """As it came: nothing says that it is UTF-8."""
    large: bool
    """Whether one of its frames had more than 65535 bytes."""


@dataclass(frozen=True, slots=True)
class Ping:
    """The peer asks for a pong."""


@dataclass(frozen=True, slots=True)
class Close:
    """The peer says that it is done, which changes nothing."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A whole message or frame that Thunder has no use for."""

    opcode: int


@dataclass(frozen=True, slots=True)
class TooLarge:
    """A message beyond the limit began; nothing more can be read."""

    size: int
    """Bytes that it would have at least."""


Event = Text | Ping | Close | Ignored | TooLarge


class FrameReader:
    """Turns bytes, in whatever pieces they come, into events; `limit` is the most bytes of a message."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._fragments = bytearray()
        self._begun = False
        self._opcode: int = Opcode.TEXT
        self._large = False
        self._broken = False
        self.more = False
        """Whether there may be more frames in what has arrived than the last feed() was to read."""

    def feed(self, data: bytes, most: int | None = None) -> list[Event]:
        """Take what has arrived and return what it completed, in as many frames as are to be read at most."""
        events: list[Event] = []
        if self._broken:
            return events
        self._buffer += data
        start = count = 0
        self.more = False
        while not self._broken:
            header = FrameHeader.read(self._buffer, start)
            if header is None:
                break
            if count == most:
                self.more = True
                break
            count += 1
            size = header.length + (len(self._fragments) if header.opcode < Opcode.CLOSE else 0)
            if size > self._limit:
                self._broken = True
                events.append(TooLarge(size))
                break
            end = header.payload + header.length
            if end > len(self._buffer):
                break
            payload = unmask(header.mask, bytes(self._buffer[header.payload : end]))
            start = end
            event = self._control(header) if header.opcode >= Opcode.CLOSE else self._message(header, payload)
            if event is not None:
                events.append(event)
        if self._broken:
            self._buffer.clear()
        else:
            del self._buffer[:start]
        return events

    @staticmethod
    def _control(header: "FrameHeader") -> Event | None:
        match header.opcode:
            case Opcode.PING:
                return Ping()
            case Opcode.CLOSE:
                return Close()
            case Opcode.PONG:
                return None
        return Ignored(header.opcode)

    def _message(self, header: "FrameHeader", payload: bytes) -> Event | None:
        """Collect the fragments of a message; a frame that should not come between two counts as the next one."""
        if not self._begun:
            self._opcode = header.opcode or Opcode.TEXT
        self._large = self._large or header.length >= _LARGE
        if not header.fin:
            self._begun = True
            self._fragments += payload
            return None
        data = bytes(self._fragments + payload) if self._begun else payload
        event = Text(data, self._large) if self._opcode == Opcode.TEXT else Ignored(self._opcode)
        self._fragments.clear()
        self._begun = self._large = False
        return event


class FrameHeader(NamedTuple):
    """The beginning of a frame; the reserved bits are not even looked at."""

    fin: bool
    opcode: int
    mask: bytes
    """Empty for a frame without one."""
    payload: int
    """Where the payload begins in the buffer."""
    length: int

    @classmethod
    def read(cls, buffer: bytearray, start: int) -> "FrameHeader | None":
        """Return the header that begins there; None when it is not there yet."""
        payload = start + 2
        if len(buffer) < payload:
            return None
        length = buffer[start + 1] & _LENGTH
        if length >= _TWO_BYTES:
            more = 2 if length == _TWO_BYTES else 8
            length = int.from_bytes(buffer[payload : payload + more])
            payload += more
        mask_size = _MASK_SIZE if buffer[start + 1] & _MASKED else 0
        if len(buffer) < payload + mask_size:
            return None
        mask = bytes(buffer[payload : payload + mask_size])
        opcode = buffer[start] & _OPCODE
        return cls(bool(buffer[start] & _FIN), opcode, mask, payload + mask_size, length)


def unmask(mask: bytes, data: bytes) -> bytes:
    """Return a payload as it was before it was masked; an empty mask changes nothing."""
    if not mask:
        return data
    # one operation on two large numbers, because a loop over the bytes would take seconds for megabytes
    size = len(data)
    key = (mask * (size // _MASK_SIZE + 1))[:size]
    return (int.from_bytes(data, "little") ^ int.from_bytes(key, "little")).to_bytes(size, "little")


def text_frame(payload: bytes) -> bytes:
    """Return the frame, without a mask as servers send it, of a text message."""
    return _frame(Opcode.TEXT, payload)


def masked_text_frame(payload: bytes, mask: bytes) -> bytes:
    """Return the frame of a text message as clients send it, with a mask of four bytes."""
    header = bytearray(_frame(Opcode.TEXT, payload)[: -len(payload) or None])
    header[1] |= _MASKED
    return bytes(header) + mask + unmask(mask, payload)


def close_frame(code: int | None = None) -> bytes:
    """Return a close frame; Thunder's own has no code."""
    return _frame(Opcode.CLOSE, b"" if code is None else code.to_bytes(2))


def _frame(opcode: Opcode, payload: bytes) -> bytes:
    size = len(payload)
    if size < _TWO_BYTES:
        length = bytes([size])
    elif size < _LARGE:
        length = bytes([_TWO_BYTES]) + size.to_bytes(2)
    else:
        length = bytes([_EIGHT_BYTES]) + size.to_bytes(8)
    return bytes([_FIN | opcode]) + length + payload


PING = _frame(Opcode.PING, b"")
PONG = _frame(Opcode.PONG, b"")
"""The answer to each ping, whatever the ping carries."""


def offered_protocol(lines: Iterable[bytes]) -> bytes | None:
    """Return the first subprotocol in the last of these header values; None when there is none."""
    value = b""
    for line in lines:
        value = line
    return value.partition(b",")[0].strip() or None


def handshake(key: bytes, protocol: bytes | None) -> bytes:
    """Return the answer that turns an HTTP connection into a WebSocket; an empty key is as good as any."""
    accept = b64encode(sha1(key + _GUID, usedforsecurity=False).digest())
    echo = b"" if protocol is None else b"Sec-WebSocket-Protocol: %b\r\n" % protocol
    return (
        b"HTTP/1.1 101 SWITCH_PROTOCOL\r\nConnection: UPGRADE\r\nUpgrade: WEBSOCKET\r\n"
        b"Sec-WebSocket-Accept: %b\r\n%bContent-Length: 0\r\n\r\n" % (accept, echo)
    )
