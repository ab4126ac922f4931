"""JSON text taken apart one level at a time, and written as Thunder writes it.

Thunder keeps what it does not look into as text: a number keeps its spelling (100.0, 1e10, 18446744073709551615) and a
nested object its layout. So a value here is a `Raw`, the JSON text of one value, and decoding happens where a plugin
asks for it. The standard library's scanner finds the ends of the values, so every member costs one pass in C.

Source of the rules: facts/thunder.md A.4 and D.1.
"""

import json
import re
from typing import Any

Raw = str
"""The JSON text of one value, without blanks around it."""

Members = dict[str, Raw]
"""An object's members in their order; of a name that comes twice, the last value counts."""

MAX_DEPTH = 31
"""How deep Thunder lets objects and arrays nest in a value (facts/thunder.md A.4)."""


_BLANKS = " \t\n\r"


class NotJSON(ValueError):
    """The text can't be read; the argument says where and why."""


def _no_constant(name: str) -> None:
    raise NotJSON(f"{name} is no JSON value")


_decoder: Any = json.JSONDecoder(parse_constant=_no_constant, parse_int=str, parse_float=str)
_scan_value = _decoder.scan_once
_skip_blanks = re.compile(r"[ \t\n\r]*").match
# the unrolled form of a string keeps no state for each character, so that megabytes cost no memory
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_BLANKS_OR_STRING = re.compile(_STRING + r"|[ \t\n\r]+", re.DOTALL)
_BRACKETS_OR_STRING = re.compile(_STRING + r"|[\[\]{}]", re.DOTALL)
_NUMBER_LIKE = re.compile(r"-?[0-9][0-9A-Za-z.+-]*").match


def split_object(text: str, loose: str = "") -> tuple[Members, int]:
    """Return the members of the object that `text` begins with, and where it ends; raises NotJSON.

    What stands behind the object is the caller's business: Thunder ignores it in requests and refuses it elsewhere. The
    value of the member `loose` may be any letters and digits behind a digit: Thunder reads 12abc as an id.
    """
    at = _after_blanks(text, 0)
    if text[at : at + 1] != "{":
        raise NotJSON(f"an object begins with {{, here stands {text[at : at + 20]!r}")
    members: Members = {}
    at = _after_blanks(text, at + 1)
    if text[at : at + 1] == "}":
        return members, at + 1
    while True:
        if text[at : at + 1] != '"':
            raise NotJSON(f'a member name in " is missing at character {at}')
        name, at = _value(text, at)
        at = _after_blanks(text, at)
        if text[at : at + 1] != ":":
            raise NotJSON(f"a colon is missing at character {at}")
        start = _after_blanks(text, at + 1)
        odd = _NUMBER_LIKE(text, start) if name == loose else None
        at = odd.end() if odd else _value(text, start)[1]
        members[name] = text[start:at]
        at = _after_blanks(text, at)
        mark = text[at : at + 1]
        if mark == "}":
            return members, at + 1
        if mark != ",":
            raise NotJSON(f"a comma or a closing brace is missing at character {at}")
        at = _after_blanks(text, at + 1)


def kind_of(text: str) -> str:
    """Return the first character of a text that is one JSON value; raises NotJSON."""
    start = _after_blanks(text, 0)
    _, end = _value(text, start)
    if text[end:].strip(_BLANKS):
        raise NotJSON(f"something follows the value: {text[end : end + 20]!r}")
    return text[start]


def members_of(raw: Raw) -> Members:
    """Return the members of an object that is all of `raw`, no members for null; raises NotJSON."""
    if raw.strip(_BLANKS) == "null":
        return {}
    members, end = split_object(raw)
    if raw[end:].strip(_BLANKS):
        raise NotJSON(f"something follows the object: {raw[end : end + 20]!r}")
    return members


def compact(raw: Raw) -> Raw:
    """Return a value without the blanks outside its strings."""
    return _BLANKS_OR_STRING.sub(lambda found: found[0] if found[0][0] == '"' else "", raw)


def depth_of(raw: Raw) -> int:
    """Return how deep objects and arrays nest in a value; 0 for a scalar."""
    if raw.count("{") + raw.count("[") <= 1:
        return 1 if raw[:1] in ("{", "[") else 0
    depth = deepest = 0
    for found in _BRACKETS_OR_STRING.finditer(raw):
        mark = found[0]
        if mark in ("{", "["):
            depth += 1
            deepest = max(deepest, depth)
        elif mark in ("}", "]"):
            depth -= 1
    return deepest


def is_string(raw: Raw) -> bool:
    """Tell whether a value is a JSON string."""
    return raw[:1] == '"'


def decode_string(raw: Raw) -> str:
    r"""Return what a JSON string says: cut at \u0000, without lone surrogates, as it reaches a plugin."""
    text = str(json.loads(raw))
    return text.partition("\0")[0].encode("utf-8", "ignore").decode("utf-8")


def text_of(raw: Raw) -> str:
    """Return the text that Thunder makes of any value: a string's content, "" for null, else the JSON text itself."""
    if is_string(raw):
        return decode_string(raw)
    return "" if raw == "null" else raw


_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_NEEDS_ESCAPE = re.compile(r'[^\x20-\x7e]|["\\/]')


def quote(text: str) -> Raw:
    r"""Return `text` as Thunder writes strings: ASCII only, `/` as `\/`, everything else as upper-case `\uXXXX`."""
    return f'"{_NEEDS_ESCAPE.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if short := _SHORT_ESCAPES.get(character):
        return short
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i] << 8 | units[i + 1]:04X}" for i in range(0, len(units), 2))


def write_object(members: Members) -> Raw:
    """Return an object of raw members, names escaped and nothing between them."""
    return "{" + ",".join([f"{quote(name)}:{raw}" for name, raw in members.items()]) + "}"


def rewrite_object(members: Members) -> Raw:
    """Return an object as Thunder writes it back: its own strings escaped anew, everything else as it came."""
    return write_object({name: quote(decode_string(raw)) if is_string(raw) else raw for name, raw in members.items()})


def _after_blanks(text: str, at: int) -> int:
    found = _skip_blanks(text, at)
    return found.end() if found else at  # the pattern matches everywhere; mypy can't know


def _value(text: str, at: int) -> tuple[str, int]:
    try:
        value, end = _scan_value(text, at)
    except StopIteration:
        raise NotJSON(f"a value is missing at character {at}: {text[at : at + 20]!r}") from None
    except RecursionError:
        raise NotJSON("it is nested too deep") from None
    except json.JSONDecodeError as problem:
        raise NotJSON(f"{problem.msg} at character {problem.pos}") from None
    return value, end
