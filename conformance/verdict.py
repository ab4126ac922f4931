"""What is said of a case: its verdict, and the findings that led to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from conformance.curl import render
from conformance.exchange import Clean, Step
from conformance.spec import Clause


class Verdict(StrEnum):
    """How a case ended; ERROR is the suite's own fault and never counts as a pass."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    NON_STRICT = "non-strict"
    FAIL = "fail"
    QUIRK = "known quirk"
    WAIVED = "waived"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: the clause it breaks, where in the answer (JSON path), and both sides as text."""

    clause: str
    path: str
    expected: str
    got: str


@dataclass(slots=True)
class Breach:
    """A finding with its clause and its evidence: the step that shows it, and the quirk that explains it, if any."""

    finding: Finding
    clause: Clause
    step: Step | None = None
    quirk: str = ""


class Nonconformance(Exception):
    """The target broke a MUST, so that the case cannot go on; the findings are with the conversation."""


class CannotJudge(Exception):
    """The case cannot be judged here; the message is the reason."""


@dataclass(slots=True)
class CaseResult:
    """The outcome of one case; SKIPPED and ERROR have a ``reason``; ``seconds`` is wall time."""

    id: str
    title: str
    clause: str
    level: str
    tags: tuple[str, ...]
    verdict: Verdict
    reason: str = ""
    breaches: list[Breach] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0
    script: str = ""
    """A shell script that shows the findings again, where one request does not."""

    def as_json(self, clean: Clean = str) -> dict[str, Any]:
        """Return the result in the form of the report; ``clean`` takes secrets out of a text that is still whole."""
        return {
            "id": self.id,
            "title": self.title,
            "clause": self.clause,
            "level": self.level,
            "tags": sorted(self.tags),
            "verdict": str(self.verdict),
            "reason": self.reason,
            "quirks": sorted({breach.quirk for breach in self.breaches} - {""}),
            "waiver": None,
            "findings": [self._finding(breach) for breach in self.breaches],
            "steps": [step.as_json(clean) for step in self.steps],
            "seconds": self.seconds,
            **({"script": clean(self.script)} if self.script else {}),
        }

    def _finding(self, breach: Breach) -> dict[str, Any]:
        request = breach.step.request if breach.step else None
        return {
            "clause": breach.clause.id,
            "level": breach.clause.level,
            "requirement": breach.clause.requirement,
            "source": breach.clause.source,
            "path": breach.finding.path,
            "expected": breach.finding.expected,
            "got": breach.finding.got,
            "quirk": breach.quirk,
            "step": next((at for at, step in enumerate(self.steps) if step is breach.step), None),
            "curl": render(request) if request else "",
        }


def verdict_of(breaches: Sequence[Breach]) -> Verdict:
    """Return what a case deserves that ran to its end or broke off with these breaches."""
    unexplained = [breach for breach in breaches if not breach.quirk]
    if any(breach.clause.level == "MUST" for breach in unexplained):
        return Verdict.FAIL
    if unexplained:
        return Verdict.NON_STRICT
    return Verdict.QUIRK if breaches else Verdict.PASS


def exit_code(verdicts: Iterable[str], *, strict: bool = False, expired: bool = False) -> int:
    """Return the exit status that the verdicts deserve: 0 conformant, 1 not, 3 when they allow no verdict.

    With ``strict`` a non-strict counts as a fail; ``expired`` says that a waiver has expired.
    """
    seen = set(verdicts)
    if Verdict.ERROR in seen:
        return 3
    if Verdict.FAIL in seen or expired or (strict and Verdict.NON_STRICT in seen):
        return 1
    return 0 if seen - {Verdict.SKIPPED} else 3
