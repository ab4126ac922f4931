"""Runs coroutines on the reactor that pytest-twisted drives, so that Ctrl-C ends the one that is running at once."""

import signal
from collections.abc import Coroutine
from types import FrameType
from typing import Any, Protocol, TypeVar

import pytest_twisted
from twisted.internet import defer, reactor
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.task import deferLater

_T = TypeVar("_T")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruptible(Protocol):
    """What a run asks of the loop that it runs in."""

    interrupted: bool
    """Whether a signal has ended the run."""


class Loop:
    """The running reactor, and SIGINT, SIGTERM and SIGHUP until ``close``.

    A KeyboardInterrupt that is raised while the reactor runs is lost in it. So a signal cancels what the reactor is
    waiting for, and KeyboardInterrupt is raised where ``run`` was called. Further signals are ignored: what comes then
    is the cleaning up, which the target deserves and which takes a bounded time. Without ``raises``, a signal that
    comes while no coroutine runs is remembered, and that is all.
    """

    def __init__(self, *, raises: bool = True) -> None:
        self.interrupted = False
        self.shielded = False
        """Whether what runs now is not to be cut short: a signal is remembered, and that is all."""
        self._raises = raises
        self._running: defer.Deferred[Any] | None = None
        pytest_twisted.blockon(deferLater(reactor, 0))  # a reactor that starts later would take SIGTERM for itself
        self._before = {number: signal.signal(number, self._signalled) for number in SIGNALS}
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine to its end and return its result. Raises what it raises, or KeyboardInterrupt."""
        interrupted_before = self.interrupted
        self._running = defer.ensureDeferred(coroutine)
        try:
            result: _T = pytest_twisted.blockon(self._running)
        finally:
            self._running = None
            if self.interrupted and not interrupted_before and not self.shielded:
                raise KeyboardInterrupt
        return result

    def close(self) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        """End what is running."""
        if self.interrupted:
            return
        self.interrupted = True
        if self.shielded:
            return
        if self._running is not None:
            IReactorFromThreads(reactor).callFromThread(self._running.cancel)
        elif self._raises:
            raise KeyboardInterrupt
