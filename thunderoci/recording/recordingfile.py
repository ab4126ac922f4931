"""The file of a recording: each line is in the system's hands before the next one comes."""

import json
import logging
import os
from collections import deque
from pathlib import Path

from thunderoci.errors import BadRecording, RecordingExists, RecordingUnwritable
from thunderoci.recording.format import FORMAT, LOST, Line

log = logging.getLogger(__name__)

NEW, REPLACE, APPEND = "new", "replace", "append"
"""What becomes of a file that is there: it is an error, it is emptied, or it is gone on with."""
_MOST_WAITING = 2**26
"""The most bytes of lines that wait for a disk with room."""
_NEWLINE = b"\n"


class RecordingFile:
    """Writes lines, each complete in the file once `write` returns; what does not fit waits for room in it.

    Beyond so many bytes lines are lost. One that says how many is in their place once there is room again.

    `mode` is NEW, REPLACE or APPEND. Raises RecordingExists, RecordingUnwritable and BadRecording.
    """

    def __init__(self, path: str, mode: str, header: Line) -> None:
        self._path = path
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._lost = 0
        """How many lines the file says to be lost."""
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
        if self._size + len(gap) + len(data) <= _MOST_WAITING:
            self._close_gap()
            self._queue(data)
        elif self._gap is None:
            self._gap = {"kind": LOST, "at": line["at"], "lines": 1}
        else:
            self._gap["lines"] += 1
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
        last = 0 if self._gap is None else self._gap["lines"]
        problem = self._flush()
        if problem is None:
            self._close_gap()
            problem, last = self._flush(), 0
        os.close(self._file)
        told = []
        if self._lost:
            told.append(f"{self._lost} lines are missing where it says so")
        if missing := last + len(self._waiting):
            told.append(f"the last {missing} lines are missing")
        if told:
            reason = f"{problem or 'there was no room for a while'}; {' and '.join(told)}"
            raise RecordingUnwritable(file=self._path, reason=reason)

    def _close_gap(self) -> None:
        """Say in the file that lines are lost, if any are."""
        if self._gap is not None:
            self._queue(_line(self._gap))
            self._lost += self._gap["lines"]
            self._gap = None

    def _queue(self, data: bytes) -> None:
        self._waiting.append(data)
        self._size += len(data)

    def _flush(self) -> str | None:
        """Write what waits; return why not all of it could be."""
        while self._waiting:
            data = self._waiting.popleft()
            self._size -= len(data)
            reason = ""
            try:
                written = os.write(self._file, data)
            except OSError as problem:
                written, reason = 0, problem.strerror or str(problem)
            if written < len(data):
                self._waiting.appendleft(data[written:])
                self._size += len(data) - written
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
