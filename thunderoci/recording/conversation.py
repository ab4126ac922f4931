"""What was said on one connection of the proxy: bytes in, lines of the recording out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from thunderoci.recording.awaited import Awaited
from thunderoci.recording.format import BOX, CLIENT, Line, written
from thunderoci.recording.framemessages import FrameMessages
from thunderoci.recording.httpmessages import (
    AnswerHead,
    Message,
    MessageReader,
    Unreadable,
    answer_reader,
    length_of_answer,
    request_reader,
)
from thunderoci.recording.redaction import Redactor
from thunderoci.requesthead import RequestHead

_SWITCHED = b"101"
_MOST_UNREAD = 2**16
"""How much is kept of what is no message of HTTP or WebSocket."""


@dataclass(slots=True)
class _Asked:
    """A request whose answer is awaited, and when it was complete."""

    message: Message[RequestHead]
    at: float


class _Unread:
    """The bytes of one side that nobody can read; of frames, which are masked, only how many they are."""

    def __init__(self, why: str, data: bytes, most: int = _MOST_UNREAD) -> None:
        self.why = why
        self.size = 0
        self._most = most
        self._kept = bytearray()
        self.add(data)

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self._kept += data[: max(0, self._most - len(self._kept))]

    def line(self, redactor: Redactor) -> Line:
        return {"why": self.why, "size": self.size, **written(redactor.raw(bytes(self._kept)))}


class Conversation:
    """Follows the connection `number`; `tell` takes each line, `clock` gives the seconds since the recording began."""

    def __init__(
        self, number: int, tell: Callable[[Line], None], clock: Callable[[], float], redactor: Redactor
    ) -> None:
        self._number = number
        self._tell = tell
        self._clock = clock
        self._redactor = redactor
        self._asked: Awaited[_Asked] = Awaited(_number)
        self._requests = request_reader()
        self._answers = answer_reader(self._length_of_answer)
        self._switching = False
        self._frames: dict[str, FrameMessages] = {}
        self._unread: dict[str, _Unread] = {}
        self._ended_by = ""
        self._over = False

    def from_client(self, data: bytes) -> None:
        """Take bytes on their way to the box."""
        if self._heard(CLIENT, data):
            self._requests.feed(data)
            self._read(CLIENT, self._take_requests, self._requests)

    def from_box(self, data: bytes) -> None:
        """Take bytes on their way to the client."""
        if self._heard(BOX, data):
            self._answers.feed(data)
            self._read(BOX, self._take_answers, self._answers)

    def ending(self, by: str) -> None:
        """Note who was the first to end the connection."""
        self._ended_by = self._ended_by or by

    def end(self, by: str) -> None:
        """Tell of the end, and of what is left without one; `by` is who ended the connection, if nobody was noted."""
        self.ending(by)
        if self._over:
            return
        self._over = True
        last = None if BOX in self._unread else self._answers.end()
        if last is not None:
            self._answered(last)
        for side, reader in ((CLIENT, self._requests), (BOX, self._answers)):
            framed = side in self._frames
            rest = self._frames[side].rest() if framed else reader.rest()
            if rest and side not in self._unread:
                self._unread[side] = _Unread("it is not complete", rest, 0 if framed else _MOST_UNREAD)
        for asked in self._asked.all():
            self._say("exchange", asked.at, request=self._request(asked.message), answer=None)
        for side, unread in self._unread.items():
            self._say("unread", self._clock(), **{"from": side}, **unread.line(self._redactor))
        self._say("closed", self._clock(), by=self._ended_by)

    def unreachable(self, why: str) -> None:
        """Tell that the box could not be reached."""
        self._over = True
        self._say("unreachable", self._clock(), why=why)

    def _heard(self, side: str, data: bytes) -> bool:
        """Take bytes that are no HTTP; tell whether these are."""
        if side in self._unread:
            self._unread[side].add(data)
            return False
        if not self._frames:
            return True
        frames = self._frames[side]
        try:
            for opcode, payload in frames.feed(data):
                clean = self._redactor.body(payload)
                self._say("message", self._clock(), **{"from": side}, opcode=opcode, **written(clean))
        except Unreadable as problem:
            self._unread[side] = _Unread(str(problem), frames.rest(), 0)
        return False

    def _read(self, side: str, take: Callable[[], None], reader: MessageReader[Any]) -> None:
        try:
            take()
        except Unreadable as problem:
            self._unread[side] = _Unread(str(problem), reader.rest())

    def _take_requests(self) -> None:
        """Take complete requests; behind one for a WebSocket its answer decides what the bytes are."""
        while not self._switching and (message := self._requests.next()) is not None:
            self._switching = message.head.wants_upgrade
            self._asked.add(_Asked(message, self._clock()))

    def _take_answers(self) -> None:
        while not self._frames and (message := self._answers.next()) is not None:
            interim = message.head.status[:1] == b"1" and message.head.status != _SWITCHED
            if not interim:
                self._answered(message)

    def _answered(self, answer: Message[AnswerHead]) -> None:
        asked = self._taken(answer)
        if asked is None:
            kind = "push" if _is_event(_object(answer.body)) else "unasked"
            self._say(kind, self._clock(), answer=self._answer(answer))
            return
        seconds = round(self._clock() - asked.at, 6)
        request = self._request(asked.message)
        self._say("exchange", asked.at, seconds=seconds, request=request, answer=self._answer(answer))
        if not (self._switching and asked.message.head.wants_upgrade):
            return
        self._switching = False
        if answer.head.status == _SWITCHED:
            self._frames = {CLIENT: FrameMessages(), BOX: FrameMessages()}
            self._heard(CLIENT, self._requests.rest())
            self._heard(BOX, self._answers.rest())
        else:
            self._read(CLIENT, self._take_requests, self._requests)

    def _taken(self, answer: Message[AnswerHead]) -> _Asked | None:
        """Take the request that is answered: Thunder answers them as they are done, and pushes events in between.

        None is that of an event, and of an answer to what could not be read.
        """
        said = _object(answer.body)
        if _is_event(said):
            return None
        named = self._asked.take(str(said["id"])) if len(self._asked) > 1 and "id" in said else None
        return named or self._asked.take_first()

    def _length_of_answer(self, head: AnswerHead) -> int:
        first = self._asked.first()
        return length_of_answer(head, b"" if first is None else first.message.head.verb)

    def _request(self, message: Message[RequestHead]) -> Line:
        first, *lines = self._redactor.head(message.raw).removesuffix(b"\r\n\r\n").decode("latin-1").split("\r\n")
        return {"line": first, "headers": lines, **written(self._redactor.body(message.body))}

    def _answer(self, message: Message[AnswerHead]) -> Line:
        head = self._redactor.head(message.raw).decode("latin-1")
        return {"head": head, **written(self._redactor.body(message.body))}

    def _say(self, kind: str, at: float, **facts: Any) -> None:
        self._tell({"kind": kind, "connection": self._number, "at": round(at, 6), **facts})


def _number(asked: _Asked) -> str:
    return str(_object(asked.message.body).get("id"))


def _is_event(said: dict[str, Any]) -> bool:
    return isinstance(said.get("method"), str) and "id" not in said


def _object(body: bytes) -> dict[str, Any]:
    """Return a body as a JSON object, {} for what is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
