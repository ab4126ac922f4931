"""A recording that is read back: its lines, in the order in which things were said."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from thunderoci.errors import BadRecording, RecordingUnreadable
from thunderoci.recording.format import FORMAT, LOST, Line

_NEEDED: dict[str, tuple[str, ...]] = {
    "header": ("format",),
    "exchange": ("connection", "at", "request", "answer"),
    "push": ("connection", "at", "answer"),
    "unasked": ("connection", "at", "answer"),
    "message": ("connection", "at", "from", "opcode"),
    "unread": ("connection", "at"),
    "closed": ("connection", "at"),
    "unreachable": ("connection", "at"),
    LOST: ("at", "lines"),
}
"""The members that a line of each kind has at least."""


@dataclass(slots=True)
class Session:
    """What one run of the recorder wrote, each line with its number in the file."""

    header: Line
    lines: list[tuple[int, Line]] = field(default_factory=list)


@dataclass(slots=True)
class Recording:
    """All sessions of a file, and the names whose values were redacted in any of them."""

    file: str
    sessions: list[Session] = field(default_factory=list)

    @property
    def lost(self) -> list[tuple[int, int]]:
        """Where lines are missing: the number of the line that says so, and how many it says."""
        lines = (line for session in self.sessions for line in session.lines)
        return [(number, line["lines"]) for number, line in lines if line["kind"] == LOST]

    @property
    def redacted(self) -> list[str]:
        """The names that were given to --redact."""
        return [name for session in self.sessions for name in session.header.get("redacted", [])]


def load(path: str) -> Recording:
    """Read a recording; raises RecordingUnreadable and BadRecording.

    A line that a killed recorder left half-written is passed over: the last one of the file or of a session.
    """
    try:
        whole = Path(path).read_bytes()
    except OSError as problem:
        raise RecordingUnreadable(file=path, reason=problem.strerror) from None
    recording = Recording(path)
    texts = [(number, text) for number, text in enumerate(whole.split(b"\n"), 1) if text.strip()]
    for at, (number, text) in enumerate(texts):
        try:
            line = _line(path, number, text)
        except BadRecording:
            behind = texts[at + 1][1] if texts[at + 1 :] else b"" if whole.endswith(b"\n") else None
            if at and (behind is None or _begins(behind)):
                continue
            raise
        if line["kind"] == "header":
            recording.sessions.append(Session(line))
        elif recording.sessions:
            recording.sessions[-1].lines.append((number, line))
        else:
            raise BadRecording(file=path, line=number, reason=f"a header with the format {FORMAT} has to come first")
    if not recording.sessions:
        raise BadRecording(file=path, line=1, reason="there is nothing in it")
    return recording


def _begins(text: bytes) -> bool:
    """Tell whether a recorder began here, behind what another one left half-written."""
    try:
        return bool(json.loads(text)["kind"] == "header")
    except (ValueError, LookupError, TypeError, RecursionError):
        return False


def _line(path: str, number: int, text: bytes) -> Line:
    def bad(reason: str) -> BadRecording:
        return BadRecording(file=path, line=number, reason=reason)

    try:
        line = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise bad(f"it is not JSON: {problem}") from None
    kind = line.get("kind") if isinstance(line, dict) else None
    if not isinstance(line, dict) or not isinstance(kind, str) or kind not in _NEEDED:
        raise bad(f"its kind is none of {', '.join(_NEEDED)}")
    missing = [name for name in _NEEDED[kind] if name not in line]
    if missing:
        raise bad(f"a line of the kind {kind} needs {' and '.join(missing)}")
    if type(line.get("connection", 0)) is not int:
        raise bad("its connection is no number")
    if kind == "header" and line["format"] != FORMAT:
        raise bad(f"its format is {line['format']}, and this version reads {FORMAT}")
    redacted = line.get("redacted", [])
    if kind == "header" and not (isinstance(redacted, list) and all(isinstance(name, str) for name in redacted)):
        raise bad("what was redacted is no list of names")
    return line
