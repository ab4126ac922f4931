"""How often Dobby starts a crashing container again (facts/dobby.md 2)."""

from collections import deque
from collections.abc import Iterable

_MOST = 10
_WITHIN = 300.0


class Restarts:
    """The restarts of one container: 10 within 5 minutes, then its next crash is its end."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    @property
    def times(self) -> list[float]:
        """When it was started again, as far as that still counts."""
        return list(self._times)

    def remember(self, times: Iterable[float]) -> None:
        """Have been started again at these times."""
        self._times.extend(times)

    def take(self, now: float, count: int = 1) -> bool:
        """Note `count` restarts at the time `now`, in seconds; False when there were too many lately."""
        while self._times and now - self._times[0] >= _WITHIN:
            self._times.popleft()
        if len(self._times) >= _MOST:
            return False
        self._times.extend([now] * count)
        return True
