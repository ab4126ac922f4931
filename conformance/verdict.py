"""What is said of a case: its verdict, and the findings that led to it."""

from dataclasses import dataclass, field
from enum import StrEnum

from conformance import spec
from conformance.exchange import Exchange, Request


class Verdict(StrEnum):
    """How a case ended; ERROR is the suite's own fault and never counts as a pass."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    NON_STRICT = "non-strict"
    FAIL = "fail"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: the clause it breaks, where in the answer (JSON path), and both sides as text."""

    clause: str
    path: str
    expected: str
    got: str

    @property
    def must(self) -> bool:
        """Whether the broken clause is a MUST."""
        return spec.clauses()[self.clause].level == "MUST"


class Nonconformance(Exception):
    """The target broke a MUST: all findings of the answer, and the exchange, or the request that was not answered."""

    def __init__(self, findings: list[Finding], request: Request, exchange: Exchange | None = None) -> None:
        super().__init__("; ".join(f"{finding.clause} at {finding.path}" for finding in findings))
        self.findings = findings
        self.request = request
        self.exchange = exchange


class CannotJudge(Exception):
    """The case cannot be judged here; the message is the reason."""


@dataclass(slots=True)
class CaseResult:
    """The outcome of one case, as reports show it; SKIPPED and ERROR have a ``reason``; ``seconds`` is wall time."""

    id: str
    title: str
    level: str
    verdict: Verdict
    reason: str = ""
    breaches: list[Nonconformance] = field(default_factory=list)
    seconds: float = 0.0


def exit_code(results: list[CaseResult]) -> int:
    """Return the exit status that ``results`` deserve: 0 conformant, 1 not, 3 when they allow no verdict."""
    verdicts = {result.verdict for result in results}
    if Verdict.ERROR in verdicts:
        return 3
    if Verdict.FAIL in verdicts:
        return 1
    return 0 if verdicts & {Verdict.PASS, Verdict.NON_STRICT} else 3
