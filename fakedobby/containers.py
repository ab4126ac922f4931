"""The containers of one daemon: their ids, descriptors and order, and the moves of each one's life."""

import logging
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fakedobby.clock import Timer
from fakedobby.commands import Commands
from fakedobby.config import Config
from fakedobby.descriptors import DescriptorSequence
from fakedobby.errors import Refused
from fakedobby.lifecycle import Input, State, advance
from fakedobby.mounts import Mounts
from fakedobby.process import Process
from fakedobby.protocol import Descriptor
from fakedobby.restarts import Restarts

log = logging.getLogger(__name__)

Origin = Mapping[str, Any]
"""What a container was made of, as documents have it (described.py): a `bundle`, a `spec`, which may be its text, or a
`program`, and the `overrides` of its start."""

Emit = Callable[[str, tuple[Any, ...]], None]
"""Takes the name of a signal and its values."""


@dataclass(slots=True, eq=False)
class Container:
    """A container and where it is in its life."""

    container_id: str
    descriptor: Descriptor
    config: Config
    mounts: Mounts
    restarts: Restarts | None
    """None when a crash is the end: restartOnCrash was not set, or Stop was called since."""
    directory: Path | None
    """Where the bundle made of a Dobby spec is."""
    origin: Origin = field(default_factory=dict)
    process: Process = field(init=False)
    state: State = State.STARTING
    annotations: dict[str, str] = field(default_factory=dict)
    commands: Commands = field(default_factory=Commands)
    """What Exec has put beside the process."""
    untold: list[int] = field(default_factory=list)
    """The wait statuses of runs whose end nobody was told yet, with the quirk D-double-restart."""
    hibernation: Timer | None = None
    """The work of memcr that is under way."""


def need_process(container: Container) -> None:
    """Raise Refused when the process of a container has ended, and is about to be reaped."""
    if not container.process.alive:
        raise Refused(f"the process of {container.container_id} has ended already")


class Containers:
    """Those that a daemon has, in the order of their ids, byte by byte (facts/dobby.md 3)."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.descriptors = DescriptorSequence()
        self._by_id: dict[str, Container] = {}
        self._by_descriptor: dict[Descriptor, Container] = {}
        # ids are ASCII, so the order of str is the order of bytes
        self._ids: list[str] = []
        self._listed: tuple[Sequence[Descriptor], Sequence[str]] | None = None

    def __contains__(self, container_id: str) -> bool:
        return container_id in self._by_id

    def __iter__(self) -> Iterator[Container]:
        return iter([self._by_id[container_id] for container_id in self._ids])

    def find(self, descriptor: Descriptor) -> Container | None:
        """Return the container with a descriptor."""
        return self._by_descriptor.get(descriptor)

    def named(self, container_id: str) -> Container | None:
        """Return the container with an id."""
        return self._by_id.get(container_id)

    def listed(self) -> tuple[Sequence[Descriptor], Sequence[str]]:
        """Return what List answers: descriptors and ids in one order; the same ones until that changes."""
        if self._listed is None:
            self._listed = [self._by_id[container_id].descriptor for container_id in self._ids], list(self._ids)
        return self._listed

    def take_descriptor(self) -> Descriptor | None:
        """Return the next descriptor that no container has; None when all are in use."""
        return self.descriptors.take(self._by_descriptor)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Tell the bus nothing of what happens meanwhile."""
        emit, self._emit = self._emit, lambda _name, _values: None
        try:
            yield
        finally:
            self._emit = emit

    def add(self, container: Container) -> None:
        """Take up a container."""
        self._by_id[container.container_id] = container
        self._by_descriptor[container.descriptor] = container
        insort(self._ids, container.container_id)
        self._listed = None

    def remove(self, container: Container) -> None:
        """Forget a container."""
        del self._by_id[container.container_id]
        del self._by_descriptor[container.descriptor]
        del self._ids[bisect_left(self._ids, container.container_id)]
        self._listed = None

    def tell_ends(self, container: Container) -> None:
        """Tell the bus of the ends that it was not told yet."""
        untold, container.untold = container.untold, []
        for status in untold:
            self._emit("StoppedWithStatus", (container.descriptor, container.container_id, status))
            self._emit("Stopped", (container.descriptor, container.container_id))

    def move(self, container: Container, event: Input, status: int = 0) -> bool:
        """Move a container by the transition table and tell the bus; False when the table refuses.

        `status` is the raw wait status, for the signal that holds it.
        """
        transition = advance(container.state, event)
        if transition is None:
            log.info("%s refused: %s is %s", event.name.capitalize(), container.container_id, container.state.info_name)
            return False
        container.state = transition.state
        for signal in transition.signals:
            identity = (container.descriptor, container.container_id)
            self._emit(signal, (*identity, status) if signal == "StoppedWithStatus" else identity)
        return True
