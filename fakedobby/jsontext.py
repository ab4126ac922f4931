"""JSON in and out, with the limits that keep bad input from hurting the daemon."""

import json
import math
import re
from typing import Any, NoReturn

from fakedobby.errors import Refused

LARGEST = 2**20
"""Bytes that a document may have; ours, the real daemon takes whatever fits into memory."""
_LARGEST_WRITTEN = 16 * 2**20
"""Characters that a document may have when it is written with its indentation."""
_DEEPEST = 200
"""Levels that a document may have; ours, jsoncpp stops at 1000."""
# a text that does not end is none: nothing in it is looked at again
_NESTING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


def load_object(text: str | bytes, what: str) -> dict[str, Any]:
    """Return the JSON object in `text`; raise Refused, naming `what`, when it holds anything else.

    Of a key that comes twice the last value counts, as in jsoncpp. NaN, Infinity, numbers beyond a double and lone
    surrogates are no JSON; documents that are too large or too deep for us are refused with that reason.
    """
    if len(text) > LARGEST:
        raise Refused(f"{what} is larger than {LARGEST} bytes, which is all that we read")
    try:
        decoded = text if isinstance(text, str) else text.decode()
        _check_depth(decoded, what)
        value = json.loads(decoded, parse_constant=_no_number, parse_float=_float)
        json.dumps(value, ensure_ascii=False).encode()  # finds lone surrogates
    except RecursionError:
        raise Refused(f"{what} is nested too deep") from None
    except ValueError as problem:
        raise Refused(f"{what} is not JSON: {problem}") from None
    if not isinstance(value, dict):
        raise Refused(f"{what} is not a JSON object")
    return value


def _check_depth(text: str, what: str) -> None:
    depth = 0
    for found in _NESTING.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth > _DEEPEST:
                raise Refused(f"{what} is nested too deep: we read {_DEEPEST} levels")
        elif found[0] in "]}":
            depth -= 1


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is no number that a double holds")
    return number


def compact(value: Any) -> str:
    """Return JSON text as jsoncpp writes it without indentation: no blanks, keys in byte order (facts/dobby.md 1)."""
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: member[0].encode())
        return "{" + ",".join(f"{json.dumps(key)}:{compact(item)}" for key, item in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    if isinstance(value, float):
        text = format(value, ".17g")
        return text if re.search(r"[.e]", text) else text + ".0"
    return json.dumps(value)


def indented(value: Any) -> str:
    """Return JSON text with four spaces a level, as libocispec writes an OCI configuration.

    Raises Refused when that grows too large: what is nested deep is mostly blanks then.
    """
    parts = []
    size = 0
    for part in json.JSONEncoder(indent=4, ensure_ascii=False).iterencode(value):
        size += len(part)
        if size > _LARGEST_WRITTEN:
            raise Refused(f"with its indentation it would have more than {_LARGEST_WRITTEN} characters")
        parts.append(part)
    return "".join(parts)
