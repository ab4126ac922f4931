"""Looks from time to time whether a file has changed."""

import logging
from collections.abc import Callable
from pathlib import Path

from twisted.internet.defer import maybeDeferred
from twisted.python.failure import Failure

from fakedobby.clock import Clock, Timer

log = logging.getLogger(__name__)

_INTERVAL = 0.5

_Mark = tuple[int, int, int]


class FileWatch:
    """Calls `changed()` when a file has other contents than before, as far as its time, size and number tell.

    When that returns a Deferred, it looks no more until this fires: what changes meanwhile is found then, and no change
    is taken up while another one is. `clock` is the real one. A file that is away for a moment, as when an editor
    writes it anew, has changed when it is back.
    """

    def __init__(self, clock: Clock, file: Path, changed: Callable[[], object]) -> None:
        self._clock = clock
        self._file = file
        self._changed = changed
        self._seen = self._mark()
        self._stopped = False
        self._timer: Timer | None = None
        self._wait()

    def stop(self) -> None:
        """Look no more."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self) -> None:
        if not self._stopped:
            self._timer = self._clock.callLater(_INTERVAL, self._look)

    def _look(self) -> None:
        self._timer = None
        mark = self._mark()
        if mark is None or mark == self._seen:
            self._wait()
            return
        self._seen = mark
        maybeDeferred(self._changed).addErrback(self._broke).addCallback(lambda _: self._wait())

    def _broke(self, failure: Failure) -> None:
        log.error("taking up %s broke; this is a defect of ours, please report it", self._file, exc_info=failure.value)

    def _mark(self) -> _Mark | None:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
