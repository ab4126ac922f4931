"""The simulated init process of a container: what its command does, how it ends, how it takes a signal."""

import re
from collections.abc import Callable
from enum import Enum
from signal import Signals
from typing import NamedTuple

from fakedobby.clock import Clock, Timer
from fakedobby.config import INIT

_TIME = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+|inf|infinity)([smhd]?)", re.ASCII)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_FAILED = 1 << 8
"""The wait status of exit code 1."""


class Program(NamedTuple):
    """How a command behaves: for how many seconds it runs (None: until it is stopped), and its wait status then."""

    runtime: float | None
    status: int = 0


def program_of(args: tuple[str, ...]) -> Program:
    """Return the behaviour of a command line, with or without DobbyInit before it.

    `sleep` ends when its time is over, `echo` at once, an empty command line fails. What we don't know runs until it
    is stopped.
    """
    command = args[1:] if args[:1] == (INIT,) else args
    if not command:
        return Program(0, _FAILED)
    match command[0].rpartition("/")[2]:
        case "sleep":
            return _sleep(command[1:])
        case "echo":
            return Program(0)
    return Program(None)


def _sleep(times: tuple[str, ...]) -> Program:
    try:
        seconds = sum(_seconds(time) for time in times)
    except ValueError:
        return Program(0, _FAILED)
    if not times:
        return Program(0, _FAILED)
    return Program(seconds if seconds != float("inf") else None)


def _seconds(time: str) -> float:
    found = _TIME.fullmatch(time)
    if found is None:
        raise ValueError(time)
    return float(found[1]) * _UNITS[found[2]]


class _Phase(Enum):
    NEW = 0
    RUNNING = 1
    FROZEN = 2
    ENDED = 3


class Process:
    """One run of a program, moved by a clock.

    `ended(status)` is called once, with the raw wait status: the exit code shifted by 8, or the signal's number.
    """

    def __init__(self, program: Program, clock: Clock, ended: Callable[[int], None]) -> None:
        self._program = program
        self._clock = clock
        self._ended = ended
        self._phase = _Phase.NEW
        self._since = 0.0
        self._active = 0.0
        self._timer: Timer | None = None

    @property
    def alive(self) -> bool:
        """Whether the process runs or is frozen."""
        return self._phase in (_Phase.RUNNING, _Phase.FROZEN)

    @property
    def active_seconds(self) -> float:
        """For how long the process has run, frozen time left out."""
        return self._active + (self._clock.seconds() - self._since if self._phase is _Phase.RUNNING else 0.0)

    def start(self) -> None:
        """Begin, or go on after freeze()."""
        self._phase = _Phase.RUNNING
        self._since = self._clock.seconds()
        if self._program.runtime is not None:
            left = max(0.0, self._program.runtime - self._active)
            self._timer = self._clock.callLater(left, self._end, self._program.status)

    def freeze(self) -> None:
        """Stand still until start() is called again; a frozen process has no time."""
        self._active = self.active_seconds
        self._stop_timer()
        self._phase = _Phase.FROZEN

    def kill(self, signal: Signals) -> None:
        """Take a signal with its default disposition: end with its number as status."""
        if self.alive:
            self._stop_timer()
            self._end(signal.value)

    def _end(self, status: int) -> None:
        self._active = self.active_seconds
        self._timer = None
        self._phase = _Phase.ENDED
        self._ended(status)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
