"""Values of the journal's entries as JSON can hold them (no I/O)."""

import json
import math
from typing import Any


def _plain(value: Any) -> Any:
    """Return what D-Bus or JSON can hold as JSON can: bytes as a text, no infinity."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, bytes | bytearray):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def decoded(value: Any) -> Any:
    """Return what bytes of JSON text mean, a string where they are no JSON, and other values as JSON can hold them."""
    if not isinstance(value, bytes):
        return _plain(value)
    try:
        return json.loads(value, parse_float=_number, parse_constant=str)
    except (RecursionError, ValueError):
        return value.decode("utf-8", "replace")


def _number(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text
