"""A difference between a target and the specification, with the sequence of calls that shows it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from conformance.exchange import Step
from conformance.lifecycle import Life
from conformance.patience import Patience
from conformance.spec import Clause
from conformance.verdict import Breach, Finding


@dataclass(slots=True)
class Call:
    """One call of a sequence, and what was expected of it; ``wait`` is how long the target took to do it afterwards."""

    step: Step
    expected: str
    life: Life | None = None
    by_descriptor: bool = False
    wait: int = 0


class Difference(Exception):
    """The target did not do what the specification says; ``calls`` are the sequence up to there."""

    def __init__(self, finding: Finding, clause: Clause, calls: Sequence[Call]) -> None:
        super().__init__(f"{finding.clause}: {finding.expected}")
        self.finding = finding
        self.clause = clause
        self.calls = tuple(calls)

    @property
    def breach(self) -> Breach:
        """The finding with the call that shows it."""
        return Breach(self.finding, self.clause, self.calls[-1].step)


@dataclass(slots=True)
class Notes:
    """What the sequences of one walk have in common.

    ``observed`` are the SHOULDs that were broken, each with the shortest sequence so far, ``made`` counts the calls by
    method. The clause ``hunted`` ends a sequence as a MUST does. ``left`` containers do not end.
    """

    patience: Patience
    observed: dict[str, Difference] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    hunted: str = ""
    left: int = 0

    def observe(self, difference: Difference) -> None:
        """Keep a difference that breaks a SHOULD."""
        kept = self.observed.get(difference.finding.clause)
        if kept is None or len(difference.calls) < len(kept.calls):
            self.observed[difference.finding.clause] = difference
