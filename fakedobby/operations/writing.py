"""JSON of any length, written without holding up the loop."""

import json
from typing import Any

from fakedobby.turns import Work


class Written(str):
    """A value that is JSON text already: thousands of objects that wait to be written cost more than their texts."""

    __slots__ = ()


async def in_json(value: Any, work: Work) -> str:
    """Return the JSON text of a value; each element of a list in an object is a piece of the work."""
    if not isinstance(value, dict):
        return written(value)
    pieces: list[str] = []
    between = "{"
    for name, member in value.items():
        pieces += (between, written(name), ":")
        between = ","
        if not isinstance(member, list):
            pieces.append(written(member))
            continue
        pieces.append("[")
        for number, element in enumerate(member):
            text = element if isinstance(element, Written) else written(element)
            pieces += (",", text) if number else (text,)
            await work.done(len(text))
        pieces.append("]")
    return "".join((*pieces, "}" if pieces else "{}"))


def written(value: Any) -> Written:
    """Return the JSON text of a value."""
    return Written(json.dumps(value, separators=(",", ":"), allow_nan=False))
