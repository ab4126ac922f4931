"""Runs one coroutine on a reactor of its own; a signal cancels it, and it cleans up before it ends."""

import signal
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any, TypeVar

from twisted.internet import defer, reactor
from twisted.python.failure import Failure

_T = TypeVar("_T")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Loop:
    """The reactor, which runs once in a process."""

    def __init__(self) -> None:
        self.interrupted = False
        self._running: defer.Deferred[Any] | None = None

    def run(self, main: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Run a coroutine to its end and return its result. Raises what it raises, or KeyboardInterrupt.

        The first signal cancels what is waited for, further ones are ignored.
        """
        running: Any = reactor
        ended: list[Any] = []

        def begin() -> None:
            for number in _SIGNALS:
                signal.signal(number, self._signalled)
            self._running = defer.ensureDeferred(main())
            self._running.addBoth(end)

        def end(result: Any) -> None:
            ended.append(result)
            running.stop()

        running.callWhenRunning(begin)
        running.run(installSignalHandlers=False)
        (result,) = ended
        if self.interrupted and (not isinstance(result, Failure) or isinstance(result.value, defer.CancelledError)):
            raise KeyboardInterrupt
        if isinstance(result, Failure):
            result.raiseException()
        return result  # type: ignore[no-any-return]  # it is what main() returns

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        if self.interrupted:
            return
        self.interrupted = True
        if self._running is not None:
            running: Any = reactor
            running.callFromThread(self._running.cancel)
