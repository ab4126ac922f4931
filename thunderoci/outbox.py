"""What waits to be sent to one client, and for how long that goes well."""

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from fakedobby.promptly import write_promptly

log = logging.getLogger(__name__)

_MOST_GATHERED = 2**16
"""Bytes that are not kept to be sent with others."""


class Outbox:
    """Writes whole messages to a transport, keeps them while it is full, and drops a client that does not read.

    Whoever is the transport's producer passes pauses and resumptions on to it.
    """

    def __init__(self, transport: Any, limit: int, event_limit: int) -> None:
        self._transport = transport
        self._limit = limit
        self._event_limit = event_limit
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._size = 0
        self._event_size = 0
        self.paused = False
        """Whether the transport is full."""
        self._held = False
        self._gathered: list[bytes] | None = None
        """What is to be sent in one piece, None when each message is sent for itself."""
        self._gathered_size = 0
        self.closed = False
        """Whether nothing is sent any more."""
        self._when_not_full: Callable[[], object] | None = None

    def write(self, message: bytes) -> None:
        """Send a message as soon as the client takes it; none is sent after the end."""
        if self._wait(message, is_event=False) and self._size > self._limit:
            self.drop(f"it does not read, and more than {self._limit} bytes wait for it")

    def push(self, message: bytes) -> None:
        """Do the same with an event, of which fewer bytes may wait."""
        if self._wait(message, is_event=True) and self._event_size > self._event_limit:
            self.drop(f"it does not read, and more than {self._event_limit} bytes of events wait for it")

    def _wait(self, message: bytes, *, is_event: bool) -> bool:
        """Send a message, or tell that it waits now."""
        if self.closed:
            return False
        if not self.paused and not self._held:
            if self._gathered is None:
                write_promptly(self._transport, message)
            else:
                self._gather(self._gathered, message)
            return False
        self._waiting.append((message, is_event))
        self._count(message, is_event, 1)
        return True

    def _count(self, message: bytes, is_event: bool, sign: int) -> None:
        self._size += sign * len(message)
        self._event_size += sign * len(message) * is_event

    def gather(self) -> None:
        """Send what is written from now on in one piece, or a few, when flush() is called."""
        self._gathered = []

    def flush(self) -> None:
        """Send what was gathered, and each message for itself again."""
        if self._gathered is not None:
            self._send_gathered()
            self._gathered = None

    def _gather(self, gathered: list[bytes], message: bytes) -> None:
        gathered.append(message)
        self._gathered_size += len(message)
        if self._gathered_size > _MOST_GATHERED:
            self._send_gathered()

    def _send_gathered(self) -> None:
        if self._gathered:
            message = b"".join(self._gathered)
            self._gathered.clear()
            self._gathered_size = 0
            write_promptly(self._transport, message)  # may call pause()

    def pause(self) -> None:
        """Keep what is written from now on: the transport is full."""
        self.paused = True

    def resume(self) -> None:
        """Send on until the transport is full again."""
        self.paused = False
        self._send_waiting()
        self._tell_of_room()

    def when_not_full(self, call: Callable[[], object]) -> None:
        """Call `call()` once, when the transport is not full any more or nothing is sent any more; one may ask."""
        self._when_not_full = call

    def _tell_of_room(self) -> None:
        call, self._when_not_full = self._when_not_full, None
        if call is not None:
            call()

    def hold(self) -> None:
        """Keep what is written until let_go() is called, for the sake of a message that is sent piece by piece."""
        self._send_gathered()
        self._held = True

    def drip(self, piece: bytes) -> None:
        """Send a piece of the message that all others are held for."""
        self._transport.write(piece)

    def let_go(self) -> None:
        """Send what was held."""
        self._held = False
        self._send_waiting()

    def _send_waiting(self) -> None:
        while self._waiting and not self.paused and not self._held:
            message, is_event = self._waiting.popleft()
            self._count(message, is_event, -1)
            self._transport.write(message)  # may call pause()

    def end(self) -> None:
        """Hand everything that waits to the transport, and take nothing any more."""
        self._send_gathered()
        if not self.closed and self._waiting:
            self._transport.write(b"".join(message for message, _ in self._waiting))
        self.forget()

    def drop(self, reason: str) -> None:
        """Cut the connection, and let the log say why."""
        log.warning("dropped the client at %s: %s", name_of(self._transport.getPeer()), reason)
        self.cut()

    def cut(self) -> None:
        """Reset the connection, whatever is still to be sent."""
        self.forget()
        self._transport.abortConnection()

    def forget(self) -> None:
        """Throw away what waits: there is nobody to send it to."""
        self.closed = True
        self._waiting.clear()
        self._gathered = None
        self._gathered_size = 0
        self._size = self._event_size = 0
        self._tell_of_room()


def name_of(peer: Any) -> str:
    """Return what the log calls a client at an address."""
    host, port = getattr(peer, "host", None), getattr(peer, "port", None)
    return f"{host}:{port}" if host else str(peer)
