"""A program that serves under Twisted's reactor until it is told to end."""

import json
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from fakedobby.errors import UserError


class Program:
    """Runs one coroutine that sets things up, says READY, and keeps the reactor going.

    SIGTERM and SIGINT end it with status 0. An error of `user_errors` ends it with one sentence on standard error and
    status 1.
    """

    def __init__(self, name: str, user_errors: tuple[type[Exception], ...] = (UserError,)) -> None:
        self._name = name
        self._user_errors = user_errors
        self._status = 0

    def run(self, set_up: Callable[[Any], Coroutine[Any, Any, None]]) -> int:
        """Run `set_up(reactor)` and then the reactor; return the exit status."""
        # loading Twisted takes longer than everything else here, and --help does not need it
        from twisted.internet import reactor  # noqa: PLC0415
        from twisted.internet.defer import Deferred  # noqa: PLC0415

        running: Any = reactor  # the reactor is a module only to mypy

        async def begin() -> None:
            try:
                await set_up(running)
            except self._user_errors as problem:
                self.fail(running, str(problem))

        def broken(failure: Any) -> None:
            failure.printTraceback()
            self.fail(running, f"this is a defect of {self._name} itself: {failure.value!r}; please report it")

        running.callWhenRunning(lambda: Deferred.fromCoroutine(begin()).addErrback(broken))
        running.run()
        return self._status

    def fail(self, reactor: Any, sentence: str) -> None:
        """End with status 1, once, and say why."""
        if self._status == 0:
            self._status = 1
            sys.stderr.write(f"{self._name}: {sentence}\n")
            reactor.stop()


def say_ready(**facts: object) -> None:
    """Print the line by which scripts know that calls succeed now."""
    sys.stdout.write("READY " + json.dumps({**facts, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
