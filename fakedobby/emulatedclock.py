"""The clock that moves containers and time-outs: real time, faster or slower, or no time but what is asked for."""

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any

from fakedobby.clock import Clock, Timer


class EmulatedTimer:
    """A call that an EmulatedClock will make."""

    __slots__ = ("_clock", "args", "call", "due")

    def __init__(self, clock: "EmulatedClock", due: float, call: Callable[..., object], args: tuple[Any, ...]) -> None:
        self._clock = clock
        self.due = due
        self.call: Callable[..., object] | None = call
        self.args = args

    def cancel(self) -> None:
        """See to it that it doesn't happen; does nothing when it has."""
        if self.call is not None:
            self.call = None
            self._clock.cancelled()

    def active(self) -> bool:
        """Tell whether it is still to happen."""
        return self.call is not None


class EmulatedClock:
    """Time that begins at 0 and runs `speed` times as fast as `base`; 0 stands still.

    Time that stands still moves by advance_to() alone. Calls are made in the order of their times, those of one time in
    the order in which they were asked for.
    """

    def __init__(self, base: Clock, speed: float = 1.0) -> None:
        self._base = base
        self._speed = speed
        self._since = base.seconds()
        self._then = 0.0
        self._numbers = count()
        self._calls: list[tuple[float, int, EmulatedTimer]] = []
        self._cancelled = 0
        self._waking: Timer | None = None
        self._wakes_at = 0.0
        self._advancing = False

    @property
    def speed(self) -> float:
        """How many seconds pass here in one real second."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._then = self.seconds()
        self._since = self._base.seconds()
        self._speed = speed
        self._wake()

    def seconds(self) -> float:
        """Return the seconds since this clock was made or reset."""
        return self._then + (self._base.seconds() - self._since) * self._speed

    def callLater(self, delay: float, call: Callable[..., object], *args: Any) -> EmulatedTimer:  # noqa: N802 (Twisted's name)
        """Call `call(*args)` in `delay` seconds of this clock."""
        timer = EmulatedTimer(self, self.seconds() + delay, call, args)
        heapq.heappush(self._calls, (timer.due, next(self._numbers), timer))
        self._wake()
        return timer

    def next_due(self) -> float | None:
        """Return when the next call is to be made; None when none is."""
        while self._calls and not self._calls[0][2].active():
            heapq.heappop(self._calls)
            self._cancelled -= 1
        return self._calls[0][0] if self._calls else None

    def advance_to(self, moment: float) -> None:
        """Move time on to `moment`, making the calls that are due until then; does nothing when it is past."""
        while (due := self.next_due()) is not None and due <= moment:
            self._jump(due)
            self._make_next()
        self._jump(moment)
        self._wake()

    def reset(self) -> None:
        """Begin again at 0, with no call waiting."""
        self._calls.clear()
        self._cancelled = 0
        self._then = 0.0
        self._since = self._base.seconds()
        self._wake()

    def close(self) -> None:
        """Make no call any more."""
        self._calls.clear()
        self._sleep()

    def cancelled(self) -> None:
        """Count a cancelled call; they are cleared away when they are many."""
        self._cancelled += 1
        if self._cancelled > 64 and 2 * self._cancelled > len(self._calls):  # noqa: PLR2004 (many, and most)
            self._calls = [entry for entry in self._calls if entry[2].active()]
            heapq.heapify(self._calls)
            self._cancelled = 0

    def _jump(self, moment: float) -> None:
        if moment > self.seconds():
            self._then = moment
            self._since = self._base.seconds()

    def _make_next(self) -> None:
        timer = heapq.heappop(self._calls)[2]
        call, timer.call = timer.call, None
        if call is not None:
            call(*timer.args)

    def _wake(self) -> None:
        """Have the base clock wake us when the next call is due."""
        due = self.next_due()
        if due is None or self._speed == 0:
            self._sleep()
        elif self._waking is None or due != self._wakes_at:
            self._sleep()
            self._wakes_at = due
            self._waking = self._base.callLater(max(0.0, (due - self.seconds()) / self._speed), self._woken)

    def _sleep(self) -> None:
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None

    def _woken(self) -> None:
        self._waking = None
        # those that are due now, and not those that they ask for: a call in 0 seconds is made in the next round
        now = max(self.seconds(), self._wakes_at)
        last = next(self._numbers)
        while (due := self.next_due()) is not None and due <= now and self._calls[0][1] < last:
            self._make_next()
        self._wake()
