"""WebSocket frames as they go by (RFC 6455, 5.2)."""

import os
from dataclasses import dataclass

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
_FIRST_CONTROL = 8


@dataclass(frozen=True)
class Frame:
    """One frame; `raw` is how it came."""

    final: bool
    opcode: int
    payload: bytes
    raw: bytes = b""

    @property
    def control(self):
        return self.opcode >= _FIRST_CONTROL

    def __bytes__(self):
        return self.raw or frame(self.opcode, self.payload, final=self.final)


def frame(opcode, payload, *, final=True, masked=False):
    """Return the bytes of a frame; what a client sends is masked."""
    length, mask = len(payload), 0x80 if masked else 0
    head = bytearray([(0x80 if final else 0) | opcode])
    if length < 126:
        head.append(mask | length)
    elif length < 2**16:
        head += bytes([mask | 126]) + length.to_bytes(2)
    else:
        head += bytes([mask | 127]) + length.to_bytes(8)
    if not masked:
        return bytes(head) + payload
    key = os.urandom(4)
    return bytes(head) + key + _masked(payload, key)


def _masked(payload, key):
    long = key * (len(payload) // 4 + 1)
    return (int.from_bytes(payload) ^ int.from_bytes(long[: len(payload)])).to_bytes(len(payload)) if payload else b""


class FrameReader:
    """Cuts a stream of bytes into frames."""

    def __init__(self):
        self._rest = bytearray()

    def feed(self, data):
        """Take bytes and return the frames that are complete."""
        self._rest += data
        frames = []
        while (found := self._next()) is not None:
            frames.append(found)
            del self._rest[: len(found.raw)]
        return frames

    def _next(self):
        rest = self._rest
        if len(rest) < 2:
            return None
        length, at = rest[1] & 0x7F, 2
        if length >= 126:
            at += 2 if length == 126 else 8
            length = int.from_bytes(rest[2:at])
        masked = bool(rest[1] & 0x80)
        key = bytes(rest[at : at + 4]) if masked else b""
        begin = at + len(key)
        if len(rest) < max(at + 4 * masked, begin + length):
            return None
        payload = bytes(rest[begin : begin + length])
        raw = bytes(rest[: begin + length])
        return Frame(bool(rest[0] & 0x80), rest[0] & 0xF, _masked(payload, key) if masked else payload, raw)
