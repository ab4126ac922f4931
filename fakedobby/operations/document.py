"""The OpenAPI document, read: which operations there are, where, and what they take (no I/O but its own file)."""

import json
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import unquote

from fakedobby.errors import BadInput

BASE = "/emulator"


class Operation(NamedTuple):
    """One operation of the document."""

    id: str
    verb: str
    segments: tuple[str, ...]
    """Of its path; those in braces stand for what a request names."""
    query: dict[str, dict[str, Any]]
    """The schemas of its query parameters."""
    body: dict[str, Any] | None
    """The schema of its body; None when it takes none."""
    status: int
    """Of its answer when all goes well."""
    media: str | None
    """What its answer is; None when it has none."""

    @property
    def safe(self) -> bool:
        """Whether it changes nothing."""
        return self.verb == "GET"

    @property
    def names(self) -> list[str]:
        """What its path names."""
        return [segment[1:-1] for segment in self.segments if _is_name(segment)]


@cache
def text() -> bytes:
    """Return the document as it is served."""
    return files(__package__).joinpath("openapi.json").read_bytes()


@cache
def document() -> dict[str, Any]:
    """Return the document."""
    return dict(json.loads(text()))


@cache
def operations() -> dict[str, Operation]:
    """Return all operations by their ids."""
    found = {}
    for path, verbs in document()["paths"].items():
        for verb, entry in verbs.items():
            found[entry["operationId"]] = _operation(path, verb, entry)
    return found


def _operation(path: str, verb: str, entry: dict[str, Any]) -> Operation:
    parameters = [_resolved(one) for one in entry.get("parameters", ())]
    body = entry.get("requestBody")
    status = next(code for code in entry["responses"] if code.startswith("2"))
    return Operation(
        entry["operationId"],
        verb.upper(),
        tuple(path.strip("/").split("/")),
        {one["name"]: one["schema"] for one in parameters if one["in"] == "query"},
        None if body is None else body["content"]["application/json"]["schema"],
        int(status),
        next(iter(_resolved(entry["responses"][status]).get("content", ())), None),
    )


def _resolved(entry: dict[str, Any]) -> dict[str, Any]:
    node: Any = entry
    if "$ref" in node:
        name = node["$ref"].removeprefix("#/")
        node = document()
        for step in name.split("/"):
            node = node[step]
    return dict(node)


def at(path: str) -> tuple[dict[str, Operation], dict[str, str]]:
    """Return the operations at a path below /emulator, by their verbs, and what the path names; none is possible."""
    given = path.removeprefix("/").split("/")
    for segments in dict.fromkeys(one.segments for one in operations().values()):
        if len(segments) != len(given):
            continue
        pairs = list(zip(segments, given, strict=True))
        if all(_is_name(segment) or segment == part for segment, part in pairs):
            names = {segment[1:-1]: unquote(part) for segment, part in pairs if _is_name(segment)}
            return {one.verb: one for one in operations().values() if one.segments == segments}, names
    return {}, {}


def _is_name(segment: str) -> bool:
    return segment.startswith("{")


_NO_BODY = {"type": "object", "additionalProperties": False}


def check_body(operation: Operation, body: Any) -> None:
    """Raise BadInput when a body is not what the operation takes; one that takes none takes {}."""
    _check(f"body {operation.id}", operation.body or _NO_BODY, body)


def check_query(operation: Operation, name: str, value: Any) -> None:
    """Raise BadInput when there is no such query parameter, or it has a bad value."""
    if name not in operation.query:
        known = ", ".join(operation.query)
        told = f"; these there are: {known}" if known else " here"
        raise BadInput(where=name, problem=f"there is no query parameter {name!r}{told}")
    _check(f"query {operation.id} {name}", operation.query[name], value, name)


_validators: dict[str, Any] = {}


def _check(key: str, schema: dict[str, Any], value: Any, name: str | None = None) -> None:
    # loaded with the first value that is to be judged: most emulators never see one
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    validator = _validators.get(key)
    if validator is None:
        whole = {"components": document()["components"], "allOf": [schema]}
        validator = _validators[key] = Draft202012Validator(whole)
    error = best_match(validator.iter_errors(value))
    if error is not None:
        raise BadInput(where=name or error.json_path, problem=_said(error))


_LONGEST = 300


def _said(error: Any) -> str:
    """Return what is wrong, however large the value is."""
    message = str(error.message)
    return message if len(message) <= _LONGEST else f"{message[:_LONGEST]}..."
