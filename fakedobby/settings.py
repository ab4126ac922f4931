"""What whoever starts a fake daemon can choose about it."""

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from fakedobby.quirks import NONE, Quirks
from fakedobby.scenario import NOTHING, Scenario
from fakedobby.timings import Timings


@dataclass(frozen=True, slots=True)
class Settings:
    """The defaults are a daemon as on a box, without its misbehaviour."""

    timings: Timings = field(default_factory=Timings)
    quirks: Quirks = NONE
    memcr: bool = True
    """Whether there is a memcr service, which hibernation needs."""
    workspace: Path | None = None
    """Where bundles made of Dobby specs are written; None takes a temporary directory that goes with the daemon."""
    random: Random = field(default_factory=Random)
    """Chooses the digits in the names of bundle directories."""
    scenario: Scenario = NOTHING
    """What the daemon is like beyond that: its programs, the bundles that it knows, its containers at the start."""
