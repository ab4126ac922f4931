"""A program that serves under Twisted's reactor until it is told to end."""

import contextlib
import errno
import gc
import io
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TextIO

from fakedobby.errors import BusLost, OutputClosed, UserError
from fakedobby.leash import Leash

_STANDARD_ERROR = 2


class Program:
    """Runs one coroutine that sets things up, says READY, and keeps the reactor going.

    SIGTERM, SIGINT and SIGHUP end it with status 0. An error of ours or of `user_errors` ends it with one sentence on
    standard error and status 1.
    """

    def __init__(self, name: str, user_errors: tuple[type[Exception], ...] = ()) -> None:
        self._name = name
        self._user_errors: tuple[type[Exception], ...] = (UserError, *user_errors)
        self._status = 0
        self._ending = False
        self._farewell: Callable[[], Coroutine[Any, Any, None]] | None = None
        self._needed: set[Any] = set()
        self._reactor: Any = None

    def run(self, set_up: Callable[[Any], Coroutine[Any, Any, None]], *, until_eof: bool = False) -> int:
        """Run `set_up(reactor)` and then the reactor; return the exit status.

        With `until_eof` the end of standard input ends it too, and at once: whoever started us is gone.
        """
        gc.disable()  # what is loaded at the start stays: nothing is to be collected there until say_ready()
        try:
            # loading Twisted takes longer than everything else here, and --help does not need it
            from twisted.internet import reactor  # noqa: PLC0415
        except KeyboardInterrupt:
            return 0
        self._reactor = reactor
        self._reactor.seconds = time.monotonic  # the time of day, which Twisted takes, may jump
        _allow_files()

        async def begin() -> None:
            if until_eof and sys.stdin is None:  # it was closed before, and its number may be anybody's by now
                self.end()
                return
            if until_eof:
                Leash(self._reactor, self.end)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                # what nohup, or a shell that starts us in the background, has us ignore remains ignored
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, lambda *_: self._reactor.callFromThread(self._signalled))
            try:
                await set_up(self._reactor)
            except self._user_errors as problem:
                self.fail(problem)

        self._reactor.callWhenRunning(self._do, begin)
        self._reactor.run()
        return self._status

    def before_ending(self, farewell: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `farewell()` when a signal comes, and end when it is done, or at once with the next signal."""
        self._farewell = farewell

    def end(self) -> None:
        """End with the status so far, which is 0 if nothing has failed."""
        if not self._ending:
            self._ending = True
            self._needed.clear()
            self._reactor.stop()

    def fail(self, sentence: object) -> None:
        """End with status 1 and say why, unless we are ending already: what fails then fails for that reason."""
        if not self._ending:
            self._status = 1
            complain(f"{self._name}: {sentence}\n")
            self.end()

    def needs(self, connection: Any, bus: str) -> None:
        """Fail when `connection` to the message bus at `bus` is lost before we end ourselves."""

        def lost(*_: object) -> None:
            if connection in self._needed:
                self.fail(BusLost(address=bus))

        self._needed.add(connection)
        connection.notifyOnDisconnect(lost)

    def no_longer_needs(self, connection: Any) -> None:
        """Take it calmly from now on when `connection` is lost."""
        self._needed.discard(connection)

    def _signalled(self) -> None:
        farewell, self._farewell = self._farewell, None
        if farewell is None:
            self.end()
            return

        async def part() -> None:
            await farewell()
            self.end()

        self._do(part)

    def _do(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        from twisted.internet.defer import Deferred  # noqa: PLC0415 (as in run)

        def broken(failure: Any) -> None:
            failure.printTraceback()
            self.fail(f"this is a defect of {self._name} itself: {failure.value!r}; please report it")

        Deferred.fromCoroutine(work()).addErrback(broken)


def _allow_files() -> None:
    """Allow ourselves as many open files, which connections are, as the system lets us have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # more than the kernel takes at all
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextlib.contextmanager
def standard_error() -> Iterator[None]:
    """See to it that there is a standard error meanwhile, and that it is never a reason for another exit status.

    In the place of one that was closed a file of ours, or of a child's, would be opened. What one that is full has not
    taken is thrown away in the end: else Python tries again, and ends with status 120.
    """
    if sys.stderr is None:
        _to_nowhere(_STANDARD_ERROR)
        sys.stderr = open(_STANDARD_ERROR, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 (it stays)
    try:
        yield
    finally:
        try:
            sys.stderr.flush()
        except OSError:
            _to_nowhere(_STANDARD_ERROR)


def _to_nowhere(number: int) -> None:
    """Let a file descriptor, which a child gets too, lead nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.set_inheritable(number, True)  # which it is not yet where that was the number it got
    if nowhere != number:
        os.close(nowhere)


def _write_all(stream: TextIO | None, text: str) -> None:
    """Write a text to its end: with PYTHONUNBUFFERED a stream forgets what a disk has no room for, and says nothing.

    None stands for a stream that was closed before the program was started. Raises OSError.
    """
    if stream is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    below = getattr(stream, "buffer", None)
    if not isinstance(below, io.RawIOBase):
        stream.write(text)
        stream.flush()
        return
    left = memoryview(text.encode(stream.encoding, stream.errors or "strict"))
    while left:
        written = below.write(left)
        if written is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        left = left[written:]


def complain(text: str) -> None:
    """Write a text to standard error, or nowhere when that is full or closed: the exit status has to say it then."""
    with contextlib.suppress(OSError):
        _write_all(sys.stderr, text)


def print_out(text: str) -> int:
    """Print a text that somebody asked for; return the exit status, 1 when it can't be printed or nobody reads it."""
    try:
        _write_all(sys.stdout, text)
    except OSError as problem:
        sys.stdout = None  # else Python tries again, and complains, when it ends
        if problem.errno != errno.EPIPE:  # whoever has read enough needs no telling
            complain(f"Standard output can't be written: {problem.strerror}.\n")
        return 1
    return 0


def say_ready(**facts: object) -> None:
    """Print the line by which scripts know that calls succeed now; raises OutputClosed when nobody can read it.

    What is there by now is never garbage, so that the collector need not look at it over and over.
    """
    gc.freeze()
    gc.enable()
    try:
        _write_all(sys.stdout, "READY " + json.dumps({**facts, "pid": os.getpid()}) + "\n")
    except OSError as problem:
        sys.stdout = None  # else Python tries again, and complains, when it ends
        raise OutputClosed(reason=problem.strerror) from None
