"""The choices of which Hypothesis makes sequences of calls: few, and the simplest first."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies
from hypothesis.stateful import RuleBasedStateMachine, rule

from conformance.difference import Difference
from conformance.walk import Walk

_SLOTS = (0, 0, 0, 0, 1, 1, 2, 3)
"""Which of a sequence's containers a call is for: the first ones more often, so that more is done with them."""
_COMMON = (
    *("rest", *["start"] * 4, "start from nothing"),
    *(["pauseContainer"] * 3 + ["resumeContainer"] * 3 + ["stopContainer"] * 2 + ["executeCommand"] * 2),
    *("getContainerState", "getContainerInfo", "name nobody"),
)
"""What is called, the more often the more there is to go wrong; "rest" is what a call becomes that is not needed."""
_NEWER = ("annotate", "annotate", "removeAnnotation", "removeAnnotation")
_SLEEPING = ("hibernateContainer", "hibernateContainer", "wakeupContainer", "wakeupContainer")
_FORCES: tuple[dict[str, bool], ...] = ({}, {"force": True}, {"force": False}, {"force": True})
_NAMELESS = ("getContainerState", "pauseContainer", "resumeContainer", "stopContainer")
_NO_TEXTS = (None, None, True, ())
"""None stands for no containerId at all; none of the others reads as an id or a descriptor."""

Wait = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine to its end. Raises Difference, or what is no Exception and ends the walk."""
Call = tuple[str, tuple[object, ...], tuple[tuple[str, object], ...]]
"""A call of a sequence: the name of the walk's method, its arguments, and its named ones."""


class Enough(BaseException):
    """There are to be no more calls. No Exception, because Hypothesis takes those for differences."""


@dataclass(slots=True)
class Repertoire:
    """What machines work with: how to begin a sequence, and to wait for it, and what is known of sequences.

    ``starts`` are the methods that start containers here; a target may be ``newer`` than rdkservices, and a newer one
    may be able to hibernate (``sleeping``). Nothing in a sequence depends on what the target answers. So one that
    begins as another did is not made again until they part: shortening tries the same many times over, and each call
    takes a box its time.
    """

    begin: Callable[[], Walk]
    wait: Wait
    spend: Callable[[], None]
    """Is asked before each call; raises Enough when there is to be none."""
    starts: Sequence[str]
    newer: bool = False
    sleeping: bool = False
    known: dict[tuple[Call, ...], Difference | None] = field(default_factory=dict)
    """What came of sequences: a difference, or none."""

    @property
    def acts(self) -> tuple[str, ...]:
        """What can be done here."""
        return _COMMON + (_NEWER if self.newer else ()) + (_SLEEPING if self.sleeping else ())


def machine(repertoire: Repertoire) -> type[RuleBasedStateMachine]:
    """Return the state machine that walks with ``repertoire``.

    It has one rule, since of several Hypothesis leaves some out of each sequence, and one without a start shows little.
    """

    class Machine(_Machine):
        """The machine for this repertoire."""

        @rule(
            act=strategies.sampled_from(repertoire.acts),
            slot=strategies.sampled_from(_SLOTS),
            by_descriptor=strategies.booleans(),
            which=strategies.integers(0, 3),
        )
        def step(self, act: str, slot: int, by_descriptor: bool, which: int) -> None:
            """Make a call, or none."""
            if act != "rest":
                self.walk(_call(repertoire, act, slot, by_descriptor, which))

    return type("Machine", (Machine,), {"repertoire": repertoire})


class _Machine(RuleBasedStateMachine):
    """One sequence of calls."""

    repertoire: Repertoire

    def __init__(self) -> None:
        super().__init__()
        self._calls: tuple[Call, ...] = ()
        self._sequence: Walk | None = None
        self._over = False

    def teardown(self) -> None:
        """End the containers of the sequence, unless the walk has to end at once."""
        if self._sequence is not None and not self._over:
            self.repertoire.wait(self._sequence.leave())

    def walk(self, call: Call) -> None:
        """Make a call, unless it is known what comes of it."""
        self._calls += (call,)
        known = self.repertoire.known
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
        """Make the last call, after those before it when none of them was made; none when containers are too old."""
        calls = self._calls[-1:]
        if self._sequence is None:
            self._sequence, calls = self.repertoire.begin(), self._calls
        try:
            for name, arguments, named in calls:
                if not self._sequence.tired:
                    self.repertoire.spend()
                    self.repertoire.wait(getattr(self._sequence, name)(*arguments, **dict(named)))
        except (Difference, Enough):
            raise
        except BaseException:
            self._over = True
            raise


def _call(repertoire: Repertoire, act: str, slot: int, by_descriptor: bool, which: int) -> Call:
    """Return what an act is; ``which`` is one of up to four ways to do it."""
    params: dict[str, object] = {}
    match act:
        case "start":
            return "start", (_of(repertoire.starts, which), slot), ()
        case "start from nothing":
            return "start", (_of(repertoire.starts, which // 2), slot, _of(("missing", "type"), which)), ()
        case "name nobody":
            return "nameless", (_NAMELESS[slot], _NO_TEXTS[which]), ()
        case "stopContainer":
            params = dict(_FORCES[which])
        case "executeCommand":
            params = {"options": "", "command": "ls"}
        case "annotate":
            params = {"key": _of("ab", which), "value": "1"}
        case "removeAnnotation":
            params = {"key": _of("ab", which)}
    return "call", (act, slot), (("by_descriptor", by_descriptor), *params.items())


def _of(choice: Sequence[str], which: int) -> str:
    return choice[which % len(choice)]
