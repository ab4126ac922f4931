"""What a diff found, as text and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from conformance.diff_step import Transcript

FORMAT = "thunderoci-diff/1"
ABSENT = "absent"
"""What stands for a side that has nothing there."""
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two sides differ: a subject, the place in what they did, and what ``a`` and ``b`` have there, as JSON."""

    subject: str
    where: str
    a: str
    b: str
    known: str = ""
    """The sentence by which it is a difference of the two profiles, "" when it is none."""

    def turned(self) -> "Difference":
        """Return the same with A and B in each other's place."""
        return replace(self, a=self.b, b=self.a)


@dataclass(slots=True)
class Report:
    """The outcome of one diff: ``sides`` are names of A and B for people, ``not_sent`` calls that were left out.

    ``missing`` is where a recording lacks lines.
    """

    sides: tuple[str, str]
    differences: list[Difference] = field(default_factory=list)
    compared: int = 0
    not_sent: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The exit status: 0 without differences, 1 with some, 3 when there was nothing to compare."""
        if not self.compared:
            return 3
        return 1 if self.differences else 0

    def turned(self) -> "Report":
        """Return the same with A and B in each other's place."""
        return replace(self, sides=self.sides[::-1], differences=[each.turned() for each in self.differences])

    def as_json(self) -> str:
        """Return the report as JSON."""
        document: dict[str, Any] = {
            "format": FORMAT,
            "a": self.sides[0],
            "b": self.sides[1],
            "compared": self.compared,
            "differences": [asdict(each) for each in self.differences],
            "notSent": self.not_sent,
            "missing": self.missing,
        }
        return json.dumps(document, indent=2) + "\n"

    def as_text(self) -> str:
        """Return the report for people."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"A: {self.sides[0]}"
        yield f"B: {self.sides[1]}"
        subject = ""
        for each in self.differences:
            if each.subject != subject:
                subject = each.subject
                yield ""
                yield subject
            yield f"  {each.where or 'all'}"
            yield f"    A: {each.a}"
            yield f"    B: {each.b}"
            if each.known:
                yield f"    of the profiles: {each.known}"
        yield ""
        for call in self.not_sent:
            yield f"not sent: {call}"
        for lines in self.missing:
            yield f"missing: {lines}"
        subjects = len({each.subject for each in self.differences})
        if not self.compared:
            yield "nothing was compared"
        else:
            yield f"{subjects or 'none'} of {self.compared} subjects differ{'s' if subjects == 1 else ''}"


def compare(a: Transcript, b: Transcript) -> list[Difference]:
    """Return where two transcripts differ, in the order of the first."""
    return [
        Difference(subject, where, _shown(one), _shown(other))
        for subject in dict.fromkeys([*a, *b])
        for where, one, other in _differing(a.get(subject, _NOTHING), b.get(subject, _NOTHING))
    ]


def _differing(a: Any, b: Any, where: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the places at which two values differ, as deep as they are of one kind."""
    if isinstance(a, dict) and isinstance(b, dict):
        for name in dict.fromkeys([*a, *b]):
            path = f"{where}.{name}" if where else name
            yield from _differing(a.get(name, _NOTHING), b.get(name, _NOTHING), path)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for number, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from _differing(one, other, f"{where}[{number}]")
    elif a != b or type(a) is not type(b):
        yield where, a, b


def _shown(value: Any) -> str:
    return ABSENT if value is _NOTHING else json.dumps(value, sort_keys=True)
