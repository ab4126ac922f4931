"""The one clock that moves a daemon's life; Twisted's reactor and its test clock are such clocks."""

from collections.abc import Callable
from typing import Any, Protocol


class Timer(Protocol):
    """Something that will happen."""

    def cancel(self) -> None:
        """See to it that it doesn't happen."""


class Clock(Protocol):
    """What tells time and calls back later."""

    def seconds(self) -> float:
        """Return the time in seconds since a moment of the clock's own choice."""

    def callLater(self, delay: float, call: Callable[..., object], *args: Any) -> Timer:  # noqa: N802 (Twisted's name)
        """Call `call(*args)` in `delay` seconds."""


class StillClock:
    """A clock for parts that are used without time: it stands at 0, and nothing that is to happen later does."""

    def seconds(self) -> float:
        """Return 0."""
        return 0.0

    def callLater(self, _delay: float, _call: Callable[..., object], *_args: Any) -> Timer:  # noqa: N802 (Twisted's name)
        """Do nothing."""
        return _NoTimer()


class _NoTimer:
    def cancel(self) -> None:
        pass
