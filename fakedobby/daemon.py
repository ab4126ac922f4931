"""Wiring: the fake daemon on its message bus, for every program that has one inside."""

import logging
import time
from collections.abc import Callable
from typing import Any

from fakedobby.bus import connect
from fakedobby.buschoice import chosen_bus
from fakedobby.emulation import Emulation
from fakedobby.errors import UserError
from fakedobby.options import settings_of
from fakedobby.program import Program
from fakedobby.service import DobbyService

log = logging.getLogger(__name__)


class Daemon:
    """A fake daemon as `options` want it (fakedobby/options.py), on the bus that they name.

    `left` is called once when the daemon leaves the bus by itself: with None after D-Bus Shutdown, with the error after
    a crash.
    """

    def __init__(
        self, program: Program, options: Any, left: Callable[[UserError | None], None], emulation: Emulation
    ) -> None:
        self._program = program
        self._emulation = emulation
        self._settings = settings_of(options)
        self._bus = chosen_bus(options.bus, options.bus_listen)
        self._left = left
        self._service: DobbyService | None = None

    async def start(self, reactor: Any) -> str:
        """Start the bus, if it is ours, and serve on it; return its address. Raises a UserError.

        The bus ends with the reactor.
        """
        reactor.addSystemEventTrigger("before", "shutdown", self._close)
        address = self._bus.start(reactor)
        log.info("on the message bus at %s", address)
        connection = await connect(reactor, address)
        self._program.needs(connection, address)

        def gone(problem: UserError | None) -> None:
            self._program.no_longer_needs(connection)
            self._left(problem)

        self._service = DobbyService(
            connection,
            self._emulation.clock,
            self._settings,
            emulation=self._emulation,
            uptime=time.monotonic(),
            gone=gone,
        )
        await self._service.publish()
        return address

    def _close(self) -> Any:
        """End what is ours however the program ends; return when the bus is gone."""
        if self._service is not None:
            self._service.close()
        return self._bus.stop()

    async def shutdown(self) -> None:
        """Stop the containers as a real daemon does on SIGTERM, and give the name back."""
        if self._service is not None:
            await self._service.shutdown()
