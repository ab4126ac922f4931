"""Judges what was recorded, without a target: single HTTP exchanges, WebSocket traffic, and whole sessions.

    judge_exchange(spec.load("rdkservices"), b"POST /jsonrpc HTTP/1.1...", b"HTTP/1.1 200 ...")
    traffic = Traffic(spec.load("rdkservices"))     # what is said on WebSockets
    trace = Trace(spec.load("rdkservices"))         # calls and events over time, with the containers behind them

Each gives a verdict and the breaches that led to it, known quirks named, as a live run does; the judge is the same.

``dobby="scripted"`` is for recordings whose Dobby was told what to say: what stands in an info, and whether a start
succeeds, is not the target's doing then. Of single answers nothing is known of what came before, so both a success and
a refusal can be right; a call without a parameter that is demanded has to be refused.
"""

import re
from collections.abc import Iterable, Sequence

from conformance import quirks, spec
from conformance.asked import Asked, Kind, Place, asked, place
from conformance.judge import ANY_ID, REAL, SCRIPTED, Judge, Judgement, text
from conformance.rawhttp import Answer, Received, answer, header, received
from conformance.spec import Specification
from conformance.verdict import Breach, Finding, Verdict, verdict_of

CLAUSES = frozenset({"http.malformed"})
"""Clauses that only what is recorded can break: the suite's own HTTP client sends nothing that is no HTTP."""
JSONRPC = "/jsonrpc"
_SWITCHED = 101
_REFUSED = 400
"""The first HTTP status that refuses."""
_METHOD_NOT_FOUND, _PARSE_ERROR, _INVALID_REQUEST = -32601, -32700, -32600
_UNREAD = {
    Kind.MALFORMED: ("envelope.parse-error", _PARSE_ERROR),
    Kind.INVALID: ("envelope.invalid-request", _INVALID_REQUEST),
    Kind.BATCH: ("envelope.batch", 0),
}


def judge_exchange(
    specification: Specification,
    request: bytes | Received,
    response: bytes | Answer | None,
    *,
    dobby: str = REAL,
    callsign: str | None = None,
) -> tuple[Verdict, list[Breach]]:
    """Judge one HTTP exchange; the ``response`` is None when nothing was answered."""
    got = received(request) if isinstance(request, bytes) else request
    came = answer(response) if isinstance(response, bytes) else response
    exchanges = Exchanges(Judge(specification, dobby=dobby), callsign or plugin(specification))
    findings = exchanges.findings(got, came)
    said = got.body if not got.problem else request if isinstance(request, bytes) else b""
    breaches = explained(
        specification, findings, readable(said), None if came is None else readable(came.body), dobby=dobby
    )
    return verdict_of(breaches), breaches


def explained(
    specification: Specification,
    findings: Iterable[Finding],
    said: str,
    came: str | None,
    *,
    before: Sequence[str] = (),
    dobby: str = REAL,
) -> list[Breach]:
    """Return breaches with the known quirks behind them; ``before`` was sent earlier on the same WebSocket."""
    return [
        Breach(
            finding,
            spec.clauses(specification.profile)[finding.clause],
            quirk=quirks.explain(finding, said, came, specification.profile, before=before, scripted=dobby == SCRIPTED),
        )
        for finding in dict.fromkeys(findings)
    ]


def plugin(specification: Specification) -> str:
    """Return the callsign of the plugin without a version; documented commands may name one."""
    return re.sub(r"\.\d+\Z", "", specification.callsign)


def readable(data: bytes) -> str:
    """Return bytes as text; those that are no UTF-8 as escapes."""
    return data.decode("utf-8", "backslashreplace")


class Exchanges:
    """What HTTP exchanges have to be, by a ``judge``; the plugin goes by ``callsign``."""

    def __init__(self, judge: Judge, callsign: str) -> None:
        self.judge = judge
        self.callsign = callsign

    def served(self, path: str) -> bool:
        """Tell whether JSON-RPC has to be served at a path."""
        return path in {JSONRPC, f"{JSONRPC}/", f"{JSONRPC}/{self.callsign}", f"{JSONRPC}/{self.callsign}/"}

    def findings(self, request: Received, response: Answer | None) -> list[Finding]:
        """Return what is wrong with an exchange."""
        if response is None:
            return self._silence(request)
        problem = response.problem or response.length_problem(request.verb)
        if problem:
            return [Finding("http.length", "$", "a status line, headers, and a body as long as they say", problem)]
        if self._is_preflight(request):
            return self._preflight(response)
        return self._of_call(request, response) if self._is_call(request, response) else []

    def _of_call(self, request: Received, response: Answer) -> list[Finding]:
        """Return what is wrong with the answer to what should be a JSON-RPC request."""
        about = asked(request.body)
        status = response.status
        if about.kind is Kind.NOTIFICATION:
            return self._notified(response.body)
        if not self.served(request.path) and status is not None and status >= _REFUSED:
            return []
        judgement, findings = self.message(about, request.path, response.body, status)
        return findings + self._status(judgement, status)

    def message(
        self, about: Asked, path: str, body: bytes | str, status: int | None = None
    ) -> tuple[Judgement, list[Finding]]:
        """Judge the answer to a request that was made at ``path``."""
        judge = self.judge
        if about.kind is Kind.NOTIFICATION:
            return Judgement({}, []), self._notified(body)
        if about.kind is not Kind.CALL:
            return self._unread(about, body, status)
        judgement = judge.envelope(body, about.id, status=status)
        findings = list(judgement.findings)
        if not judgement.message.keys() & {"result", "error"}:
            return judgement, findings
        where, method = place(judge.spec, self.callsign, path, about.method)
        if where is Place.METHOD:
            return judgement, findings + judge.outcome(method, about.params or {}, judgement)
        return judgement, findings + self._elsewhere(where, judgement)

    def unanswered(self, about: Asked) -> list[Finding]:
        """Return what is wrong when a body was not answered at all."""
        nothing = "no answer"
        if about.kind in _UNREAD:
            clause, code = _UNREAD[about.kind]
            return [Finding(clause, "$", f"the error {code}" if code else "an array of answers", nothing)]
        if about.kind is Kind.NOTIFICATION:
            return []
        clause = "" if about.plain else "envelope.id-any"
        if about.version != "2.0":
            clause = "params.jsonrpc" if about.version is None else "envelope.version-any"
        return [Finding(clause or "http.answer", "$", f"an answer with the id {text(about.id)}", nothing)]

    def _silence(self, request: Received) -> list[Finding]:
        if request.problem:
            expected = "a status from 400, or the end of the connection"
            return [Finding("http.malformed", "$", expected, f"nothing, though {request.problem}")]
        if not request.complete:
            return []
        if not self._is_call(request, None):
            return [Finding("http.malformed", "$", "an HTTP answer", "nothing")]
        about = asked(request.body)
        if about.kind is Kind.NOTIFICATION:
            return [Finding("envelope.notification.http", "$", "an HTTP answer without a body", "nothing")]
        return self.unanswered(about)

    def _is_call(self, request: Received, response: Answer | None) -> bool:
        """Tell whether an exchange is one of JSON-RPC; elsewhere only what looks like an answer to a call is one."""
        if request.problem or request.verb != "POST" or not request.body:
            return False
        if request.upgrades and response is not None and response.status == _SWITCHED:
            return False
        return self.served(request.path) or bool(
            request.path.startswith(JSONRPC) and response is not None and response.body
        )

    @staticmethod
    def _is_preflight(request: Received) -> bool:
        return (
            request.verb == "OPTIONS"
            and request.path.startswith(JSONRPC)
            and header(request.headers, "Origin") is not None
            and header(request.headers, "Access-Control-Request-Method") is not None
        )

    @staticmethod
    def _preflight(response: Answer) -> list[Finding]:
        if response.status is None or 200 <= response.status < 300:  # noqa: PLR2004 - the class of success
            return []
        return [Finding("http.preflight", "$", "a status from 200 to 299", f"{response.status} {response.reason}")]

    @staticmethod
    def _notified(body: bytes | str) -> list[Finding]:
        if not body:
            return []
        got = text(body if isinstance(body, str) else readable(body))
        return [Finding("envelope.notification", "$", "no JSON-RPC answer", got)]

    @staticmethod
    def _status(judgement: Judgement, status: int | None) -> list[Finding]:
        """Judge the status of an answer to a call."""
        allowed = range(200, 300) if judgement.error is not None else range(200, 201)
        if status is None or status in allowed or not judgement.message:
            return []
        return [Finding("http.status", "$", "200" if len(allowed) == 1 else "200 to 299", str(status))]

    def _unread(self, about: Asked, body: bytes | str, status: int | None) -> tuple[Judgement, list[Finding]]:
        """Judge an answer to what is no request."""
        clause, code = _UNREAD[about.kind]
        if about.kind is Kind.BATCH:
            findings = self.judge.strictness(body)
            judgement = Judgement({}, findings)
            if findings or body.lstrip()[:1] in {"[", b"["}:
                return judgement, findings
            return judgement, [
                Finding(clause, "$", "an array of answers", text(body if isinstance(body, str) else readable(body)))
            ]
        judgement = self.judge.envelope(body, ANY_ID, status=status)
        findings = list(judgement.findings)
        error = judgement.error
        if not findings and (error is None or error["code"] != code):
            findings.append(Finding(clause, "$.error.code", str(code), text(judgement.message)))
        return judgement, findings

    @staticmethod
    def _elsewhere(where: Place, judgement: Judgement) -> list[Finding]:
        """Judge the answer to a call of what is no method of the plugin."""
        error = judgement.error
        clause = {
            Place.UNKNOWN: "envelope.unknown-method",
            Place.NEWER: "profile.methods",
            Place.CASE: "designator.case",
            Place.VERSION: "designator.version.unsupported",
        }.get(where)
        if clause is None:
            return []
        if error is None:
            return [Finding(clause, "$", "a JSON-RPC error", text(judgement.message))]
        if where is Place.UNKNOWN and error.get("code") != _METHOD_NOT_FOUND:
            path = "$.error.code"
            return [Finding("envelope.unknown-method.code", path, str(_METHOD_NOT_FOUND), text(error.get("code")))]
        return []
