"""The specification as data: its document, the schemas of its results, and its clauses."""

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator

from conformance.commands import commands
from conformance.curl import CurlCommand

PROFILE = "rdkservices"
CALLSIGN = "org.rdk.OCIContainer.1"
DOCUMENTED_ID = "SleepTest"
"""The container id in the documented commands."""
BUNDLE_PLACEHOLDER = "[-INSERT BUNDLE PATH-]"
"""What stands in the documented commands for the path of a bundle."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One requirement: ``level`` is MUST or SHOULD, ``source`` a heading of the document, a standard, or "observed"."""

    id: str
    level: str
    requirement: str
    source: str


@cache
def clauses() -> dict[str, Clause]:
    """Return all clauses by id."""
    return {name: Clause(name, **entry) for name, entry in tomllib.loads(_text("clauses.toml")).items()}


@cache
def documented() -> dict[str, CurlCommand]:
    """Return the documented curl commands by the name of the method that they call."""
    name = f"{PROFILE}.md"
    found = commands(_text(name), name)
    return {json.loads(command.body)["method"].removeprefix(f"{CALLSIGN}."): command for command in found}


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema document (2020-12): ``$defs`` has the envelope, the refusal, and a result a method."""
    document: dict[str, Any] = json.loads(_text(f"{PROFILE}.schema.json"))
    return document


@cache
def validator(definition: str) -> Draft202012Validator:
    """Return the kept validator of one entry of the schema's ``$defs``."""
    return Draft202012Validator({**schema(), "$ref": f"#/$defs/{definition}"})


def _text(name: str) -> str:
    """Return a file of this package."""
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
