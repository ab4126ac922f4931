"""The emulator's clock and the pace of transitions, as the control API moves them."""

from collections.abc import Callable
from typing import Any

from fakedobby.clock import Clock
from fakedobby.emulatedclock import EmulatedClock
from fakedobby.errors import BadInput, NotHere
from fakedobby.operations.daemonside import DaemonSide

_MOST_SPEED = 1_000_000


class TimeSide:
    """The operations about time; `daemon` returns the fake Dobby or raises NotHere."""

    def __init__(self, clock: Clock, progression: str | None, daemon: Callable[[], DaemonSide]) -> None:
        self._clock = clock
        self._progression = progression
        self._daemon = daemon

    def now(self) -> dict[str, Any]:
        """Return the Clock."""
        clock = self._clock
        if not isinstance(clock, EmulatedClock):
            return {"seconds": round(clock.seconds(), 6), "speed": 1.0, "next": None}
        due = clock.next_due()
        return {"seconds": round(clock.seconds(), 6), "speed": clock.speed, "next": due and round(due, 6)}

    async def get_clock(self, _: dict[str, Any]) -> Any:
        """Return the time of the emulator."""
        return self.now()

    async def advance_clock(self, arguments: dict[str, Any]) -> Any:
        """Let time pass, with all that happens in it."""
        await self._daemon().advance(arguments["seconds"])
        return self.now()

    async def freeze_clock(self, _: dict[str, Any]) -> Any:
        """Have time stand still."""
        return self._set_speed(0.0)

    async def set_clock_speed(self, arguments: dict[str, Any]) -> Any:
        """Have time pass faster or slower than real time."""
        return self._set_speed(float(arguments["speed"]))

    async def get_progression(self, _: dict[str, Any]) -> Any:
        """Return how transitions happen, and which wait to be stepped."""
        return {"progression": self._progression, "waiting": self._daemon().waiting()}

    async def step_progression(self, arguments: dict[str, Any]) -> Any:
        """Let waiting transitions happen."""
        await self._daemon().step(int(arguments.get("steps", 1)))
        return await self.get_progression(arguments)

    def _set_speed(self, speed: float) -> dict[str, Any]:
        if not isinstance(self._clock, EmulatedClock):
            raise NotHere(problem="This emulator goes by real time")
        if not 0 <= speed <= _MOST_SPEED:  # whoever has no schema in between can also say NaN
            raise BadInput(where="$.speed", problem=f"it must be a number from 0 to {_MOST_SPEED}")
        self._clock.speed = speed
        return self.now()
