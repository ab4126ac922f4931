"""Several targets at once: how pytest-xdist's controller hands them to its workers, and what a signal does then."""

import signal
from collections.abc import Generator
from types import FrameType
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from conformance.loop import SIGNALS


class ByTarget(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist ships no types
    """Gives all cases of a target to one worker, in their order; a test's id begins with its target's number."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("[")[2].partition("-")[0]


class Controller:
    """Hooks of the session whose workers do the work.

    A signal goes to the whole process group. The workers take their containers away and skip the rest; the controller
    only remembers it, and waits for them as ever, so that it hears what they have to tell.
    """

    def __init__(self) -> None:
        self.interrupted = False

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionstart(self) -> Generator[None, object, object]:
        """Start the workers with the signals blocked: each lets them come once it can clean up."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            return (yield)
        finally:
            for number in SIGNALS:
                signal.signal(number, self._signalled)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> ByTarget:
        """Return what decides which worker gets which cases."""
        return ByTarget(config, log)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        self.interrupted = True
