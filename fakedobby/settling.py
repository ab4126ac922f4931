"""Waiting until nothing is on its way: what a daemon has emitted has arrived, and what that led to is over."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from txdbus.message import MethodCallMessage

from fakedobby.bus import BusConnection
from fakedobby.control import CONTROL_PATH
from fakedobby.protocol import BUS_NAME
from fakedobby.surroundings import PEER

log = logging.getLogger(__name__)

_MOST_ROUNDS = 1000
"""After so many we go on: others keep the bus busy, and will not end for us."""


class Settling:
    """Settles the connections of one emulator, which `connections` returns: the one that hears the daemon comes first.

    Messages between two connections keep their order. So when the daemon answers a ping, all that it has sent before
    has arrived, and when nothing but the ping was sent or received meanwhile, nothing more will come of it.
    """

    def __init__(self, connections: Callable[[], Sequence[BusConnection]], is_there: Callable[[], bool]) -> None:
        self._connections = connections
        self._is_there = is_there
        self._quiet_at = -1

    async def __call__(self) -> None:
        """Wait; returns at once when nothing was sent since the last time."""
        connections = self._connections()
        if not connections or self._traffic() == self._quiet_at:
            return
        for _ in range(_MOST_ROUNDS):
            before = self._traffic()
            await _ping(connections[0])
            # each ping is sent, received, answered, and the answer received; without a daemon the bus answers it
            if self._traffic() - before <= (4 if self._is_there() else 2):
                break
        else:
            log.info("the bus is busy with others; we go on without waiting for its end")
        self._quiet_at = self._traffic()

    def _traffic(self) -> int:
        return sum(connection.traffic for connection in self._connections())


async def _ping(connection: BusConnection) -> Any:
    call = MethodCallMessage(CONTROL_PATH, "Ping", interface=PEER, destination=BUS_NAME)
    try:
        return await connection.callRemoteMessage(call)
    except Exception as problem:  # noqa: BLE001 (no daemon, or no bus any more: there is nothing to wait for)
        log.debug("nobody answers the ping: %s", problem)
        return None
