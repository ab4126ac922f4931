"""The calls from which Hypothesis makes sequences: as few choices as possible, the simplest first."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from hypothesis import strategies
from hypothesis.stateful import RuleBasedStateMachine, rule

from conformance.difference import Difference
from conformance.walk import Walk

_SLOTS = strategies.sampled_from((0, 0, 0, 0, 1, 1, 2, 3))
"""Which of a sequence's containers a call is for; the first ones more often, so that more is done with them."""
_NO_TEXTS: strategies.SearchStrategy[object] = strategies.sampled_from((None, True, 1.5, ()))
"""None stands for no containerId at all; none of the others reads as an id or a descriptor."""

Wait = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine to its end. Raises Difference, or what is no Exception and ends the walk."""
Call = tuple[str, tuple[object, ...], tuple[tuple[str, object], ...]]
"""A call of a sequence: the name of the walk's method, its arguments, and its named ones."""


class Repertoire:
    """What machines work with: where their sequences are walked, and what is known of them.

    Nothing in a sequence depends on what the target answers. So one that begins as another did is not made again until
    they part: shortening tries the same many times over, and each call takes a box its time.
    """

    def __init__(self, begin: Callable[[], Walk], starts: Sequence[str], wait: Wait) -> None:
        self.begin = begin
        self.starts = starts
        """The methods that start containers here."""
        self.wait = wait
        self.known: dict[tuple[Call, ...], Difference | None] = {}
        """What came of sequences: a difference, or none."""


class Machine(RuleBasedStateMachine):
    """The calls that every target knows."""

    def __init__(self, repertoire: Repertoire) -> None:
        super().__init__()
        self._repertoire = repertoire
        self._calls: tuple[Call, ...] = ()
        self._sequence: Walk | None = None
        self._over = False

    @rule()
    def rest(self) -> None:
        """Do nothing: what Hypothesis first puts in place of a call that may not be needed, for it has no choices."""

    @rule()
    def start_first(self) -> None:
        """Start the first container: without one there is little to be seen."""
        self._walk("start", self._repertoire.starts[0], 0)

    @rule(slot=_SLOTS, how=strategies.integers(0, 1))
    def start(self, slot: int, how: int) -> None:
        """Start a container."""
        self._walk("start", self._method(how), slot)

    @rule(slot=_SLOTS, how=strategies.integers(0, 1), fault=strategies.sampled_from(("missing", "type")))
    def start_from_nothing(self, slot: int, how: int, fault: str) -> None:
        """Start a container from no bundle, or from no Dobby spec."""
        self._walk("start", self._method(how), slot, fault)

    @rule(slot=_SLOTS, by=strategies.booleans())
    def look(self, slot: int, by: bool) -> None:
        """Ask for a state."""
        self._walk("call", "getContainerState", slot, by_descriptor=by)

    @rule(slot=_SLOTS, by=strategies.booleans())
    def measure(self, slot: int, by: bool) -> None:
        """Ask for the figures."""
        self._walk("call", "getContainerInfo", slot, by_descriptor=by)

    @rule(slot=_SLOTS, by=strategies.booleans())
    def pause(self, slot: int, by: bool) -> None:
        """Pause."""
        self._walk("call", "pauseContainer", slot, by_descriptor=by)

    @rule(slot=_SLOTS, by=strategies.booleans())
    def resume(self, slot: int, by: bool) -> None:
        """Resume."""
        self._walk("call", "resumeContainer", slot, by_descriptor=by)

    @rule(slot=_SLOTS, by=strategies.booleans())
    def execute(self, slot: int, by: bool) -> None:
        """Run a command."""
        self._walk("call", "executeCommand", slot, by_descriptor=by, options="", command="ls")

    @rule(slot=_SLOTS, by=strategies.booleans(), force=strategies.sampled_from(({}, {"force": False}, {"force": True})))
    def stop(self, slot: int, by: bool, force: dict[str, bool]) -> None:
        """Stop, in each way."""
        self._walk("call", "stopContainer", slot, by_descriptor=by, **force)

    @rule(
        method=strategies.sampled_from(
            ("getContainerState", "getContainerInfo", "pauseContainer", "resumeContainer", "stopContainer")
        ),
        value=_NO_TEXTS,
    )
    def address_nobody(self, method: str, value: object) -> None:
        """Name no container."""
        self._walk("nameless", method, value)

    def teardown(self) -> None:
        """End the containers of the sequence, unless the walk has to end at once."""
        if self._sequence is not None and not self._over:
            self._repertoire.wait(self._sequence.leave())

    def _method(self, how: int) -> str:
        """Return one of the methods that start containers."""
        return self._repertoire.starts[how % len(self._repertoire.starts)]

    def _walk(self, name: str, *arguments: object, **named: object) -> None:
        """Make a call, unless it is known what comes of it, or the containers are too old."""
        self._calls += ((name, arguments, tuple(named.items())),)
        known = self._repertoire.known
        if self._calls not in known:
            known[self._calls] = None
            try:
                self._make()
            except Difference as difference:
                known[self._calls] = difference
        outcome = known[self._calls]
        if outcome is not None:
            # from one line and with no past, or Hypothesis takes the same difference for two
            raise outcome.with_traceback(None)

    def _make(self) -> None:
        """Make the last call, after those before it when none of them was made."""
        calls = self._calls[-1:]
        if self._sequence is None:
            self._sequence, calls = self._repertoire.begin(), self._calls
        try:
            for name, arguments, named in calls:
                if not self._sequence.tired:
                    self._repertoire.wait(getattr(self._sequence, name)(*arguments, **dict(named)))
        except Difference:
            raise
        except BaseException:
            self._over = True
            raise


class NewerMachine(Machine):
    """With the calls that only entservices has."""

    @rule(slot=_SLOTS, by=strategies.booleans(), key=strategies.sampled_from(("a", "b")))
    def annotate(self, slot: int, by: bool, key: str) -> None:
        """Annotate."""
        self._walk("call", "annotate", slot, by_descriptor=by, key=key, value="1")

    @rule(slot=_SLOTS, by=strategies.booleans(), key=strategies.sampled_from(("a", "b")))
    def remove(self, slot: int, by: bool, key: str) -> None:
        """Take an annotation away."""
        self._walk("call", "removeAnnotation", slot, by_descriptor=by, key=key)


class SleepingMachine(NewerMachine):
    """With hibernation, where the device can do it."""

    @rule(slot=_SLOTS, by=strategies.booleans())
    def hibernate(self, slot: int, by: bool) -> None:
        """Hibernate."""
        self._walk("call", "hibernateContainer", slot, by_descriptor=by)

    @rule(slot=_SLOTS, by=strategies.booleans())
    def wake_up(self, slot: int, by: bool) -> None:
        """Wake up."""
        self._walk("call", "wakeupContainer", slot, by_descriptor=by)
