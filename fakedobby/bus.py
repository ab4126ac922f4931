"""Which message bus to be on, and how to get there."""

import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from twisted.internet.defer import Deferred, fail
from twisted.internet.endpoints import TCP4ClientEndpoint, UNIXClientEndpoint
from twisted.internet.error import ConnectError, ConnectionLost
from twisted.python.failure import Failure
from txdbus.client import DBusClientConnection, DBusClientFactory
from txdbus.message import MethodCallMessage, SignalMessage

from fakedobby.embeddedbus.grammar import Malformed
from fakedobby.embeddedbus.limits import Limits
from fakedobby.embeddedbus.splitter import Splitter
from fakedobby.errors import BadBusAddress, BusDidNotStart, BusUnreachable, NoDBusDaemon

log = logging.getLogger(__name__)

_FLAGS = 2
"""Where they are in a message."""
_NO_REPLY_EXPECTED = 1
_PATIENCE = 5.0
"""Seconds that a bus has for its part of the handshake."""
_LONGEST_SOCKET_NAME = 107
_PORTS = 2**16
_SYSTEM_BUS = "unix:path=/var/run/dbus/system_bus_socket"


class BusConnection(DBusClientConnection):  # type: ignore[misc]  # txdbus has no type hints
    """A connection to a message bus that hands over method calls as messages, below txdbus's object layer."""

    answer_call: Callable[[MethodCallMessage], None] | None = None
    hear_signal: Callable[[SignalMessage], None] | None = None
    _lost = False
    _buffer: bytes = b""

    def __init__(self) -> None:
        super().__init__()
        self._splitter = Splitter(Limits())

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Take bytes, and handle messages one after another: in txdbus each is inside the one before, 800 deep."""
        if not self._authenticated:
            super().dataReceived(data)
            return
        early: bytes = self._buffer  # what came with the end of the authentication
        self._buffer = b""
        try:
            for message in self._splitter.feed(early + data):
                self.rawDBusMessageReceived(message)
        except Malformed as problem:
            log.warning("the message bus sent what is no D-Bus message: %s", problem)
            self.transport.loseConnection()

    def methodCallReceived(self, mcall: MethodCallMessage) -> None:  # noqa: N802 (txdbus's name)
        """Give a method call to `answer_call`, or to txdbus when there is none."""
        mcall.expectReply = not mcall.rawHeader[_FLAGS] & _NO_REPLY_EXPECTED  # txdbus does not read the flags
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
        """Send a call as txdbus does; on a lost connection it fails at once, where txdbus would wait for ever."""
        if self._lost:
            return fail(ConnectionLost())
        call: Deferred[Any] = super().callRemoteMessage(mcall, timeout)
        return call

    def rawDBusMessageReceived(self, rawMsg: bytes) -> None:  # noqa: N802, N803 (txdbus's names)
        """Take a message, and close the file descriptors that came with it: nothing here could use them."""
        waiting = list(self._receivedFDs)
        try:
            super().rawDBusMessageReceived(rawMsg)
        finally:
            for descriptor in waiting[: len(waiting) - len(self._receivedFDs)]:
                os.close(descriptor)

    def leave(self) -> None:
        """Send what is to be sent and end the connection, which nobody is to miss."""
        self.transport.loseConnection()

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802 (Twisted's name)
        """Tell whoever waits for the connection, which txdbus forgets when it is lost before Hello was answered."""
        self._lost = True
        if self.busName is None and not self.factory.d.called:
            self.factory.d.errback(reason)
        super().connectionLost(reason)


class _Factory(DBusClientFactory):  # type: ignore[misc]  # txdbus has no type hints
    protocol = BusConnection
    noisy = False


def resolve(address: str) -> str:
    """Return the D-Bus address behind `session`, `system` or an address; raise BadBusAddress if there is none."""
    if address == "session":
        found = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
        if not found:
            raise BadBusAddress(address=address, reason="DBUS_SESSION_BUS_ADDRESS is not set")
        return found
    if address == "system":
        return os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", _SYSTEM_BUS)
    return address


async def connect(reactor: Any, bus: str) -> BusConnection:
    """Return a connection to `bus` (an address, `session` or `system`) that has said Hello.

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
        return connection
    raise BusUnreachable(address=address, reason=reason)


def _reason(problem: Exception) -> str:
    number = problem.osError if isinstance(problem, ConnectError) else None
    return os.strerror(number) if isinstance(number, int) else str(problem) or type(problem).__name__


def _endpoint(reactor: Any, address: str, entry: str) -> Any:
    """Return where one entry of an address leads; raises BadBusAddress."""
    unix: Any = UNIXClientEndpoint  # Twisted has no type hints for its constructor
    transport, _, pairs = entry.partition(":")
    keys = {key: unquote(value) for key, _, value in (pair.partition("=") for pair in pairs.split(","))}
    match transport:
        case "unix" if path := keys.get("path") or "\0" * ("abstract" in keys) + keys.get("abstract", ""):
            if len(os.fsencode(path)) > _LONGEST_SOCKET_NAME:
                raise BadBusAddress(address=address, reason=f"a socket's name has {_LONGEST_SOCKET_NAME} bytes at most")
            return unix(reactor, path)
        case "tcp" if keys.get("host") and keys.get("port", "").isdecimal() and int(keys["port"]) < _PORTS:
            return TCP4ClientEndpoint(reactor, keys["host"], int(keys["port"]))
        case "unix":
            raise BadBusAddress(address=address, reason="unix: needs path= or abstract=")
        case "tcp":
            raise BadBusAddress(address=address, reason="tcp: needs host=, and port= with a number up to 65535")
    raise BadBusAddress(address=address, reason="it names neither a unix: nor a tcp: socket")


_CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def _escape(path: str) -> str:
    """Return a path as a D-Bus address holds it, and as XML can hold it too."""
    return quote(path).replace("~", "%7E")


class PrivateBus:
    """A dbus-daemon of our own, in a directory of its own, that ends with stop()."""

    def __init__(self) -> None:
        self._directory: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, _reactor: Any) -> str:
        """Start the daemon and return its address; raises NoDBusDaemon or BusDidNotStart.

        Waits for the few milliseconds until the daemon listens.
        """
        program = shutil.which("dbus-daemon")
        if program is None:
            raise NoDBusDaemon
        self._directory = Path(tempfile.mkdtemp(prefix="thunderoci-"))
        configuration = self._directory / "bus.conf"
        configuration.write_text(_CONFIGURATION.format(socket=_escape(str(self._directory / "bus"))), encoding="utf-8")
        complaints = self._directory / "log"
        with complaints.open("wb") as log:
            self._process = subprocess.Popen(
                [program, f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address=1"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                process_group=0,  # a Ctrl-C at the terminal is for us; we end the daemon ourselves, and last
            )
        address = self._process.stdout.readline().decode().strip() if self._process.stdout else ""
        if not address:
            status = self._process.wait(_PATIENCE)
            reason = complaints.read_text(errors="replace").strip() or "it did not say why"
            raise BusDidNotStart(status=status, reason=reason)
        return address

    def stop(self) -> None:
        """End the daemon and remove what it left; returns when that is done."""
        if self._process is not None:
            with self._process:
                self._process.terminate()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
