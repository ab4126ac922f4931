"""What faults have put off, as long as it can still be dropped (no I/O)."""

from collections.abc import Callable
from typing import Any

from fakedobby.clock import Clock, Timer
from fakedobby.faults import Fault
from fakedobby.journal import on_behalf


class FaultTimers:
    """Makes calls later, on a clock, until they are dropped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timers: dict[object, Timer] = {}

    def later(self, seconds: float, call: Callable[..., object], *args: Any) -> None:
        """Call `call(*args)` in so many seconds."""
        key = object()

        def happen() -> None:
            del self._timers[key]
            call(*args)

        self._timers[key] = self._clock.callLater(seconds, happen)

    def later_by(self, fault: Fault, call: Callable[..., object], *args: Any) -> None:
        """Call `call(*args)` in a fault's time and on its behalf."""
        on_behalf(fault.entry, self.later, fault.options.get("seconds", 0), call, *args)

    def drop(self) -> None:
        """Drop all that has not happened."""
        timers, self._timers = self._timers, {}
        for timer in timers.values():
            timer.cancel()
