"""The containers that a run has started: their names, what is known of them, and how they are taken away again."""

from dataclasses import dataclass

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
        self.unable: dict[str, str] = {}
        """Start methods that failed, and how: what needs them is not tried again."""

    def new(self, start: str, name: str, now: float) -> Container:
        """Register a container that ``start`` is about to start, under an id that was not used before."""
        container_id, count = self._prefix + name, 1
        while container_id in self._ours:
            count += 1
            container_id = f"{self._prefix}{name}{count}"
        self._ours.add(container_id)
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
        try:
            await target.post(target.request(message.forced_stop(container.id)))
        except TargetError:
            return  # clean_up tries again, and tells

    async def clean_up(self, target: Target) -> None:
        """End those of our containers that are still there, and look until they are gone.

        Raises LeftBehind when they are not by the time that an answer may take, or when nobody can tell.
        """
        try:
            there, why = await self._clean_up(target)
        except TargetError as error:
            there, why = self._ours, str(error).rstrip(".")
        if there:
            raise LeftBehind(url=target.url, ids=", ".join(sorted(there)), why=why)

    async def _clean_up(self, target: Target) -> tuple[set[str], str]:
        """End our containers, and return those that may be there in spite of it, and why."""
        until = target.clock.seconds() + target.timeout
        asked: set[str] = set()
        while self._ours:
            listed = await _listed(target)
            there = self._ours if listed is None else self._ours & listed
            for container_id in sorted(there - asked):
                await target.post(target.request(message.forced_stop(container_id)))
            asked |= there
            if listed is None:
                return there, "the list of containers cannot be read"
            if not there or target.clock.seconds() > until:
                return there, "they do not end"
            await target.pause(POLL)
        return set(), ""


async def _listed(target: Target) -> set[str] | None:
    """Return the ids that the target lists, None when its listing cannot be read."""
    exchange = await target.post(target.request(message.documented("listContainers")))
    try:
        return {entry["Id"] for entry in judge.strict_json(exchange.body)["result"]["containers"]}
    except (ValueError, LookupError, TypeError):
        return None
