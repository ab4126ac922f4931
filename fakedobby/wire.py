"""D-Bus messages of the signatures that Dobby knows, as bytes and back, by code that is made once for each.

txdbus takes four to eight times as long, since it looks at every type of every message anew. What is not covered here
(other types, big-endian senders, file descriptors, what can't be right) gives None, and txdbus does it. Little is
checked that the message bus has checked (D-Bus specification, "Message Format"): any bytes are read or left to txdbus.
"""

from collections.abc import Sequence
from functools import lru_cache
from struct import Struct
from struct import error as StructError  # noqa: N812 (it is a class)
from typing import Any, NamedTuple

from fakedobby.wirevalues import MOST, Read, Unknown, Write, read_text, types_of, write_text

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
_MOST_KEPT = 2**20
"""How many bytes of a body are kept at most, to look whether the next one is the same."""
_LONGEST_FIELDS = 1024
"""How many bytes a header has at most that is remembered."""


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
            if len(_fields) >= MOST:
                _fields.clear()
            _fields[known] = fields
    return Head(kind, flags, serial, end + -end % 8, reply_serial, fields)


_fields: dict[bytes, dict[str, str]] = {}


def _parse_fields(raw: bytes) -> dict[str, str] | None:
    """Return header fields that are texts, by their names; None when there are others."""
    try:
        return _read_fields(raw)
    except (Unknown, IndexError, UnicodeDecodeError):
        return None


def _read_fields(raw: bytes) -> dict[str, str] | None:
    fields: dict[str, str] = {}
    at, end = 0, len(raw)
    while at < end:
        code, kind = raw[at], raw[at + 2 : at + 3]
        if raw[at + 1] != 1 or code not in _FIELDS:
            return None
        if kind in {b"s", b"o"}:
            text, at = read_text(raw, at + 4)
        elif kind == b"g":
            size = raw[at + 4]
            text, at = raw[at + 5 : at + 5 + size].decode(), at + 6 + size
        else:
            return None
        fields[_FIELDS[code]] = text
        at += -at % 8
    return fields


def read_body(raw: bytes, head: Head) -> list[Any] | None:
    """Return the values of a message's body; None when they are left to txdbus.

    An answer that is the same as the last one of its types gives the same values: nobody may change them.
    """
    signature = head.fields.get("signature")
    if signature is None:
        return []
    types = types_of(signature)
    if types is None:
        return None
    if head.kind != RETURN or len(raw) > _MOST_KEPT:
        return _read(raw, head, types)
    body = raw[head.body :]
    before, values = _answered.get(signature, (b"", None))
    if body != before:
        values = _read(raw, head, types)
        if len(_answered) >= MOST:
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
    except (Unknown, IndexError, StructError, UnicodeDecodeError):
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
    types = types_of(signature)
    if types is None or len(types) != len(values):
        return None
    try:
        for (_, put), value in zip(types, values, strict=True):
            put(body, value)
    except (Unknown, OverflowError, UnicodeEncodeError, AttributeError, TypeError, ValueError):
        return None  # values that do not fit: txdbus says so
    written = bytes(body)
    if len(written) <= _MOST_KEPT and isinstance(values, tuple):
        _written[signature] = values, written
    return written


_written: dict[str, tuple[tuple[Any, ...], bytes]] = {}
"""The last body of each signature, and what it was written of: nobody changes that."""


@lru_cache(MOST)
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
                write_text(made, text)
    return bytes(made)
