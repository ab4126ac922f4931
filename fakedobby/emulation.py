"""What the parts of one emulator share: its clock, its chance, the faults in force, the journal."""

import logging
from dataclasses import dataclass, field
from random import Random
from typing import Any

from fakedobby.clock import Clock
from fakedobby.faults import Fault, FaultBook
from fakedobby.faulttimers import FaultTimers
from fakedobby.journal import Journal

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Emulation:
    """One emulator's; `pace` moves the transitions of containers, `clock` everything else that takes time.

    The pace is the clock itself, or with manual progression one that waits to be stepped.
    """

    clock: Clock
    pace: Clock
    random: Random
    faults: FaultBook = field(default_factory=FaultBook)
    journal: Journal = field(init=False)
    ghosts: FaultTimers = field(init=False)
    """The events that plugins are still to send because faults want it; they do not outlive a leap in time."""

    def __post_init__(self) -> None:
        self.journal = Journal(self.clock.seconds)
        self.ghosts = FaultTimers(self.clock)
        self.faults.changed = self._fault_changed
        self.faults.struck = self._fault_struck

    @classmethod
    def on(cls, clock: Clock) -> "Emulation":
        """Return one whose every transition is moved by `clock`."""
        return cls(clock, clock, Random())  # noqa: S311 (nothing here is a secret)

    def _fault_changed(self, what: str, fault: Fault) -> None:
        log.warning("%s the fault %s", what, fault)
        document = fault.as_document()
        del document["kind"], document["seen"], document["struck"]
        self.journal.note("fault", what=what, fault=document.pop("id"), faultKind=fault.kind, **document)

    def _fault_struck(self, fault: Fault, method: str, container: str | None) -> int:
        whose = "" if container is None else f" of {container!r}"
        log.warning("the fault %s strikes %s%s: %s", fault.id, method, whose, fault.what.does)
        facts: dict[str, Any] = {} if container is None else {"container": container}
        return self.journal.note("fault", what="struck", fault=fault.id, method=method, **facts)
