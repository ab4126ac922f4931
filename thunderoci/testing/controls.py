"""The parts of an emulator that a test takes into its hands: containers, faults, the clock."""

from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Any

from thunderoci.testing.control import Control
from thunderoci.testing.errors import BusFailed, NoAnswer, NotStarted, TestingError, is_told

__tracebackhide__ = is_told

_SLOW = "it takes longer than that; give it a longer timeout"
_STANDS_STILL = (
    "it takes time of the emulator's clock, which stands still; have another thread advance the clock meanwhile, or "
    "choose the option progression='immediate'"
)
_MANUAL = "it waits to be stepped; have another thread step meanwhile, or choose the option progression='immediate'"


class Containers:
    """The containers, seen from the box's side; each is a dict with id, descriptor, state and more."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def list(self) -> list[dict[str, Any]]:
        """Return all that there are."""
        containers: list[dict[str, Any]] = self._control.do("listContainers")["containers"]
        return containers

    def get(self, container_id: str) -> dict[str, Any]:
        """Return one. Raises ControlFailed (404)."""
        container: dict[str, Any] = self._control.do("getContainer", id=container_id)
        return container

    def start(
        self,
        container_id: str,
        *,
        program: Mapping[str, Any] | None = None,
        bundle: str | None = None,
        spec: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Start one behind the app's back, as another client would; with nothing named it runs until it is stopped.

        `program` is how it behaves (`runtime`, `exit`, `signal`, `term`, `memory`, `cpu`), `bundle` a path, `spec` a
        Dobby spec. The start takes its time of the emulator's clock, and this waits for it `timeout` seconds of real
        time, without one as long as for any answer; other threads can use the emulator meanwhile. Raises ControlFailed,
        and NotStarted when it takes longer.
        """
        source: dict[str, Any] = {"program": dict(program or {"runtime": None})}
        if bundle is not None:
            source = {"bundle": bundle}
        elif spec is not None:
            source = {"spec": dict(spec)}
        try:
            with closing(self._control.apart()) as control:
                container: dict[str, Any] = control.do("startContainer", timeout, id=container_id, **source)
        except (NoAnswer, BusFailed) as problem:
            if not isinstance(problem.__context__, TimeoutError):
                raise
            raise NotStarted(container_id=container_id, why=self._why_not()) from None
        return container

    def _why_not(self) -> str:
        """Return why a start is not over, and what helps."""
        with suppress(TestingError):
            if self._control.do("getProgression")["progression"] == "manual":
                return _MANUAL
            if not self._control.do("getClock")["speed"]:
                return _STANDS_STILL
        return _SLOW

    def exit(self, container_id: str, status: int = 0) -> dict[str, Any]:
        """Have its program end now. Raises ControlFailed."""
        container: dict[str, Any] = self._control.do("exitContainer", id=container_id, status=status)
        return container

    def crash(self, container_id: str, signal: str = "SIGSEGV") -> dict[str, Any]:
        """Have its program die of a signal now. Raises ControlFailed."""
        container: dict[str, Any] = self._control.do("crashContainer", id=container_id, signal=signal)
        return container


class Faults:
    """The faults in force; each is a dict with id, place, kind, and how often it was `seen` and `struck`."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def add(self, place: str, kind: str, /, **details: Any) -> dict[str, Any]:
        """Put a fault in force: `add("plugin", "error", method="startContainer", nth=3, code=1)`.

        Places are dobby, plugin and transport; docs/faults.md lists the kinds and their details. Raises ControlFailed.
        """
        fault: dict[str, Any] = self._control.do("addFault", place=place, kind=kind, **details)
        return fault

    def get(self, fault_id: str) -> dict[str, Any]:
        """Return one, with how often it has struck. Raises ControlFailed (404)."""
        fault: dict[str, Any] = self._control.do("getFault", id=fault_id)
        return fault

    def list(self) -> list[dict[str, Any]]:
        """Return all in force."""
        faults: list[dict[str, Any]] = self._control.do("listFaults")["faults"]
        return faults

    def remove(self, fault_id: str) -> None:
        """Take one out of force. Raises ControlFailed (404)."""
        self._control.do("removeFault", id=fault_id)

    def clear(self) -> None:
        """Take all out of force."""
        self._control.do("clearFaults")


class Clock:
    """The emulator's clock; each method returns what it shows then: seconds, speed, and when the next thing is due."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def get(self) -> dict[str, Any]:
        """Look at it."""
        clock: dict[str, Any] = self._control.do("getClock")
        return clock

    @property
    def seconds(self) -> float:
        """The seconds since the emulator's start or its last reset."""
        seconds: float = self.get()["seconds"]
        return seconds

    def advance(self, seconds: float) -> dict[str, Any]:
        """Move it on, with all that happens in that time. Raises ControlFailed."""
        clock: dict[str, Any] = self._control.do("advanceClock", seconds=seconds)
        return clock

    def freeze(self) -> dict[str, Any]:
        """Have it stand still."""
        clock: dict[str, Any] = self._control.do("freezeClock")
        return clock

    def speed(self, speed: float) -> dict[str, Any]:
        """Have it run so many times as fast as real time."""
        clock: dict[str, Any] = self._control.do("setClockSpeed", speed=speed)
        return clock
