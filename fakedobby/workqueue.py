"""Dobby's serial work queue: one operation at a time, in the order of the calls (facts/dobby.md 0)."""

import logging
import math
from collections import deque
from collections.abc import Callable, Generator
from typing import Any, NamedTuple

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
        self._waiting: deque[_Work] = deque()
        self._under_way: _Work | None = None
        """The one that waits for its time to pass."""
        self._busy = False
        self._timer: Timer | None = None
        self.stuck = False
        """Whether an operation is under way that never ends."""

    def submit(
        self, operation: Operation, done: Callable[[Any], None], *, what: str = "", dropped: object = None
    ) -> None:
        """Run `operation` when its turn comes, then call `done` with its result; None if it broke (our own fault).

        `what` says for people what it is; `dropped` is its result when it is dropped.
        """
        self._waiting.append(_Work(operation, done, what, dropped, CAUSE.get()))
        if not self._busy:
            self._work()

    @property
    def names(self) -> list[str]:
        """What is under way, and behind it what waits for its turn."""
        return [work.what for work in self._all()]

    def close(self) -> None:
        """Drop what is under way and what waits; nothing is begun any more."""
        self._drop()
        self._busy = True

    def clear(self) -> None:
        """Drop what is under way and what waits, and tell whoever waits for it the result that it has then."""
        dropped = self._drop()
        self._busy = self.stuck = False
        for work in dropped:
            work.done(work.dropped)

    def _all(self) -> list["_Work"]:
        return [*([self._under_way] if self._under_way else []), *self._waiting]

    def _drop(self) -> list["_Work"]:
        dropped = self._all()
        self._waiting.clear()
        self._under_way = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for work in dropped:
            work.operation.close()
        return dropped

    def _work(self) -> None:
        self._busy = True
        while self._waiting:
            if not self._advance(self._waiting.popleft()):
                return
        self._busy = False

    def _advance(self, work: "_Work") -> bool:
        """Take an operation as far as it goes without waiting; tell whether it is over."""
        operation, done = work.operation, work.done
        CAUSE.set(work.cause)  # and not what led to the operation before
        try:
            while not (delay := next(operation)) > 0:
                pass
        except StopIteration as end:
            result = end.value
        except Exception:  # whatever breaks in one operation must not stop the others
            log.exception("an operation of the fake Dobby broke; this is a defect of ours, please report it")
            result = None
        else:
            self._under_way = work
            if delay == FOREVER:
                self.stuck = True
            else:
                self._timer = self._clock.callLater(delay, self._resume, work)
            return False
        try:
            done(result)
        except Exception:  # an answer that can't be given must not stop the others either
            log.exception("an answer of the fake Dobby broke; this is a defect of ours, please report it")
        return True

    def _resume(self, work: "_Work") -> None:
        self._timer = self._under_way = None
        if self._advance(work):
            self._work()


class _Work(NamedTuple):
    operation: Operation
    done: Callable[[Any], None]
    what: str
    dropped: object
    cause: int | None
    """The ticket of what led to it, by the journal."""
