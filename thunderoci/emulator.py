"""Our programs in processes of their own, for as long as somebody needs them."""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import IO, Any, Self

from thunderoci.errors import EmulatorFailed

_READY = b"READY "
_PATIENCE = 60.0
"""Seconds that a program has to say READY."""
_GRACE = 10.0
"""Seconds that a program has to end."""
_PIECE = 4096

UP = ("thunderoci", "up", "--port", "0")
"""The emulator on a free port."""
IMMEDIATE = ("--progression", "immediate")


class ChildProgram:
    """One of our programs as a child process, from its READY line to the end of a `with` block.

    It ends with this process at the latest, also after SIGKILL, unless a process that was forked from this one (and
    runs no other program) lives on. It takes no part in a Ctrl-C at the terminal, so that whoever uses it can still
    clean up. Raises EmulatorFailed when it does not start.
    """

    def __init__(self, *words: str) -> None:
        self._words = words
        self._open = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._complaints: IO[bytes] | None = None
        self.ready: dict[str, Any] = {}
        """What the READY line says."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def start(self) -> None:
        """Start it, and return when calls succeed."""
        module, *arguments = self._words
        self._complaints = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (the stack closes it)
        process = self._process = self._open.enter_context(
            subprocess.Popen(
                # -P: a folder of our name in the user's working directory must not be taken for us
                (sys.executable, "-P", "-m", module, *arguments, "--until-eof"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                start_new_session=True,
            )
        )
        line = _first_line(process)
        if not line.startswith(_READY):
            if not line:
                with suppress(subprocess.TimeoutExpired):  # it says why before it ends
                    process.wait(_GRACE)
            self._stop()
            reason = _reason(self.log())
            self._open.close()
            raise EmulatorFailed(reason=reason)
        self.ready = json.loads(line.removeprefix(_READY))

    def end(self) -> int:
        """End it, and return its exit status."""
        if self._process is None:
            return 0
        status = self._stop()
        if status:  # what it says while all goes well (what a real box would do here) is for its own users
            sys.stderr.write(self.log())
        self._complaints = None
        self._open.close()
        return status

    def kill(self) -> None:
        """End it at once, also when it does not listen any more; end() is still to be called."""
        if self._process is not None:
            self._process.kill()

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def said(self) -> int:
        """Return how many bytes it has logged."""
        return os.fstat(self._complaints.fileno()).st_size if self._complaints else 0

    def log(self, since: int = 0) -> str:
        """Return what it has logged behind the first `since` bytes."""
        if self._complaints is None:
            return ""
        descriptor, pieces = self._complaints.fileno(), []
        while piece := os.pread(descriptor, _PIECE, since):  # the child writes at an offset that it shares with us
            pieces.append(piece)
            since += len(piece)
        return b"".join(pieces).decode(errors="replace")

    def _stop(self) -> int:
        process = self._process
        if process is None:
            return 0
        process.terminate()
        try:
            status = process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        if process.stdin:
            with suppress(OSError):
                process.stdin.close()
        return status


def _reason(log: str) -> str:
    """Return why a program did not start: what it said, without the usage before a complaint about that."""
    said = log.strip().removesuffix(".")
    if said.startswith("usage:"):
        said = said.splitlines()[-1]
    return said or "it said nothing"


def _first_line(process: "subprocess.Popen[bytes]") -> bytes:
    """Return the first line of a program's output, what there is of it when it ends or takes too long."""
    line = b""
    output = process.stdout
    deadline = time.monotonic() + _PATIENCE
    while output is not None and not line.endswith(b"\n"):
        if not select.select([output], [], [], max(0.0, deadline - time.monotonic()))[0]:
            break
        piece = os.read(output.fileno(), _PIECE)
        if not piece:
            break
        line += piece
    return line


@contextmanager
def running_emulator(profile: str) -> Iterator[str]:
    """Start an emulator of a profile on a free port and give its URL; end it afterwards. Raises EmulatorFailed."""
    with ChildProgram(*UP, *IMMEDIATE, "--profile", profile) as emulator:
        yield emulator.ready["url"]
