"""How often Dobby starts a crashing container again (facts/dobby.md 2)."""

from collections import deque

_MOST = 10
_WITHIN = 300.0


class Restarts:
    """The restarts of one container: 10 within 5 minutes, then its next crash is its end."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def take(self, now: float, count: int = 1) -> bool:
        """Note `count` restarts at the time `now`, in seconds; False when there were too many lately."""
        while self._times and now - self._times[0] >= _WITHIN:
            self._times.popleft()
        if len(self._times) >= _MOST:
            return False
        self._times.extend([now] * count)
        return True
