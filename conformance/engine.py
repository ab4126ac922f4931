"""Runs one case: within its deadline, whatever it does, to a result."""

import contextlib
import traceback
from collections.abc import Awaitable
from typing import Any

from twisted.internet import defer

from conformance import quirks
from conformance.cases import Case
from conformance.conversation import Conversation
from conformance.errors import SuiteError
from conformance.run import Run
from conformance.selection import counts
from conformance.verdict import CannotJudge, CaseResult, Finding, Nonconformance, Verdict, verdict_of

_PATIENCE = 4
"""How many answers' time a case may take."""


class _Late(Exception):
    """The case did not end in time."""


async def run_case(case: Case, run: Run) -> CaseResult:
    """Run ``case`` and return its result. Raises only what ends the whole run (KeyboardInterrupt)."""
    began = run.target.clock.seconds()
    thunder = Conversation(run)
    thunder.random.seed(f"{run.settings.seed}/{case.id}")
    verdict, reason = None, ""
    try:
        if "bundle" in case.needs and not run.bundle_path:
            thunder.cannot("there is no bundle on the target: give --bundle-path")
        await _within(case.test(thunder), run.target.timeout * _PATIENCE, run.target.clock)
    except Nonconformance:
        pass
    except CannotJudge as why:
        verdict, reason = Verdict.SKIPPED, str(why)
    except _Late:
        expected = f"the case to end within {run.target.timeout * _PATIENCE:g} s"
        thunder.gather([Finding("http.answer", "$", expected, _last(thunder))])
    except Exception as fault:  # noqa: BLE001 - an error of ours must not look like one of the target's, or end the run
        verdict, reason = Verdict.ERROR, str(SuiteError(why=where(fault)))
    await thunder.leave()
    thunder.breaches = [breach for breach in thunder.breaches if counts(run.settings, breach.clause.level)]
    _explain(thunder, case)
    if verdict is None or (verdict is Verdict.SKIPPED and thunder.breaches):
        verdict, reason = verdict_of(thunder.breaches), ""  # what was found before the case had to give up counts
    if verdict is not Verdict.PASS and run.lost is None and not run.loop.interrupted:
        with contextlib.suppress(_Late):
            await _within(thunder.abandon(), run.target.timeout * _PATIENCE, run.target.clock)
    return CaseResult(
        case.id,
        case.title,
        case.clause,
        thunder.clause(case.clause).level,
        tuple(case.tags),
        verdict,
        reason,
        thunder.breaches,
        thunder.steps,
        run.target.clock.seconds() - began,
    )


async def _within(doing: Awaitable[None], seconds: float, clock: Any) -> None:
    """Wait for a case, or for what it leaves; raises _Late when the time is over."""

    def late(_result: object, _seconds: float) -> None:
        raise _Late

    running: defer.Deferred[None] = defer.ensureDeferred(doing)  # type: ignore[arg-type]  # cases are coroutines
    running.addTimeout(seconds, clock, onTimeoutCancel=late)
    try:
        await running
    except defer.FirstError as first:  # of several things that a case did at once
        first.subFailure.raiseException()


def _explain(thunder: Conversation, case: Case) -> None:
    """Name the known quirk behind each finding that one explains."""
    for breach in thunder.breaches:
        step = breach.step
        request = answer = None
        if step is not None and step.request is not None:
            request = step.request.body.decode("utf-8", "backslashreplace")
            answer = step.exchange.body.decode("utf-8", "backslashreplace") if step.exchange else None
        elif step is not None:
            request = step.text
            answer = step.answer if step.kind == "sent" else step.text
        breach.quirk = quirks.explain(breach.finding, request or "", answer, thunder.profile, case.id)


def _last(thunder: Conversation) -> str:
    """Say what a case did last."""
    step = thunder.steps[-1] if thunder.steps else None
    return f"its last step was {step.kind} {step.call or step.text[:80]}".rstrip() if step else "it did nothing"


def where(fault: BaseException) -> str:
    """Say what went wrong in the suite, and where."""
    frames = traceback.extract_tb(fault.__traceback__)
    place = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    return f"{type(fault).__name__}: {fault}{place}"
