"""JSON values written as Thunder writes them, and one value in a text put in the place of another."""

import json
from typing import Any

from thunderoci.jsonstrings import NotJSON, Raw, quote
from thunderoci.rawjson import members_of, write_object

_decoder = json.JSONDecoder()


def raw_of(value: Any) -> Raw:
    """Return a value of JSON's types as Thunder writes it; raises TypeError or ValueError for what has another type."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{quote(key)}:{raw_of(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(raw_of, value)) + "]"
    return quote(value) if isinstance(value, str) else json.dumps(value, allow_nan=False)


def replaced(text: Raw, path: str, value: Raw | None) -> Raw:
    """Return a JSON text with another value at a path, or without what is there when `value` is None.

    A path is the name of a member, or names and numbers of elements with dots between: `containers.0.Id`. All else
    keeps its spelling. A path that leads nowhere changes nothing, but for a new member of an object that is there.
    """
    try:
        return _replaced(text, *path.partition(".")[::2], value)
    except (NotJSON, ValueError):
        return text


def _replaced(text: Raw, step: str, below: str, value: Raw | None) -> Raw:
    if text.startswith("{"):
        members = members_of(text)
        if below:
            members[step] = _replaced(members.get(step, ""), *below.partition(".")[::2], value)
        elif value is None:
            members.pop(step, None)
        else:
            members[step] = value
        return write_object(members)
    if text.startswith("["):
        elements = _elements_of(text)
        number = int(step)
        if not 0 <= number < len(elements):
            raise NotJSON(f"there is no element {number}")
        if below:
            elements[number] = _replaced(elements[number], *below.partition(".")[::2], value)
        else:
            elements[number : number + 1] = [] if value is None else [value]
        return "[" + ",".join(elements) + "]"
    raise NotJSON("it has neither members nor elements")


def _elements_of(text: Raw) -> list[Raw]:
    """Return the elements of an array as they are spelled; raises ValueError."""
    elements: list[Raw] = []
    at = 1
    while (at := _beyond_blanks(text, at)) < len(text) and text[at] != "]":
        _, end = _decoder.raw_decode(text, at)
        elements.append(text[at:end])
        at = _beyond_blanks(text, end)
        if text[at : at + 1] == ",":
            at += 1
    return elements


def _beyond_blanks(text: Raw, at: int) -> int:
    while text[at : at + 1] in {" ", "\t", "\n", "\r"}:
        at += 1
    return at
