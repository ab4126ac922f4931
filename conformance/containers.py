"""The containers that a run has started: their names, what is known of them, and how they are taken away again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from conformance import names
from conformance.errors import LeftBehind

if TYPE_CHECKING:
    from conformance.run import Run

POLL = 0.02
"""Seconds between two looks at what a target is doing."""
_PATIENCE = 3
"""How many answers' time the stops of a clean-up may take in all."""


@dataclass(slots=True)
class Container:
    """One of our containers: ``start`` is the method that made it, ``since`` when, ``state`` what it was brought to."""

    id: str
    start: str
    name: str
    since: float
    descriptor: int = 0
    state: str = "Running"


class Containers:
    """The containers of the run ``run_id`` (8 hex digits); nothing else on the target is ever touched."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._prefix = names.container_id(run_id, "")
        self._in_use: list[Container] = []
        self._ours: set[str] = set()
        self._sent: set[str] = set()
        self._counts: dict[str, int] = {}
        self.missing = f"{self._prefix}missing"
        """An id that no container has."""
        self.unanswered: set[str] = set()
        """Ids of ours whose start has not been answered."""
        self.unable: dict[str, str] = {}
        """Start methods that failed, and how: what needs them is not tried again."""

    def new(self, start: str, name: str, now: float, container_id: str | None = None) -> Container:
        """Register a container that ``start`` is about to start, by default under an id that was not used before."""
        if container_id is None:
            count = self._counts[name] = self._counts.get(name, 0) + 1
            container_id = names.container_id(self._run_id, name if count == 1 else f"{name}{count}")
        assert container_id.startswith(self._prefix)  # noqa: S101 - the promise of this module
        self._ours.add(container_id)
        return Container(container_id, start, name, now)

    def asked(self, request: str) -> None:
        """Note that a start was sent: until it is answered, what it starts may still come about."""
        named = self._in(request)
        self.unanswered |= named
        self._sent |= named

    def answered(self, request: str) -> None:
        """Note that a request was answered."""
        self.unanswered -= self._in(request)

    def _in(self, request: str) -> set[str]:
        """Return the ids of ours that a request names."""
        return {container_id for container_id in self._ours if f'"{container_id}"' in request}

    def longest(self, name: str) -> str:
        """Return an id of ours of the greatest length, which begins with ``name``."""
        container_id = f"{self._prefix}{name}-"
        return container_id + "x" * (names.LONGEST - len(container_id))

    def keep(self, container: Container) -> None:
        """Let ``find`` return the container from now on."""
        self._in_use.append(container)

    def find(self, start: str, name: str) -> Container | None:
        """Return the kept container that ``start`` made under ``name``."""
        return next((kept for kept in self._in_use if (kept.start, kept.name) == (start, name)), None)

    def drop(self, container: Container) -> None:
        """Let ``find`` no longer return the container; it stays ours to take away."""
        self._in_use = [kept for kept in self._in_use if kept is not container]

    def gone(self, container: Container) -> None:
        """Note that the container has left the list."""
        self._sent.discard(container.id)

    async def abandon(self, container: Container, run: Run) -> None:
        """Drop a container of which nobody knows the state, and end it if the target lets us."""
        self.drop(container)
        await run.quietly("stopContainer", containerId=container.id, force=True)

    async def clean_up(self, run: Run) -> None:
        """End those of our containers that are still there, and look until they are gone.

        A start that was never answered may still bring its container about, so it is waited for as long as an answer
        may take. Raises LeftBehind when containers are still there then, or when nobody can tell.
        """
        began = run.target.clock.seconds()
        until, latest = began + run.target.timeout, began + run.target.timeout * _PATIENCE
        asked: set[str] = set()
        while self._ours:
            listed = await run.listed()
            there = self._sent if listed is None else self._ours & listed
            for container_id in sorted(there - asked):
                if run.target.clock.seconds() > latest:
                    self._left(run, there, "their stops took too long")
                await run.quietly("stopContainer", containerId=container_id, force=True)
            asked |= there
            self.unanswered -= asked
            if listed is None and there:
                self._left(run, there, "the list of containers cannot be read")
            if not there and not self.unanswered:
                return
            if run.target.clock.seconds() > until:
                why = "they do not end" if there else "their start was never answered"
                self._left(run, there or self.unanswered, why)
            await run.target.pause(POLL)

    def _left(self, run: Run, there: set[str], why: str) -> NoReturn:
        raise LeftBehind(url=run.target.url, ids=", ".join(sorted(there)), why=why)
