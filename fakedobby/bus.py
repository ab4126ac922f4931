"""Which message bus to be on, and how to get there."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from twisted.internet.error import ConnectError
from twisted.python.failure import Failure
from txdbus.client import DBusClientConnection, DBusClientFactory
from txdbus.endpoints import getDBusEndpoints
from txdbus.message import MethodCallMessage

from fakedobby.errors import BadBusAddress, BusDidNotStart, BusUnreachable, NoDBusDaemon

_PATIENCE = 5.0
"""Seconds that a bus has for its part of the handshake."""
_SYSTEM_BUS = "unix:path=/var/run/dbus/system_bus_socket"


class BusConnection(DBusClientConnection):  # type: ignore[misc]  # txdbus has no type hints
    """A connection to a message bus that hands over method calls as messages, below txdbus's object layer."""

    answer_call: Callable[[MethodCallMessage], None] | None = None

    def methodCallReceived(self, mcall: MethodCallMessage) -> None:  # noqa: N802 (txdbus's name)
        """Give a method call to `answer_call`, or to txdbus when there is none."""
        if self.answer_call is None:
            super().methodCallReceived(mcall)
        else:
            self.answer_call(mcall)

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802 (Twisted's name)
        """Tell whoever waits for the connection, which txdbus forgets when it is lost before Hello was answered."""
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
    try:
        endpoints = getDBusEndpoints(reactor, address)
    except Exception as problem:  # noqa: BLE001 (txdbus raises what its splitting happens to raise)
        raise BadBusAddress(address=address, reason=f"it can't be read ({problem})") from None
    if not endpoints:
        raise BadBusAddress(address=address, reason="it names neither a unix nor a tcp socket")
    reason = "nothing tried"
    for endpoint in endpoints:
        factory = _Factory()
        try:
            protocol = await endpoint.connect(factory)
        except ConnectError as problem:
            reason = os.strerror(problem.osError) if isinstance(problem.osError, int) else str(problem)
            continue
        try:
            connection: BusConnection = await factory.getConnection().addTimeout(_PATIENCE, reactor)
        except Exception as problem:  # noqa: BLE001 (whatever ends the handshake, this is no bus for us)
            reason = f"it did not complete the D-Bus handshake ({type(problem).__name__})"
            protocol.transport.abortConnection()
            continue
        return connection
    raise BusUnreachable(address=address, reason=reason)


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


class PrivateBus:
    """A dbus-daemon of our own, in a directory of its own, that ends with stop()."""

    def __init__(self) -> None:
        self._directory: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the daemon and return its address; raises NoDBusDaemon or BusDidNotStart.

        Waits for the few milliseconds until the daemon listens.
        """
        program = shutil.which("dbus-daemon")
        if program is None:
            raise NoDBusDaemon
        self._directory = Path(tempfile.mkdtemp(prefix="thunderoci-"))
        configuration = self._directory / "bus.conf"
        configuration.write_text(_CONFIGURATION.format(socket=escape(str(self._directory / "bus"))), encoding="utf-8")
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
