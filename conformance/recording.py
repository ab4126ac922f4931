"""What `thunderoci record` wrote of a box, as calls, their answers, and events (the format: docs/record.md)."""

import base64
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.errors import BadRecording, UnreadableFile

FORMAT = "thunderoci-recording/1"
REDACTED = "<redacted>"

_TOKEN = re.compile(rf"(?<=[?&])token={re.escape(REDACTED)}&?")
_VERSION = re.compile(r"\.\d+\Z")
_SWITCHED = 101


@dataclass(slots=True)
class RecordedCall:
    """A call and its answer: ``message`` is a JSON value or a text; ``status`` is None on a WebSocket."""

    line: int
    at: float
    connection: int
    path: str
    websocket: bool
    method: str
    params: Any
    number: Any
    answered: bool = False
    status: int | None = None
    message: Any = None

    @property
    def name(self) -> str:
        """The method without callsign and version."""
        return self.method.rpartition(".")[2]

    @property
    def callsign(self) -> str:
        """Whose method it is: the path says it, or else the designator."""
        direct = self.path.partition("?")[0].partition("/jsonrpc/")[2].strip("/")
        return _VERSION.sub("", direct or self.method.partition("@")[0].rpartition(".")[0])


@dataclass(slots=True)
class Recording:
    """A whole recording; ``events`` are (time, connection, name, params)."""

    file: str
    calls: list[RecordedCall] = field(default_factory=list)
    events: list[tuple[float, int, str, Any]] = field(default_factory=list)
    others: int = 0
    """How many requests were no JSON-RPC calls."""
    lost: list[str] = field(default_factory=list)
    """Where lines are missing, since the disk had no room for them."""


def load(path: str) -> Recording:
    """Read a recording. Raises UnreadableFile and BadRecording."""
    try:
        whole = Path(path).read_bytes()
    except OSError as problem:
        raise UnreadableFile(file=path, why=problem.strerror) from None
    reading = _Reading(Recording(path))
    texts = [(number, text) for number, text in enumerate(whole.split(b"\n"), 1) if text.strip()]
    for at, (number, text) in enumerate(texts):
        try:
            line = json.loads(text)
            if at == 0 and line.get("format") != FORMAT:
                raise ValueError(f"it has no header with the format {FORMAT}")  # noqa: TRY301 (handled as all others)
            reading.take(number, line)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
            behind = texts[at + 1][1] if texts[at + 1 :] else b"" if whole.endswith(b"\n") else b'{"kind": "header"'
            if at and behind.startswith(b'{"kind": "header"'):
                continue  # what a killed recorder left half-written
            raise BadRecording(file=path, line=number, why=str(problem)) from None
    if not texts:
        raise BadRecording(file=path, line=1, why="there is nothing in it")
    return reading.whole()


class _Reading:
    """Takes the lines of a file, one after another."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._paths: dict[int, str] = {}
        self._sessions = 0
        self._began = 0.0
        self._last = 0.0

    def whole(self) -> Recording:
        """Return the recording, once all its lines are taken."""
        self._recording.calls.sort(key=lambda call: call.at)
        self._recording.events.sort(key=lambda event: event[0])
        return self._recording

    def take(self, number: int, line: dict[str, Any]) -> None:
        """Take a line; later sessions of a file come later in time, and have connections of their own."""
        kind = line["kind"]
        if kind == "header":
            self._sessions += 1
            self._began = self._last
            return
        at = self._began + float(line["at"])
        self._last = max(self._last, at)
        if kind == "lost":
            self._recording.lost.append(f"{int(line['lines'])} lines at line {number} of {self._recording.file}")
            return
        connection = self._sessions * 1_000_000 + int(line["connection"])
        if kind == "exchange":
            self._exchange(number, at, connection, line)
        elif kind == "push":
            self._event(at, connection, _parsed(_bytes(line["answer"])))
        elif kind == "message" and line["opcode"] == "text":
            self._message(number, at, connection, line)

    def _exchange(self, number: int, at: float, connection: int, line: dict[str, Any]) -> None:
        request, answer = line["request"], line["answer"]
        verb, target, _ = request["line"].split(" ", 2)
        path = _TOKEN.sub("", target).rstrip("?&")
        status = None if answer is None else int(answer["head"].split(" ", 2)[1])
        if status == _SWITCHED:
            self._paths[connection] = path
            return
        call = self._call(number, at, connection, path, _bytes(request)) if verb == "POST" else None
        if call is None:
            self._recording.others += 1
        elif answer is not None:
            call.answered, call.status, call.message = True, status, _parsed(_bytes(answer))

    def _message(self, number: int, at: float, connection: int, line: dict[str, Any]) -> None:
        data = _bytes(line)
        if line["from"] == "client":
            call = self._call(number, at, connection, self._paths.get(connection, "/jsonrpc"), data)
            if call is None:
                self._recording.others += 1
            else:
                call.websocket = True
            return
        message = _parsed(data)
        if isinstance(message, dict) and isinstance(message.get("method"), str) and "id" not in message:
            self._event(at, connection, message)
            return
        said = str(message.get("id")) if isinstance(message, dict) else ""
        for call in self._recording.calls:
            waits = call.websocket and call.connection == connection and not call.answered
            if waits and str(call.number) == said:
                call.answered, call.message = True, message
                return

    def _call(self, number: int, at: float, connection: int, path: str, data: bytes) -> RecordedCall | None:
        message = _parsed(data)
        if not isinstance(message, dict) or not isinstance(message.get("method"), str) or "id" not in message:
            return None
        call = RecordedCall(
            number, at, connection, path, False, message["method"], message.get("params"), message["id"]
        )
        self._recording.calls.append(call)
        return call

    def _event(self, at: float, connection: int, message: Any) -> None:
        if isinstance(message, dict) and isinstance(message.get("method"), str):
            name = message["method"].rpartition(".")[2]
            self._recording.events.append((at, connection, name, message.get("params")))


def _bytes(holder: dict[str, Any]) -> bytes:
    if "body64" in holder:
        return base64.b64decode(holder["body64"])
    body: str = holder["body"]
    return body.encode()


def _parsed(body: bytes) -> Any:
    """Return what a body says: JSON, else the text."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "backslashreplace")
