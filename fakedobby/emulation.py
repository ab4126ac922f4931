"""What the parts of one emulator share: its clock, its chance, the faults in force, the journal."""

from dataclasses import dataclass, field
from random import Random

from fakedobby.clock import Clock
from fakedobby.faults import FaultBook
from fakedobby.journal import Journal


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

    def __post_init__(self) -> None:
        self.journal = Journal(self.clock.seconds)

    @classmethod
    def on(cls, clock: Clock) -> "Emulation":
        """Return one whose every transition is moved by `clock`."""
        return cls(clock, clock, Random())  # noqa: S311 (nothing here is a secret)
