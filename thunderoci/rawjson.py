"""JSON text taken apart one level at a time, and written as Thunder writes it.

Thunder keeps what it does not look into as text: a number keeps its spelling (100.0, 1e10, 18446744073709551615) and a
nested object its layout. So a value here is a `Raw`, the JSON text of one value, and decoding happens where a plugin
asks for it.

Source of the rules: facts/thunder.md A.4 and D.1.
"""

import json
import re
from typing import Any

from thunderoci.dialect import SANE, Dialect, TextNull
from thunderoci.jsonstrings import NotJSON, Raw, decode_string, is_string, quote
from thunderoci.reader import Members, ObjectReader
from thunderoci.unread import MAX_DEPTH

__all__ = [
    "MAX_DEPTH",
    "Members",
    "NotJSON",
    "Raw",
    "compact",
    "decode_string",
    "is_json",
    "is_string",
    "members_of",
    "option_of",
    "quote",
    "rewrite_object",
    "text_of",
    "write_object",
]

_TEXT_NULL: Raw = '"null"'
_BLANKS = b" \t\n\v\f\r"
# possessive, so that megabytes keep no state for each character
_BLANKS_OR_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?+\Z)|[ \t\n\v\f\r]++', re.DOTALL)


def members_of(raw: Raw, dialect: Dialect = SANE) -> Members:
    """Return the members of an object that is all of `raw`, no members for null; raises NotJSON.

    Nested values keep their layout and are not looked into.
    """
    data = raw.encode("utf-8", "replace")
    reader = ObjectReader(dialect, keeps_layout=True)
    end = reader.feed(data)
    if not reader.done:
        raise NotJSON("it ends before its closing brace")
    if rest := data[end:].strip(_BLANKS):
        raise NotJSON(f"something follows the object: {rest[:20]!r}")
    return reader.members


def compact(raw: Raw) -> Raw:
    """Return a value without the white space outside its strings."""
    return _BLANKS_OR_STRING.sub(lambda found: found[0] if found[0][0] == '"' else "", raw)


def text_of(raw: Raw, dialect: Dialect = SANE) -> str:
    """Return the text that a plugin gets of any value: a string's content, "" for null, else the JSON text itself.

    Where the text "null" is half taken for null, it keeps its quotes.
    """
    if is_string(raw):
        return raw if raw == _TEXT_NULL and dialect.text_null is TextNull.NULL else decode_string(raw)
    return "" if raw == "null" else raw


def option_of(raw: Raw | None, dialect: Dialect = SANE) -> str:
    """Return the text of a parameter that may be absent, "" if it is."""
    if raw is None or (raw == _TEXT_NULL and dialect.text_null is TextNull.ABSENT):
        return ""
    return text_of(raw, dialect)


def write_object(members: Members) -> Raw:
    """Return an object of raw members, names escaped and nothing between them."""
    return "{" + ",".join([f"{quote(name)}:{raw}" for name, raw in members.items()]) + "}"


def rewrite_object(members: Members, dialect: Dialect = SANE) -> Raw:
    """Return an object as Thunder writes it back: its own strings escaped anew, everything else as it came."""
    return write_object({name: _rewritten(raw, dialect) for name, raw in members.items()})


def _rewritten(raw: Raw, dialect: Dialect) -> Raw:
    if not is_string(raw):
        return raw
    if raw == _TEXT_NULL and dialect.text_null is TextNull.NULL:
        return "null"
    return quote(decode_string(raw))


def _no_constant(_name: str) -> Any:
    raise ValueError


# numbers are only to be recognised, not to be computed
_decoder = json.JSONDecoder(parse_constant=_no_constant, parse_int=len, parse_float=len)


def is_json(text: bytes) -> bool:
    """Tell whether a text is one JSON value."""
    try:
        _decoder.decode(text.decode())
    except (RecursionError, ValueError):
        return False
    return True
