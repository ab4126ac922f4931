"""The bus: where it listens, who is connected, and its end."""

import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

from twisted.internet.defer import Deferred, DeferredList, maybeDeferred, succeed
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory

from fakedobby.embeddedbus.connection import Connection
from fakedobby.embeddedbus.driver import Driver
from fakedobby.embeddedbus.limits import Limits
from fakedobby.embeddedbus.message import Message
from fakedobby.embeddedbus.methods import Identity
from fakedobby.embeddedbus.router import Credentials, Peer, Router
from fakedobby.machine import machine_id


class EmbeddedBus:
    """A message bus in this process, for clients of the same user (and root).

    `guid` is the id of the bus, 32 hexadecimal digits, random without one.
    """

    def __init__(self, guid: str | None = None, limits: Limits | None = None) -> None:
        self.guid = guid or uuid.uuid4().hex
        self._router = Router(self._answer, limits or Limits())
        own = Credentials(os.geteuid(), os.getpid())
        self._driver = Driver(self._router, Identity(self.guid, machine_id(), own))
        self._ports: list[Any] = []
        self._connections: dict[Connection, Deferred[None]] = {}
        self._directory: str | None = None

    def listen(self, reactor: Any, path: str) -> str:
        """Listen on a UNIX socket at `path` and return its D-Bus address; the bus may have several.

        Raises twisted.internet.error.CannotListenError.
        """
        self._ports.append(reactor.listenUNIX(path, _Factory(self), mode=0o600))
        return f"unix:path={quote(path, safe='/_-.*')},guid={self.guid}"

    def start(self, reactor: Any) -> str:
        """Listen in a directory of our own and return the address, as PrivateBus.start does."""
        self._directory = tempfile.mkdtemp(prefix="thunderoci-")
        return self.listen(reactor, str(Path(self._directory) / "bus"))

    def close(self) -> "Deferred[None]":
        """Stop listening and disconnect everyone; the Deferred fires when that is done."""
        ports, self._ports = self._ports, []
        ended: list[Deferred[Any]] = [maybeDeferred(port.stopListening) for port in ports]
        for connection, gone in list(self._connections.items()):
            connection.hang_up("the bus ends")
            ended.append(gone)
        return DeferredList(ended).addCallback(lambda _: None) if ended else succeed(None)

    def stop(self) -> "Deferred[None]":
        """Close, and remove what start() made, as PrivateBus.stop does."""
        directory, self._directory = self._directory, None
        ended = self.close()
        if directory is not None:
            # the sockets in it are removed by Twisted, which minds when they are gone already
            ended.addCallback(lambda _: shutil.rmtree(directory, ignore_errors=True))
        return ended

    def _answer(self, peer: Peer, call: Message) -> None:
        self._driver.answer(peer, call)

    def connect(self) -> Connection:
        """Return the protocol of one more client."""
        connection = Connection(self._router, self.guid, self._gone)
        self._connections[connection] = Deferred()
        return connection

    def _gone(self, connection: Connection) -> None:
        self._connections.pop(connection).callback(None)


class _Factory(Factory):
    noisy = False

    def __init__(self, bus: EmbeddedBus) -> None:
        self._bus = bus

    def buildProtocol(self, addr: IAddress | None) -> Connection:  # noqa: ARG002, N802 (Twisted's names)
        """Make a connection of every client; authentication comes later."""
        return self._bus.connect()
