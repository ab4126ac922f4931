"""Random sequences of calls, shortened by Hypothesis until nothing can be left out that shows a difference."""

from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.reporting import with_reporter
from hypothesis.stateful import run_state_machine_as_test

from conformance.cases import Case
from conformance.cases.ready import hibernated
from conformance.conversation import Conversation
from conformance.difference import Difference, Notes
from conformance.engine import where
from conformance.errors import SuiteError
from conformance.lives import FROM_BUNDLE, FROM_SPEC
from conformance.machine import Enough, Repertoire, machine
from conformance.patience import Patience
from conformance.run import Run
from conformance.script import script
from conformance.verdict import CannotJudge, CaseResult, Nonconformance, Verdict, verdict_of
from conformance.walk import Walk

_LENGTHS = (6, 12, 30)
"""How many steps a sequence has before it is shortened: short ones first, since shortening costs calls, too."""
_GENEROUS = 4
"""How often there may be more sequences than are needed: Hypothesis also counts those that it made before."""
_MOST_LEFT = 100


class Waits(Protocol):
    """What a walk asks of the loop that it waits in."""

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end and return its result. Raises what it raises, or KeyboardInterrupt."""


@dataclass(slots=True)
class Walked:
    """What came of a walk: the differences, each with the shortest sequence that shows it, and a script that shows all.

    ``made`` counts all calls by method; ``cut`` says why the walk ended before its end, "" when it did not.
    """

    differences: list[Difference] = field(default_factory=list)
    script: str = ""
    made: Counter[str] = field(default_factory=Counter)
    cut: str = ""


class _Cut(BaseException):
    """The walk cannot go on. No Exception, because Hypothesis takes those for differences and tries again."""


class _Defect(BaseException):
    """The suite itself went wrong, which its cause tells."""


def walk(run: Run, loop: Waits, steps: int, seed: int, until: float = float("inf")) -> Walked:
    """Make ``steps`` random calls, the same for the same ``seed``, and shorten what shows a difference.

    A broken MUST ends the walk; without one the broken SHOULDs are shortened, one after the other. Shortening takes
    calls of its own. ``until`` is a time of the target's clock at which all has to end. Raises CannotJudge when no
    container can be started here, and KeyboardInterrupt.
    """
    attempts = _Attempts(run, loop, steps, seed, until)
    walked = Walked()
    try:
        attempts.look()
        found = attempts.hunt("")
        walked.differences = [found] if found else []
        walked.made = Counter(attempts.notes.made)
        for clause in list(attempts.notes.observed):
            if found is None or found.clause.level != "MUST":
                found = attempts.hunt(clause) or attempts.notes.observed[clause]
                walked.differences.append(found)
    except _Cut as cut:
        walked.cut = str(cut)
        known = {difference.finding.clause for difference in walked.differences}
        rest = [attempts.best] if attempts.best else attempts.notes.observed.values()
        walked.differences += [difference for difference in rest if difference.finding.clause not in known]
    except _Defect as defect:
        raise defect.__cause__ or defect from None
    if walked.differences:
        walked.script = script(walked.differences, f"conf-{run.id}-m")
    return walked


def judge(case: Case, run: Run, loop: Waits, until: float) -> CaseResult:
    """Walk as the settings of ``run`` ask, and return the result of ``case``. Raises KeyboardInterrupt."""
    began = run.target.clock.seconds()
    walked, verdict, reason = Walked(), None, ""
    try:
        walked = walk(run, loop, run.settings.model_steps, run.settings.seed or 0, until)
    except CannotJudge as why:
        verdict, reason = Verdict.SKIPPED, str(why)
    except Exception as fault:  # noqa: BLE001 - an error of ours must not look like one of the target's, or end the run
        verdict, reason = Verdict.ERROR, str(SuiteError(why=where(fault)))
    if walked.cut:
        verdict, reason = verdict_of([difference.breach for difference in walked.differences]), walked.cut
        verdict = Verdict.SKIPPED if verdict is Verdict.PASS else verdict
    elif verdict is None and not walked.made:
        verdict, reason = Verdict.SKIPPED, "no call was made: give more --model-steps"
    breaches = [difference.breach for difference in walked.differences]
    return CaseResult(
        case.id,
        case.title,
        case.clause,
        run.spec.clauses[case.clause].level,
        tuple(case.tags),
        verdict or verdict_of(breaches),
        reason,
        breaches,
        [call.step for difference in walked.differences for call in difference.calls],
        run.target.clock.seconds() - began,
        walked.script,
    )


class _Attempts:
    """The sequences of one walk: all that were tried on the target, and what they showed."""

    def __init__(self, run: Run, loop: Waits, steps: int, seed: int, until: float) -> None:
        self.run = run
        self.notes = Notes(Patience(run.target.timeout))
        self.best: Difference | None = None
        """The shortest sequence that shows what is hunted."""
        self.starts = [
            start
            for start in (FROM_SPEC, FROM_BUNDLE)
            if start not in run.containers.unable and (start == FROM_SPEC or run.bundle_path)
        ]
        if not self.starts:
            raise CannotJudge(next(iter(run.containers.unable.values())))
        self._loop = loop
        self._steps = steps
        self._seed = seed
        self._until = until
        self._until_made = 0
        self._number = 0
        self._newer = run.spec.profile == "entservices"
        self._sleeping = False

    def look(self) -> None:
        """Find out which calls the target knows. Raises _Cut."""
        self._sleeping = self._newer and self.wait(_hibernates(self.run))

    def hunt(self, clause: str) -> Difference | None:
        """Walk until a MUST or ``clause`` is broken, and return the shortest sequence that shows it. Raises _Cut."""
        self.best, self.notes.hunted = None, clause
        before = self.notes.made.total()
        for share, length in enumerate(_LENGTHS, start=1):
            self._until_made = before + self._steps * share // len(_LENGTHS)
            if self.best is None:
                self._try(length, self._seed * len(_LENGTHS) + share)
        return self.best

    def _try(self, length: int, seed: int) -> None:
        """Try sequences of this length, and shorten the first that shows what is hunted."""
        settings = hypothesis.settings(
            max_examples=self._steps // length * _GENEROUS + 20,
            stateful_step_count=length,
            phases=(Phase.generate, Phase.shrink),
            database=None,
            deadline=None,
            print_blob=False,
            report_multiple_bugs=False,
            verbosity=Verbosity.quiet,
            # how long a target takes says nothing about how the calls were chosen
            suppress_health_check=list(HealthCheck),
        )

        repertoire = Repertoire(self._begin, self.wait, self._spend, self.starts, self._newer, self._sleeping)
        seeded = hypothesis.seed(seed)(machine(repertoire))
        try:
            with with_reporter(lambda _: None), _nothing_kept():
                run_state_machine_as_test(seeded, settings=settings)
        except (Difference, hypothesis.errors.Flaky, Enough):
            pass  # what it was is kept in best, also where the target does not do it again

    def _begin(self) -> Walk:
        """Begin a sequence, unless too many containers of others are still there: the target has to bear it."""
        if self.notes.left > _MOST_LEFT:
            raise _Cut(f"{self.notes.left} containers do not end")
        self._number += 1
        return Walk(self.run, self._number, self.notes)

    def _spend(self) -> None:
        """Raise Enough when no more calls are to be made; those that shorten a sequence do not count."""
        if self.best is None and self.notes.made.total() >= self._until_made:
            raise Enough

    def wait(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end. Raises what it raises, _Cut when the walk has to end, _Defect."""
        try:
            self._check()
            return self._loop.run(coroutine)
        except Difference as difference:
            self._keep(difference)
            self._check()
            raise
        except CannotJudge as why:
            raise _Cut(str(why)) from why
        except Exception as fault:
            raise _Defect from fault
        finally:
            coroutine.close()

    def _check(self) -> None:
        if self.run.lost is not None:
            raise _Cut(f"the target was lost: {self.run.lost}")
        if self.run.target.clock.seconds() > self._until:
            raise _Cut("the run's deadline came first (--deadline)")

    def _keep(self, difference: Difference) -> None:
        """Remember a difference when none was found before by fewer calls."""
        if self.best is None or len(difference.calls) <= len(self.best.calls):
            self.best = difference


@contextmanager
def _nothing_kept() -> Iterator[None]:
    """Have Hypothesis write what it keeps, also without a database, where it does not outlast the walk."""
    with TemporaryDirectory() as directory:
        set_hypothesis_home_dir(directory)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


async def _hibernates(run: Run) -> bool:
    """Tell whether a container can be hibernated here."""
    thunder = Conversation(run)
    try:
        container = await thunder.start(name="Asleep")
        await hibernated(thunder, container)
    except (Nonconformance, CannotJudge):
        return False
    finally:
        await thunder.abandon()
    return True
