"""The file of a recording: each line is in the system's hands before the next one comes."""

import json
import logging
import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from thunderoci.errors import BadRecording, RecordingExists, RecordingUnwritable
from thunderoci.recording.format import FORMAT, LOST, Line

log = logging.getLogger(__name__)

NEW, REPLACE, APPEND = "new", "replace", "append"
"""What becomes of a file that is there: it is an error, it is emptied, or it is gone on with."""
_MOST_WAITING = 2**26
"""The most bytes of lines that wait for a disk with room."""
_NEWLINE = b"\n"


@dataclass(slots=True)
class _Waiting:
    """A line, or what was not written of it yet."""

    left: bytes
    size: int
    """How many bytes it has as a whole."""
    lost: int = 0
    """How many lines it says to be lost."""


class RecordingFile:
    """Writes lines, each complete in the file once `write` returns; what does not fit waits for room in it.

    Beyond so many bytes lines are lost. One that says how many is in their place once there is room again.

    `mode` is NEW, REPLACE or APPEND. Raises RecordingExists, RecordingUnwritable and BadRecording.
    """

    def __init__(self, path: str, mode: str, header: Line) -> None:
        self._path = path
        self._waiting: deque[_Waiting] = deque()
        self._size = 0
        self._lost = 0
        """How many lines the file says to be lost, by what is in it."""
        self._gap: Line | None = None
        """The line about those that were lost and that the file says nothing of yet."""
        self._failed = False
        if mode == APPEND:
            _check(path)
        flags = {NEW: os.O_EXCL, REPLACE: os.O_TRUNC, APPEND: 0}[mode]
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | flags, 0o600)
        except FileExistsError:
            raise RecordingExists(file=path) from None
        except OSError as problem:
            raise RecordingUnwritable(file=path, reason=problem.strerror) from None
        if mode == APPEND and self._is_cut():
            self._queue(_NEWLINE)
        self._queue(_line(header))
        if (reason := self._flush()) is not None:
            os.close(self._file)
            raise RecordingUnwritable(file=path, reason=reason)

    def write(self, line: Line) -> None:
        """Write a line, and before it those that wait; a disk that takes nothing is told of once."""
        self._flush()  # there may be room by now
        data = _line(line)
        gap = b"" if self._gap is None else _line(self._gap)
        if not self._waiting or self._size + len(gap) + len(data) <= _MOST_WAITING:
            self._close_gap()
            self._queue(data)
            problem = self._flush()
            if self._size > _MOST_WAITING:
                self._take_back(line)
        else:
            self._lose(line)
            problem = self._flush()
        if problem is not None and not self._failed:
            log.error(
                "The recording %s can't be written now: %s. Traffic goes on, and what is said waits for room.",
                self._path,
                problem,
            )
        elif problem is None and self._failed:
            log.warning("The recording %s can be written again.", self._path)
        self._failed = problem is not None

    def close(self) -> None:
        """Write what still waits; raises RecordingUnwritable when that can't be done, or lines were lost before."""
        problem = self._flush()
        if problem is None:
            self._close_gap()
            problem = self._flush()
        os.close(self._file)
        told = []
        if self._lost:
            told.append(f"{self._lost} lines are missing where it says so")
        missing = sum(waiting.lost or 1 for waiting in self._waiting)
        if missing := missing + (0 if self._gap is None else self._gap["lines"]):
            told.append(f"the last {missing} lines are missing")
        if told:
            reason = f"{problem or 'there was no room for a while'}; {' and '.join(told)}"
            raise RecordingUnwritable(file=self._path, reason=reason)

    def _lose(self, line: Line) -> None:
        """Do without a line, which the file is to say."""
        if self._gap is None:
            self._gap = {"kind": LOST, "at": line["at"], "lines": 0}
        self._gap["lines"] += 1

    def _close_gap(self) -> None:
        """Say in the file that lines are lost, if any are."""
        if self._gap is not None:
            self._queue(_line(self._gap), self._gap["lines"])
            self._gap = None

    def _take_back(self, line: Line) -> None:
        """Lose the line that came last, too long to wait; what the file has of it goes where that is possible."""
        last = self._waiting[-1]
        try:
            if written := last.size - len(last.left):
                os.ftruncate(self._file, os.fstat(self._file).st_size - written)
        except OSError:
            return  # it is no file on a disk: the rest has to follow
        self._size -= len(self._waiting.pop().left)
        self._lose(line)

    def _queue(self, data: bytes, lost: int = 0) -> None:
        self._waiting.append(_Waiting(data, len(data), lost))
        self._size += len(data)

    def _flush(self) -> str | None:
        """Write what waits; return why not all of it could be."""
        while self._waiting:
            first = self._waiting[0]
            reason = ""
            try:
                written = os.write(self._file, first.left)
            except OSError as problem:
                written, reason = 0, problem.strerror or str(problem)
            self._size -= written
            if written < len(first.left):
                first.left = first.left[written:]
            else:
                self._lost += first.lost
                self._waiting.popleft()
            if reason:
                return reason
        return None

    def _is_cut(self) -> bool:
        """Tell whether the last line has no end, since whoever wrote it was killed."""
        size = os.fstat(self._file).st_size
        return size > 0 and os.pread(self._file, 1, size - 1) != _NEWLINE


def _line(line: Line) -> bytes:
    return json.dumps(line).encode() + _NEWLINE


def _check(path: str) -> None:
    """Make sure that what is to be gone on with is a recording; a file that is not there, or empty, is fine."""
    try:
        with Path(path).open("rb") as file:
            first = file.readline(_MOST_WAITING)
    except FileNotFoundError:
        return
    except OSError as problem:
        raise RecordingUnwritable(file=path, reason=problem.strerror) from None
    try:
        header = json.loads(first or b"{}")
    except ValueError:
        header = None
    if first and (not isinstance(header, dict) or header.get("format") != FORMAT):
        raise BadRecording(file=path, line=1, reason=f"it has no header with the format {FORMAT}")
