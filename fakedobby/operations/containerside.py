"""The containers, as the control API shows, starts and ends them."""

from collections.abc import Callable
from typing import Any

from fakedobby.operations.daemonside import DaemonSide


class ContainerSide:
    """The operations about containers; `daemon` returns the fake Dobby or raises NotHere."""

    def __init__(self, daemon: Callable[[], DaemonSide]) -> None:
        self._daemon = daemon

    async def list_containers(self, _: dict[str, Any]) -> Any:
        """Return all containers, in Dobby's order."""
        return {"containers": self._daemon().list_containers()}

    async def get_container(self, arguments: dict[str, Any]) -> Any:
        """Return one container."""
        return self._daemon().get_container(arguments["id"])

    async def start_container(self, arguments: dict[str, Any]) -> Any:
        """Start a container as a client of Dobby's would."""
        return await self._daemon().start_container(arguments)

    async def exit_container(self, arguments: dict[str, Any]) -> Any:
        """Have the process of a container exit."""
        container = self._daemon().get_container(arguments["id"])
        self._daemon().exit_container(arguments["id"], int(arguments["status"]))
        return container

    async def crash_container(self, arguments: dict[str, Any]) -> Any:
        """Have a signal end the process of a container."""
        container = self._daemon().get_container(arguments["id"])
        self._daemon().crash_container(arguments["id"], arguments["signal"])
        return container
