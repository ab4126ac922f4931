"""Wiring: the fake daemon on its message bus, for every program that has one inside."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.task import deferLater

from fakedobby.bus import BusConnection, connect
from fakedobby.buschoice import chosen_bus
from fakedobby.clock import Timer
from fakedobby.control import ControlObject
from fakedobby.emulatedclock import EmulatedClock
from fakedobby.emulation import Emulation
from fakedobby.errors import BusCannotStart, UserError
from fakedobby.manualpace import ManualPace
from fakedobby.options import settings_of
from fakedobby.program import Program
from fakedobby.scenario import NOTHING, Scenario
from fakedobby.service import DobbyService

log = logging.getLogger(__name__)

_UPTIME = 60.0
"""For how long a machine whose clock is virtual has been up at the start: in every run the same."""


class Daemon:
    """A fake daemon as `options` want it (fakedobby/options.py), on the bus that they name.

    `left` is called once when the daemon leaves the bus by itself: with None after D-Bus Shutdown, with the error after
    a crash. The containers of the scenario are there from the start.
    """

    def __init__(
        self,
        program: Program,
        options: Any,
        left: Callable[[UserError | None], None],
        emulation: Emulation,
        scenario: Scenario = NOTHING,
    ) -> None:
        self._program = program
        self._emulation = emulation
        self._settings = replace(settings_of(options, emulation.random), scenario=scenario)
        self._bus = chosen_bus(options.bus, options.bus_listen)
        self._left = left
        self._uptime = _UPTIME if options.clock == "virtual" else time.monotonic()
        self._reactor: Any = None
        self._address = ""
        self._returning: Timer | None = None
        self._coming = DeferredLock()
        self._closed = False
        self._connection: Any = None
        self.service: DobbyService | None = None
        """What is on the bus; None while nothing is."""
        self.control = ControlObject()
        """The object beside Dobby's."""

    async def start(self, reactor: Any) -> str:
        """Start the bus, if it is ours, and serve on it; return its address. Raises a UserError.

        The bus ends with the reactor.
        """
        reactor.addSystemEventTrigger("before", "shutdown", self._close)
        self._reactor = reactor
        try:
            self._address = self._bus.start(reactor)
        except OSError as problem:  # no room for its directory, or for one more process
            raise BusCannotStart(reason=problem.strerror) from None
        log.info("on the message bus at %s", self._address)
        await self._serve(self._settings.scenario)
        return self._address

    async def _serve(self, scenario: Scenario = NOTHING) -> None:
        connection = self._connection = await connect(self._reactor, self._address)
        self._program.needs(connection, self._address)

        def gone(problem: UserError | None) -> None:
            self._program.no_longer_needs(connection)
            self.service = None
            self._left(problem)

        self.service = DobbyService(
            connection,
            self._emulation.clock,
            self._settings,
            emulation=self._emulation,
            uptime=self._uptime + self._emulation.clock.seconds(),
            waits=self._reactor,
            gone=gone,
            leave=self.leave,
            control=self.control,
        )
        scenario.populate(self.service.manager.place)
        await self.service.publish()

    @property
    def scenario(self) -> Scenario:
        """What it is like at the start, and after a reset."""
        return self._settings.scenario

    def use(self, scenario: Scenario) -> None:
        """Have another scenario from the next reset on."""
        self._settings = replace(self._settings, scenario=scenario)
        if self.service is not None:
            self.service.manager.use(scenario)

    def leave(self, seconds: float | None) -> None:
        """Leave the bus as after a crash, with all containers, for so many seconds of the emulator's clock.

        None is until come_back() is called. Does nothing while the daemon is away.
        """
        service, self.service = self.service, None
        if service is None:
            return
        self._program.no_longer_needs(self._connection)
        service.leave()
        if seconds is None:
            log.warning("the fake Dobby left the bus")
        else:
            log.warning("the fake Dobby left the bus, and is back in %g seconds", seconds)
            self._returning = self._emulation.clock.callLater(seconds, self._return)

    def _return(self) -> None:
        Deferred.fromCoroutine(self.come_back())

    async def come_back(self, scenario: Scenario = NOTHING) -> None:
        """Go on the bus again and say Ready, with the containers of a scenario; does nothing while the daemon is there.

        Returns when that is done, whether or not it can be done: the log says what went wrong.
        """
        self.forget_return()
        await self._coming.acquire()
        try:
            if self.service is None:
                await self._serve(scenario)
        except Exception as problem:  # noqa: BLE001 (the bus is gone, or somebody has the name: we stay away)
            if not self._closed:
                log.error("the fake Dobby can't come back to the bus: %s", problem)  # noqa: TRY400 (no defect of ours)
            self.leave(None)
        finally:
            self._coming.release()

    @property
    def is_coming(self) -> bool:
        """Whether it is on its way to the bus."""
        return self._coming.locked

    async def arrived(self) -> None:
        """Wait until it is on the bus, if it is on its way there, or can't be."""
        await self._coming.run(lambda: None)

    def forget_return(self) -> None:
        """Stay away until come_back() is called, whatever leave() was told."""
        if self._returning is not None:
            self._returning.cancel()
            self._returning = None

    async def breathe(self) -> None:
        """Let everybody else have a turn."""
        await deferLater(self._reactor, 0, lambda: None)

    @property
    def is_there(self) -> bool:
        """Whether it is on the bus, and not on its way there."""
        return self.service is not None and not self._coming.locked

    @property
    def connections(self) -> list[BusConnection]:
        """Its connection to the bus; none while it is not there."""
        return [] if self.service is None else [self._connection]

    def _close(self) -> Any:
        """End what is ours however the program ends; return when the bus is gone."""
        self._closed = True
        if self.service is not None:
            self.service.close()
        return self._bus.stop()

    async def shutdown(self) -> None:
        """Stop the containers as a real daemon does on SIGTERM, and give the name back.

        Who asks for that waits in real time: nothing is stepped any more, and time does not stand still.
        """
        clock, pace = self._emulation.clock, self._emulation.pace
        if isinstance(pace, ManualPace):
            pace.release()
        if isinstance(clock, EmulatedClock) and not clock.speed:
            clock.speed = 1.0
        if self.service is not None:
            await self.service.shutdown()
