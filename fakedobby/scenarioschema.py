"""Holds scenarios against their JSON Schema, and says in a phrase what was expected (no I/O but reading the schema)."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from fakedobby.tomllines import Path

_LONGEST = 60


class Complaint(NamedTuple):
    """What is wrong with a value, and the path of the value that it is about."""

    path: Path
    reason: str


def schema() -> dict[str, Any]:
    """Return the JSON Schema of scenarios."""
    text = files(__package__).joinpath("scenario.schema.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]  # it is an object


def complaints(document: Mapping[str, Any], definition: str = "") -> Iterator[Complaint]:
    """Give what is wrong with a document; `definition` names a part of the schema, such as `program`."""
    for error in _validator(definition).iter_errors(document):
        yield from _understood(error)


@cache
def _validator(definition: str) -> Any:
    # loading it takes longer than a start without a scenario
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    whole = schema()
    return Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": whole["$defs"]} if definition else whole)


def _understood(error: Any) -> Iterator[Complaint]:
    path = tuple(error.absolute_path)
    properties = error.schema.get("properties", {})
    match error.validator:
        case "additionalProperties":
            known = ", ".join(sorted(properties))
            for key in error.instance:
                if key not in properties:
                    yield Complaint((*path, key), f"there is no such key; these there are: {known}")
        case "required":
            for key in error.validator_value:
                if key not in error.instance and not properties.get(key):
                    yield Complaint(path, f"the key {key!r} is missing")
                elif key not in error.instance:
                    yield Complaint(path, f"the key {key!r} is missing: {properties[key]['title']} expected")
        case "oneOf" | "anyOf" | "not":  # what goes together in a table
            yield Complaint(path, f"{error.schema['title']} expected")
        case _:
            yield Complaint(path, f"{error.schema['title']} expected, not {shown(error.instance)}")


def shown(value: Any) -> str:
    """Return a value as a message shows it: as the file has it, and not too long."""
    if isinstance(value, (dict, list)) and value:
        return "a table" if isinstance(value, dict) else "an array"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
