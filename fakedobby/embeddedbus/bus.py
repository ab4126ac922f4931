"""The bus: where it listens, who is connected, and its end."""

import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, DeferredList, maybeDeferred, succeed
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from fakedobby.busaddress import escape
from fakedobby.clock import Clock
from fakedobby.embeddedbus.connection import Connection
from fakedobby.embeddedbus.driver import Driver
from fakedobby.embeddedbus.limits import Limits
from fakedobby.embeddedbus.message import Message
from fakedobby.embeddedbus.methods import Identity
from fakedobby.embeddedbus.router import Credentials, Peer, Router
from fakedobby.errors import CannotListenAt
from fakedobby.machine import machine_id
from fakedobby.openfiles import Room
from fakedobby.socketfile import claim

_KEPT = 16
"""How many files clients of the bus don't get: those of a host in the same process leave it more."""


class EmbeddedBus:
    """A message bus in this process, for clients of the same user (and root).

    `guid` is the id of the bus, 32 hexadecimal digits, random without one; `path` is where start() makes it listen.
    """

    def __init__(self, guid: str | None = None, limits: Limits | None = None, path: str | None = None) -> None:
        self.guid = guid or uuid.uuid4().hex
        self._router = Router(self._answer, limits or Limits())
        own = Credentials(os.geteuid(), os.getpid())
        self._driver = Driver(self._router, Identity(self.guid, machine_id(), own))
        self._ports: list[Any] = []
        self._connections: dict[Connection, Deferred[None]] = {}
        self._room = Room(_KEPT, "client of the bus", "clients of the bus")
        self._path = path
        self._directory: str | None = None

    def listen(self, reactor: Any, path: str) -> str:
        """Listen on a UNIX socket at `path` and return its D-Bus address; the bus may have several.

        Raises twisted.internet.error.CannotListenError.
        """
        self._ports.append(reactor.listenUNIX(path, _Factory(self, reactor), mode=0o600))
        return f"unix:path={escape(path)},guid={self.guid}"

    def start(self, reactor: Any) -> str:
        """Listen at `path` or in a directory of our own and return the address, as PrivateBus.start does.

        Raises PathInUse and CannotListenAt.
        """
        if self._path is not None:
            claim(self._path)
        else:
            self._directory = tempfile.mkdtemp(prefix="thunderoci-")
        path = self._path or str(Path(self._directory or "") / "bus")
        try:
            return self.listen(reactor, path)
        except CannotListenError as problem:
            raise CannotListenAt(path=path, reason=problem.socketError) from None

    def close(self) -> "Deferred[None]":
        """Stop listening and disconnect everyone; the Deferred fires when that is done."""
        ports, self._ports = self._ports, []
        # Twisted removes the sockets, and minds when they are gone already
        ended: list[Deferred[Any]] = [maybeDeferred(port.stopListening).addErrback(_ignore_missing) for port in ports]
        for connection, gone in list(self._connections.items()):
            connection.hang_up("the bus ends")
            ended.append(gone)
        return DeferredList(ended).addCallback(lambda _: None) if ended else succeed(None)

    def stop(self) -> "Deferred[None]":
        """Close, and remove what start() made, as PrivateBus.stop does."""
        directory, self._directory = self._directory, None
        ended = self.close()
        if directory is not None:
            ended.addCallback(lambda _: shutil.rmtree(directory, ignore_errors=True))
        return ended

    def _answer(self, peer: Peer, call: Message) -> None:
        self._driver.answer(peer, call)

    def has_room(self) -> bool:
        """Tell whether there are files enough for one more client."""
        return self._room.for_one_more()

    def connect(self, clock: Clock) -> Connection:
        """Return the protocol of one more client."""
        connection = Connection(self._router, self.guid, self._gone, clock)
        self._connections[connection] = Deferred()
        return connection

    def _gone(self, connection: Connection) -> None:
        self._connections.pop(connection).callback(None)


class _Factory(Factory):
    noisy = False

    def __init__(self, bus: EmbeddedBus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock

    def buildProtocol(self, addr: IAddress | None) -> Connection | None:  # noqa: ARG002, N802 (Twisted's names)
        """Make a connection of every client for which there is room; authentication comes later."""
        return self._bus.connect(self._clock) if self._bus.has_room() else None


def _ignore_missing(failure: Failure) -> Failure | None:
    return None if isinstance(failure.value, FileNotFoundError) else failure
