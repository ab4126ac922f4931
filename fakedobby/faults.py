"""Failures that a user asks for: where they strike, what they do, and how often (no I/O).

A fault has a place (`dobby`, `plugin`, `transport`), a kind, what it looks for, and when it strikes. Each is counted on
its own. Where several would strike at once, all do, in the order in which they were added; but of those that decide
what becomes of a call (an error and a failure, say) only the first one does.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from fakedobby.errors import FaultExists
from fakedobby.faultdocument import ALWAYS, Reader
from fakedobby.faultkinds import DOBBY, KINDS, PLUGIN, TRANSPORT, Kind

__all__ = ["DOBBY", "KINDS", "PLUGIN", "TRANSPORT", "Fault", "FaultBook"]


@dataclass(slots=True)
class Fault:
    """One fault, and how often it has been met."""

    place: str
    kind: str
    method: str = "*"
    """A pattern of names as the place has them: D-Bus members or signals, or the methods of plugins.

    A pattern without a dot meets no name with one.
    """
    container: str = "*"
    """A pattern of container ids; what names none is met by * alone."""
    nth: int = 1
    """It strikes from the nth match on."""
    times: int | None = None
    """How often it strikes; None is always."""
    probability: float = 1.0
    seed: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    """What the kind takes (faultkinds.py)."""
    id: str = ""
    seen: int = 0
    struck: int = 0
    entry: int | None = field(default=None, compare=False)
    """The ticket of the journal's entry that tells of its last strike."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Fault":
        """Return the fault that a JSON object describes; raises BadFault, which names the key and what it expects."""
        return cls(**Reader(document).fault())

    def as_document(self) -> dict[str, Any]:
        """Return the JSON object that describes it, with all that there is to say; of() takes it back."""
        return {
            "id": self.id,
            "place": self.place,
            "kind": self.kind,
            "method": self.method,
            "container": self.container,
            "nth": self.nth,
            "times": ALWAYS if self.times is None else self.times,
            "probability": self.probability,
            "seed": self.seed,
            **self.options,
            "seen": self.seen,
            "struck": self.struck,
        }

    @property
    def what(self) -> Kind:
        """What its kind is."""
        return KINDS[self.place][self.kind]

    @property
    def spent(self) -> bool:
        """Whether it strikes no more."""
        return self.times is not None and self.struck >= self.times

    def meets(self, names: Collection[str], container: str | None) -> bool:
        """Tell whether it is meant for what has one of these names."""
        return any(map(self._fits, names)) and (
            self.container == "*" if container is None else fnmatchcase(container, self.container)
        )

    def _fits(self, name: str) -> bool:
        return ("." in name) == ("." in self.method) and fnmatchcase(name, self.method)

    def strikes(self, *, barred: bool = False) -> bool:
        """Tell whether it strikes what it meets, and count both; it does not when it is barred.

        Chance depends on the seed and on how often the fault was met, and on nothing else.
        """
        self.seen += 1
        if barred or self.spent or self.seen < self.nth or not self._is_due():
            return False
        self.struck += 1
        return True

    def _is_due(self) -> bool:
        if self.probability == 1:
            return True
        chance = Random(f"{self.seed} {self.seen}")  # noqa: S311 (chance that can be repeated)
        return chance.random() < self.probability

    def rewind(self) -> None:
        """Forget what it has met."""
        self.seen = self.struck = 0

    def __str__(self) -> str:
        """Return a sentence for logs."""
        details = {key: value for key, value in self.as_document().items() if key not in _SAID}
        shown = ", ".join(f"{key} {value}" for key, value in details.items() if value != _DEFAULTS.get(key))
        return f"{self.id} ({self.place}, {self.kind}{', ' if shown else ''}{shown}): {self.what.does}"


_DEFAULTS = {"method": "*", "container": "*", "nth": 1, "times": ALWAYS, "probability": 1.0, "seed": 0}
_SAID = {"id", "place", "kind", "seen", "struck"}


class FaultBook:
    """All faults in force.

    `changed` hears of each that is added or removed, `struck` of each that strikes, and returns a ticket.
    """

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._numbers = 0
        self.places: set[str] = set()
        """Where anything is in force: the hot path looks here first."""
        self.changed: Callable[[str, Fault], object] = lambda _what, _fault: None
        self.struck: Callable[[Fault, str, str | None], int | None] = lambda _fault, _method, _container: None

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._faults.values()))

    def find(self, fault_id: str) -> Fault | None:
        """Return the fault of an id."""
        return self._faults.get(fault_id)

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force, with an id of its own when it has none; raises FaultExists when its id is taken."""
        if fault.id in self._faults:
            raise FaultExists(id=fault.id)
        while not fault.id or fault.id in self._faults:
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
        self,
        place: str,
        method: str | tuple[str, ...],
        container: str | None = None,
        kinds: Collection[str] | None = None,
    ) -> list[Fault]:
        """Return the faults that strike here and now, of these kinds if some are named.

        `method` is the name of what happens, or all that it goes by, the plainest one first.
        """
        if place not in self.places:
            return []
        names = (method,) if isinstance(method, str) else method
        hit: list[Fault] = []
        decided = False
        for fault in list(self._faults.values()):
            asked = fault.place == place and (kinds is None or fault.kind in kinds)
            if not asked or not fault.meets(names, container):
                continue
            decides = fault.what.decides
            if fault.strikes(barred=decided and decides):
                decided = decided or decides
                hit.append(fault)
                fault.entry = self.struck(fault, names[0], container)
        return hit
