"""HTTP as Thunder speaks it, on twisted.web, and the way from there to WebSocket.

Twisted's own parser refuses much that Thunder takes, and its Request adds headers and parses forms. So the head of a
request is read here, Twisted has the body and the order of requests, and each answer is written in one piece.
Source of the rules: facts/thunder.md A and C.
"""

from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol, ITCPTransport
from twisted.python.failure import Failure
from twisted.web.http import (
    HTTPChannel,
    Request,
    _ChunkedTransferDecoder,
    _IdentityTransferDecoder,
)
from zope.interface import implementer  # type: ignore[import-untyped]  # it has no type hints

from thunderoci import answer as answers
from thunderoci.answer import Answer
from thunderoci.control.api import ControlAPI, is_meant
from thunderoci.faultywire import FaultyWire
from thunderoci.httprequest import ThunderRequest
from thunderoci.outbox import Outbox
from thunderoci.quirks import HALF_CLOSE, SILENCE
from thunderoci.requesthead import Malformed, RequestHead, can_begin
from thunderoci.service import Service
from thunderoci.silence import Silence
from thunderoci.subscriptions import Client
from thunderoci.websocket import WebSocketSession

_END = b"\r\n\r\n"
"""What is behind the last header."""

# most of these have no type hints
_HTTPChannel: Any = HTTPChannel
_chunked: Any = _ChunkedTransferDecoder
_sized: Any = _IdentityTransferDecoder


@implementer(IHalfCloseableProtocol)
class ThunderChannel(_HTTPChannel):  # type: ignore[misc]  # it is Any
    """One client connection."""

    requestFactory = ThunderRequest  # noqa: N815 (Twisted's name)
    factory: Any
    """What made it (server.py)."""
    persistent: Any = True
    """Whether the connection stays, also in HTTP/1.0, which is decided with the answer."""
    timeOut: float | None  # noqa: N815 (Twisted's name)
    deaf = False
    """Whether what still comes in is thrown away."""
    _buffer: bytes
    """What has come and was not looked at yet; Twisted cuts lines off it."""
    _head: RequestHead | None = None
    _head_size = 0
    _answering = 0
    """How many answers are being completed within each other."""
    _half_closed = False
    _session: WebSocketSession | None = None

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        """Begin; the client may subscribe to events from now on."""
        self.limits = self.factory.limits
        self.switches = self.factory.switches
        self.MAX_LENGTH = self.limits.head
        self.outbox = Outbox(self.transport, self.limits.unread, self.limits.unread_events)
        self.wire = FaultyWire(self.outbox, self._part, self.factory.clock)
        self._peer, self._host = self.transport.getPeer(), self.transport.getHost()
        self._silence = Silence(self.factory.clock, self.timeoutConnection)
        self.client = Client(self._push, getattr(self._peer, "host", ""))
        self.factory.host.connect(self.client)
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpNoDelay(True)
        super().connectionMade()

    def getPeer(self) -> Any:  # noqa: N802 (Twisted's name)
        """Return the client's address, for which Twisted would ask the system at each request."""
        return self._peer

    def getHost(self) -> Any:  # noqa: N802 (Twisted's name)
        """Return our own address, as getPeer() does."""
        return self._host

    def setTimeout(self, period: float | None) -> float | None:  # noqa: N802 (Twisted's name)
        """Allow the client so many seconds of silence, or any; return what it was before."""
        before, self.timeOut = self.timeOut, period
        self._silence.allow(period)
        return before

    def resetTimeout(self) -> None:  # noqa: N802 (Twisted's name)
        """Begin to count anew."""
        self._silence.heard()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Take bytes of requests, or of frames."""
        if self.deaf:
            return
        if self._session is not None:
            self._session.data_received(data)
            return
        super().dataReceived(data)
        # what can't become a request is told so now: its client would wait for the end of a line that never comes
        if self.line_mode and not self.deaf and not self._may_go_on(self._buffer):
            self._not_understood()

    def _may_go_on(self, begun: bytes) -> bool:
        if self.delimiter in begun:  # pipelined requests, which come again from Twisted's own buffer
            return True
        return can_begin(begun) if self._head is None else b"\n" not in begun

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Take a line of a request's head."""
        if self.deaf:
            return
        if not self._fits(len(line) + len(self.delimiter)):
            return
        if self._head is None:
            self._begin(line)
        elif line:
            self._head.add(line)
        else:
            self._end_head(self._head)

    def _begin(self, line: bytes) -> None:
        if not line and not self.switches.on(SILENCE):
            return  # some clients send an empty line between requests
        try:
            head = RequestHead(line)
        except Malformed:
            self._not_understood()
            return
        if not head.verb_is_known and self.switches.on(SILENCE):
            self.deaf = True
            return
        self._head = head
        fields, end, behind = self._buffer.partition(_END)
        if end and fields[:2] != self.delimiter:  # as a rule all of the head has come, and there are headers
            self._buffer = behind
            if self._fits(len(fields) + len(_END)):
                for field in fields.split(self.delimiter):
                    head.add(field)
                self._end_head(head)

    def _fits(self, size: int) -> bool:
        """Tell whether a head may have so many bytes more, and refuse it if not."""
        self._head_size += size
        if self._head_size <= self.limits.head:
            return True
        self.refuse(answers.HEAD_TOO_LARGE)
        return False

    def _end_head(self, head: RequestHead) -> None:
        """Bring Twisted to where its own parser gets with a plain head of this length."""
        length = head.length
        if length is not None and length > self.most_bytes(head):
            self.refuse(self.too_large(head))
            return
        self._head_size = 0
        request = self.requestFactory(self)
        self.requests.append(request)
        self._command, self._path, self._version = b"POST", b"/", b"HTTP/1.1"
        self.length = length
        request.gotLength(length)
        if length is not None and len(self._buffer) >= length:  # as a rule all of the body has come, too
            request.content.write(self._buffer[:length])
            self._buffer = self._buffer[length:]
            self.allContentReceived()
            return
        body = (request.handleContentChunk, self._finishRequestBody)
        self._transferDecoder = _chunked(*body) if length is None else _sized(length, *body)
        self.setRawMode()

    def control(self, head: RequestHead) -> ControlAPI | None:
        """Return the control API when it is on and a request is meant for it."""
        return self.factory.control if is_meant(head.target) else None

    def most_bytes(self, head: RequestHead) -> int:
        """Return how large the body of a request may be."""
        control = self.control(head)
        return self.limits.body if control is None else control.largest

    def too_large(self, head: RequestHead) -> Answer:
        """Return the answer to a request with a larger one."""
        control = self.control(head)
        return answers.BODY_TOO_LARGE if control is None else control.too_large()

    @property
    def head(self) -> RequestHead | None:
        """The head of the request whose body is coming."""
        return self._head

    def take_head(self) -> RequestHead | None:
        """Return the head of the request that is complete now."""
        head, self._head = self._head, None
        return head

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Take a part of a body, what is for the next request, or the first frames behind a handshake."""
        if self.deaf:
            return
        if self._session is not None:
            self._session.data_received(data)
        else:
            super().rawDataReceived(data)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802, ARG002 (Twisted's names)
        """Refuse a head that does not end."""
        self.refuse(answers.HEAD_TOO_LARGE)

    def requestDone(self, request: Request) -> None:  # noqa: N802 (Twisted's name)
        """Go on to the next request, or end when the client sends no more."""
        self._answering += 1
        super().requestDone(request)
        self._answering -= 1
        if self._half_closed and not self._answering and not self._handlingRequest:
            self.loseConnection()

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
            limits=self.limits,
            switches=self.switches,
            takes_calls=takes_calls,
        )
        if self._dataBuffer:  # what Twisted keeps for the next request, when this one had a body, are frames
            frames = b"".join(self._dataBuffer)
            self._dataBuffer.clear()
            self._session.data_received(frames)

    def _push(self, message: bytes) -> None:
        if self._session is not None:
            self._session.push(message)
        else:
            self.resetTimeout()
            self.outbox.push(bytes(answers.of_event(message)))

    def _not_understood(self) -> None:
        """Say that this is no HTTP; the real host goes on waiting instead."""
        if self.switches.on(SILENCE):
            self.deaf = True
        else:
            self.refuse(answers.BAD_REQUEST)

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802 (Twisted's name, for chunks that are none)
        self._not_understood()

    def refuse(self, answer: Answer) -> None:
        """Answer what can't be read on, and end the connection."""
        self._part(bytes(answer))

    def _part(self, last: bytes) -> None:
        """Send the last bytes, and cut the connection when the client had time to read them.

        If it were cut at once, with bytes of the client still unread, the client's system would throw the answer away.
        """
        self.deaf = True
        self.outbox.write(last)
        self.outbox.end()
        self.transport.loseWriteConnection()
        self.setTimeout(self.limits.linger)

    def readConnectionLost(self) -> None:  # noqa: N802 (Twisted's name)
        """Answer what is complete to a client that sends no more, and end."""
        waiting = self._handlingRequest and self._session is None and not self.deaf
        if waiting and not self.switches.on(HALF_CLOSE):
            self._half_closed = True
        elif not waiting and not self.deaf and self._session is None and (self._head or self._buffer):
            self._not_understood()
            self.loseConnection()
        else:
            self.loseConnection()

    def writeConnectionLost(self) -> None:  # noqa: N802 (Twisted's name)
        """Do nothing: the sending side was ended here."""

    def loseConnection(self) -> None:  # noqa: N802 (Twisted's name)
        """End the connection when everything is sent."""
        self.outbox.end()
        super().loseConnection()

    def pauseProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Keep what is sent, and do not take more calls: the client does not read."""
        self.outbox.pause()
        super().pauseProducing()
        self._read_when_free()

    def resumeProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Go on when the client reads again."""
        self.outbox.resume()
        if self.outbox.paused:  # what waited has filled the transport again
            return
        super().resumeProducing()
        self._read_when_free()

    def _read_when_free(self) -> None:
        """Read frames unless the client does not read itself, or has sent more calls than are worked on at a time."""
        if self._session is None:
            return
        if self.outbox.paused or self._session.waiting:
            self.transport.pauseProducing()
        else:
            self.transport.resumeProducing()

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802 (Twisted's name)
        """Drop everything of this client's."""
        self.outbox.forget()
        self._silence.stop()
        if self._session is not None:
            self._session.connection_lost()
        self.factory.host.disconnect(self.client)
        super().connectionLost(reason)
        self.factory.gone(self)
