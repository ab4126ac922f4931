"""A recording as calls with their answers, and the events that each of them brought about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from thunderoci.errors import BadRecording
from thunderoci.recording.awaited import Awaited
from thunderoci.recording.format import BOX, CLIENT, bytes_in
from thunderoci.recording.httpmessages import head_of_answer
from thunderoci.recording.recording import Recording, Session
from thunderoci.recording.redaction import Redactor
from thunderoci.replaying.call import Call, object_in, of_http, of_message, texts_in, without_token
from thunderoci.replaying.causes import Causes
from thunderoci.requesthead import Malformed

_LOOKS = re.compile(r"(?:get|list|is|has|exists|status|version)[A-Z@]?.*|exists")
"""Methods by which nothing happens, by their names."""


@dataclass(slots=True)
class Event:
    """An event message; `callsign` is who sent it, "" when the recording does not tell."""

    callsign: str
    name: str
    message: bytes
    at: float
    connection: int

    @property
    def params(self) -> Any:
        """What the event says."""
        return object_in(self.message).get("params")


@dataclass(slots=True)
class Told:
    """A recorded call and what came of it; `body` is None where no answer ever came."""

    call: Call
    line: int
    at: float
    connection: int
    head: bytes | None = None
    body: bytes | None = None
    answered_at: float = 0.0
    events: list[Event] = field(default_factory=list)
    request_id: Any = None

    @property
    def changes(self) -> bool:
        """Whether something may happen by the call."""
        return not self.call.subscribes and not _LOOKS.fullmatch(self.call.name)

    @property
    def texts(self) -> frozenset[str]:
        """All texts in the call's params."""
        return self.call.values


@dataclass(slots=True)
class Timeline:
    """Everything that a recording tells: calls in their order, and the handshakes by path."""

    told: list[Told] = field(default_factory=list)
    handshakes: dict[str, bytes] = field(default_factory=dict)
    stray: int = 0
    """How many events came before any call."""


def timeline(recording: Recording) -> Timeline:
    """Return what a recording tells; raises BadRecording."""
    found = Timeline()
    redactor = Redactor(recording.redacted)
    for session in recording.sessions:
        _Reading(recording.file, session, redactor, found).read()
    return found


class _Reading:
    """Goes over the lines of one session."""

    def __init__(self, file: str, session: Session, redactor: Redactor, found: Timeline) -> None:
        self._file = file
        self._session = session
        self._redactor = redactor
        self._found = found
        self._told: list[Told] = []
        self._events: list[Event] = []
        self._waiting: dict[int, Awaited[Told]] = {}
        """What is asked and not answered, by connection."""
        self._paths: dict[int, str] = {}
        self._subscribed: dict[tuple[int, str], str] = {}
        """The callsign by connection and the method of the messages."""

    def read(self) -> None:
        """Add what the session tells."""
        for number, line in self._session.lines:
            try:
                self._take(number, line)
            except (LookupError, TypeError, ValueError, AttributeError, OverflowError, Malformed) as problem:
                reason = f"it can't be understood ({type(problem).__name__}: {problem})"
                raise BadRecording(file=self._file, line=number, reason=reason) from None
        self._told.sort(key=lambda told: told.at)
        causes = Causes(self._told)
        for event in self._once():
            cause = causes.of(event.at, event.connection, texts_in(event.params))
            if cause is None:
                self._found.stray += 1
            else:
                cause.events.append(event)
        self._found.told += self._told

    def _take(self, number: int, line: dict[str, Any]) -> None:
        match line["kind"]:
            case "exchange":
                self._exchange(number, line)
            case "push":
                # a recorder may take the answer to what it could not read for one, too
                if isinstance(object_in(data := bytes_in(line["answer"])).get("method"), str):
                    self._event(line, data)
            case "message" if line["opcode"] == "text":
                data = bytes_in(line)
                if line["from"] == CLIENT:
                    self._called(number, line, data)
                elif line["from"] == BOX:
                    self._said(line, data)

    def _exchange(self, number: int, line: dict[str, Any]) -> None:
        request, answer = line["request"], line["answer"]
        head = None if answer is None else answer["head"].encode("latin-1")
        if head is not None and head_of_answer(head).status == b"101":
            path = without_token(request["line"].split(" ", 2)[1])
            self._paths[line["connection"]] = path
            self._found.handshakes.setdefault(path, head)
            return
        call = of_http(request["line"], bytes_in(request), self._redactor)
        told = Told(call, number, float(line["at"]), line["connection"], head)
        if answer is not None:
            told.body, told.answered_at = bytes_in(answer), told.at + line.get("seconds", 0.0)
        told.request_id = object_in(bytes_in(request)).get("id")
        self._add(told)

    def _called(self, number: int, line: dict[str, Any], data: bytes) -> None:
        call = of_message(self._paths.get(line["connection"], "/jsonrpc"), data, self._redactor)
        told = Told(call, number, float(line["at"]), line["connection"])
        told.request_id = object_in(data).get("id")
        self._add(told)

    def _add(self, told: Told) -> None:
        self._told.append(told)
        if told.head is None and told.call.answered:
            self._waiting.setdefault(told.connection, Awaited(lambda told: str(told.request_id))).add(told)
        call = told.call
        if call.name == "register":
            method = f"{call.member('id')}.{call.member('event')}"
            self._subscribed[told.connection, method] = call.callsign

    def _said(self, line: dict[str, Any], data: bytes) -> None:
        """Take what the box said on a WebSocket: an event, or the answer to a call there."""
        message = object_in(data)
        if isinstance(message.get("method"), str) and "id" not in message:
            self._event(line, data)
            return
        waiting = self._waiting.get(line["connection"])
        told = None if waiting is None else waiting.take(str(message.get("id"))) or waiting.take_first()
        if told is not None:
            told.body, told.answered_at = data, float(line["at"])

    def _event(self, line: dict[str, Any], data: bytes) -> None:
        method = str(object_in(data)["method"])
        connection = line["connection"]
        callsign = self._subscribed.get((connection, method), "")
        self._events.append(Event(callsign, method.rpartition(".")[2], data, float(line["at"]), connection))

    def _once(self) -> Iterator[Event]:
        """Yield each event once, however many subscriptions it was sent to."""
        seen: Counter[tuple[str, int, str]] = Counter()
        most: Counter[str] = Counter()
        for event in sorted(self._events, key=lambda event: event.at):
            what = f"{event.name} {event.params}"
            stream = (what, event.connection, str(object_in(event.message)["method"]))
            seen[stream] += 1
            if seen[stream] > most[what]:
                most[what] = seen[stream]
                yield event
