"""The proxy between a client and a box: what one sends the other gets, byte by byte, as long as both are there."""

import contextlib
import logging
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]  # it has no type hints

from fakedobby.openfiles import Room
from thunderoci.recording.conversation import Conversation
from thunderoci.recording.format import BOX, CLIENT
from thunderoci.recording.httpmessages import Unreadable, request_reader
from thunderoci.silence import Silence

log = logging.getLogger(__name__)

_connect: Any = connectProtocol  # Twisted gives it no types
_CONNECT_TIME = 10
"""Seconds in which the box has to take a connection."""
_LINGER = 5
"""Seconds that a client has to read why it gets nothing else."""
_KEPT = 16
"""How many files clients don't get: for the recording, and what it takes to find the box."""


@implementer(IHalfCloseableProtocol)
class _Side(Protocol):
    """One of two connections that belong together; what it gets goes out at its `other` one."""

    other: "_Side | None" = None
    name = ""
    conversation: Conversation | None
    transport: Any
    _read_over = False

    def join(self, other: "_Side") -> None:
        """Hand on to another connection from now on, no faster than that one takes it."""
        self.other = other
        other.transport.registerProducer(self.transport, streaming=True)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Hand bytes on, and only then look at them."""
        if self.other is not None:
            self.other.transport.write(data)
        self._follow(data)

    def _follow(self, data: bytes) -> None:
        if self.conversation is None:
            return
        try:
            (self.conversation.from_client if self.name == CLIENT else self.conversation.from_box)(data)
        except Exception:
            log.exception("a connection is recorded no further; this is a defect of ours, please report it")
            self._forget()

    def _forget(self) -> None:
        self.conversation = None
        if self.other is not None:
            self.other.conversation = None

    def readConnectionLost(self) -> None:  # noqa: N802 (Twisted's name)
        """Send the other side the end, too: it may still answer."""
        self._read_over = True
        if self.conversation is not None:
            self.conversation.ending(self.name)
        other = self.other
        if other is None:
            self.transport.loseConnection()
            return
        other.transport.unregisterProducer()
        if other._read_over:  # noqa: SLF001 (the same class)
            self._end()
            other.transport.loseConnection()
            self.transport.loseConnection()
        else:
            other.transport.loseWriteConnection()

    def writeConnectionLost(self) -> None:  # noqa: N802 (Twisted's name)
        """Do nothing: the sending side was ended here."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 (Twisted's name)
        """End the other side in the same way: in peace, or by a reset."""
        self._end()
        other, self.other = self.other, None
        if other is None:
            return
        other.other = None
        other.transport.unregisterProducer()
        if isinstance(reason.value, ConnectionDone):
            other.transport.loseConnection()
        else:
            other.transport.doWrite()  # what still waits goes first, as far as it can
            other.transport.abortConnection()

    def _end(self) -> None:
        if self.conversation is not None:
            self.conversation.end(self.name)


class _BoxSide(_Side):
    """The connection to the box."""

    name = BOX

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Hand bytes on; what the box says keeps the connection of the client, too."""
        if isinstance(self.other, ClientSide):
            self.other.silence.heard()
        super().dataReceived(data)


class ClientSide(_Side):
    """The connection of a client; for each of them there is one to the box."""

    name = CLIENT
    factory: "ProxyFactory"
    silence: Silence

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self._connecting: Deferred[Any] | None = None
        self._refused = ""
        self._requests = request_reader()
        self._parting: Any = None

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        """Go to the box first: nothing is read before it is there."""
        self.silence = Silence(self.factory.clock, self._idle)
        self.silence.allow(self.factory.idle)
        self.transport.setTcpNoDelay(True)
        self.transport.pauseProducing()
        assert self.conversation is not None  # noqa: S101 (it is dropped later, if ever)
        self._connecting = self.factory.to_box(_BoxSide(self.conversation))
        self._connecting.addCallbacks(self._reached, self._unreached)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Hand bytes on, or say why that is not possible."""
        self.silence.heard()
        if not self._refused:
            super().dataReceived(data)
        elif self._parting is None:
            self._requests.feed(data)
            with contextlib.suppress(Unreadable):
                if self._requests.next() is None:
                    return
            self._refuse()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 (Twisted's name)
        """End the connection to the box with that of the client."""
        self.silence.stop()
        if self._connecting is not None:
            self._connecting.cancel()
        if self._parting is not None and self._parting.active():
            self._parting.cancel()
        super().connectionLost(reason)
        self.factory.gone(self)

    def _idle(self) -> None:
        """End what nobody uses any more, or whose client is not there any more."""
        if self.conversation is not None:
            self.conversation.end("proxy")
        self.transport.abortConnection()

    def _reached(self, box: _BoxSide) -> None:
        self._connecting = None
        self.factory.tell("")
        box.transport.setTcpNoDelay(True)
        self.join(box)
        box.join(self)
        self.transport.resumeProducing()

    def _unreached(self, failure: Failure) -> None:
        self._connecting = None
        if isinstance(failure.value, CancelledError):
            return
        self._refused = f"{self.factory.upstream} can't be reached: {failure.getErrorMessage().rstrip('.')}."
        self.factory.tell(self._refused)
        if self.conversation is not None:
            self.conversation.unreachable(self._refused)
            self.conversation = None
        self.transport.resumeProducing()

    def _refuse(self) -> None:
        """Answer in the box's place, and part when the client had time to read it."""
        body = f"thunderoci record: {self._refused}\n".encode()
        head = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
        self.transport.write(head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.transport.loseWriteConnection()
        self._parting = self.factory.clock.callLater(_LINGER, self.transport.abortConnection)


class ProxyFactory(ServerFactory):
    """Makes a pair of connections for each client; `conversation` gives what follows one.

    `idle` is after how many seconds without traffic it is ended.
    """

    noisy = False

    def __init__(self, clock: Any, host: str, port: int, conversation: Callable[[], Conversation], idle: float) -> None:
        self.clock = clock
        self.idle = idle
        self.upstream = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._host, self._port = host, port
        self._conversation = conversation
        self._clients: dict[ClientSide, Deferred[None]] = {}
        self._room = Room(_KEPT, each=2)
        self._coming = 0
        """How many connections to the box are to come, whose files may not be open yet."""
        self._told = ""

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802, ARG002 (Twisted's names)
        """Return the client's side of a new connection; None, which closes it, when there are no files for it."""
        if not self._room.for_one_more(self._coming):
            return None
        client = ClientSide(self._conversation())
        client.factory = self
        self._clients[client] = Deferred()
        return client

    def to_box(self, side: _BoxSide) -> "Deferred[Any]":
        """Connect a side to the box."""
        endpoint = HostnameEndpoint(self.clock, self._host, self._port, timeout=_CONNECT_TIME)
        connected: Deferred[Any] = _connect(endpoint, side)
        self._coming += 1
        return connected.addBoth(self._came)

    def _came(self, outcome: Any) -> Any:
        self._coming -= 1
        return outcome

    def tell(self, why: str) -> None:
        """Let the log say why the box can't be reached, or that it can be with "", when that has changed."""
        if why:
            log.log(logging.DEBUG if why == self._told else logging.ERROR, "%s", why)
        elif self._told:
            log.warning("%s is reached again.", self.upstream)
        self._told = why

    def gone(self, client: ClientSide) -> None:
        """Forget a client whose connection is lost."""
        self._clients.pop(client).callback(None)

    def hang_up(self) -> "Deferred[Any]":
        """End all connections; fires when they are gone."""
        waiting = list(self._clients.values())
        for client in list(self._clients):
            if client.conversation is not None:
                client.conversation.end("proxy")
            client.transport.abortConnection()
        return DeferredList(waiting)
