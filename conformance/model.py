"""Random sequences of calls, shortened by Hypothesis until nothing can be left out that shows a difference."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, strategies
from hypothesis.reporting import with_reporter
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from conformance.cases.ready import hibernated
from conformance.conversation import Conversation
from conformance.difference import Difference
from conformance.lives import FROM_BUNDLE, FROM_SPEC
from conformance.patience import Patience
from conformance.run import Run
from conformance.script import script
from conformance.verdict import CannotJudge, Nonconformance
from conformance.walk import Walk

_LENGTH = 30
"""How many steps a sequence has before it is shortened."""
_PICKS = strategies.integers(0, 4)
_NO_TEXTS: strategies.SearchStrategy[Any] = strategies.sampled_from((None, True, 1.5, {}, []))
"""None stands for no containerId at all; none of the others reads as an id or a descriptor."""


class Waits(Protocol):
    """What a walk asks of the loop that it waits in."""

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end and return its result. Raises what it raises, or KeyboardInterrupt."""


@dataclass(slots=True)
class Walked:
    """What came of a walk: the differences, each with the shortest sequence that shows it, and a script that shows all.

    ``steps`` counts the calls before anything was shortened; ``cut`` says why not all were made, "" when they were.
    """

    differences: list[Difference] = field(default_factory=list)
    script: str = ""
    steps: int = 0
    cut: str = ""


class _Cut(BaseException):
    """The walk cannot go on. No Exception, because Hypothesis takes those for differences and tries again."""


class _Defect(BaseException):
    """The suite itself went wrong, which its cause tells."""


def walk(run: Run, loop: Waits, steps: int, seed: int, until: float = float("inf")) -> Walked:
    """Make about ``steps`` random calls, the same for the same ``seed``, and shorten what shows a difference.

    A broken MUST ends the walk; without one the broken SHOULDs are shortened, one after the other. Shortening takes
    calls of its own. ``until`` is a time of the target's clock at which all has to end. Raises CannotJudge when no
    container can be started here, and KeyboardInterrupt.
    """
    attempts = _Attempts(run, loop, steps, seed, until)
    walked = Walked()
    try:
        found = attempts.hunt("")
        walked.differences = [found] if found else []
        walked.steps = attempts.taken
        for clause in () if found else list(attempts.observed):
            shortest = attempts.hunt(clause) or attempts.observed[clause]
            walked.differences.append(shortest)
    except _Cut as cut:
        walked.cut = str(cut)
        walked.steps = walked.steps or attempts.taken
        known = {difference.finding.clause for difference in walked.differences}
        rest = [attempts.best] if attempts.best else attempts.observed.values()
        walked.differences += [difference for difference in rest if difference.finding.clause not in known]
    except _Defect as defect:
        raise defect.__cause__ or defect from None
    if walked.differences:
        walked.script = script(walked.differences, f"conf-{run.id}-m")
    return walked


class _Attempts:
    """The sequences of one walk: all that were tried on the target, and what they showed."""

    def __init__(self, run: Run, loop: Waits, steps: int, seed: int, until: float) -> None:
        self.run = run
        self.observed: dict[str, Difference] = {}
        """The SHOULDs that were broken, each with the shortest sequence so far."""
        self.best: Difference | None = None
        """The shortest sequence that shows what is hunted."""
        self.taken = 0
        self.patience = Patience(run.target.timeout)
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
        self._number = 0
        self._machine = _kind(run, self.wait)

    def hunt(self, clause: str) -> Difference | None:
        """Walk until a MUST or ``clause`` is broken, and return the shortest sequence that shows it. Raises _Cut."""
        self.best = None
        length = min(_LENGTH, self._steps)
        settings = hypothesis.settings(
            max_examples=max(1, self._steps // length),
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

        def machine() -> RuleBasedStateMachine:
            self._number += 1
            return self._machine(self, Walk(self.run, self._number, self.patience, clause))

        try:
            with with_reporter(lambda _: None):
                seeded: Any = hypothesis.seed(self._seed)(machine)
                run_state_machine_as_test(seeded, settings=settings)
        except (Difference, hypothesis.errors.Flaky):
            pass  # what it was is kept in best, also where the target does not do it again
        return self.best

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

    def note(self, walk: Walk) -> None:
        """Remember which SHOULDs a sequence broke."""
        for clause, difference in walk.observed.items():
            kept = self.observed.get(clause)
            if kept is None or len(difference.calls) < len(kept.calls):
                self.observed[clause] = difference


class _Machine(RuleBasedStateMachine):
    """The calls that every target knows."""

    def __init__(self, attempts: _Attempts, sequence: Walk) -> None:
        super().__init__()
        self._attempts = attempts
        self._sequence = sequence
        self._over = False

    @rule(pick=_PICKS, how=strategies.integers(0, 1))
    def start(self, pick: int, how: int) -> None:
        """Start a container."""
        self._walk(lambda: self._sequence.start(self._method(how), pick))

    @rule(pick=_PICKS, how=strategies.integers(0, 1), fault=strategies.sampled_from(("missing", "type")))
    def start_from_nothing(self, pick: int, how: int, fault: str) -> None:
        """Start a container from no bundle, or from no Dobby spec."""
        self._walk(lambda: self._sequence.start(self._method(how), pick, fault))

    @rule(pick=_PICKS, by=strategies.booleans())
    def look(self, pick: int, by: bool) -> None:
        """Ask for a state."""
        self._walk(lambda: self._sequence.call("getContainerState", pick, by_descriptor=by))

    @rule(pick=_PICKS, by=strategies.booleans())
    def measure(self, pick: int, by: bool) -> None:
        """Ask for the figures."""
        self._walk(lambda: self._sequence.call("getContainerInfo", pick, by_descriptor=by))

    @rule(pick=_PICKS, by=strategies.booleans())
    def pause(self, pick: int, by: bool) -> None:
        """Pause."""
        self._walk(lambda: self._sequence.call("pauseContainer", pick, by_descriptor=by))

    @rule(pick=_PICKS, by=strategies.booleans())
    def resume(self, pick: int, by: bool) -> None:
        """Resume."""
        self._walk(lambda: self._sequence.call("resumeContainer", pick, by_descriptor=by))

    @rule(pick=_PICKS, by=strategies.booleans())
    def execute(self, pick: int, by: bool) -> None:
        """Run a command."""
        self._walk(lambda: self._sequence.call("executeCommand", pick, by_descriptor=by, options="", command="ls"))

    @rule(pick=_PICKS, by=strategies.booleans(), force=strategies.sampled_from(({}, {"force": False}, {"force": True})))
    def stop(self, pick: int, by: bool, force: dict[str, bool]) -> None:
        """Stop, in each way."""
        self._walk(lambda: self._sequence.call("stopContainer", pick, by_descriptor=by, **force))

    @rule(
        method=strategies.sampled_from(
            ("getContainerState", "getContainerInfo", "pauseContainer", "resumeContainer", "stopContainer")
        ),
        value=_NO_TEXTS,
    )
    def address_nobody(self, method: str, value: object) -> None:
        """Name no container."""
        self._walk(lambda: self._sequence.nameless(method, value))

    def teardown(self) -> None:
        """End the containers of the sequence, unless the walk has to end at once."""
        self._attempts.note(self._sequence)
        if not self._over:
            self._attempts.wait(self._sequence.leave())

    def _method(self, how: int) -> str:
        return self._attempts.starts[how % len(self._attempts.starts)]

    def _walk(self, call: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Make a call, unless the containers are too old."""
        if self._sequence.tired:
            return
        self._attempts.taken += 1
        try:
            self._attempts.wait(call())
        except Difference:
            raise
        except BaseException:
            self._over = True
            raise


class _Newer(_Machine):
    """With the calls that only entservices has."""

    @rule(pick=_PICKS, by=strategies.booleans(), key=strategies.sampled_from(("a", "b")))
    def annotate(self, pick: int, by: bool, key: str) -> None:
        """Annotate."""
        self._walk(lambda: self._sequence.call("annotate", pick, by_descriptor=by, key=key, value="1"))

    @rule(pick=_PICKS, by=strategies.booleans(), key=strategies.sampled_from(("a", "b")))
    def remove(self, pick: int, by: bool, key: str) -> None:
        """Take an annotation away."""
        self._walk(lambda: self._sequence.call("removeAnnotation", pick, by_descriptor=by, key=key))


class _Sleeper(_Newer):
    """With hibernation, where the device can do it."""

    @rule(pick=_PICKS, by=strategies.booleans())
    def hibernate(self, pick: int, by: bool) -> None:
        """Hibernate."""
        self._walk(lambda: self._sequence.call("hibernateContainer", pick, by_descriptor=by))

    @rule(pick=_PICKS, by=strategies.booleans())
    def wake_up(self, pick: int, by: bool) -> None:
        """Wake up."""
        self._walk(lambda: self._sequence.call("wakeupContainer", pick, by_descriptor=by))


def _kind(run: Run, wait: Callable[[Coroutine[Any, Any, Any]], Any]) -> type[_Machine]:
    """Return the machine for a target, after a look whether it hibernates."""
    if run.spec.profile != "entservices":
        return _Machine
    return _Sleeper if wait(_hibernates(run)) else _Newer


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
