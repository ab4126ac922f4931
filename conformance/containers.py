"""The containers that a run has started: their names, what is known of them, and how they are taken away again."""

import contextlib
from dataclasses import dataclass
from typing import NoReturn

from conformance import judge, message
from conformance.errors import LeftBehind, TargetError
from conformance.target import Target

POLL = 0.05
"""Seconds between two looks at what a target is doing."""


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
        self._prefix = f"conf-{run_id}-"
        self._in_use: list[Container] = []
        self._ours: set[str] = set()
        self.missing = f"{self._prefix}missing"
        """An id that no container has."""
        self.unanswered: set[str] = set()
        """Ids of ours whose start has not been answered."""
        self.unable: dict[str, str] = {}
        """Start methods that failed, and how: what needs them is not tried again."""

    def new(self, start: str, name: str, now: float) -> Container:
        """Register a container that ``start`` is about to start, under an id that was not used before."""
        container_id, count = self._prefix + name, 1
        while container_id in self._ours:
            count += 1
            container_id = f"{self._prefix}{name}{count}"
        self._ours.add(container_id)
        self.unanswered.add(container_id)
        return Container(container_id, start, name, now)

    def keep(self, container: Container) -> None:
        """Let ``find`` return the container from now on."""
        self._in_use.append(container)

    def find(self, start: str, name: str) -> Container | None:
        """Return the kept container that ``start`` made under ``name``."""
        return next((kept for kept in self._in_use if (kept.start, kept.name) == (start, name)), None)

    def drop(self, container: Container) -> None:
        """Let ``find`` no longer return the container; it stays ours to take away."""
        self._in_use = [kept for kept in self._in_use if kept is not container]

    async def abandon(self, container: Container, target: Target) -> None:
        """Drop a container of which nobody knows the state, and end it if the target lets us."""
        self.drop(container)
        await _end(container.id, target)

    async def clean_up(self, target: Target) -> None:
        """End those of our containers that are still there, and look until they are gone.

        A start that was never answered may still bring its container about, so it is waited for as long as an answer
        may take. Raises LeftBehind when containers are still there then, or when nobody can tell.
        """
        until = target.clock.seconds() + target.timeout
        asked: set[str] = set()
        while self._ours:
            listed = await _listed(target)
            there = self._ours if listed is None else self._ours & listed
            for container_id in sorted(there - asked):
                await _end(container_id, target)
            asked |= there
            self.unanswered -= asked
            if listed is None:
                self._left(target, there, "the list of containers cannot be read")
            if not there and not self.unanswered:
                return
            if target.clock.seconds() > until:
                why = "they do not end" if there else "their start was never answered"
                self._left(target, there or self.unanswered, why)
            await target.pause(POLL)

    def _left(self, target: Target, there: set[str], why: str) -> NoReturn:
        raise LeftBehind(url=target.url, ids=", ".join(sorted(there)), why=why)


async def _end(container_id: str, target: Target) -> None:
    """Ask for the end of a container; whether it comes, the list tells."""
    with contextlib.suppress(TargetError):
        await target.post(target.request(message.forced_stop(container_id)))


async def _listed(target: Target) -> set[str] | None:
    """Return the ids that the target lists, None when its listing cannot be read."""
    try:
        exchange = await target.post(target.request(message.documented("listContainers")))
        return {entry["Id"] for entry in judge.strict_json(exchange.body)["result"]["containers"]}
    except (TargetError, ValueError, LookupError, TypeError):
        return None
