"""Judges answers and events: strict JSON, the JSON-RPC envelope, and results by the schemas of the specification."""

import json
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from conformance import anyjson
from conformance.spec import Method, Parameter, Specification
from conformance.verdict import Finding

_CUT = 120
"""How many characters of a value a finding shows."""
_MOST = 1000
"""How many violations of a schema are looked at: an answer may be nothing else for megabytes."""
_PLAIN_IDS = range(2**32)
ANY_ID = object()
"""In place of the id of a request whose id cannot be known."""
REAL, SCRIPTED = "real", "scripted"
"""Who stands behind the plugin: a Dobby that keeps containers, or one that says whatever it was told to say."""
_PASSED_ON = {"getContainerInfo": frozenset({"info"})}
"""The members of results that the plugin passes on as Dobby gave them."""
STARTS = ("startContainer", "startContainerFromDobbySpec")


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
        value = anyjson.load(text, object_pairs_hook=_unique, parse_constant=no_constant)
        if "\\u" in text:
            _whole(value)
    except RecursionError:
        raise NotStrict("it is nested too deeply to be read") from None
    return value


class Judge:
    """The judge of one profile's answers; it makes no I/O.

    With a ``dobby`` that is "scripted", what the plugin only passes on is no fault of the target's: what stands in an
    info, and whether a start succeeds. Types, members and envelopes are judged as ever.
    """

    def __init__(self, specification: Specification, *, dobby: str = REAL) -> None:
        self.spec = specification
        self.dobby = dobby

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
        known = asked is not ANY_ID and isinstance(message, dict) and "id" in message
        if known and not same(message["id"], asked):
            plain = isinstance(asked, int) and not isinstance(asked, bool) and asked in _PLAIN_IDS
            clause = "envelope.id" if plain else "envelope.id-any"
            findings.append(Finding(clause, "$.id", text(asked), text(message["id"])))
        return Judgement(message if isinstance(message, dict) else {}, findings)

    def result(self, method: str, value: Any, *, musts: bool = False) -> list[Finding]:
        """Judge the result of a call of ``method`` that has to succeed; with ``musts`` by what it has to be alone."""
        known = self.spec.methods[method]
        found = self._by_schema(known.result, value, "$.result", known.group, self._open(method))
        found += self._each_once(method, value)
        return [one for one in found if self.spec.clauses[one.clause].level == "MUST"] if musts else found

    def outcome(self, method: str, params: dict[str, Any], answer: Judgement) -> list[Finding]:
        """Judge an answer of ``method`` of which only the params are known: it may succeed or be refused.

        What is said of the envelope is not repeated.
        """
        if not answer.message.keys() & {"result", "error"}:
            return []
        known = self.spec.methods[method]
        if answer.refused or (answer.error is not None and "result" not in answer.message):
            return self.refusal(method, answer.message) if f"{known.group}.refusal" in self.spec.clauses else []
        result = answer.message.get("result")
        return self.result(method, result) + self._repeated(method, params, result) + self.accepted(known, params)

    def proper(self, method: str, params: dict[str, Any]) -> bool:
        """Tell whether params are as the specification wants them."""
        return not any(self._fault(parameter, params) for parameter in self.spec.methods[method].params)

    @staticmethod
    def _repeated(method: str, params: dict[str, Any], result: Any) -> list[Finding]:
        """Make sure that a result which repeats the container's id repeats the one that was given."""
        given = params.get("containerId")
        if not isinstance(result, dict) or "containerId" not in result or not isinstance(given, str):
            return []
        if result["containerId"] == given:
            return []
        return [Finding(f"{method}.containerId", "$.result.containerId", text(given), text(result["containerId"]))]

    def accepted(self, method: Method, params: dict[str, Any]) -> list[Finding]:
        """Judge that a call with these params was not refused: what is demanded must not be missing or odd."""
        if self.dobby == SCRIPTED and method.name in STARTS:
            return []
        found = []
        for parameter in method.params:
            fault = self._fault(parameter, params)
            clause = self.spec.clauses.get(f"{parameter.clause}.{fault}")
            if clause is not None and clause.level != "MAY":
                got = text(params[parameter.name]) if parameter.name in params else f"no {parameter.name}"
                found.append(Finding(clause.id, "$", f"an error, or a success that is false, for {got}", "a success"))
        return found

    def _fault(self, parameter: Parameter, params: dict[str, Any]) -> str:
        """Return what is wrong with a parameter: "missing", "type", "empty", or "" for nothing."""
        if parameter.name not in params:
            return "missing" if parameter.required else ""
        value = params[parameter.name]
        if isinstance(value, str) and value and f"{parameter.clause}.string" in self.spec.clauses:
            return ""
        if not Draft202012Validator(parameter.schema).is_valid(value):
            return "type"
        return "empty" if value == "" and parameter.required else ""

    def _open(self, method: str) -> frozenset[str]:
        """Return the members of a result whose content is Dobby's alone."""
        return _PASSED_ON.get(method, frozenset()) if self.dobby == SCRIPTED else frozenset()

    def _each_once(self, method: str, value: Any) -> list[Finding]:
        """Make sure that no container is listed twice."""
        if method != "listContainers" or self.dobby == SCRIPTED or not isinstance(value, dict):
            return []
        containers = value.get("containers")
        entries = containers if isinstance(containers, list) else []
        ids = [str(entry.get("Id")) for entry in entries if isinstance(entry, dict)]
        if len(set(ids)) == len(ids):
            return []
        path = "$.result.containers[*].Id"
        return [Finding("listContainers.containers", path, text(sorted(set(ids))), text(sorted(ids)))]

    def refusal(self, method: str, message: dict[str, Any]) -> list[Finding]:
        """Judge an answer of ``method`` that has to say that the call failed.

        Either form is good, an error or a success that is false; the other generation's form breaks a SHOULD.
        """
        group = self.spec.methods[method].group
        findings = [] if "error" in message else self._by_schema("refusal", message.get("result"), "$.result", group)
        return findings or self._by_schema("failureForm", message, "$", group)

    def event(self, name: str, message: dict[str, Any]) -> list[Finding]:
        """Judge the message of an event."""
        findings = self.notification(message) or self._by_schema(
            self.spec.events[name].params, message.get("params"), "$.params", name
        )
        return findings if findings or self.dobby == SCRIPTED else self._one_name(name, message["params"])

    def notification(self, message: dict[str, Any]) -> list[Finding]:
        """Judge the message of any event, whatever plugin it comes from."""
        return self._by_schema("event", message, "$", "")

    @staticmethod
    def _one_name(event: str, params: dict[str, Any]) -> list[Finding]:
        """Make sure that an event names one container, where it has both its id and its name."""
        container = params.get("containerId")
        if container is None or "name" not in params or params["name"] == container:
            return []
        return [Finding(f"{event}.name", "$.params.name", text(container), text(params["name"]))]

    def strictness(self, message: bytes | str) -> list[Finding]:
        """Judge whether a message is one strict JSON text."""
        try:
            strict_json(message)
        except ValueError as error:
            return [Finding("envelope.json", "$", "one strict JSON text", f"{shown(message)} ({error})")]
        return []

    def _by_schema(
        self, definition: str, value: Any, root: str, group: str, unjudged: frozenset[str] = frozenset()
    ) -> list[Finding]:
        """Return a finding for each violation of one entry of the schemas, but for what is within ``unjudged``."""
        found: dict[Finding, None] = {}
        for error in islice(self.spec.validator(definition).iter_errors(value), _MOST):
            if unjudged.intersection(map(str, list(error.absolute_path)[:1])):
                continue
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
        numbers = Counter(name for name, _ in pairs)
        twice = next(name for name, number in numbers.items() if number > 1)
        raise NotStrict(f"it has the member {text(twice)} twice in one object")
    return members


def no_constant(name: str) -> None:
    """Refuse NaN and Infinity, which JSON does not know."""
    raise NotStrict(f"{name} is no JSON value")


def _whole(value: Any) -> None:
    """Refuse lone surrogates, which are no characters."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise NotStrict(f"it has the lone surrogate \\u{ord(error.object[error.start]):04X}") from None
