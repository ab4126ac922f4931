"""Holds scenarios against their JSON Schema, and says in a phrase what was expected (no I/O but reading the schema)."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from fakedobby.schemasentences import Complaint, understood


def schema() -> dict[str, Any]:
    """Return the JSON Schema of scenarios."""
    text = files(__package__).joinpath("scenario.schema.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]  # it is an object


def complaints(document: Mapping[str, Any], definition: str = "") -> Iterator[Complaint]:
    """Give what is wrong with a document; `definition` names a part of the schema, such as `program`."""
    for error in _validator(definition).iter_errors(document):
        yield from understood(error)


@cache
def _validator(definition: str) -> Any:
    # loading it takes longer than a start without a scenario
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    whole = schema()
    return Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": whole["$defs"]} if definition else whole)
