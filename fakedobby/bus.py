"""Connections to message buses."""

import logging
import os
from collections.abc import Callable
from types import MethodType
from typing import Any, ClassVar

from twisted.internet import defer
from twisted.internet.defer import Deferred, fail
from twisted.internet.endpoints import TCP4ClientEndpoint, UNIXClientEndpoint
from twisted.internet.error import ConnectError, ConnectionLost
from twisted.internet.tcp import Connection
from twisted.python.failure import Failure
from txdbus.client import DBusClientConnection, DBusClientFactory
from txdbus.message import MethodCallMessage, SignalMessage, parseMessage

from fakedobby.busaddress import LONGEST_SOCKET_NAME, resolve, unescape
from fakedobby.clock import Clock
from fakedobby.embeddedbus.grammar import Malformed
from fakedobby.embeddedbus.limits import Limits
from fakedobby.embeddedbus.splitter import Splitter
from fakedobby.errors import BadBusAddress, BusUnreachable
from fakedobby.messages import parse
from fakedobby.promptly import write_promptly
from fakedobby.wire import CALL, ERROR, RETURN, SIGNAL

log = logging.getLogger(__name__)

_KIND, _FLAGS = 1, 2
"""Where they are in a message."""
_NO_REPLY_EXPECTED = 1
_INDEXES = range(2**32)
"""What stands for the file descriptors of a message."""
_PATIENCE = 5.0
"""Seconds that a bus has for its part of the handshake."""


class BusConnection(DBusClientConnection):  # type: ignore[misc]  # txdbus has no type hints
    """A connection to a message bus that hands over method calls as messages, below txdbus's object layer.

    File descriptors that come with a message are closed, since nothing here could use them; a value of that type is
    its index.
    """

    clock: Clock | None = None
    """What moves the time-outs of calls; the reactor when it is None."""
    answer_call: Callable[[MethodCallMessage], None] | None = None
    hear_signal: Callable[[SignalMessage], None] | None = None
    traffic = 0
    """How many messages were sent and received."""
    _lost = False
    _buffer: bytes = b""
    _together: list[bytes] | None = None
    """What is to be sent when the messages that came together have been handled."""

    def __init__(self) -> None:
        super().__init__()
        self._splitter = Splitter(Limits())

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        """Begin the handshake."""
        _read_plainly(self.transport)
        super().connectionMade()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Take bytes, and handle messages one after another: in txdbus each is inside the one before, 800 deep."""
        if not self._authenticated:
            super().dataReceived(data)
            return
        early: bytes = self._buffer  # what came with the end of the authentication
        self._buffer = b""
        self._together = []
        try:
            for message in self._splitter.feed(early + data):
                self.rawDBusMessageReceived(message)
        except Malformed as problem:
            log.warning("the message bus sent what is no D-Bus message: %s", problem)
            self.transport.loseConnection()
        finally:
            messages, self._together = self._together, None
            if messages:
                write_promptly(self.transport, b"".join(messages))

    def methodCallReceived(self, mcall: MethodCallMessage) -> None:  # noqa: N802 (txdbus's name)
        """Give a method call to `answer_call`, or to txdbus when there is none."""
        if self.answer_call is None:
            super().methodCallReceived(mcall)
        else:
            self.answer_call(mcall)

    def signalReceived(self, msig: SignalMessage) -> None:  # noqa: N802 (txdbus's name)
        """Give a signal to `hear_signal`, and to txdbus, which has uses of its own for some."""
        if self.hear_signal is not None:
            self.hear_signal(msig)
        super().signalReceived(msig)

    def callRemoteMessage(self, mcall: MethodCallMessage, timeout: float | None = None) -> Deferred[Any]:  # noqa: N802
        """Send a call as txdbus does; on a lost connection it fails at once, where txdbus would wait for ever.

        The time-out is ours, since the clock that moves it is. txdbus cancels it when the reply comes, before anybody
        is told: what follows may set the clock.
        """
        if self._lost:
            return fail(ConnectionLost())
        if timeout is None or self.clock is None:
            call: Deferred[Any] = super().callRemoteMessage(mcall, timeout)
            return call
        call = super().callRemoteMessage(mcall)
        timer = self.clock.callLater(timeout, self._onMethodTimeout, mcall.serial, call)
        self._pendingCalls[mcall.serial] = (call, timer)
        return call

    def sendMessage(self, msg: Any) -> None:  # noqa: N802 (txdbus's name)
        """Send a message; there are never file descriptors with it.

        One that is alone goes at once. What is said in answer to messages that came together, or while other calls are
        under way, goes together: one system call then wakes the bus once.
        """
        self.traffic += 1
        if self._together is not None:
            self._together.append(msg.rawMessage)
        elif len(self._pendingCalls) > 1:
            self.transport.write(msg.rawMessage)
        else:
            write_promptly(self.transport, msg.rawMessage)

    def rawDBusMessageReceived(self, rawMsg: bytes) -> None:  # noqa: N802, N803 (txdbus's names)
        """Take a message; raises Malformed for what is none.

        One of a kind that nobody knows yet is passed over, as D-Bus wants it.
        """
        self.traffic += 1
        take = self._take.get(rawMsg[_KIND])
        if take is None:
            return
        message = parse(rawMsg)
        if message is None:
            message = _left_to_txdbus(rawMsg)
        take(self, message)

    _take: ClassVar = {
        CALL: methodCallReceived,
        RETURN: DBusClientConnection.methodReturnReceived,
        ERROR: DBusClientConnection.errorReceived,
        SIGNAL: signalReceived,
    }

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802 (Twisted's name)
        """Tell whoever waits for the connection, which txdbus forgets when it is lost before Hello was answered."""
        self._lost = True
        if self.busName is None and not self.factory.d.called:
            self.factory.d.errback(reason)
        super().connectionLost(reason)


def _read_plainly(transport: Any) -> None:
    """Have a transport read bytes and nothing else: file descriptors that come with them are closed by the system.

    Twisted looks for those at each reading of a UNIX socket, which takes longer than the reading itself.
    """
    if isinstance(transport, Connection):
        vars(transport)["doRead"] = MethodType(Connection.doRead, transport)


def _left_to_txdbus(raw: bytes) -> Any:
    """Return a message as txdbus reads it; raises Malformed."""
    try:
        message = parseMessage(raw, _INDEXES)
    except Exception as problem:  # noqa: BLE001 (it has many ways to say so)
        raise Malformed(f"it can't be read ({problem})") from None
    if isinstance(message, MethodCallMessage):  # txdbus does not read the flags
        message.expectReply = not raw[_FLAGS] & _NO_REPLY_EXPECTED
    return message


class _Factory(DBusClientFactory):  # type: ignore[misc]  # txdbus has no type hints
    protocol = BusConnection
    noisy = False


async def connect(reactor: Any, bus: str, clock: Clock | None = None) -> BusConnection:
    """Return a connection to `bus` (an address, `session` or `system`) that has said Hello.

    `clock` moves the time-outs of calls made on it, real time everything that connecting takes.
    Raises BadBusAddress for what is no address, and BusUnreachable when no message bus answers there in 5 seconds.
    """
    address = resolve(bus)
    endpoints = [_endpoint(reactor, address, entry) for entry in address.split(";") if entry]
    if not endpoints:
        raise BadBusAddress(address=address, reason="it is empty")
    reason = "nothing tried"
    for endpoint in endpoints:
        factory = _Factory()
        try:
            protocol = await endpoint.connect(factory).addTimeout(_PATIENCE, reactor)
        except Exception as problem:  # noqa: BLE001 (no such host, nobody there, no answer: the next entry may do)
            reason = _reason(problem)
            continue
        try:
            connection: BusConnection = await factory.getConnection().addTimeout(_PATIENCE, reactor)
        except Exception as problem:  # noqa: BLE001 (whatever ends the handshake, this is no bus for us)
            reason = f"it did not complete the D-Bus handshake ({_reason(problem)})"
            protocol.transport.abortConnection()
            continue
        connection.clock = clock
        connection.transport.protocol = connection  # without the endpoint's wrapper, which has done its work
        return connection
    raise BusUnreachable(address=address, reason=reason)


def _reason(problem: Exception) -> str:
    if isinstance(problem, defer.TimeoutError):
        return f"nothing came within {_PATIENCE:g} seconds"
    number = problem.osError if isinstance(problem, ConnectError) else None
    return os.strerror(number) if isinstance(number, int) else str(problem) or type(problem).__name__


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len("65535") and int(text) < 2**16


def _endpoint(reactor: Any, address: str, entry: str) -> Any:
    """Return where one entry of an address leads; raises BadBusAddress."""
    unix: Any = UNIXClientEndpoint  # Twisted has no type hints for its constructor
    transport, _, pairs = entry.partition(":")
    keys = {key: unescape(value) for key, _, value in (pair.partition("=") for pair in pairs.split(","))}
    match transport:
        case "unix" if path := keys.get("path") or "\0" * ("abstract" in keys) + keys.get("abstract", ""):
            if len(os.fsencode(path)) > LONGEST_SOCKET_NAME:
                raise BadBusAddress(address=address, reason=f"a socket's name has {LONGEST_SOCKET_NAME} bytes at most")
            return unix(reactor, path)
        case "tcp" if keys.get("host") and _is_port(keys.get("port", "")):
            return TCP4ClientEndpoint(reactor, keys["host"], int(keys["port"]))
        case "unix":
            raise BadBusAddress(address=address, reason="unix: needs path= or abstract=")
        case "tcp":
            raise BadBusAddress(address=address, reason="tcp: needs host=, and port= with a number up to 65535")
    raise BadBusAddress(address=address, reason="it names neither a unix: nor a tcp: socket")
