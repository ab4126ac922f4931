"""One client's connection: HTTP as Thunder speaks it, and the way from there to WebSocket.

Libraries refuse much that Thunder takes, and add headers. So requests are read by a reader of our own
(requestreader.py), and each answer is written in one piece. Source of the rules: facts/thunder.md A and C.
"""

import logging
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer, ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]  # it has no type hints

from thunderoci import answer as answers
from thunderoci.answer import Answer
from thunderoci.control.api import ControlAPI, is_meant
from thunderoci.ending import Ending
from thunderoci.faultywire import FaultyWire
from thunderoci.httprequest import ThunderRequest
from thunderoci.outbox import Outbox, name_of
from thunderoci.pending import Pending
from thunderoci.quirks import HALF_CLOSE, SILENCE
from thunderoci.requesthead import Malformed, RequestHead
from thunderoci.requestreader import BodyTooLarge, HeadTooLarge, RequestReader
from thunderoci.service import Service
from thunderoci.subscriptions import Client
from thunderoci.websocket import WebSocketSession

log = logging.getLogger(__name__)

READ_AHEAD = 16 * 1024
"""The most bytes behind a request that is worked on, or that waits for its turn, with which reading goes on."""
_A_TURN = 32
"""How many requests of one connection are answered before others have their turn."""


@implementer(IHalfCloseableProtocol, IPushProducer)
class ThunderChannel(Protocol):
    """One client connection."""

    factory: Any
    """What made it (server.py)."""
    transport: Any
    _working = False
    """Whether a request is worked on, and the next one waits."""
    _beside = 0
    """How many requests are worked on whose answers keep no order."""
    _too_many = False
    """Whether the next one waits until one of those is answered."""
    _going_on = False
    """Whether requests are being begun; one that is answered at once is no reason to begin that anew."""
    _reads = True
    """Whether the transport reads."""
    _half_closed = False
    _next_turn: Any = None
    """The timer of the next turn, when this one was too short for all requests that have come."""
    _session: WebSocketSession | None = None

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        """Begin; the client may subscribe to events from now on."""
        self.limits = self.factory.limits
        self.switches = self.factory.switches
        self.outbox = Outbox(self.transport, self.limits.unread, self.limits.unread_events)
        self.wire = FaultyWire(self.outbox, self._part, self.factory.clock)
        self._requests = RequestReader(self.limits.head, self._most_body, lambda: self.switches.on(SILENCE))
        self._peer, self._host = self.transport.getPeer(), self.transport.getHost()
        self._ending = Ending(self.transport, self.outbox, self.factory.clock, self.limits)
        self._silence = self._ending.silence
        self.client = Client(self._push, getattr(self._peer, "host", ""))
        self.factory.host.connect(self.client)
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpNoDelay(True)
        self.pending = Pending()
        self.transport.registerProducer(self, True)

    def getHost(self) -> Any:  # noqa: N802 (Twisted's name)
        """Return our own address, for which a transport would ask the system each time."""
        return self._host

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Take bytes of requests, or of frames."""
        if self._ending.deaf:
            return
        if self._session is not None:
            self._session.data_received(data)
            return
        self._silence.heard()
        self._requests.feed(data)
        if self._next_turn is None:
            self._go_on()

    def _go_on(self) -> None:
        """Begin the requests that have come; a defect cuts the connection, whose client would wait for ever."""
        self._going_on = True
        try:
            self._begin_requests()
        except Exception:
            log.exception("a request broke; this is a defect of ours, please report it")
            self.outbox.cut()
            return
        finally:
            self._going_on = False
        if self._ending.deaf and self._half_closed:  # nobody is there any more to send what would be thrown away
            self.loseConnection()
        self._read_when_free()

    def _begin_requests(self) -> None:
        """Begin one request when the one before is answered, and so many a turn."""
        left, outbox = _A_TURN, self.outbox
        while not (self._working or self._ending.deaf or outbox.paused or outbox.closed):
            if not left:
                self._next_turn = self.factory.clock.callLater(0, self._turn)
                break
            left -= 1
            try:
                request = self._requests.next()
            except HeadTooLarge:
                self.refuse(answers.HEAD_TOO_LARGE)
            except BodyTooLarge as too_large:
                control = self.control(too_large.head)
                self.refuse(answers.BODY_TOO_LARGE if control is None else control.too_large())
            except Malformed:
                self._not_understood()
            else:
                if request is None:
                    if self._half_closed and not self._beside:
                        self._end_of_requests()
                    break
                self._working = True
                self._silence.allow(None)
                ThunderRequest(self, *request).process()

    def _turn(self) -> None:
        self._next_turn = None
        self._go_on()

    def control(self, head: RequestHead) -> ControlAPI | None:
        """Return the control API when it is on and a request is meant for it."""
        return self.factory.control if is_meant(head.target) else None

    def _most_body(self, head: RequestHead) -> int:
        control = self.control(head)
        return self.limits.message if control is None else control.largest

    def request_done(self, *, last: bool = False) -> None:
        """Go on to the next request, or end the connection when this was the last one."""
        self._working = False
        if last:
            self.loseConnection()
        elif not self.outbox.closed:
            self._silence.allow(self.limits.idle)
            if not self._going_on and self._next_turn is None and (self._requests.left or self._half_closed):
                self._go_on()

    def go_on_beside(self, answering: "Deferred[None]") -> None:
        """Go on to the next request while one is worked on, as long as it is not too many."""
        self._beside += 1
        answering.addCallback(self._done_beside)
        self._too_many = self._beside >= self.limits.calls
        if not self._too_many:
            self.request_done()

    def _done_beside(self, _: None) -> None:
        self._beside -= 1
        is_last = self._half_closed and not (self._beside or self._working)
        if self._too_many or is_last:
            self._too_many = False
            self.request_done()

    async def room(self) -> None:
        """Wait until the client reads, for as long as it may be silent, or until the connection ends."""
        if self.outbox.paused:
            self._silence.allow(self.limits.idle)
            room: Deferred[None] = Deferred()
            self.outbox.when_not_full(lambda: room.callback(None))
            await room
            self._silence.allow(None)

    def upgrade(self, answer: bytes, direct: Service | None, *, takes_calls: bool) -> None:
        """Speak WebSocket from here on; `answer` is the handshake's."""
        self.outbox.write(answer)
        self.client.kind = "WebSocket"
        self._session = WebSocketSession(
            self.factory.host,
            self.client,
            direct,
            self.outbox,
            wire=self.wire,
            refuse=self._part,
            reading=self._read_when_free,
            clock=self.factory.clock,
            turns=self.factory.turns,
            limits=self.limits,
            switches=self.switches,
            takes_calls=takes_calls,
        )
        if frames := self._requests.rest():
            self._session.data_received(frames)
        if self._half_closed:  # it came behind a request that was worked on
            self.loseConnection()

    def _push(self, message: bytes) -> None:
        if self._session is not None:
            self._session.push(message)
        elif not self.outbox.closed:  # else nobody gets it, and it gives nobody more time to leave
            self._silence.heard()
            self.outbox.push(bytes(answers.of_event(message)))

    def _not_understood(self) -> None:
        """Say that this is no HTTP; the real host goes on waiting instead."""
        if self.switches.on(SILENCE):
            self._ending.deaf = True
        else:
            self.refuse(answers.BAD_REQUEST)

    def refuse(self, answer: Answer) -> None:
        """Answer what can't be read on, and end the connection."""
        log.info("refused what %s sent: %s", name_of(self._peer), answer.status.decode())
        self._part(bytes(answer))

    def _part(self, last: bytes) -> None:
        """Send the last bytes, and throw away what still comes."""
        self._ending.when_read(last)
        self._read_when_free()

    def readConnectionLost(self) -> None:  # noqa: N802 (Twisted's name)
        """Answer what is complete to a client that sends no more, and end."""
        self._half_closed = True
        if self._ending.deaf or self.outbox.closed or self._session is not None:
            self.loseConnection()
        elif not (self._working or self._beside or self._next_turn is not None or self.outbox.paused):
            self._end_of_requests()
        elif self.switches.on(HALF_CLOSE):
            self.loseConnection()

    def _end_of_requests(self) -> None:
        if self._requests.begun:
            self._not_understood()
        self.loseConnection()

    def writeConnectionLost(self) -> None:  # noqa: N802 (Twisted's name)
        """Do nothing: the sending side was ended here."""

    def loseConnection(self) -> None:  # noqa: N802 (Twisted's name)
        """End the connection when everything is sent."""
        self._ending.when_sent()

    def stopProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Do nothing: the connection is lost, and connectionLost() will be called."""

    def pauseProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Keep what is sent, and neither take nor begin more calls: the client does not read."""
        self.outbox.pause()
        self._read_when_free()

    def resumeProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Go on when the client reads again."""
        self.outbox.resume()
        if self.outbox.paused:  # what waited has filled the transport again
            return
        self._silence.heard()
        if self._session is not None:
            self._session.go_on()
        elif not self._going_on and self._next_turn is None:
            self._go_on()
        else:
            self._read_when_free()

    def _read_when_free(self) -> None:
        """Read, unless the client does not read itself, or has sent more than is worked on at a time."""
        if self._ending.deaf:  # what comes is thrown away: its client may be one that sends all before it reads
            reads = True
        elif self._session is not None:
            reads = not (self.outbox.paused or self._session.waiting)
        else:
            # a request that is not complete needs what is to come, and its reader knows how long it may become
            behind = self._working and self._requests.left > READ_AHEAD
            reads = not (self.outbox.paused or self._next_turn is not None or behind)
        if reads is not self._reads:
            self._reads = reads
            if not reads:
                self.transport.pauseProducing()
            elif not self._half_closed:
                self.transport.resumeProducing()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802, ARG002 (Twisted's name)
        """Drop everything of this client's."""
        self.outbox.forget()
        self._ending.lost()
        self.pending.give_up()
        if self._next_turn is not None and self._next_turn.active():
            self._next_turn.cancel()
        if self._session is not None:
            self._session.connection_lost()
        self.factory.host.disconnect(self.client)
        self.factory.gone(self)
