"""Dobby's serial work queue: one operation at a time, in the order of the calls (facts/dobby.md 0)."""

import logging
import math
from collections import deque
from collections.abc import Callable, Generator
from typing import Any

from fakedobby.clock import Clock, Timer
from fakedobby.journal import CAUSE

log = logging.getLogger(__name__)

Operation = Generator[float, None, Any]
"""Work that yields the seconds which each step takes, and returns its result."""

FOREVER = math.inf
"""The seconds of a step that never ends; nothing behind it is begun."""


class WorkQueue:
    """Runs operations one after another on a clock.

    Steps of zero seconds run at once, so that with immediate progression an operation is over when submit() returns.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[tuple[Operation, Callable[[Any], None], int | None]] = deque()
        self._busy = False
        self._timer: Timer | None = None
        self.stuck = False
        """Whether an operation is under way that never ends."""

    def submit(self, operation: Operation, done: Callable[[Any], None]) -> None:
        """Run `operation` when its turn comes, then call `done` with its result; None if it broke (our own fault)."""
        self._waiting.append((operation, done, CAUSE.get()))
        if not self._busy:
            self._work()

    def close(self) -> None:
        """Drop what is under way and what waits; nothing is begun any more."""
        self._busy = True
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _work(self) -> None:
        self._busy = True
        while self._waiting:
            operation, done, cause = self._waiting.popleft()
            CAUSE.set(cause)  # and not what led to the operation before
            if not self._advance(operation, done):
                return
        self._busy = False

    def _advance(self, operation: Operation, done: Callable[[Any], None]) -> bool:
        """Take an operation as far as it goes without waiting; tell whether it is over."""
        try:
            while not (delay := next(operation)) > 0:
                pass
        except StopIteration as end:
            result = end.value
        except Exception:  # whatever breaks in one operation must not stop the others
            log.exception("an operation of the fake Dobby broke; this is a defect of ours, please report it")
            result = None
        else:
            if delay == FOREVER:
                self.stuck = True
            else:
                self._timer = self._clock.callLater(delay, self._resume, operation, done)
            return False
        try:
            done(result)
        except Exception:  # an answer that can't be given must not stop the others either
            log.exception("an answer of the fake Dobby broke; this is a defect of ours, please report it")
        return True

    def _resume(self, operation: Operation, done: Callable[[Any], None]) -> None:
        self._timer = None
        if self._advance(operation, done):
            self._work()
