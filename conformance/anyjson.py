"""JSON that others wrote, of whatever depth: what is read can be compared, judged and written again."""

import json
from typing import Any

DEEPEST = 200
"""Levels that a text may have; nothing in the specification has more than a few."""


def load(text: str | bytes, **hooks: Any) -> Any:
    """Return the value of a JSON text, by the hooks of ``json.loads``.

    Raises ValueError for what is no JSON, and RecursionError for what is nested too deeply.
    """
    value = json.loads(text, **hooks)
    brackets = text.count("[") + text.count("{") if isinstance(text, str) else text.count(b"[") + text.count(b"{")
    if brackets > DEEPEST and _is_deep(value):
        raise RecursionError(f"it has more than {DEEPEST} levels")
    return value


def _is_deep(value: Any) -> bool:
    """Tell whether a value has too many levels."""
    level = [value]
    for _ in range(DEEPEST):
        level = [part for each in level for part in _parts(each)]
        if not level:
            return False
    return any(isinstance(each, dict | list) for each in level)


def _parts(value: Any) -> Any:
    """Return what is in an object or an array."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
