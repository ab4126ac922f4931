"""A fake daemon in the hands of whoever controls the emulator: its containers, its time, and its state as a whole."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from signal import Signals
from typing import Any

from twisted.internet.defer import Deferred, DeferredLock

from fakedobby.containerdocument import check, check_all, check_descriptor, check_seconds, kept, shown, stated
from fakedobby.containers import Container
from fakedobby.daemon import Daemon
from fakedobby.emulatedclock import EmulatedClock
from fakedobby.emulation import Emulation
from fakedobby.errors import BadInput, CreationFailed, NoSuchThing, NotNow, Refused
from fakedobby.faultkinds import DEADLY
from fakedobby.lifecycle import State
from fakedobby.manager import Manager
from fakedobby.manualpace import ManualPace
from fakedobby.process import status_of_exit, status_of_signal
from fakedobby.protocol import Descriptor

Settle = Callable[[], Awaitable[object]]
"""Waits until all that was emitted has arrived, and what it led to is over; returns at once when nothing was."""

_BREATH = 500
"""After so many moments of an advance others have their turn, whatever happened in them."""
_LAST_STATUS = 255
_FROZEN = {State.PAUSED: "paused", State.HIBERNATED: "hibernated"}


class DaemonControl:
    """Controls `daemon`; documents are those of the control API, and everything may raise a ControlError."""

    def __init__(self, daemon: Daemon, emulation: Emulation, settle: Settle) -> None:
        if not isinstance(emulation.clock, EmulatedClock):
            raise TypeError(emulation.clock)
        self._daemon = daemon
        self.clock = emulation.clock
        self._ghosts = emulation.ghosts
        self._pace = emulation.pace
        self._random = emulation.random
        self._chance = emulation.random.getstate()
        self._settle = settle
        self._time = DeferredLock()
        """One advance after another."""
        self._resets = 0

    @property
    def is_there(self) -> bool:
        """Whether the daemon is on the bus."""
        return self._daemon.is_there

    def list_containers(self) -> list[dict[str, Any]]:
        """Return a Container for each one, in Dobby's order; none while the daemon is not there."""
        return [shown(container) for container in self._containers()]

    def get_container(self, container_id: str) -> dict[str, Any]:
        """Return the Container of an id; raises NoSuchThing."""
        return shown(self._container(container_id))

    async def start_container(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Start a container as a client of Dobby's would, with the same signals; return its Container."""
        manager = self._manager()
        document = check(document, "$", manager.scenario)
        started: Deferred[dict[str, Any] | Exception] = Deferred()

        def done(outcome: Descriptor | Exception) -> None:
            # here and now: it may be gone a moment later
            started.callback(outcome if isinstance(outcome, Exception) else self.get_container(document["id"]))

        manager.start(document, done)
        outcome = await started
        if isinstance(outcome, Refused):
            raise NotNow(problem=f"The container {document['id']} can't be started: {outcome}")
        if isinstance(outcome, CreationFailed):
            raise BadInput(where="$", problem=outcome)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def exit_container(self, container_id: str, status: int) -> None:
        """Have the process of a container exit now, with a status of 0 to 255."""
        if isinstance(status, bool) or not isinstance(status, int) or not 0 <= status <= _LAST_STATUS:
            raise BadInput(where="$.status", problem=f"an exit status is a whole number from 0 to {_LAST_STATUS}")
        self._end(container_id, status_of_exit(status))

    def crash_container(self, container_id: str, signal: str) -> None:
        """Have a signal end the process of a container now, which its name says, such as SIGSEGV."""
        if signal not in DEADLY:
            raise BadInput(where="$.signal", problem=f"it must be the name of one of {', '.join(sorted(DEADLY))}")
        self._end(container_id, status_of_signal(Signals[signal].value))

    def containers_state(self) -> list[dict[str, Any]]:
        """Return what set_containers() takes; a container whose process has ended is as good as gone."""
        return [stated(container) for container in self._containers() if container.process.alive]

    def set_containers(self, containers: Any) -> None:
        """Put these in the place of those that are there, without a signal; calls under way have failed."""
        self._put(containers, self._manager())

    async def reset(self) -> None:
        """Bring back the containers, descriptors, time and chance that there were at the start, without a signal.

        A daemon that is not there, or does not answer, is there again. What an advance has not reached is dropped.
        """
        self._resets += 1
        service = self._daemon.service
        if service is not None and not service.reset():
            self._daemon.leave(None)
            service = None
        self._ghosts.drop()
        self._daemon.forget_return()  # it would come back without the containers of the start
        with nullcontext() if service is None else service.silent():
            self.clock.reset()
        self._random.setstate(self._chance)
        if service is None:
            await self._daemon.come_back(self._daemon.scenario)
        else:
            self._daemon.scenario.populate(service.manager.place)
        await self._settle()

    def snapshot(self) -> dict[str, Any]:
        """Return what restore() takes."""
        manager = self._manager()
        return {
            "containers": [kept(container) for container in manager.containers if container.process.alive],
            "clock": {"seconds": round(self.clock.seconds(), 9), "speed": self.clock.speed},
            "nextDescriptor": manager.next_descriptor,
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Bring containers, descriptors and time back as they were, without a signal: the same lives go on."""
        manager = self._manager()
        clock = snapshot["clock"]
        seconds, speed = (check_seconds(clock[name], f"$.clock.{name}") for name in ("seconds", "speed"))
        descriptor = check_descriptor(snapshot["nextDescriptor"], "$.nextDescriptor")
        self._put(snapshot["containers"], manager, (seconds, speed))
        manager.containers.descriptors.seek(descriptor)

    async def advance(self, seconds: float) -> None:
        """Let time pass, with all that happens in it, moment by moment: what follows from one is over before the next.

        A reset ends it.
        """
        await self._time.acquire()
        try:
            await self._advance_to(self.clock.seconds() + check_seconds(seconds, "$.seconds"))
        finally:
            self._time.release()

    async def _advance_to(self, moment: float) -> None:
        clock, begun, moments = self.clock, self._resets, 0
        await self._calm()
        while self._resets == begun:
            due = clock.next_due()
            if due is None or due > moment:
                clock.advance_to(moment)
                return
            clock.advance_to(due)
            await self._daemon.arrived()
            moments += 1
            if moments % _BREATH == 0:
                await self._daemon.breathe()
            await self._calm()

    async def _calm(self) -> None:
        """Wait until a daemon that is about to come back is there, and what was emitted has arrived."""
        if self._daemon.is_coming:
            await self._daemon.arrived()
        await self._settle()

    async def step(self, steps: int) -> None:
        """Let so many waiting transitions happen, each with what follows from it; raises NotNow when none wait."""
        if not isinstance(self._pace, ManualPace):
            raise NotNow(problem="Transitions wait for nobody here: start the emulator with --progression manual")
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
            raise BadInput(where="$.steps", problem="it must be a whole number, 1 or more")
        for _ in range(steps):
            if not self._pace.step():
                break
            await self._settle()

    def waiting(self) -> list[str]:
        """Return which transitions are under way, and behind them what waits for its turn."""
        service = self._daemon.service
        return [] if service is None else service.manager.waiting

    def _manager(self) -> Manager:
        service = self._daemon.service
        if service is None:
            raise NotNow(problem="The fake Dobby is not on the bus: wait until it is back, or reset the state")
        return service.manager

    def _containers(self) -> list[Container]:
        service = self._daemon.service
        return [] if service is None else list(service.manager.containers)

    def _container(self, container_id: str) -> Container:
        for container in self._containers():
            if container.container_id == container_id:
                return container
        raise NoSuchThing(kind="container", name=container_id)

    def _end(self, container_id: str, status: int) -> None:
        container = self._container(container_id)
        if container.state in _FROZEN:
            state = _FROZEN[container.state]
            raise NotNow(
                problem=f"The container {container_id} is {state}, and a frozen process does not end by itself"
            )
        if not container.process.alive:
            raise NotNow(problem=f"The process of the container {container_id} has ended already")
        container.process.end(status)

    def _put(self, documents: Any, manager: Manager, time: tuple[float, float] | None = None) -> None:
        """Have these containers and no others, at another time if one is given."""
        checked = check_all(documents, "$.containers", manager.scenario)
        self._resets += 1
        service = self._daemon.service
        with nullcontext() if service is None else service.silent():
            manager.clear()
            if time is not None:
                self._ghosts.drop()
                self.clock.reset(*time)
        # those that have their descriptors first: the others get what is left
        for document in sorted(checked, key=lambda one: "descriptor" not in one):
            try:
                manager.place(document)
            except (Refused, CreationFailed) as reason:
                raise BadInput(where="$.containers", problem=reason) from None
