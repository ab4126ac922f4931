"""D-Bus messages of the signatures that Dobby knows, as bytes and back, by code that is made once for each.

txdbus takes four to eight times as long, since it looks at every type of every message anew. What is not covered here
(other types, big-endian senders, file descriptors, what can't be right) gives None, and txdbus does it. Little is
checked that the message bus has checked (D-Bus specification, "Message Format"): any bytes are read or left to txdbus.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from struct import Struct
from struct import error as StructError  # noqa: N812 (it is a class)
from typing import Any, NamedTuple

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
_FIELDS = {
    1: "path",
    2: "interface",
    3: "member",
    4: "error_name",
    6: "destination",
    7: "sender",
    8: "signature",
}
_CODES = {name: code for code, name in _FIELDS.items()}

_HEAD = Struct("<cBBBIII")
"""Byte order, kind, flags, protocol version, length of the body, serial, length of the fields."""
_FIXED = _HEAD.size
_REPLY_FIELD = Struct("<4sI")
_REPLY_SERIAL = b"\5\1u\0"
"""The code of that field, and the type of its value."""
_UINT32 = Struct("<I")
_MOST_KEPT = 2**20
"""How many bytes of a body are kept at most, to look whether the next one is the same."""
_MOST = 512
"""How many different headers, and types of values, are remembered; a process meets a few per client."""
_LONGEST_FIELDS = 1024
"""How many bytes a header has at most that is remembered."""

Read = Callable[[bytes, int], tuple[Any, int]]
"""Reads a value that begins at or behind an offset; returns it and where it ends."""
Write = Callable[[bytearray, Any], None]
"""Appends a value to a body."""


class Head(NamedTuple):
    """What stands before the body."""

    kind: int
    flags: int
    serial: int
    body: int
    """Where the body begins."""
    reply_serial: int | None
    fields: dict[str, str]
    """The texts among the header's fields, by txdbus's names."""


class _Unknown(Exception):
    """A type that is left to txdbus."""


def parse_head(raw: bytes) -> Head | None:
    """Return the head of a whole message; None when this one is left to txdbus."""
    if len(raw) < _FIXED:
        return None
    order, kind, flags, _, _, serial, length = _HEAD.unpack_from(raw)
    end = _FIXED + length
    if order != b"l" or end > len(raw):
        return None
    start, reply_serial = _FIXED, None
    if raw.startswith(_REPLY_SERIAL, start) and length >= _REPLY_FIELD.size:
        # the only field that is another one each time; behind it the header is one that was met before
        _, reply_serial = _REPLY_FIELD.unpack_from(raw, start)
        start += _REPLY_FIELD.size
    known = raw[start:end]
    fields = _fields.get(known)
    if fields is None:
        fields = _parse_fields(known)
        if fields is None:
            return None
        if len(known) <= _LONGEST_FIELDS:
            if len(_fields) >= _MOST:
                _fields.clear()
            _fields[known] = fields
    return Head(kind, flags, serial, end + -end % 8, reply_serial, fields)


_fields: dict[bytes, dict[str, str]] = {}


def _parse_fields(raw: bytes) -> dict[str, str] | None:
    """Return header fields that are texts, by their names; None when there are others."""
    try:
        return _read_fields(raw)
    except (_Unknown, IndexError, UnicodeDecodeError):
        return None


def _read_fields(raw: bytes) -> dict[str, str] | None:
    fields: dict[str, str] = {}
    at, end = 0, len(raw)
    while at < end:
        code, kind = raw[at], raw[at + 2 : at + 3]
        if raw[at + 1] != 1 or code not in _FIELDS:
            return None
        if kind in {b"s", b"o"}:
            text, at = _read_text(raw, at + 4)
        elif kind == b"g":
            size = raw[at + 4]
            text, at = raw[at + 5 : at + 5 + size].decode(), at + 6 + size
        else:
            return None
        fields[_FIELDS[code]] = text
        at += -at % 8
    return fields


def _read_int32(raw: bytes, at: int) -> tuple[int, int]:
    at += -at % 4
    return int.from_bytes(raw[at : at + 4], "little", signed=True), at + 4


def _read_uint32(raw: bytes, at: int) -> tuple[int, int]:
    at += -at % 4
    return int.from_bytes(raw[at : at + 4], "little"), at + 4


def _read_bool(raw: bytes, at: int) -> tuple[bool, int]:
    at += -at % 4
    return raw[at] == 1, at + 4


def _read_text(raw: bytes, at: int) -> tuple[str, int]:
    at += -at % 4
    start = at + 4
    end = start + int.from_bytes(raw[at:start], "little")
    if end >= len(raw):
        raise _Unknown
    return raw[start:end].decode(), end + 1


def _read_int32s(raw: bytes, at: int) -> tuple[list[int], int]:
    at += -at % 4
    start = at + 4
    end = start + int.from_bytes(raw[at:start], "little")
    if end > len(raw):
        raise _Unknown
    return list(_int32s((end - start) // 4).unpack_from(raw, start)), end


def _read_texts(raw: bytes, at: int) -> tuple[list[str], int]:
    at += -at % 4
    texts = []
    end = at + 4 + int.from_bytes(raw[at : at + 4], "little")
    if end > len(raw):
        raise _Unknown
    at += 4
    while at < end:
        text, at = _read_text(raw, at)
        texts.append(text)
    return texts, end


def _read_no_handles(raw: bytes, at: int) -> tuple[list[int], int]:
    handles, end = _read_int32s(raw, at)
    if handles:
        raise _Unknown
    return handles, end


@lru_cache(_MOST)
def _int32s(number: int) -> Struct:
    return Struct(f"<{number}i")


def _write_int32(body: bytearray, value: int) -> None:
    body += bytes(-len(body) % 4) + value.to_bytes(4, "little", signed=True)


def _write_uint32(body: bytearray, value: int) -> None:
    body += bytes(-len(body) % 4) + _UINT32.pack(value)


def _write_bool(body: bytearray, value: Any) -> None:
    body += bytes(-len(body) % 4) + (b"\1\0\0\0" if value else b"\0\0\0\0")


def _write_text(body: bytearray, value: str) -> None:
    text = value.encode()
    if b"\0" in text:
        raise _Unknown
    body += bytes(-len(body) % 4) + _UINT32.pack(len(text)) + text + b"\0"


def _write_int32s(body: bytearray, values: Sequence[int]) -> None:
    body += bytes(-len(body) % 4) + _UINT32.pack(4 * len(values)) + _int32s(len(values)).pack(*values)


def _write_texts(body: bytearray, values: Sequence[str]) -> None:
    body += bytes(-len(body) % 4 + 4)
    start = len(body)
    for value in values:
        _write_text(body, value)
    _UINT32.pack_into(body, start - 4, len(body) - start)


def _write_no_handles(body: bytearray, values: Sequence[Any]) -> None:
    if values:
        raise _Unknown
    body += bytes(-len(body) % 4 + 4)


_TYPES: dict[str, tuple[Read, Write]] = {
    "i": (_read_int32, _write_int32),
    "u": (_read_uint32, _write_uint32),
    "b": (_read_bool, _write_bool),
    "s": (_read_text, _write_text),
    "ai": (_read_int32s, _write_int32s),
    "as": (_read_texts, _write_texts),
    "ah": (_read_no_handles, _write_no_handles),
}


@lru_cache(_MOST)
def _types(signature: str) -> tuple[tuple[Read, Write], ...] | None:
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


def read_body(raw: bytes, head: Head) -> list[Any] | None:
    """Return the values of a message's body; None when they are left to txdbus.

    An answer that is the same as the last one of its types gives the same values: nobody may change them.
    """
    signature = head.fields.get("signature")
    if signature is None:
        return []
    types = _types(signature)
    if types is None:
        return None
    if head.kind != RETURN or len(raw) > _MOST_KEPT:
        return _read(raw, head, types)
    body = raw[head.body :]
    before, values = _answered.get(signature, (b"", None))
    if body != before:
        values = _read(raw, head, types)
        if len(_answered) >= _MOST:
            _answered.clear()
        _answered[signature] = body, values
    return values


_answered: dict[str, tuple[bytes, list[Any] | None]] = {}
"""The last answer of each signature, and what was in it."""


def _read(raw: bytes, head: Head, types: tuple[tuple[Read, Write], ...]) -> list[Any] | None:
    # alignment counts from the start of the body, which is a multiple of 8
    values, at = [], head.body
    try:
        for read, _ in types:
            value, at = read(raw, at)
            values.append(value)
    except (_Unknown, IndexError, StructError, UnicodeDecodeError):
        return None
    return values


def write(  # noqa: PLR0917 (the parts of a message, in their order)
    kind: int, serial: int, fields: bytes, signature: str, values: Sequence[Any], reply_to: int | None = None
) -> bytes | None:
    """Return a message whose head has these `fields`, behind the serial that it replies to; None for txdbus to do."""
    body = _body(signature, values)
    if body is None:
        return None
    if reply_to is not None:
        fields = _REPLY_FIELD.pack(_REPLY_SERIAL, reply_to) + fields
    head = _HEAD.pack(b"l", kind, 0, 1, len(body), serial, len(fields))
    return b"".join((head, fields, bytes(-len(fields) % 8), body))


def _body(signature: str, values: Sequence[Any]) -> bytes | None:
    """Return values as bytes; the very tuple that was written last is not written again."""
    if not signature and not values:
        return b""
    last = _written.get(signature)
    if last is not None and last[0] is values:
        return last[1]
    body = bytearray()
    types = _types(signature)
    if types is None or len(types) != len(values):
        return None
    try:
        for (_, put), value in zip(types, values, strict=True):
            put(body, value)
    except (_Unknown, OverflowError, UnicodeEncodeError, AttributeError, TypeError, ValueError):
        return None  # values that do not fit: txdbus says so
    written = bytes(body)
    if len(written) <= _MOST_KEPT and isinstance(values, tuple):
        _written[signature] = values, written
    return written


_written: dict[str, tuple[tuple[Any, ...], bytes]] = {}
"""The last body of each signature, and what it was written of: nobody changes that."""


@lru_cache(_MOST)
def fields(path: str, interface: str, member: str, destination: str, signature: str) -> bytes:
    """Return the header fields of a message, those that are not empty; made once for each combination."""
    made = bytearray()
    for name, kind, text in (
        ("path", b"o", path),
        ("interface", b"s", interface),
        ("member", b"s", member),
        ("destination", b"s", destination),
        ("signature", b"g", signature),
    ):
        if text:
            made += bytes(-len(made) % 8) + bytes((_CODES[name], 1)) + kind + b"\0"
            if kind == b"g":
                made += bytes((len(text),)) + text.encode() + b"\0"
            else:
                _write_text(made, text)
    return bytes(made)
