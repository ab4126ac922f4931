"""Judges answers and events: strict JSON, the JSON-RPC envelope, and results by the schemas of the specification."""

import json
from dataclasses import dataclass
from typing import Any

from jsonschema.exceptions import ValidationError

from conformance.spec import Specification
from conformance.verdict import Finding

_CUT = 120
"""How many characters of a value a finding shows."""
_PLAIN_IDS = range(2**32)


@dataclass(frozen=True, slots=True)
class Judgement:
    """An answer and all that is wrong with its envelope; ``message`` is {} when the answer is no JSON object."""

    message: dict[str, Any]
    findings: list[Finding]

    @property
    def refused(self) -> bool:
        """Whether the answer says that the call failed: by an error, or by a success that is false."""
        result = self.message.get("result")
        return "error" in self.message or (isinstance(result, dict) and result.get("success") is False)

    @property
    def error(self) -> dict[str, Any] | None:
        """The JSON-RPC error, None when there is none."""
        error = self.message.get("error")
        return error if isinstance(error, dict) else None


class NotStrict(ValueError):
    """JSON text that only a tolerant parser accepts."""


def strict_json(body: bytes | str) -> Any:
    """Return the JSON value in ``body``.

    Raises ValueError for anything that is not one JSON text in UTF-8: RFC 8259, with unique member names and no lone
    surrogates.
    """
    text = body if isinstance(body, str) else body.decode("utf-8")
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        if "\\u" in text:
            _whole(value)
    except RecursionError:
        raise NotStrict("it is nested too deeply to be read") from None
    return value


class Judge:
    """The judge of one profile's answers; it makes no I/O."""

    def __init__(self, specification: Specification) -> None:
        self.spec = specification

    def envelope(self, body: bytes | str, asked: object, *, status: int | None = None) -> Judgement:
        """Judge the JSON-RPC envelope of an answer to the request with the id ``asked``.

        The HTTP status only says more about what is no JSON: devices put errors into odd ones.
        """
        try:
            message = strict_json(body)
        except ValueError as error:
            http = f"HTTP {status} with " if status is not None else ""
            got = f"{http}{shown(body)} ({error})"
            return Judgement({}, [Finding("envelope.json", "$", "one strict JSON text", got)])
        findings = self._by_schema("envelope", message, "$", "")
        if isinstance(message, dict) and "id" in message and not same(message["id"], asked):
            plain = isinstance(asked, int) and not isinstance(asked, bool) and asked in _PLAIN_IDS
            clause = "envelope.id" if plain else "envelope.id-any"
            findings.append(Finding(clause, "$.id", text(asked), text(message["id"])))
        return Judgement(message if isinstance(message, dict) else {}, findings)

    def result(self, method: str, value: Any) -> list[Finding]:
        """Judge the result of a call of ``method`` that has to succeed."""
        known = self.spec.methods[method]
        return self._by_schema(known.result, value, "$.result", known.group)

    def refusal(self, method: str, message: dict[str, Any]) -> list[Finding]:
        """Judge an answer of ``method`` that has to say that the call failed.

        Either form is good, an error or a success that is false; the other generation's form breaks a SHOULD.
        """
        group = self.spec.methods[method].group
        findings = [] if "error" in message else self._by_schema("refusal", message.get("result"), "$.result", group)
        return findings or self._by_schema("failureForm", message, "$", group)

    def event(self, name: str, message: dict[str, Any]) -> list[Finding]:
        """Judge the message of an event."""
        findings = self._by_schema("event", message, "$", name)
        return findings or self._by_schema(self.spec.events[name].params, message.get("params"), "$.params", name)

    def strictness(self, message: bytes | str) -> list[Finding]:
        """Judge whether a message is one strict JSON text."""
        try:
            strict_json(message)
        except ValueError as error:
            return [Finding("envelope.json", "$", "one strict JSON text", f"{shown(message)} ({error})")]
        return []

    def _by_schema(self, definition: str, value: Any, root: str, group: str) -> list[Finding]:
        """Return a finding for each violation of one entry of the schemas."""
        found: dict[Finding, None] = {}
        for error in self.spec.validator(definition).iter_errors(value):
            for finding in self._findings(error, root, group):
                found[finding] = None
        return list(found)

    def _findings(self, error: ValidationError, root: str, group: str) -> list[Finding]:
        """Return what one violation means; a missing member breaks the clause of that member."""
        path = root + error.json_path[1:]
        if error.validator != "required":
            return [Finding(_clause(error.schema, group), path, _expected(error), text(error.instance))]
        members = error.schema.get("properties", {})
        return [
            Finding(
                _clause(self.spec.resolved(members[name]) if name in members else error.schema, group),
                path,
                f'a member "{name}"',
                f"the members {text(list(error.instance))}" if error.instance else "no members",
            )
            for name in error.validator_value
            if name not in error.instance
        ]


def same(left: object, right: object) -> bool:
    """Tell whether two JSON values are equal in type and value, so that 1, "1", 1.0 and true all differ."""
    return type(left) is type(right) and left == right


def text(value: object) -> str:
    """Return a JSON value as findings show it, cut when long."""
    whole = json.dumps(value)
    return whole if len(whole) <= _CUT else f"{whole[:_CUT]}... ({len(whole)} characters)"


def shown(body: bytes | str) -> str:
    """Return a body as findings show it, cut when long."""
    whole = body if isinstance(body, str) else body.decode("utf-8", "backslashreplace")
    return text(whole) if whole else "an empty body"


def _clause(schema: dict[str, Any], group: str) -> str:
    """Return the clause that a subschema is annotated with."""
    clause: str = schema["x-clause"]
    return group + clause if clause.startswith(".") else clause


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
            return str(error.schema.get("description", f"{error.validator} {text(value)}"))


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


def _whole(value: Any) -> None:
    """Refuse lone surrogates, which are no characters."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise NotStrict(f"it has the lone surrogate \\u{ord(error.object[error.start]):04X}") from None
