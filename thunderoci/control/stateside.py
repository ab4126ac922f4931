"""The state of the whole emulator: shown, set, reset, kept and brought back."""

from collections.abc import Callable
from typing import Any

from fakedobby.journal import Journal
from thunderoci.control.daemonside import DaemonSide
from thunderoci.control.faultside import FaultSide, fault_of
from thunderoci.control.hostside import HostSide


class StateSide:
    """The operations about everything at once; `daemon` returns the fake Dobby or raises a Problem."""

    def __init__(self, host: HostSide, faults: FaultSide, journal: Journal, daemon: Callable[[], DaemonSide]) -> None:
        self._host = host
        self._faults = faults
        self._journal = journal
        self._daemon = daemon

    async def get_state(self, _: dict[str, Any]) -> Any:
        """Return which containers there are and which plugins work."""
        return {"containers": self._daemon().containers_state(), "plugins": self._host.plugins()}

    async def set_state(self, arguments: dict[str, Any]) -> Any:
        """Put containers and plugins in the place of those that are there, without an event."""
        await self._host.set_plugins(arguments.get("plugins", []), dry=True)
        if "containers" in arguments:
            self._daemon().set_containers(arguments["containers"])
        await self._host.set_plugins(arguments.get("plugins", []))
        return await self.get_state(arguments)

    async def reset_state(self, arguments: dict[str, Any]) -> Any:
        """Bring everything back to how it was at the start."""
        await self._host.reset()  # first, so that nobody hears what the daemon still has to tell
        await self._daemon().reset()
        self._faults.reset()
        self._journal.clear()
        return await self.get_state(arguments)

    async def snapshot_state(self, arguments: dict[str, Any]) -> Any:
        """Return all that restoreState brings back."""
        return await self.get_state(arguments) | self._daemon().snapshot() | {"faults": self._faults.documents()}

    async def restore_state(self, arguments: dict[str, Any]) -> Any:
        """Bring a snapshot back."""
        faults = [fault_of(fault, f"$.faults[{number}]") for number, fault in enumerate(arguments["faults"])]
        await self._host.set_plugins(arguments["plugins"], dry=True)
        self._daemon().restore(arguments)
        await self._host.set_plugins(arguments["plugins"])
        self._faults.put(faults)
        return await self.get_state(arguments)
