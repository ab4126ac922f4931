"""The pace of transitions with manual progression: each waits until somebody steps."""

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any

from fakedobby.clock import Clock, Timer
from fakedobby.emulatedclock import EmulatedTimer


class ManualPace:
    """Tells the time of `clock`, and makes a call only when it is stepped: the one that would be due first.

    Calls of the same time are made in the order in which they were asked for.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = count()
        self._calls: list[tuple[float, int, EmulatedTimer]] = []
        self._released = False

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return sum(timer.active() for _, _, timer in self._calls)

    def seconds(self) -> float:
        """Return the time of the clock."""
        return self._clock.seconds()

    def callLater(self, delay: float, call: Callable[..., object], *args: Any) -> Timer:  # noqa: N802 (Twisted's name)
        """Call `call(*args)` when its turn has come, or in `delay` seconds once this was released."""
        if self._released:
            return self._clock.callLater(delay, call, *args)
        timer = EmulatedTimer(self, self._clock.seconds() + delay, call, args)
        heapq.heappush(self._calls, (timer.due, next(self._numbers), timer))
        return timer

    def step(self) -> bool:
        """Make the next call; False when none waits."""
        while self._calls:
            timer = heapq.heappop(self._calls)[2]
            if timer.active():
                timer.happen()
                return True
        return False

    def release(self) -> None:
        """Wait for nobody any more, as for a program that is about to end: from now on the clock moves everything."""
        self._released = True
        for timer in [timer for _, _, timer in sorted(self._calls, key=lambda entry: entry[:2])]:
            self._clock.callLater(0, timer.happen)
        self._calls.clear()

    def cancelled(self) -> None:
        """Take note of a cancelled call; it is skipped when its turn comes."""
