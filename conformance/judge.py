"""Judges answers: strict JSON, the JSON-RPC envelope, and results by the schema of the specification."""

import json
from dataclasses import dataclass
from typing import Any

from jsonschema.exceptions import ValidationError

from conformance import spec
from conformance.exchange import Exchange
from conformance.verdict import Finding

_CUT = 120
"""How many characters of a value a finding shows."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """An answer and all that is wrong with its envelope; ``message`` is {} when the answer is no JSON object."""

    message: dict[str, Any]
    findings: list[Finding]

    @property
    def refused(self) -> bool:
        """Whether the answer is a JSON-RPC error."""
        return "error" in self.message


class NotStrict(ValueError):
    """JSON text that only a tolerant parser accepts."""


def strict_json(body: bytes) -> Any:
    """Return the JSON value in ``body``.

    Raises ValueError for anything that is not one JSON text in UTF-8: RFC 8259, with unique member names.
    """
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise NotStrict("it is nested too deeply to be read") from None


def envelope(exchange: Exchange) -> Judgement:
    """Judge the JSON-RPC envelope of an answer. The HTTP status is not judged: devices put errors into odd ones."""
    try:
        message = strict_json(exchange.body)
    except ValueError as error:
        got = f"HTTP {exchange.status} with {_shown(exchange.body)} ({error})"
        return Judgement({}, [Finding("envelope.json", "$", "one strict JSON text", got)])
    findings = _by_schema("envelope", message, "$", "")
    asked = exchange.request.message()["id"]
    if isinstance(message, dict) and "id" in message and not same(message["id"], asked):
        findings.append(Finding("envelope.id", "$.id", text(asked), text(message["id"])))
    return Judgement(message if isinstance(message, dict) else {}, findings)


def result(method: str, value: Any) -> list[Finding]:
    """Judge the result of a documented call of ``method`` that has to succeed."""
    return _by_schema(method, value, "$.result", method)


def refusal(method: str, value: Any) -> list[Finding]:
    """Judge a result of ``method`` that has to say that the call failed."""
    return _by_schema("refusal", value, "$.result", method)


def same(left: object, right: object) -> bool:
    """Tell whether two JSON values are equal in type and value, so that 1, "1", 1.0 and true all differ."""
    return type(left) is type(right) and left == right


def text(value: object) -> str:
    """Return a JSON value as findings show it, cut when long."""
    whole = json.dumps(value)
    return whole if len(whole) <= _CUT else f"{whole[:_CUT]}... ({len(whole)} characters)"


def _by_schema(definition: str, value: Any, root: str, method: str) -> list[Finding]:
    """Return a finding for each violation of one entry of the schema."""
    found: dict[Finding, None] = {}
    for error in spec.validator(definition).iter_errors(value):
        for finding in _findings(error, root, method):
            found[finding] = None
    return list(found)


def _findings(error: ValidationError, root: str, method: str) -> list[Finding]:
    """Return what one violation means; a missing member breaks the clause of that member."""
    path = root + error.json_path[1:]
    if error.validator != "required":
        clause = _clause(error.schema, method)
        return [Finding(clause, path, _expected(error), text(error.instance))]
    members = error.schema["properties"]
    return [
        Finding(
            _clause(spec.load(spec.PROFILE).resolved(members[name]), method),
            path,
            f'a member "{name}"',
            f"the members {text(list(error.instance))}" if error.instance else "no members",
        )
        for name in error.validator_value
        if name not in error.instance
    ]


def _clause(schema: dict[str, Any], method: str) -> str:
    """Return the clause that a subschema is annotated with."""
    clause: str = schema["x-clause"]
    return method + clause if clause.startswith(".") else clause


def _expected(error: ValidationError) -> str:
    """Say in words what a keyword of the schema asks for."""
    value = error.validator_value
    match error.validator:
        case "type":
            return " or ".join([value] if isinstance(value, str) else value)
        case "const":
            return text(value)
        case "enum":
            return f"one of {text(value)}"
        case "exclusiveMinimum":
            return f"a number above {value}"
        case _:
            return str(error.schema["description"])


def _shown(body: bytes) -> str:
    """Return a body as findings show it, cut when long."""
    whole = body.decode("utf-8", "backslashreplace")
    return text(whole) if whole else "an empty body"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; raises NotStrict for a member name that comes twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotStrict(f"it has the member {text(twice)} twice in one object")
    return members


def _no_constant(name: str) -> None:
    """Refuse NaN and Infinity, which JSON does not know."""
    raise NotStrict(f"{name} is no JSON value")
