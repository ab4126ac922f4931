"""Values of the types that Dobby's methods and signals have, as bytes and back (no I/O).

Alignment counts from the start of the body, which is a multiple of 8 (D-Bus specification, "Message Format").
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from struct import Struct
from typing import Any

MOST = 512
"""How many types, and headers, are remembered; a process meets a few per client."""
_UINT32 = Struct("<I")

Read = Callable[[bytes, int], tuple[Any, int]]
"""Reads a value that begins at or behind an offset; returns it and where it ends."""
Write = Callable[[bytearray, Any], None]
"""Appends a value to a body."""


class Unknown(Exception):
    """A value that is left to txdbus."""


def _read_int32(raw: bytes, at: int) -> tuple[int, int]:
    at += -at % 4
    return int.from_bytes(raw[at : at + 4], "little", signed=True), at + 4


def _read_uint32(raw: bytes, at: int) -> tuple[int, int]:
    at += -at % 4
    return int.from_bytes(raw[at : at + 4], "little"), at + 4


def _read_bool(raw: bytes, at: int) -> tuple[bool, int]:
    at += -at % 4
    return raw[at] == 1, at + 4


def read_text(raw: bytes, at: int) -> tuple[str, int]:
    """Read a text; raises Unknown for one that is longer than the message."""
    at += -at % 4
    start = at + 4
    end = start + int.from_bytes(raw[at:start], "little")
    if end >= len(raw):
        raise Unknown
    return raw[start:end].decode(), end + 1


def _read_int32s(raw: bytes, at: int) -> tuple[list[int], int]:
    at += -at % 4
    start = at + 4
    end = start + int.from_bytes(raw[at:start], "little")
    if end > len(raw):
        raise Unknown
    return list(_int32s((end - start) // 4).unpack_from(raw, start)), end


def _read_texts(raw: bytes, at: int) -> tuple[list[str], int]:
    at += -at % 4
    texts = []
    end = at + 4 + int.from_bytes(raw[at : at + 4], "little")
    if end > len(raw):
        raise Unknown
    at += 4
    while at < end:
        text, at = read_text(raw, at)
        texts.append(text)
    return texts, end


def _read_no_handles(raw: bytes, at: int) -> tuple[list[int], int]:
    handles, end = _read_int32s(raw, at)
    if handles:
        raise Unknown
    return handles, end


@lru_cache(MOST)
def _int32s(number: int) -> Struct:
    return Struct(f"<{number}i")


def _write_int32(body: bytearray, value: int) -> None:
    body += bytes(-len(body) % 4) + value.to_bytes(4, "little", signed=True)


def _write_uint32(body: bytearray, value: int) -> None:
    body += bytes(-len(body) % 4) + _UINT32.pack(value)


def _write_bool(body: bytearray, value: Any) -> None:
    body += bytes(-len(body) % 4) + (b"\1\0\0\0" if value else b"\0\0\0\0")


def write_text(body: bytearray, value: str) -> None:
    """Append a text; raises Unknown for one that D-Bus can't hold."""
    text = value.encode()
    if b"\0" in text:
        raise Unknown
    body += bytes(-len(body) % 4) + _UINT32.pack(len(text)) + text + b"\0"


def _write_int32s(body: bytearray, values: Sequence[int]) -> None:
    body += bytes(-len(body) % 4) + _UINT32.pack(4 * len(values)) + _int32s(len(values)).pack(*values)


def _write_texts(body: bytearray, values: Sequence[str]) -> None:
    body += bytes(-len(body) % 4 + 4)
    start = len(body)
    for value in values:
        write_text(body, value)
    _UINT32.pack_into(body, start - 4, len(body) - start)


def _write_no_handles(body: bytearray, values: Sequence[Any]) -> None:
    if values:
        raise Unknown
    body += bytes(-len(body) % 4 + 4)


_TYPES: dict[str, tuple[Read, Write]] = {
    "i": (_read_int32, _write_int32),
    "u": (_read_uint32, _write_uint32),
    "b": (_read_bool, _write_bool),
    "s": (read_text, write_text),
    "ai": (_read_int32s, _write_int32s),
    "as": (_read_texts, _write_texts),
    "ah": (_read_no_handles, _write_no_handles),
}


@lru_cache(MOST)
def types_of(signature: str) -> tuple[tuple[Read, Write], ...] | None:
    """Return how the values of a signature are read and written; None when one of its types is not covered."""
    found = []
    at = 0
    while at < len(signature):
        size = 2 if signature[at] == "a" else 1
        if signature[at : at + size] not in _TYPES:
            return None
        found.append(_TYPES[signature[at : at + size]])
        at += size
    return tuple(found)
