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
