"""What is known to differ between the profiles: spec/profile-differences.toml, held against what a diff found."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from conformance import spec
from conformance.diff_report import Difference


@dataclass(frozen=True, slots=True)
class Known:
    """One entry of the file; ``sides`` are what rdkservices and entservices have, as a diff shows it."""

    what: str
    source: str
    where: str
    sides: tuple[str, str]
    subjects: tuple[str, ...]

    def explains(self, difference: Difference, profiles: tuple[str, str]) -> bool:
        """Tell whether a difference between two sides with these profiles is this one."""
        sides = {spec.PROFILES: self.sides, spec.PROFILES[::-1]: self.sides[::-1]}.get(profiles)
        return (
            (difference.a, difference.b) == sides
            and difference.where == self.where
            and any(fnmatchcase(difference.subject, pattern) for pattern in self.subjects)
        )

    def expanded(self, subjects: Iterable[str]) -> list[Difference]:
        """Return the differences that it promises when A is rdkservices and B is entservices, among these subjects."""
        return [
            Difference(subject, self.where, *self.sides)
            for subject in subjects
            if any(fnmatchcase(subject, pattern) for pattern in self.subjects)
        ]


@cache
def load() -> tuple[Known, ...]:
    """Return all entries of the file."""
    entries = tomllib.loads(spec.text("profile-differences.toml"))["difference"]
    return tuple(
        Known(
            entry["what"],
            entry["source"],
            entry["where"],
            (entry["rdkservices"], entry["entservices"]),
            tuple(entry["subjects"]),
        )
        for entry in entries
    )


def explained(difference: Difference, profiles: tuple[str, str]) -> str:
    """Return what is known of a difference between two sides with these profiles, "" where nothing is."""
    return next((known.what for known in load() if known.explains(difference, profiles)), "")
