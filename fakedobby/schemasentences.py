"""Says in a phrase what a JSON Schema expected of a value (no I/O).

The words are those of TOML, in which a member is a key and an object is a table; in_json() says the same of JSON.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

_LONGEST = 60

Path = tuple[str | int, ...]


class Complaint(NamedTuple):
    """What is wrong with a value, and the path of the value that it is about."""

    path: Path
    reason: str


def understood(error: Any) -> Iterator[Complaint]:
    """Give what an error of jsonschema's says."""
    path = tuple(error.absolute_path)
    properties = error.schema.get("properties", {})
    match error.validator:
        case "additionalProperties" if properties:
            known = ", ".join(sorted(properties))
            for key in error.instance:
                if key not in properties:
                    yield Complaint((*path, key), f"there is no such key; these there are: {known}")
        case "additionalProperties":
            for key in error.instance:
                yield Complaint((*path, key), "there is no such key; none is taken here")
        case "required":
            for key in error.validator_value:
                if key in error.instance:
                    continue
                schema = properties.get(key, {})
                told = f": {expected(schema)} expected" if schema.keys() & _TELLING else ""
                yield Complaint(path, f"the key {key!r} is missing{told}")
        case "oneOf" | "anyOf" | "not":  # what goes together in a table
            yield Complaint(path, f"{expected(error.schema)} expected")
        case _:
            yield Complaint(path, f"{expected(error.schema)} expected, not {shown(error.instance)}")


def clearest(errors: Iterable[Any]) -> Any:
    """Return the one of jsonschema's errors that tells most; None when there is none.

    That is the one that is least deep, and of several shapes that a value may have, what is wrong with the one that was
    meant, if that is clear.
    """
    error = min(errors, key=lambda one: len(one.absolute_path), default=None)
    while error is not None and error.context:
        meant = _meant(error)
        if meant is None:
            return error
        error = min(meant, key=lambda one: len(one.absolute_path))
    return error


def _meant(error: Any) -> list[Any] | None:
    """Return the errors of the one shape that a value was meant to have: it is of that type, and says what it is."""
    shapes: dict[int, list[Any]] = {}
    for one in error.context:
        shapes.setdefault(one.relative_schema_path[0], []).append(one)
    meant = [
        errors
        for errors in shapes.values()
        if not any(one.validator == "const" or (one.validator in _SHAPES and not one.relative_path) for one in errors)
    ]
    return meant[0] if len(meant) == 1 else None


_SHAPES = {"type", "enum"}
_TELLING = {"title", "type", "enum"}


def expected(schema: Mapping[str, Any]) -> str:
    """Return what a schema expects: its title, or what its rules come to."""
    if "title" in schema:
        return str(schema["title"])
    if "enum" in schema:
        return f"one of {', '.join(map(json.dumps, schema['enum']))}"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    words = " or ".join(_KINDS[kind] for kind in kinds if kind != "null") or "something else"
    if schema.get("minLength") or schema.get("minItems"):
        words += " that is not empty"
    if "minimum" in schema:
        words += f" from {_number(schema['minimum'])}"
    if "maximum" in schema:
        words += f" to {_number(schema['maximum'])}"
    return f"{words} or null" if "null" in kinds else words


_KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a table",
    "array": "an array",
}


def _number(number: float) -> str:
    return str(int(number) if number == int(number) else number)


def in_json(text: str) -> str:
    """Return a complaint in the words of JSON."""
    for ours, theirs in (("a table", "an object"), ("the key ", "the member "), ("no such key", "no such member")):
        text = text.replace(ours, theirs)
    return text


def json_path(path: Path) -> str:
    """Return a path as JSONPath writes it."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def shown(value: Any) -> str:
    """Return a value as a message shows it: as the file has it, and not too long."""
    if isinstance(value, (dict, list)) and value:
        return "a table" if isinstance(value, dict) else "an array"
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
