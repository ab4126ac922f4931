"""Looks from time to time whether a file has changed."""

from collections.abc import Callable
from pathlib import Path

from fakedobby.clock import Clock, Timer

_INTERVAL = 0.5

_Mark = tuple[int, int, int]


class FileWatch:
    """Calls `changed()` when a file has other contents than before, as far as its time, size and number tell.

    `clock` is the real one. A file that is away for a moment, as when an editor writes it anew, has changed when it is
    back.
    """

    def __init__(self, clock: Clock, file: Path, changed: Callable[[], object]) -> None:
        self._clock = clock
        self._file = file
        self._changed = changed
        self._seen = self._mark()
        self._timer: Timer = clock.callLater(_INTERVAL, self._look)

    def stop(self) -> None:
        """Look no more."""
        self._timer.cancel()

    def _look(self) -> None:
        self._timer = self._clock.callLater(_INTERVAL, self._look)
        mark = self._mark()
        if mark is not None and mark != self._seen:
            self._seen = mark
            self._changed()

    def _mark(self) -> _Mark | None:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
