"""The server of a recording: HTTP and WebSocket on one port, answers out of a book."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]  # it has no type hints

from thunderoci import answer as answers
from thunderoci.recording.framemessages import FrameMessages
from thunderoci.recording.httpmessages import Message, Unreadable, request_reader
from thunderoci.recording.redaction import Redactor
from thunderoci.replaying import answering
from thunderoci.replaying.book import Book
from thunderoci.replaying.call import Call, of_http, of_message
from thunderoci.replaying.timeline import Event, Timeline, Told
from thunderoci.requesthead import RequestHead
from thunderoci.websocket_frames import PONG, close_frame, offered_protocol, text_frame

log = logging.getLogger(__name__)

_LINGER = 5
"""Seconds that a client whose bytes can't be read has to read so."""


@implementer(IHalfCloseableProtocol)
class ReplayChannel(Protocol):
    """One client connection."""

    transport: Any
    factory: ReplayFactory

    def __init__(self) -> None:
        self._requests = request_reader()
        self._frames: FrameMessages | None = None
        self._target = ""
        self._parting: Any = None

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        """Send what is said at once, and read no more than the client reads."""
        self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(self.transport, streaming=True)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Take bytes of requests, or of frames."""
        if self._parting is not None:
            return
        try:
            if self._frames is None:
                self._requests.feed(data)
                self._take_requests()
            else:
                self._take_frames(data)
        except Unreadable as problem:
            log.warning("a client sent what can't be read: %s", problem)
            self._part(bytes(answers.BAD_REQUEST) if self._frames is None else close_frame())

    def readConnectionLost(self) -> None:  # noqa: N802 (Twisted's name)
        """End the connection behind what was answered."""
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:  # noqa: N802 (Twisted's name)
        """Do nothing: the sending side was ended here."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802, ARG002 (Twisted's names)
        """End the subscriptions of the connection."""
        if self._parting is not None and self._parting.active():
            self._parting.cancel()
        self.factory.gone(self)

    def push(self, message: bytes) -> None:
        """Send an event message."""
        self.transport.write(text_frame(message) if self._frames is not None else bytes(answers.of_event(message)))

    def _take_requests(self) -> None:
        while self._parting is None and (request := self._requests.next()) is not None:
            if request.head.wants_upgrade:
                self._switch(request)
                return
            self._answer(request)

    def _switch(self, request: Message[RequestHead]) -> None:
        head = request.head
        self._target = head.target.decode("latin-1")
        key = (head.all(b"sec-websocket-key") or [b""])[-1]
        answer = self.factory.handshake(self._target, key, offered_protocol(head.all(b"sec-websocket-protocol")))
        self.transport.write(answer)
        self._frames = FrameMessages()
        self._take_frames(self._requests.rest())

    def _answer(self, request: Message[RequestHead]) -> None:
        call = of_http(request.first.decode("latin-1"), request.body, self.factory.redactor)
        closes = request.head.wants_close

        def respond(told: Told | None, sentence: str) -> bytes:
            nonlocal closes
            if told is None:
                return answering.http_failure(call, request.body, sentence)
            answer, to_the_end = answering.http_answer(told, request.body, request.head.verb)
            closes = closes or to_the_end
            return answer

        self.factory.carry_out(self, call, respond)
        if closes:
            self._part(b"")

    def _take_frames(self, data: bytes) -> None:
        assert self._frames is not None  # noqa: S101 (whoever calls has made it)
        for opcode, payload in self._frames.feed(data):
            if opcode == "ping":
                self.transport.write(PONG)
            elif opcode == "close":
                self.transport.write(close_frame())
            elif opcode == "text" and payload:
                self._message(payload)

    def _message(self, payload: bytes) -> None:
        call = of_message(self.factory.path(self._target), payload, self.factory.redactor)

        def respond(told: Told | None, sentence: str) -> bytes:
            if told is None:
                return text_frame(answering.failure(payload, sentence).body)
            return text_frame(answering.body_for(told, payload))

        self.factory.carry_out(self, call, respond)

    def _part(self, last: bytes) -> None:
        """Send the last bytes, and cut the connection when the client had time to read them."""
        self.transport.write(last)
        self.transport.unregisterProducer()
        self.transport.loseWriteConnection()
        self._parting = self.factory.clock.callLater(_LINGER, self.transport.abortConnection)


class ReplayFactory(ServerFactory):
    """Answers all clients out of one recording; `clock` times its events."""

    noisy = False

    def __init__(self, clock: Any, timeline: Timeline, redactor: Redactor) -> None:
        self.clock = clock
        self.redactor = redactor
        self._book = Book(timeline.told)
        self._handshakes = timeline.handshakes
        self._subscriptions: list[tuple[ReplayChannel, str, str, str]] = []
        """Connection, callsign, event, and the client's id."""
        self._channels: dict[ReplayChannel, Deferred[None]] = {}
        self._late: set[Any] = set()

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802, ARG002 (Twisted's names)
        """Return the channel of a new connection."""
        channel = ReplayChannel()
        channel.factory = self
        self._channels[channel] = Deferred()
        return channel

    def gone(self, channel: ReplayChannel) -> None:
        """Forget a channel whose connection is lost."""
        self._subscriptions = [each for each in self._subscriptions if each[0] is not channel]
        self._channels.pop(channel).callback(None)

    def hang_up(self) -> Deferred[Any]:
        """End all connections; fires when they are gone."""
        for call in self._late:
            call.cancel()
        self._late.clear()
        waiting = list(self._channels.values())
        for channel in list(self._channels):
            channel.transport.abortConnection()
        return DeferredList(waiting)

    def path(self, target: str) -> str:
        """Return the path of a WebSocket as calls on it have it."""
        head = self.redactor.head(f"GET {target} HTTP/1.1".encode("latin-1")).decode("latin-1")
        return of_http(head, b"", self.redactor).path.removeprefix("GET ")

    def handshake(self, target: str, key: bytes, protocol: bytes | None) -> bytes:
        """Return the answer to a handshake."""
        return answering.switched(self._handshakes.get(self.path(target)), key, protocol)

    def carry_out(self, channel: ReplayChannel, call: Call, respond: Callable[[Told | None, str], bytes]) -> None:
        """Answer a call on a connection, and let the events come that followed it.

        `respond` makes the bytes of a recorded answer, or of a sentence that says why there is none.
        """
        told = self._book.find(call)
        if told is None:
            nearest = self._book.nearest(call)
            near = "nothing is recorded" if nearest is None else f"nearest is line {nearest.line}, {nearest.call}"
            sentence = f"Not in the recording: {call}; {near}."
            log.warning("%s", sentence)
            channel.transport.write(respond(None, sentence) if call.answered else b"")
            return
        before = [event for event in told.events if told.body is not None and event.at < told.answered_at]
        for event in before:
            self._send(event)
        if told.body is not None:
            self._subscribe(channel, call, told.body)
            channel.transport.write(respond(told, ""))
        elif call.answered:
            sentence = f"The box gave no answer when this was recorded in line {told.line}: {call}."
            log.warning("%s", sentence)
            channel.transport.write(respond(None, sentence))
        for event in told.events[len(before) :]:
            self._send_later(event, max(0.0, event.at - (told.answered_at or told.at)))

    def _subscribe(self, channel: ReplayChannel, call: Call, body: bytes) -> None:
        """Begin or end a subscription when the recorded answer is that of a success."""
        if not call.subscribes or b'"error"' in body:
            return
        subscription = (channel, call.callsign, call.member("event"), call.member("id"))
        if call.name == "register":
            self._subscriptions.append(subscription)
        else:
            self._subscriptions = [each for each in self._subscriptions if each != subscription]

    def _send(self, event: Event) -> None:
        for channel, callsign, name, client_id in self._subscriptions:
            if name == event.name and event.callsign in {"", callsign}:
                channel.push(answering.sent_to(event.message, client_id, name))

    def _send_later(self, event: Event, seconds: float) -> None:
        def send() -> None:
            self._late.discard(late)
            self._send(event)

        late = self.clock.callLater(seconds, send)
        self._late.add(late)
