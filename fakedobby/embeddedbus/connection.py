"""One client's connection: bytes and file descriptors in and out, over Twisted's UNIX transport."""

import logging
import os
import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IFileDescriptorReceiver, IPullProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no type hints

from fakedobby.clock import Clock, Timer
from fakedobby.embeddedbus.authentication import Authentication
from fakedobby.embeddedbus.grammar import Malformed
from fakedobby.embeddedbus.limits import Limits
from fakedobby.embeddedbus.message import Message, decode
from fakedobby.embeddedbus.router import Credentials, Peer, Router
from fakedobby.embeddedbus.splitter import Splitter

log = logging.getLogger(__name__)

_PEERCRED = struct.Struct("3i")
_SO_PEERGROUPS = 59
"""Linux's number, which the socket module does not name."""
_GROUPS_SIZE = 1024
"""Bytes for group ids: Python asks for no more at a time."""
_BATCH = 1 << 16
"""Bytes that are handed to the transport at a time."""


@implementer(IFileDescriptorReceiver, IPullProducer)
class Connection(Protocol):
    """An Outlet of the router.

    Twisted sends file descriptors with whatever byte comes next, but clients want them with the bytes of their message:
    such a message is handed to the transport when that has nothing else to send. The transport pulls, therefore.
    """

    def __init__(self, router: Router, guid: str, gone: Callable[["Connection"], None], clock: Clock) -> None:
        self._router = router
        self._limits: Limits = router.limits
        self._guid = guid
        self._gone = gone
        self._clock = clock
        self._deadline: Timer | None = None
        self._splitter = Splitter(self._limits)
        self._received: deque[int] = deque()
        self._queue: deque[tuple[bytes, list[int]]] = deque()
        self._waiting = 0
        self._in_transport = 0
        self._sent_fds: list[int] = []
        self._idle = False
        self._hung_up = False

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        """Ask the kernel who the client is."""
        credentials = _credentials(self._transport.socket)
        self._peer = Peer(self, credentials)
        self._authentication: Authentication | None = Authentication(
            self._guid, credentials.uid, welcome=credentials.uid in {0, os.geteuid()}, limits=self._limits
        )

        self._deadline = self._clock.callLater(self._limits.authentication_time, self._too_late)

    @property
    def _transport(self) -> Any:
        return self.transport

    def fileDescriptorReceived(self, descriptor: int) -> None:  # noqa: N802 (Twisted's name)
        """Keep a file descriptor until its message is complete."""
        # those of the next message can come in one read with the end of this one
        if self._hung_up or not self._peer.passes_fds or len(self._received) >= 2 * self._limits.unix_fds:
            os.close(descriptor)
            self.hang_up("it passed file descriptors that it may not pass")
            return
        os.set_inheritable(descriptor, False)
        self._received.append(descriptor)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Take bytes; whoever sends what is no D-Bus is disconnected."""
        try:
            if self._authentication is not None and not self._hung_up:
                data = self._authenticate(self._authentication, data)
            if data and not self._hung_up:
                self._take_messages(data)
        except Malformed as problem:
            self.hang_up(str(problem))

    def _authenticate(self, authentication: Authentication, data: bytes) -> bytes:
        answer = authentication.feed(data)
        if answer:
            self._transport.write(answer)
        # file descriptors can come in the same read as BEGIN
        self._peer.passes_fds = authentication.passes_fds
        if not authentication.begun:
            return b""
        self._authentication = None
        self._transport.registerProducer(self, streaming=False)
        return authentication.take_rest()

    def _take_messages(self, data: bytes) -> None:
        for raw in self._splitter.feed(data):
            message = decode(raw)
            count = message.unix_fds or 0
            if count > min(len(self._received), self._limits.unix_fds):
                raise Malformed("a message came without its file descriptors")
            message.fds = [self._received.popleft() for _ in range(count)]
            try:
                self._router.receive(self._peer, message)
            finally:
                _close(message.fds)
            if self._peer.name is not None:
                self._lift_deadline()
            if self._hung_up:
                return

    def _too_late(self) -> None:
        self._deadline = None
        self.hang_up("it took too long to authenticate and say Hello")

    def _lift_deadline(self) -> None:
        deadline, self._deadline = self._deadline, None
        if deadline is not None:
            deadline.cancel()

    def send(self, message: Message) -> None:
        """Queue a message; a client that does not read is disconnected."""
        if self._hung_up:
            return
        raw = message.raw
        self._waiting += len(raw)
        if self._waiting > self._limits.outgoing:
            self.hang_up("it does not read what it is sent")
            return
        self._queue.append((raw, [os.dup(descriptor) for descriptor in message.fds]))
        if self._idle:
            self.resumeProducing()

    def resumeProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Give the transport, which has sent everything, something to send."""
        _close(self._sent_fds)
        self._waiting -= self._in_transport
        self._sent_fds, self._in_transport = [], 0
        while self._queue and self._in_transport < _BATCH and not (self._in_transport and self._queue[0][1]):
            raw, self._sent_fds = self._queue.popleft()
            for descriptor in self._sent_fds:
                self._transport.sendFileDescriptor(descriptor)
            self._transport.write(raw)
            self._in_transport += len(raw)
            if self._sent_fds:
                break
        self._idle = not self._in_transport

    def stopProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Do nothing: the transport says that it is gone, connectionLost does the rest."""

    def hang_up(self, reason: str) -> None:
        """Disconnect the client at once; what it has not read is lost."""
        if not self._hung_up:
            self._hung_up = True
            log.info("client %s disconnected: %s", self._peer.name or "without a name", reason)
            self._transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002, N802 (Twisted's names)
        """Take the client off the bus."""
        self._hung_up = True
        self._lift_deadline()
        _close(self._sent_fds)
        _close(self._received)
        for _, descriptors in self._queue:
            _close(descriptors)
        self._queue.clear()
        self._router.lost(self._peer)
        self._gone(self)


def _credentials(connection: socket.socket) -> Credentials:
    pid, uid, gid = _PEERCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEERCRED.size))
    try:
        groups = connection.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _GROUPS_SIZE)
    except OSError:  # an old kernel, or more groups than fit
        return Credentials(uid, pid)
    return Credentials(uid, pid, tuple(sorted({gid, *struct.unpack(f"{len(groups) // 4}I", groups)})))


def _close(descriptors: Any) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
