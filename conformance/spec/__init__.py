"""The specification as data: one OpenRPC document a profile, the clause table, and how both are looked into."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator

PROFILES = ("rdkservices", "entservices")
PROFILE = PROFILES[0]
"""The profile of callers that name none."""
STANDARDS = ("JSON-RPC 2.0", "RFC 6455", "RFC 9110")
OBSERVED = "observed"
DOCUMENTED_ID = "SleepTest"
"""The container id in the documented commands."""
BUNDLE_PLACEHOLDER = "[-INSERT BUNDLE PATH-]"
"""What stands in the documented commands for the path of a bundle."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One requirement: ``level`` is MUST, SHOULD or MAY.

    ``source`` is a heading of the profile's documentation, one of STANDARDS, or "observed".
    """

    id: str
    level: str
    requirement: str
    source: str
    profiles: tuple[str, ...] = PROFILES


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a method, known by name; ``schema`` is the JSON Schema of its value, with references resolved."""

    name: str
    required: bool
    schema: dict[str, Any]
    description: str
    clause: str

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types that the documentation allows for the value."""
        allowed = self.schema["type"]
        return (allowed,) if isinstance(allowed, str) else tuple(allowed)


@dataclass(frozen=True, slots=True)
class Error:
    """A documented error object of a method, and the clause that it is about."""

    code: int
    message: str
    clause: str


@dataclass(frozen=True, slots=True)
class Example:
    """A documented call: its params by name ({} when the method has none), and the result."""

    name: str
    params: dict[str, Any]
    result: Any


@dataclass(frozen=True, slots=True)
class Method:
    """A method: ``group`` is the first part of its clause ids, ``result`` a schema name.

    ``refusal`` is the result of a call that is refused, None where there is none.
    """

    name: str
    group: str
    summary: str
    description: str
    params: tuple[Parameter, ...]
    result: str
    errors: tuple[Error, ...]
    refusal: dict[str, Any] | None
    examples: tuple[Example, ...]
    events: tuple[str, ...]

    @property
    def example(self) -> Example:
        """The documented call."""
        return self.examples[0]


@dataclass(frozen=True, slots=True)
class Event:
    """An event: ``params`` is a schema name, ``example`` the params of one."""

    name: str
    description: str
    params: str
    example: dict[str, Any]
    clause: str


class Specification:
    """The specification of one profile; made by ``load``."""

    def __init__(self, profile: str, document: dict[str, Any], clauses: dict[str, Clause]) -> None:
        self.profile = profile
        self.document = document
        self.clauses = clauses
        self.schemas: dict[str, Any] = document["components"]["schemas"]
        self.callsign: str = document["x-callsign"]
        """As the documented commands have it."""
        self.states: tuple[str, ...] = tuple(self.schemas["stateNames"]["enum"])
        """The documented names of states, in the recommended spelling."""
        self.failure_form = "error" if "error" in self.schemas["failureForm"]["required"] else "success"
        """How this profile says that a call failed: by an "error" object, or by a result with "success" false."""
        self.methods = {entry["name"]: self._method(entry) for entry in document["methods"]}
        self.events = {
            entry["name"]: Event(
                entry["name"],
                entry["description"],
                _reference(entry["params"]),
                entry["example"],
                self.clause_id(entry["x-clause"], entry["name"]),
            )
            for entry in document["x-events"]
        }
        self._validators: dict[str, Draft202012Validator] = {}

    def validator(self, name: str) -> Draft202012Validator:
        """Return the kept validator of a schema: a method's result and an event's params are named like them."""
        if name not in self._validators:
            root = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": self.schemas}}
            self._validators[name] = Draft202012Validator(root)
        return self._validators[name]

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return what ``schema`` refers to, or itself."""
        while "$ref" in schema:
            schema = self.schemas[_reference(schema)]
        return schema

    def dobby_spec(self) -> dict[str, Any]:
        """Return a copy of the documented Dobby spec."""
        given = self.methods["startContainerFromDobbySpec"].example.params["dobbySpec"]
        copy: dict[str, Any] = json.loads(given if isinstance(given, str) else json.dumps(given))
        return copy

    def clause_id(self, annotation: str, group: str) -> str:
        """Return the clause id that an ``x-clause`` means in a method or event."""
        return group + annotation if annotation.startswith(".") else annotation

    def body(self, method: str) -> str:
        """Return the documented request for ``method``: JSON text in one line."""
        params = self.methods[method].example.params
        request = {"jsonrpc": "2.0", "id": 3, "method": f"{self.callsign}.{method}"} | (
            {"params": params} if params else {}
        )
        return json.dumps(request)

    def elements(self) -> list[tuple[str, str]]:
        """Return all that the documents describe, each with the clause that a case about it cites, in their order.

        An element is a method, a parameter (given, missing, of another type, empty), a member of a result, a
        documented error, a refusal, an event, or a member of an event's params.
        """
        return list(dict.fromkeys(self._elements()))

    def _elements(self) -> Iterator[tuple[str, str]]:
        for method in self.methods.values():
            yield method.name, f"{method.group}.{method.name if method.group == 'events' else 'success'}"
            for parameter in method.params:
                yield f"{method.name} param {parameter.name}", parameter.clause
                for fault in ("missing", "type", "empty"):
                    if f"{parameter.clause}.{fault}" in self.clauses:
                        yield f"{method.name} param {parameter.name} {fault}", f"{parameter.clause}.{fault}"
            for path, clause in self.annotations(method.result, method.group):
                yield f"{method.name} result {path}", clause
            for error in method.errors:
                yield f"{method.name} error {error.code}", error.clause
            if method.errors or method.refusal:
                yield f"{method.name} refusal", f"{method.group}.refusal"
                yield f"{method.name} refusal form", f"{method.group}.failure-form"
        for event in self.events.values():
            yield event.name, event.clause
            for path, clause in self.annotations(event.params, event.name):
                yield f"{event.name} params {path}", clause

    def annotations(self, name: str, group: str) -> Iterator[tuple[str, str]]:
        """Yield (JSON path, clause id) of every clause that the schema ``name`` names, seen from ``group``."""
        yield from self._annotations(self.schemas[name], "$", group)

    def _annotations(self, schema: dict[str, Any], path: str, group: str) -> Iterator[tuple[str, str]]:
        schema = self.resolved(schema)
        if "x-clause" in schema:
            yield path, self.clause_id(schema["x-clause"], group)
        for name, member in schema.get("properties", {}).items():
            yield from self._annotations(member, f"{path}.{name}", group)
        for part in (*schema.get("allOf", ()), *(schema[key] for key in ("propertyNames", "then") if key in schema)):
            yield from self._annotations(part, path, group)
        if "items" in schema:
            yield from self._annotations(schema["items"], f"{path}[*]", group)

    def _method(self, entry: dict[str, Any]) -> Method:
        group = entry["x-group"]
        errors = [self.document["components"]["errors"][_reference(error)] for error in entry.get("errors", ())]
        return Method(
            entry["name"],
            group,
            entry["summary"],
            entry["description"],
            tuple(
                Parameter(
                    parameter["name"],
                    parameter["required"],
                    self.resolved(parameter["schema"]),
                    parameter["description"],
                    self.clause_id(parameter["x-clause"], group),
                )
                for parameter in entry["params"]
            ),
            _reference(entry["result"]["schema"]),
            tuple(Error(error["code"], error["message"], f"{group}.failure-form") for error in errors),
            entry.get("x-refusal"),
            tuple(
                Example(
                    example["name"],
                    {parameter["name"]: parameter["value"] for parameter in example["params"]},
                    example["result"]["value"],
                )
                for example in entry["examples"]
            ),
            tuple(entry["x-events"]),
        )


@cache
def load(profile: str) -> Specification:
    """Return the specification of ``profile``; raises KeyError for a profile that does not exist."""
    if profile not in PROFILES:
        raise KeyError(profile)
    document = json.loads(text(f"{profile}.openrpc.json"))
    return Specification(
        profile, document, {name: clause for name, clause in clauses(profile).items() if profile in clause.profiles}
    )


@cache
def clauses(profile: str = PROFILE) -> dict[str, Clause]:
    """Return all clauses by id, those of other profiles too; where profiles differ, as ``profile`` has them."""
    return {name: _clause(name, entry, profile) for name, entry in tomllib.loads(text("clauses.toml")).items()}


def documented(profile: str = PROFILE) -> dict[str, str]:
    """Return the bodies of the documented commands by the name of the method that they call."""
    specification = load(profile)
    return {
        name: specification.body(name) for name, method in specification.methods.items() if method.group != "events"
    }


def text(name: str) -> str:
    """Return a file of this package."""
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")


def _clause(name: str, entry: dict[str, Any], profile: str) -> Clause:
    """Return a clause as ``profile`` has it: a table named like a profile says what is different there."""
    fields = {key: value for key, value in entry.items() if key not in PROFILES} | entry.get(profile, {})
    if profile == "entservices" and fields["source"] not in (*STANDARDS, OBSERVED):
        fields["source"] = f"OCIContainer.md: {fields['source']}"
    return Clause(name, **fields | {"profiles": tuple(fields.get("profiles", PROFILES))})


def _reference(schema: dict[str, Any]) -> str:
    """Return the last part of a reference."""
    target: str = schema["$ref"]
    return target.rpartition("/")[2]
