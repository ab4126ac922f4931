"""The plugin host's connection to its message bus, for as long as there is a bus."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from twisted.internet.defer import Deferred

from thunderoci.dobby import DobbyProxy

log = logging.getLogger(__name__)

_PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds between attempts to get back to a bus that was lost; the last one is repeated."""


Connect = Callable[[], Awaitable[Any]]
"""Returns a connection to the bus that has said Hello, or raises."""


class BusLink:
    """Keeps `dobby` on the bus at `address`: when the bus goes away it is looked for until it is back.

    A real host never looks for it again, which is what `reconnects` False does.
    """

    def __init__(
        self, clock: Any, address: str, connect: Connect, dobby: DobbyProxy, *, reconnects: bool = True
    ) -> None:
        self._clock = clock
        self._address = address
        self._connect = connect
        self._dobby = dobby
        self._reconnects = reconnects
        self.connection: Any = None
        """The one that it has; None while the bus is lost."""
        self._stopped = False
        self._timer: Any = None
        self._looking: Deferred[None] | None = None

    async def start(self) -> None:
        """Connect; raises what `connect` raises."""
        await self._attach(await self._connect())

    async def stop(self) -> None:
        """Disconnect, and look for no bus any more."""
        self._stopped = True
        self._dobby.detach()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._looking is not None:
            self._looking.cancel()
        connection, self.connection = self.connection, None
        if connection is not None:
            gone: Deferred[None] = Deferred()
            connection.notifyOnDisconnect(lambda *_: gone.callback(None))
            connection.disconnect()
            await gone

    async def _attach(self, connection: Any) -> None:
        self.connection = connection
        connection.notifyOnDisconnect(self._lost)
        await self._dobby.attach(connection)

    def _lost(self, *_: object) -> None:
        if self._stopped:
            return
        self.connection = None
        self._dobby.detach()
        if self._reconnects:
            log.warning(
                "the message bus at %s went away; looking for it, which a box never does (--quirk T-no-reconnect)",
                self._address,
            )
            self._look(0)
        else:
            log.warning("the message bus at %s went away; as on a box, it is not looked for again", self._address)

    def _look(self, attempt: int) -> None:
        pause = _PAUSES[min(attempt, len(_PAUSES) - 1)]
        self._timer = self._clock.callLater(pause, self._try_again, attempt)

    def _try_again(self, attempt: int) -> None:
        self._timer = None

        async def look() -> None:
            try:
                connection = await self._connect()
            except Exception:  # noqa: BLE001 (nobody there, or nobody who answers: whatever it is, we go on looking)
                if not self._stopped:
                    self._look(attempt + 1)
                return
            if self._stopped:
                connection.disconnect()
                return
            log.warning("the message bus at %s is back", self._address)
            await self._attach(connection)

        self._looking = Deferred.fromCoroutine(look())
