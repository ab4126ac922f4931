"""The simulated init process of a container: how long it runs, how it ends, how it takes a signal.

A program is a generator of `Wait`s: it says for how long it does nothing and what a SIGTERM does to it meanwhile, is
resumed with None when that time is over or with SIGTERM when it trapped one, and returns its raw wait status.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum
from signal import (
    SIGABRT,
    SIGBUS,
    SIGFPE,
    SIGILL,
    SIGQUIT,
    SIGSEGV,
    SIGSYS,
    SIGTERM,
    SIGTRAP,
    SIGXCPU,
    SIGXFSZ,
    Signals,
)
from typing import NamedTuple, Protocol

from fakedobby.clock import Clock, Timer

_CORE_DUMPED = 0x80
_CORE_SIGNALS = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS}
_SIGNAL_CODES = range(129, 193)

PATIENCE = 10_000
"""After so many steps that took no time a program is taken for one that never ends."""


class OnTerm(Enum):
    """What a SIGTERM does to a program."""

    DIES = "it has the default disposition"
    IGNORES = "nothing"
    TRAPS = "the program goes on and decides itself"


class Wait(NamedTuple):
    """A time in which a program does nothing: seconds (None: for ever), and what ends it early."""

    seconds: float | None
    on_term: OnTerm = OnTerm.DIES


Run = Generator[Wait, Signals | None, int]
"""One run of a program; it returns the raw wait status."""


class Behaviour(Protocol):
    """What can be run in a container, any number of times."""

    def run(self) -> Run:
        """Begin a run."""


class Ending(NamedTuple):
    """How a program ends that traps SIGTERM: seconds until then, and its raw wait status."""

    delay: float
    status: int = 0


@dataclass(frozen=True, slots=True)
class Program:
    """The plain behaviour: it runs for `runtime` seconds (None: until it is stopped) and ends with `status`.

    `on_term` says how it takes SIGTERM: by default, not at all, or with an Ending of its own.
    """

    runtime: float | None
    status: int = 0
    on_term: OnTerm | Ending = OnTerm.DIES

    def run(self) -> Run:
        """Begin a run."""
        if not isinstance(self.on_term, Ending):
            yield Wait(self.runtime, self.on_term)
        elif (yield Wait(self.runtime, OnTerm.TRAPS)) is not None:
            yield Wait(self.on_term.delay, OnTerm.IGNORES)
            return self.on_term.status
        return self.status


def status_of_exit(code: int) -> int:
    """Return the wait status that Dobby reports for an exit code of 0 to 255 (facts/dobby.md 2).

    DobbyInit ends with 128 + n when signal n ended its child, and Dobby turns that back into the signal's status. A
    program that exits with 129 to 192 by itself can't be told from that.
    """
    return status_of_signal(code - 128) if code in _SIGNAL_CODES else code << 8


def status_of_signal(number: int) -> int:
    """Return the wait status of a process that signal `number` ended, with the core bit where the kernel dumps one."""
    return number | (_CORE_DUMPED if number in _CORE_SIGNALS else 0)


class _Doom(NamedTuple):
    """An end that is decided, whatever the program does: when, by the clock, and with which status."""

    due: float
    status: int
    timer: Timer


class _Phase(Enum):
    NEW = 0
    RUNNING = 1
    FROZEN = 2
    ENDED = 3


class Process:
    """One run of a program, moved by a clock.

    `ended(status)` is called once, with the raw wait status: the exit code shifted by 8, or the signal's number.
    `active` is for how many seconds it has run already when it is started.
    """

    def __init__(self, program: Behaviour, clock: Clock, ended: Callable[[int], None], active: float = 0.0) -> None:
        self._run = program.run()
        self._clock = clock
        self._ended = ended
        self._phase = _Phase.NEW
        self._since = 0.0
        self._active = active
        self._wait = Wait(0)
        self._wait_ends = 0.0
        self._timer: Timer | None = None
        self._fate: int | None = None
        """The status with which it ends as soon as it is thawed."""
        self._dooms: dict[object, _Doom] = {}

    @property
    def alive(self) -> bool:
        """Whether the process runs or is frozen."""
        return self._phase in (_Phase.RUNNING, _Phase.FROZEN)

    @property
    def active_seconds(self) -> float:
        """For how long the process has run, frozen time left out."""
        return self._active + (self._clock.seconds() - self._since if self._phase is _Phase.RUNNING else 0.0)

    def start(self) -> None:
        """Begin, or go on after freeze().

        Even a program that ends at once is alive when this returns: the daemon tells of its start before its end.
        """
        first = self._phase is _Phase.NEW
        self._phase = _Phase.RUNNING
        self._since = self._clock.seconds()
        if first:
            self._go_on(None, first=True)
        elif self._fate is not None:
            self._end(self._fate)
        else:
            self._set_timer()

    def freeze(self) -> None:
        """Stand still until start() is called again; a frozen process has no time."""
        self._active = self.active_seconds
        self._stop_timer()
        self._phase = _Phase.FROZEN

    def thaw(self) -> None:
        """Go on after freeze(); does nothing to a process that is not frozen."""
        if self._phase is _Phase.FROZEN:
            self.start()

    def discard(self) -> None:
        """End without a word; for a daemon that is gone itself."""
        self._stop_timer()
        self._phase = _Phase.ENDED
        self._forget_dooms()
        self._run.close()

    def end(self, status: int) -> None:
        """End by itself with a raw wait status, now or, when it is frozen, as soon as it goes on."""
        if self._phase is _Phase.FROZEN:
            self._fate = status
        elif self._phase is _Phase.RUNNING:
            self._stop_timer()
            self._end(status)

    def doom(self, seconds: float, status: int) -> None:
        """Have it end by itself with a raw wait status in so many seconds of the clock, frozen or not."""
        key = object()

        def meet() -> None:
            del self._dooms[key]
            self.end(status)

        if self._phase is not _Phase.ENDED:
            self._dooms[key] = _Doom(self._clock.seconds() + seconds, status, self._clock.callLater(seconds, meet))

    @property
    def dooms(self) -> list[tuple[float, int]]:
        """What doom() was told and is still to come; what has come to a frozen process is in 0 seconds."""
        now = self._clock.seconds()
        fate = [] if self._fate is None else [(0.0, self._fate)]
        return fate + [(max(0.0, doom.due - now), doom.status) for doom in self._dooms.values()]

    def kill(self, signal: Signals) -> None:
        """Take a signal: SIGTERM as the program will have it, every other one ends it with its number as status."""
        if not self.alive:
            return
        if signal is SIGTERM and self._wait.on_term is OnTerm.IGNORES:
            return
        self._stop_timer()
        if signal is SIGTERM and self._wait.on_term is OnTerm.TRAPS:
            self._wait_ends = self.active_seconds
            self._go_on(SIGTERM)
        else:
            self._end(status_of_signal(signal.value))

    def _go_on(self, signal: Signals | None, *, first: bool = False) -> None:
        self._timer = None
        try:
            self._wait = self._run.send(signal)
        except StopIteration as end:
            if first:
                self._timer = self._clock.callLater(0, self._end, end.value)
            else:
                self._end(end.value)
            return
        if self._wait.seconds is not None:
            # counted from the end of the last wait, not from now: a clock may wake us late
            self._wait_ends += self._wait.seconds
            self._set_timer()

    def _set_timer(self) -> None:
        if self._wait.seconds is not None:
            self._timer = self._clock.callLater(max(0.0, self._wait_ends - self.active_seconds), self._go_on, None)

    def _end(self, status: int) -> None:
        self._active = self.active_seconds
        self._timer = None
        self._phase = _Phase.ENDED
        self._forget_dooms()
        self._run.close()
        self._ended(status)

    def _forget_dooms(self) -> None:
        self._fate = None
        dooms, self._dooms = self._dooms, {}
        for doom in dooms.values():
            doom.timer.cancel()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def duration(program: Behaviour) -> tuple[float, int]:
    """Return for how many seconds a program runs when nobody disturbs it, and its exit code."""
    run = program.run()
    seconds = 0.0
    for _ in range(PATIENCE):
        try:
            wait = next(run)
        except StopIteration as end:
            return seconds, code_of(end.value)
        if wait.seconds is None:
            break
        seconds += wait.seconds
    return float("inf"), 0


def finite(seconds: float) -> float | None:
    """Return the seconds of a Wait; None, for ever, when there are infinitely many."""
    return None if seconds == float("inf") else seconds


def code_of(status: int) -> int:
    """Return the exit code that a shell makes of a raw wait status."""
    return status >> 8 or (128 + (status & 0x7F) if status & 0x7F else 0)
