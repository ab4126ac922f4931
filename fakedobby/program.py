"""A program that serves under Twisted's reactor until it is told to end."""

import json
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from fakedobby.errors import BusLost, OutputClosed, UserError


class Program:
    """Runs one coroutine that sets things up, says READY, and keeps the reactor going.

    SIGTERM, SIGINT and SIGHUP end it with status 0. An error of `user_errors` ends it with one sentence on standard
    error and status 1.
    """

    def __init__(self, name: str, user_errors: tuple[type[Exception], ...] = (UserError,)) -> None:
        self._name = name
        self._user_errors = user_errors
        self._status = 0
        self._reactor: Any = None

    def run(self, set_up: Callable[[Any], Coroutine[Any, Any, None]]) -> int:
        """Run `set_up(reactor)` and then the reactor; return the exit status."""
        try:
            # loading Twisted takes longer than everything else here, and --help does not need it
            from twisted.internet import reactor  # noqa: PLC0415
            from twisted.internet.defer import Deferred  # noqa: PLC0415
        except KeyboardInterrupt:
            return 0
        self._reactor = reactor

        async def begin() -> None:
            # the reactor has taken SIGTERM and SIGINT by now; a terminal that is closed means the same
            signal.signal(signal.SIGHUP, lambda *_: self._reactor.callFromThread(self._end))
            try:
                await set_up(self._reactor)
            except self._user_errors as problem:
                self.fail(problem)

        def broken(failure: Any) -> None:
            failure.printTraceback()
            self.fail(f"this is a defect of {self._name} itself: {failure.value!r}; please report it")

        self._reactor.callWhenRunning(lambda: Deferred.fromCoroutine(begin()).addErrback(broken))
        self._reactor.run()
        return self._status

    def fail(self, sentence: object) -> None:
        """End with status 1, once, and say why."""
        if self._status == 0:
            self._status = 1
            sys.stderr.write(f"{self._name}: {sentence}\n")
            self._end()

    def needs(self, connection: Any, bus: str) -> None:
        """Fail when `connection` to the message bus at `bus` is lost before we end ourselves."""

        def lost(*_: object) -> None:
            self.fail(BusLost(address=bus))

        connection.notifyOnDisconnect(lost)
        self._reactor.addSystemEventTrigger("before", "shutdown", connection.cancelNotifyOnDisconnect, lost)

    def _end(self) -> None:
        if self._reactor.running:
            self._reactor.stop()


def say_ready(**facts: object) -> None:
    """Print the line by which scripts know that calls succeed now; raises OutputClosed when nobody can read it."""
    try:
        sys.stdout.write("READY " + json.dumps({**facts, "pid": os.getpid()}) + "\n")
        sys.stdout.flush()
    except OSError as problem:
        sys.stdout = None  # else Python tries again, and complains, when it ends
        raise OutputClosed(reason=problem.strerror) from None
