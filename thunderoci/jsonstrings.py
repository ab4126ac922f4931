"""JSON strings as Thunder reads and writes them.

Source of the rules: facts/thunder.md A.4.
"""

import json
import re

Raw = str
"""The JSON text of one value, without white space around it."""


class NotJSON(ValueError):
    """The text can't be read; the argument says where and why."""


def is_string(raw: Raw) -> bool:
    """Tell whether a value is a JSON string."""
    return raw[:1] == '"'


def decode_string(raw: Raw) -> str:
    r"""Return what a JSON string says: cut at \u0000, without lone surrogates, as it reaches a plugin."""
    if "\\" not in raw:
        return raw[1:-1]
    text = str(json.loads(raw))
    return text.partition("\0")[0].encode("utf-8", "ignore").decode("utf-8")


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
