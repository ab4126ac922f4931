"""How long one client may be silent."""

from typing import Any


class Silence:
    """Calls `over` when nothing was heard for a period; `clock` tells the time in seconds.

    Twisted's own TimeoutMixin sets and cancels a timer for each request, this one looks once a period when the last
    word came.
    """

    def __init__(self, clock: Any, over: Any) -> None:
        self._clock = clock
        self._over = over
        self._period: float | None = None
        self._since = 0.0
        self._due = 0.0
        self._timer: Any = None

    def allow(self, period: float | None) -> None:
        """Allow a silence of so many seconds from now on; None allows any."""
        self._period = period
        if period is not None:
            self._since = self._clock.seconds()
            if self._timer is None or self._since + period < self._due:
                self._look_in(period)

    def heard(self) -> None:
        """Begin to wait anew."""
        self._since = self._clock.seconds()

    def stop(self) -> None:
        """Wait no more."""
        self._period = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = self._clock.seconds() + seconds
        self._timer = self._clock.callLater(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._period is None:
            return
        left = self._since + self._period - self._clock.seconds()
        if left > 0:
            self._look_in(left)
        else:
            self._over()
