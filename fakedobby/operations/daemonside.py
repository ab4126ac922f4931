"""What the operations need of a fake daemon in the same process; fakedobby/daemoncontrol.py is it (no I/O)."""

from collections.abc import Awaitable
from typing import Any, Protocol


class DaemonSide(Protocol):
    """A fake Dobby, its containers and its time; documents are those of openapi.json.

    Everything may raise a subclass of ControlError (fakedobby/errors.py).
    """

    @property
    def is_there(self) -> bool:
        """Whether it is on the bus: no operation about containers is possible while it is not."""

    def list_containers(self) -> list[dict[str, Any]]:
        """Return a Container for each one, in Dobby's order."""

    def get_container(self, container_id: str) -> dict[str, Any]:
        """Return the Container of an id."""

    def start_container(self, document: dict[str, Any]) -> Awaitable[dict[str, Any]]:
        """Start a container as a client of Dobby's would; return its Container."""

    def exit_container(self, container_id: str, status: int) -> None:
        """Have the process of a container exit now."""

    def crash_container(self, container_id: str, signal: str) -> None:
        """Have a signal end the process of a container now."""

    def containers_state(self) -> list[dict[str, Any]]:
        """Return what set_containers() takes."""

    def set_containers(self, containers: list[dict[str, Any]]) -> None:
        """Put these in the place of those that are there, without a signal."""

    def reset(self) -> Awaitable[object]:
        """Bring back the containers, descriptors, time and chance that there were at the start."""

    def snapshot(self) -> dict[str, Any]:
        """Return what restore() takes."""

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Bring containers, descriptors and time back as they were."""

    def advance(self, seconds: float) -> Awaitable[object]:
        """Let time pass, with all that happens in it."""

    def step(self, steps: int) -> Awaitable[object]:
        """Let so many waiting transitions happen."""

    def waiting(self) -> list[str]:
        """Return what waits to be stepped."""
