"""A WebSocket client on Twisted: wsproto reads and writes the frames."""

from collections.abc import Callable
from typing import Any

from twisted.internet import defer, error
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from wsproto import ConnectionType, WSConnection, events
from wsproto.connection import ConnectionState
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from conformance.http import MOST_BYTES


class Refused(Exception):
    """The target did not open a WebSocket; the message says what it did instead."""


class WebSocket(Protocol):
    """One WebSocket: wait for ``opened``, then ``send``; each complete message goes to ``received``.

    ``received`` gets the text of a text message, the bytes of a binary one. ``closed`` fires with the reason, a text,
    when the connection is over, whoever ended it; ``pongs`` holds the payloads of pongs.
    """

    def __init__(self, host: str, target: str, subprotocols: list[str], headers: list[tuple[bytes, bytes]]) -> None:
        self.opened: defer.Deferred[str] = defer.Deferred(lambda _: self.abort())
        """Fires with the subprotocol that the target chose, "" for none; fails with Refused."""
        self.closed: defer.Deferred[str] = defer.Deferred()
        self.received: Callable[[str | bytes], None] = lambda _message: None
        self.pongs: list[bytes] = []
        self.on_pong: Callable[[], None] = lambda: None
        self._wire = WSConnection(ConnectionType.CLIENT)
        self._request = events.Request(host=host, target=target, subprotocols=subprotocols, extra_headers=headers)
        self._text: list[str] = []
        self._bytes = bytearray()
        self._length = 0
        self._over = ""

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Ask for the WebSocket."""
        self.write(self._wire.send(self._request))

    def send(self, message: str | bytes) -> None:
        """Send a message, as text or binary."""
        self._send(events.BytesMessage(message) if isinstance(message, bytes) else events.TextMessage(message))

    def send_fragments(self, *parts: str, ping: bytes | None = None) -> None:
        """Send one text message in several frames; with ``ping`` one of these comes before the last."""
        for number, part in enumerate(parts, 1):
            if ping is not None and number == len(parts):
                self.ping(ping)
            self._send(events.TextMessage(part, message_finished=number == len(parts)))

    def ping(self, payload: bytes) -> None:
        """Send a ping."""
        self._send(events.Ping(payload))

    def close(self) -> None:
        """Say goodbye as RFC 6455 asks."""
        self._send(events.CloseConnection(1000))

    def write(self, data: bytes) -> None:
        """Send raw bytes."""
        transport: Any = self.transport
        transport.write(data)

    def abort(self) -> None:
        """Give the connection up at once."""
        transport: Any = self.transport
        if transport is not None:
            transport.abortConnection()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Take bytes, and act on what is complete in them; what comes behind the end is nobody's."""
        if self._over:
            return
        try:
            self._wire.receive_data(data)
            for event in self._wire.events():
                self._take(event)
                if self._over:
                    return
        except RemoteProtocolError as problem:
            self._broke(problem)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """Tell that it is over; ``opened`` fails with what broke TLS."""
        if not self.opened.called and not isinstance(reason.value, (error.ConnectionDone, error.ConnectionLost)):
            self.opened.errback(reason)
        self._end("the connection was closed")

    def _send(self, event: events.Event) -> None:
        """Send a frame; on a WebSocket that is over nothing is sent, as its end was told of."""
        try:
            self.write(self._wire.send(event))
        except LocalProtocolError:
            return

    def _take(self, event: events.Event) -> None:
        """Act on an event of wsproto."""
        match event:
            case events.AcceptConnection():
                self.opened.callback(event.subprotocol or "")
            case events.RejectConnection():
                self._end(f"it answered HTTP {event.status_code}")
                self.abort()
            case events.Message():
                self._take_message(event)
            case events.Ping():
                self._send(event.response())
            case events.Pong():
                self.pongs.append(bytes(event.payload))
                self.on_pong()
            case events.CloseConnection() if self._wire.state is ConnectionState.OPEN:
                self._broke(event.reason)  # nobody closed: so wsproto tells of frames that are none
            case events.CloseConnection():
                self._send(event.response())
                self._end(f"it closed with code {event.code}")
                transport: Any = self.transport
                transport.loseConnection()

    def _take_message(self, event: events.Message[Any]) -> None:
        """Add to a message, and hand it on once it is complete."""
        if isinstance(event.data, str):
            self._text.append(event.data)
        else:
            self._bytes += event.data
        if not self._grown(len(event.data)) or not event.message_finished:
            return
        message = "".join(self._text) if isinstance(event.data, str) else bytes(self._bytes)
        self._text, self._bytes, self._length = [], bytearray(), 0
        self.received(message)

    def _grown(self, more: int) -> bool:
        """Bound what one message may take, and tell whether it is within that."""
        self._length += more
        if self._length > MOST_BYTES:
            self._end(f"it sent a message of more than {MOST_BYTES} bytes")
            self.abort()
        return not self._over

    def _broke(self, problem: object) -> None:
        """Give up a target that does not speak WebSocket."""
        self._end(f"it broke the protocol: {problem}")
        self.abort()

    def _end(self, why: str) -> None:
        """Tell once why it is over."""
        if self._over:
            return
        self._over = why
        if not self.opened.called:
            self.opened.errback(Refused(why))
        self.closed.callback(why)
