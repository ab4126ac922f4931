"""The clock that moves containers and time-outs: real time, faster or slower, or no time but what is asked for."""

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any, Protocol

from fakedobby.clock import Clock, Timer
from fakedobby.journal import CAUSE, on_behalf

_DIGITS = 9
"""Moments are whole nanoseconds, so that ten advances of 0.1 seconds reach what is due in one second."""
_MANY = 64
"""So many cancelled calls are not worth clearing away."""


class Keeper(Protocol):
    """Who keeps timers, and wants to know of those that need not be kept."""

    def cancelled(self) -> None:
        """Take note of a cancelled call."""


class EmulatedTimer:
    """A call that a clock of ours will make, on behalf of whatever led to it."""

    __slots__ = ("_cause", "_keeper", "args", "call", "due")

    def __init__(self, keeper: Keeper, due: float, call: Callable[..., object], args: tuple[Any, ...]) -> None:
        self._keeper = keeper
        self._cause = CAUSE.get()
        self.due = due
        self.call: Callable[..., object] | None = call
        self.args = args

    def cancel(self) -> None:
        """See to it that it doesn't happen; does nothing when it has."""
        if self.call is not None:
            self.call = None
            self._keeper.cancelled()

    def active(self) -> bool:
        """Tell whether it is still to happen."""
        return self.call is not None

    def happen(self) -> None:
        """Make the call, once."""
        call, self.call = self.call, None
        if call is not None:
            on_behalf(self._cause, call, *self.args)


class EmulatedClock:
    """Time that begins at 0 and runs `speed` times as fast as `base`; with 0 it stands still.

    Time that stands still moves by advance_to() alone, but what is due already happens all the same. Calls are made in
    the order of their times, those of one time in the order in which they were asked for. What a call asks for without
    delay is made in the next round: it is never lost, and never keeps others from being made.
    """

    def __init__(self, base: Clock, speed: float = 1.0) -> None:
        self._base = base
        self._initial = speed
        self._speed = speed
        self._since = base.seconds()
        self._then = 0.0
        self._numbers = count()
        self._calls: list[tuple[float, int, EmulatedTimer]] = []
        self._cancelled = 0
        self._waking: Timer | None = None
        self._wakes_at = 0.0

    @property
    def speed(self) -> float:
        """How many seconds pass here in one real second."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._set(self.seconds(), speed)

    def seconds(self) -> float:
        """Return the seconds since this clock was made or reset."""
        return self._then + (self._base.seconds() - self._since) * self._speed

    def callLater(self, delay: float, call: Callable[..., object], *args: Any) -> EmulatedTimer:  # noqa: N802 (Twisted's name)
        """Call `call(*args)` in `delay` seconds of this clock."""
        timer = EmulatedTimer(self, round(self.seconds() + delay, _DIGITS), call, args)
        heapq.heappush(self._calls, (timer.due, next(self._numbers), timer))
        if self._waking is None or timer.due < self._wakes_at:
            self._wake()
        return timer

    def next_due(self) -> float | None:
        """Return the moment at which the next call is to be made; None when none is."""
        while self._calls and not self._calls[0][2].active():
            heapq.heappop(self._calls)
            self._cancelled -= 1
        return self._calls[0][0] if self._calls else None

    def advance_to(self, moment: float) -> None:
        """Move time on to `moment`, making the calls that are due until then; what is past stays as it is."""
        moment = round(moment, _DIGITS)
        while (due := self.next_due()) is not None and due <= moment:
            self._jump(due)
            self._make_due()
        self._jump(moment)

    def reset(self, moment: float = 0.0, speed: float | None = None) -> None:
        """Begin again at a moment, at the first speed or a new one; all that still waits for its time happens now.

        Nobody is left waiting: a time-out strikes, a delayed answer is sent. Who does not want that cancels first.
        """
        waiting = sorted(self._calls, key=lambda entry: entry[:2])
        self._calls.clear()
        self._cancelled = 0
        self._set(moment, self._initial if speed is None else speed)
        for _, _, timer in waiting:
            timer.happen()

    def close(self) -> None:
        """Make no call any more."""
        self._calls.clear()
        self._sleep()

    def cancelled(self) -> None:
        """Count a cancelled call; they are cleared away when they are many."""
        self._cancelled += 1
        if self._cancelled > _MANY and 2 * self._cancelled > len(self._calls):
            self._calls = [entry for entry in self._calls if entry[2].active()]
            heapq.heapify(self._calls)
            self._cancelled = 0

    def _jump(self, moment: float) -> None:
        if moment > self.seconds():
            self._set(moment, self._speed)

    def _set(self, moment: float, speed: float) -> None:
        self._then = moment
        self._since = self._base.seconds()
        self._speed = speed
        self._sleep()
        self._wake()

    def _make_due(self) -> None:
        """Make the calls that are due now, and not those that they ask for."""
        now = self.seconds()
        last = next(self._numbers)
        while (due := self.next_due()) is not None and due <= now and self._calls[0][1] < last:
            heapq.heappop(self._calls)[2].happen()

    def _wake(self) -> None:
        """Have the base clock wake us when the next call is due; to be woken too early does no harm."""
        due = self.next_due()
        if due is None or (self._waking is not None and self._wakes_at <= due):
            return
        left = max(0.0, due - self.seconds())
        if left and not self._speed:
            return
        self._sleep()
        self._wakes_at = due
        self._waking = self._base.callLater(left / self._speed if left else 0.0, self._woken)

    def _sleep(self) -> None:
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None

    def _woken(self) -> None:
        self._waking = None
        self._jump(self._wakes_at)  # the base clock may wake us a little early
        self._make_due()
        self._wake()
