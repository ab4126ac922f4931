"""One target on the bench: from the first look at it, over its cases, to the last container taken away."""

import os
from typing import Any

from conformance.cases import Case
from conformance.engine import run_case
from conformance.errors import LeftBehind, TargetError, tell
from conformance.lease import NO_LEASE, Leases, state_directory
from conformance.leftovers import look_for_leftovers
from conformance.loop import Loop
from conformance.run import Run
from conformance.selection import counts
from conformance.settings import Settings, redacted_url
from conformance.target import Target
from conformance.verdict import CaseResult, Verdict


def target_of(settings: Settings) -> Target:
    """Return the target that ``settings`` (with their one URL) describe. Raises BadURL and BadProxy."""
    return Target(
        settings.urls[0],
        timeout=settings.timeout,
        headers=settings.headers,
        token=settings.token or None,
        insecure=settings.insecure,
    )


class Bench:
    """The run on one target, as ``settings`` (with its one URL) ask, within ``loop``."""

    def __init__(self, settings: Settings, loop: Loop) -> None:
        self.settings = settings
        self.problem = ""
        """Why the target cannot be judged (any further), "" while it can."""
        self.left_behind: list[str] = []
        """Container ids that may still be there after the end."""
        self._loop = loop
        self._target = target_of(settings)
        self._run = Run(self._target, settings, loop)
        self._began = self._target.clock.seconds()
        self._lease = NO_LEASE
        self._ready = False
        self._over = ""
        """Why no further case is run, "" while they are."""

    @property
    def interrupted(self) -> bool:
        """Whether a signal has ended the run."""
        return self._loop.interrupted

    def judge(self, case: Case) -> CaseResult | None:
        """Run a case; return None when it is not for this target, or when nothing can be judged here any more.

        Raises KeyboardInterrupt.
        """
        if not self._ready:
            self._begin()
        if self.problem and not self._over:
            return None
        profile = self._run.spec.profile
        if profile not in case.profiles or not counts(self.settings, self._run.spec.clauses[case.clause].level):
            return None
        passed = self._target.clock.seconds() - self._began
        if not self._over and passed > self.settings.deadline:
            self._end(f"The run did not end within {self.settings.deadline:g} s (--deadline).")
        if self._over:
            return self._skipped(case, self._over)
        result = self._walked(case) if "model" in case.tags else self._loop.run(run_case(case, self._run))
        if self._run.lost is not None:
            self._end(f"The target was lost: {self._run.lost}")
        return result

    def _walked(self, case: Case) -> CaseResult:
        """Run the case that waits for the target by itself; it may take what is left of the run's time."""
        from conformance import model  # noqa: PLC0415 - with Hypothesis, which nobody else needs

        return model.judge(case, self._run, self._loop, self._began + self.settings.deadline)

    def facts(self) -> dict[str, Any]:
        """Return what a report says of the target beside its results."""
        profile = self._run.spec.profile if self._run.probed else self.settings.effective_profile
        return {
            "url": redacted_url(self._target.url),
            "profile": profile,
            "run": self._run.id,
            "problem": self.problem,
            "left_behind": self.left_behind,
            "seconds": self._target.clock.seconds() - self._began,
        }

    def leave(self) -> None:
        """Leave the target as it was found, or say what could not be taken away; a signal does not cut this short."""
        self._loop.shielded = True
        try:
            if self._ready and not self.settings.read_only:
                self._loop.run(self._run.containers.clean_up(self._run))
        except LeftBehind as error:
            self.left_behind = list(error.facts["ids"].split(", "))  # type: ignore[attr-defined]  # a text, by its class
            tell(error)
            self._lease.close()
        else:
            self._lease.end()
        self._loop.run(self._target.close())

    def _begin(self) -> None:
        """Look at the target for the first time, and at what dead runs have left there."""
        self._ready = True
        try:
            self._loop.run(self._run.probe())
        except TargetError as error:
            self.problem = str(error)
            return
        if not self.settings.read_only:
            leases = Leases(state_directory(os.environ))
            self._lease = leases.take(self._run.id, self._target.url)
            if self._lease.note:
                tell(f"What this run might leave behind could not be recognised later: {self._lease.note}.")
            self._loop.run(look_for_leftovers(self._run, leases))

    def _end(self, why: str) -> None:
        """Run no further case."""
        self.problem = self._over = why

    def _skipped(self, case: Case, why: str) -> CaseResult:
        level = self._run.spec.clauses[case.clause].level
        return CaseResult(case.id, case.title, case.clause, level, tuple(case.tags), Verdict.SKIPPED, why)
