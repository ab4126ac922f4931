"""The state of the whole emulator: shown, set, reset, kept and brought back."""

from collections.abc import Callable
from typing import Any, Protocol

from fakedobby.errors import NotHere
from fakedobby.journal import Journal
from fakedobby.operations.daemonside import DaemonSide
from fakedobby.operations.faultside import FaultSide, fault_of


class Host(Protocol):
    """The host of Dobby's plugin in the same process, as far as a state has to do with it."""

    def state(self) -> dict[str, Any]:
        """Return what a state says of it."""

    async def set_plugins(self, plugins: list[dict[str, str]], *, dry: bool = False) -> None:
        """Bring plugins into states without an event, or with `dry` only see whether it is possible."""

    async def reset(self) -> None:
        """Bring the host back to how it was at the start, but for its connections."""


class _NoHost:
    """What a fake daemon alone has around it."""

    def state(self) -> dict[str, Any]:
        return {}

    async def set_plugins(self, plugins: list[dict[str, str]], *, dry: bool = False) -> None:  # noqa: ARG002 (as Host)
        if plugins:
            raise NotHere(problem="A fake Dobby alone has no plugins; 'thunderoci up' has some")

    async def reset(self) -> None:
        pass


NO_HOST = _NoHost()


class StateSide:
    """The operations about everything at once; `daemon` returns the fake Dobby or raises NotHere."""

    def __init__(self, host: Host, faults: FaultSide, journal: Journal, daemon: Callable[[], DaemonSide]) -> None:
        self._host = host
        self._faults = faults
        self._journal = journal
        self._daemon = daemon

    async def get_state(self, _: dict[str, Any]) -> Any:
        """Return which containers there are and which plugins work."""
        return {"containers": self._daemon().containers_state(), **self._host.state()}

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
        plugins = arguments.get("plugins", [])
        await self._host.set_plugins(plugins, dry=True)
        self._daemon().restore(arguments)
        await self._host.set_plugins(plugins)
        self._faults.put(faults)
        return await self.get_state(arguments)
