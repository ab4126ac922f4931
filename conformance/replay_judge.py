"""Judges the answer to a documented command: by JSON-RPC, by the specification, and by the documented answer."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from conformance import judge, spec
from conformance.documented import Answer, Documented, called
from conformance.exchange import Exchange
from conformance.judge import Judge
from conformance.shape import Difference, differences
from conformance.verdict import Finding

_METHOD = re.compile(r"org\.rdk\.OCIContainer\.(?:\d+\.)?(?P<name>\w+)")
_WRONG_STATUS = 400


def plugin_method(documented: Documented) -> str:
    """Return the method of org.rdk.OCIContainer that a command calls, without the version; "" for another plugin's."""
    method = called(documented.command.body)
    callsign = urlsplit(documented.command.url).path.partition("/jsonrpc/")[2].strip("/")
    found = _METHOD.fullmatch(f"{callsign}.{method}" if callsign else method)
    return found["name"] if found else ""


def refuses(message: Any) -> bool:
    """Tell whether an answer says that the call failed: by an error, or by a success that is false."""
    if not isinstance(message, dict):
        return False
    result = message.get("result")
    return "error" in message or (isinstance(result, dict) and result.get("success") is False)


def refused(exchange: Exchange) -> bool:
    """Tell whether the answer of an exchange says that the call failed."""
    try:
        return refuses(judge.strict_json(exchange.body))
    except ValueError:
        return False


def assess(exchange: Exchange, documented: Documented, *, profile: str = "", strict: bool = False) -> list[Difference]:
    """Return where an answer differs from what JSON-RPC, the specification and the document want.

    A ``profile`` that the specification does not know leaves that out. ``strict`` lets broken SHOULDs and members that
    are not documented count.
    """
    found: dict[tuple[str, str], Difference] = {}
    for difference in _all(exchange, documented, profile, strict=strict):
        found.setdefault((difference.path, difference.expected), difference)
    return list(found.values())


def _all(exchange: Exchange, documented: Documented, profile: str, *, strict: bool) -> Iterator[Difference]:
    answer = documented.answer
    if answer and answer.problem:
        yield Difference(f"line {answer.line} of the document", "an answer in JSON", answer.problem)
        answer = None
    if not _is_call(exchange.request.body):
        yield from _plain(exchange, answer, strict=strict)
        return
    judges = Judge(
        spec.load(profile if profile in spec.PROFILES else spec.PROFILE)
    )  # what envelopes have to be is the same in all profiles
    judgement = judges.envelope(exchange.body, exchange.request.message()["id"], status=exchange.status)
    yield from (_difference(finding, judges, strict=strict) for finding in judgement.findings)
    message = judgement.message
    if not message.keys() & {"result", "error"}:
        return
    wanted = refuses(answer.value) if answer else False
    where = f"as line {answer.line} documents" if answer else "as nothing else is documented"
    if refuses(message) != wanted:
        yield Difference("$", f"{'a refusal' if wanted else 'a result'}, {where}", judge.text(message))
        return
    if profile in spec.PROFILES:
        findings = _by_specification(judges, plugin_method(documented), message)
        yield from (_difference(finding, judges, strict=strict) for finding in findings)
    if answer:
        yield from _by_document(answer.value, message, strict=strict)


def _by_specification(judges: Judge, method: str, message: dict[str, Any]) -> list[Finding]:
    """Judge the outcome of a method by its schemas, if the profile has the method."""
    if method not in judges.spec.methods:
        return []
    return judges.refusal(method, message) if refuses(message) else judges.result(method, message["result"])


def _by_document(documented: Any, message: dict[str, Any], *, strict: bool) -> Iterator[Difference]:
    """Compare the outcomes; a document may show the whole answer or its result alone."""
    if not (isinstance(documented, dict) and documented.keys() & {"result", "error"}):
        documented = {"result": documented}
    for outcome in documented.keys() & message.keys() & {"result", "error"}:
        yield from differences(documented[outcome], message[outcome], f"$.{outcome}", strict=strict)


def _plain(exchange: Exchange, answer: Answer | None, *, strict: bool) -> Iterator[Difference]:
    """Judge the answer to what is no JSON-RPC call with an id."""
    if exchange.status >= _WRONG_STATUS:
        yield Difference("HTTP", f"a status below {_WRONG_STATUS}", f"{exchange.status} {exchange.reason}")
    elif answer:
        try:
            value = judge.strict_json(exchange.body)
        except ValueError as error:
            yield Difference(
                "$", "one strict JSON text", f"{judge.text(exchange.body.decode(errors='replace'))} ({error})"
            )
        else:
            yield from differences(answer.value, value, strict=strict)


def _is_call(body: bytes) -> bool:
    """Tell whether a body is a JSON-RPC request that asks for an answer."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(message, dict) and message.keys() >= {"method", "id"}


def _difference(finding: Finding, judges: Judge, *, strict: bool) -> Difference:
    must = spec.clauses(judges.spec.profile)[finding.clause].level == "MUST"
    return Difference(finding.path, finding.expected, finding.got, finding.clause, must or strict)
