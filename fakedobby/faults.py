"""Failures that a user asks for: where they strike, what they do, and how often (no I/O).

A fault has a place (`dobby`, `plugin`, `transport`), a kind, what it looks for, and when it strikes. Each is counted on
its own; where several strike one call, all do, in the order in which they were added.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Any

DOBBY, PLUGIN, TRANSPORT = "dobby", "plugin", "transport"

KINDS: Mapping[str, tuple[str, ...]] = {
    DOBBY: (
        "failure",  # the method's failure value, nothing carried out
        "error",  # a D-Bus error: error, text
        "no-reply",  # no reply at all
        "delay",  # the reply comes `seconds` later
        "gone",  # the daemon leaves the bus, and is back after `seconds` (never without)
        "lose-signal",
        "double-signal",
        "delay-signal",  # `seconds`
        "reorder-signal",  # behind the next one
        "rubbish",  # a reply of other types
        "exit",  # the container ends by itself `seconds` after its start, with `status`
        "crash",  # the same by `signal`
    ),
    PLUGIN: (
        "error",  # code, message
        "delay",  # seconds
        "field",  # `field` of the result is `value`, or is missing without a value
        "event",  # `event` with `params` is sent
        "deactivate",
    ),
    TRANSPORT: (
        "reset",  # the connection is reset in place of an answer
        "half",  # half an answer, then the end
        "drip",  # the answer byte by byte, `seconds` between
        "hang",  # nothing, and the connection stays
        "rubbish",  # bytes that are no answer
    ),
}


@dataclass(slots=True)
class Fault:
    """One fault, and how often it has been met."""

    place: str
    kind: str
    method: str = "*"
    """A pattern of method names as the place has them: D-Bus members or signals, or the plugin's methods."""
    container: str = "*"
    """A pattern of container ids; calls that name none are met by * alone."""
    nth: int = 1
    """It strikes from the nth match on."""
    times: int | None = None
    """How often it strikes; None is always."""
    probability: float = 1.0
    seed: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    """What the kind needs: seconds, error, text, code, message, field, value, event, params, status, signal."""
    id: str = ""
    seen: int = 0
    struck: int = 0
    chance: Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)  # noqa: S311 (chance that can be repeated)

    @property
    def spent(self) -> bool:
        """Whether it strikes no more."""
        return self.times is not None and self.struck >= self.times

    def meets(self, kinds: tuple[str, ...] | None, method: str, container: str | None) -> bool:
        """Tell whether it is meant for this, and strikes; counts both."""
        if kinds is not None and self.kind not in kinds:
            return False
        if not fnmatchcase(method, self.method):
            return False
        if not (self.container == "*" if container is None else fnmatchcase(container, self.container)):
            return False
        self.seen += 1
        if self.spent or self.seen < self.nth or self.chance.random() >= self.probability:
            return False
        self.struck += 1
        return True


class FaultBook:
    """All faults in force; `changed` hears of each that is added or removed, `struck` of each that strikes."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._numbers = 0
        self.places: set[str] = set()
        """Where anything is in force: the hot path looks here first."""
        self.changed: Callable[[str, Fault], object] = lambda _what, _fault: None
        self.struck: Callable[[Fault, str, str | None], object] = lambda _fault, _method, _container: None

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._faults.values()))

    def find(self, fault_id: str) -> Fault | None:
        """Return the fault of an id."""
        return self._faults.get(fault_id)

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force, with an id of its own when it has none."""
        if not fault.id:
            self._numbers += 1
            fault.id = f"f{self._numbers}"
        self._faults[fault.id] = fault
        self.places.add(fault.place)
        self.changed("added", fault)
        return fault

    def remove(self, fault_id: str) -> Fault | None:
        """Take a fault out of force; None when there is none of this id."""
        fault = self._faults.pop(fault_id, None)
        if fault is not None:
            self.places = {one.place for one in self._faults.values()}
            self.changed("removed", fault)
        return fault

    def clear(self) -> None:
        """Take all out of force, and count ids from 1 again."""
        for fault in self:
            self.remove(fault.id)
        self._numbers = 0

    def strike(
        self, place: str, method: str, container: str | None, kinds: tuple[str, ...] | None = None
    ) -> list[Fault]:
        """Return the faults that strike here and now."""
        if place not in self.places:
            return []
        hit = [
            fault for fault in self._faults.values() if fault.place == place and fault.meets(kinds, method, container)
        ]
        for fault in hit:
            self.struck(fault, method, container)
        return hit
