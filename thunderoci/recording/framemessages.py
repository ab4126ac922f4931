"""The messages in one direction of a WebSocket, as tolerant as Thunder is; nothing is altered or answered."""

from collections.abc import Iterator
from typing import NamedTuple

from thunderoci.recording.httpmessages import MOST_BODY, Unreadable
from thunderoci.websocket_frames import FrameHeader, Opcode, unmask

_NAMES = {opcode: opcode.name.lower() for opcode in Opcode}


class FrameMessage(NamedTuple):
    """A whole message, or a control frame: `opcode` is text, binary, close, ping, pong, or the number of another."""

    opcode: str
    data: bytes


class FrameMessages:
    """Turns bytes, in whatever pieces they come, into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._fragments = bytearray()
        self._opcode: int | None = None

    def feed(self, data: bytes) -> Iterator[FrameMessage]:
        """Take what has arrived and yield what it completed; raises Unreadable, behind what came before it."""
        self._buffer += data
        start = 0
        try:
            while (header := FrameHeader.read(self._buffer, start)) is not None:
                if header.length + len(self._fragments) > MOST_BODY:
                    raise Unreadable(f"a message has more than {MOST_BODY} bytes")
                end = header.payload + header.length
                if end > len(self._buffer):
                    break
                payload = unmask(header.mask, bytes(self._buffer[header.payload : end]))
                start = end
                message = self._completed(header, payload)
                if message is not None:
                    yield message
        finally:
            del self._buffer[:start]

    def _completed(self, header: FrameHeader, payload: bytes) -> FrameMessage | None:
        """Take a frame; return the message that is whole with it."""
        if header.opcode >= Opcode.CLOSE:
            return FrameMessage(_name(header.opcode), payload)
        if self._opcode is None:
            self._opcode = header.opcode or Opcode.TEXT
        self._fragments += payload
        if not header.fin:
            return None
        message = FrameMessage(_name(self._opcode), bytes(self._fragments))
        self._fragments.clear()
        self._opcode = None
        return message

    def rest(self) -> bytes:
        """Take out what has come and completes no message."""
        rest = bytes(self._fragments + self._buffer)
        self._fragments.clear()
        self._buffer.clear()
        return rest


def _name(opcode: int) -> str:
    return _NAMES[Opcode(opcode)] if opcode in _NAMES else str(opcode)
