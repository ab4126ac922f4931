"""The failures that a user knows of: the waiver file, and what it makes of the results of a run."""

import datetime as dt
import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NoReturn, Self

from conformance.errors import BadWaiver
from conformance.tomlfile import TomlFile, shown

_PASS, _FAIL, _NON_STRICT, _WAIVED = "pass", "fail", "non-strict", "waived"
"""Verdicts as the JSON report writes them."""
_KEYS = ("case", "clause", "reason", "link", "expires")
_MOST_NAMED = 8
"""The most known ids that an error names."""
_DATE = "give a date without quotes, like expires = 2027-03-01"


@dataclass(frozen=True, slots=True)
class Waiver:
    """A waiver for the cases or clauses that ``pattern`` matches; ``kind`` is ``case`` or ``clause``.

    It holds until the end of the day ``expires``.
    """

    kind: str
    pattern: str
    reason: str
    link: str
    expires: dt.date
    line: int

    def __str__(self) -> str:
        return f"{self.kind} {self.pattern} (line {self.line}: {self.reason})"

    def to_json(self) -> dict[str, str]:
        """Return what reports show of it."""
        return {"reason": self.reason, "link": self.link, "expires": self.expires.isoformat()}

    def matches_case(self, result: dict[str, Any]) -> bool:
        """Tell whether this is about a case: about its id, or about the clause that it is there for."""
        return fnmatchcase(result["id" if self.kind == "case" else "clause"], self.pattern)

    def covers(self, result: dict[str, Any], finding: dict[str, Any] | None) -> bool:
        """Tell whether this is about a finding of a case; None stands for a failure without a finding."""
        if self.kind == "case":
            return fnmatchcase(result["id"], self.pattern)
        return finding is not None and fnmatchcase(finding["clause"], self.pattern)


@dataclass(slots=True)
class Applied:
    """The results of a run after its waivers; by each list of waivers, what there is to tell of them.

    ``waived`` were needed. ``expired`` make the exit status 1, whether they were needed or not. ``unexpected`` are
    those that were not needed although what they are about was tested and passed, ``unused`` are about nothing tested.
    """

    results: list[dict[str, Any]] = field(default_factory=list)
    waived: list[Waiver] = field(default_factory=list)
    expired: list[Waiver] = field(default_factory=list)
    unexpected: list[Waiver] = field(default_factory=list)
    unused: list[Waiver] = field(default_factory=list)

    def sentences(self) -> list[str]:
        """Return what a report says of waivers beside the cases, the worst first."""
        return [
            *(f"expired on {waiver.expires}: the waiver for {waiver}" for waiver in self.expired),
            *(f"unexpected pass: the waiver for {waiver} is not needed" for waiver in self.unexpected),
            *(f"unused: the waiver for {waiver} is about nothing that was tested" for waiver in self.unused),
        ]


class Waivers:
    """The waivers of a run that takes place on the day ``today``."""

    def __init__(self, waivers: Iterable[Waiver], today: dt.date) -> None:
        self.expired: list[Waiver] = []
        self.valid: list[Waiver] = []
        for waiver in waivers:
            (self.valid if today <= waiver.expires else self.expired).append(waiver)

    @classmethod
    def load(cls, path: Path, today: dt.date, known_cases: Collection[str], known_clauses: Collection[str]) -> Self:
        """Return the waivers of a file. Raises UserError, which says what is wrong where, and how to mend it."""
        reader = _Reader(TomlFile(path), {"case": known_cases, "clause": known_clauses})
        return cls(reader.waivers(), today)

    def apply(self, results: list[dict[str, Any]], *, strict: bool = False) -> Applied:
        """Return what the waivers make of results, which are in the form of the JSON report and stay as they are.

        A failure is waived when each MUST that it breaks is waived, a non-strict case when each SHOULD is. With
        ``strict`` a failure's SHOULDs count like its MUSTs. What a known quirk explains needs no waiver.
        """
        needed: list[Waiver] = []
        waived = [self._apply(result, needed, strict=strict) for result in results]
        applied = Applied(waived, expired=list(self.expired))
        for waiver in self.valid:
            if waiver in needed:
                applied.waived.append(waiver)
            elif any(result["verdict"] == _PASS and waiver.matches_case(result) for result in results):
                applied.unexpected.append(waiver)
            else:
                applied.unused.append(waiver)
        return applied

    def _apply(self, result: dict[str, Any], needed: list[Waiver], *, strict: bool) -> dict[str, Any]:
        """Return one result after the waivers, and note those that it needed."""
        if result["verdict"] not in {_FAIL, _NON_STRICT}:
            return result
        counting: list[dict[str, Any] | None] = list(_counting(result, strict=strict)) or [None]
        covering = [[w for w in self.valid if w.covers(result, finding)] for finding in counting]
        needed += (waiver for waivers in covering for waiver in waivers)
        if all(covering):
            soonest = min((waiver for waivers in covering for waiver in waivers), key=lambda waiver: waiver.expires)
            return {**result, "verdict": _WAIVED, "reason": soonest.reason, "waiver": soonest.to_json()}
        for finding, waivers in zip(counting, covering, strict=True):
            for waiver in () if waivers else self.expired:
                if waiver.covers(result, finding):
                    reason = f"the waiver for {waiver} expired on {waiver.expires}"
                    return {**result, "reason": "; ".join(filter(None, (result["reason"], reason)))}
        return result


def _counting(result: dict[str, Any], *, strict: bool) -> Iterable[dict[str, Any]]:
    """Return the findings that made a result what it is."""
    levels = {"SHOULD"} if result["verdict"] == _NON_STRICT else {"MUST"}
    levels |= {"SHOULD"} if strict else set()
    return (finding for finding in result["findings"] if finding["level"] in levels and not finding["quirk"])


class _Reader:
    """Reads the waivers of one file, whose patterns must match one of the known ids of their kind."""

    def __init__(self, file: TomlFile, known: dict[str, Collection[str]]) -> None:
        self._file = file
        self._known = known

    def waivers(self) -> list[Waiver]:
        """Return all waivers. Raises UserError."""
        for key in self._file.table:
            if key != "waiver":
                raise self._file.unknown((key,), "only [[waiver]] tables have a place here")
        tables = self._file.table.get("waiver", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self._file.bad(
                ("waiver",), "it is no array of tables", "each waiver as a [[waiver]] table of its own"
            )
        found: dict[tuple[str, str], Waiver] = {}
        for number, table in enumerate(tables):
            waiver = self._waiver(number, table)
            first = found.setdefault((waiver.kind, waiver.pattern), waiver)
            if first is not waiver:
                self._refuse(number, waiver.kind, f"there is one for this in line {first.line}", "keep one of them")
        return list(found.values())

    def _waiver(self, number: int, table: dict[str, Any]) -> Waiver:
        """Return one waiver. Raises UserError."""
        for key in table:
            if key not in _KEYS:
                raise self._file.unknown(("waiver", number, key), f"a waiver has {', '.join(_KEYS)}")
        kinds = [key for key in ("case", "clause") if key in table]
        if len(kinds) != 1:
            why = "it has both case and clause" if kinds else "it has neither case nor clause"
            self._refuse(number, "clause", why, "give one of them, an id or a glob")
        pattern = self._text(number, table, kinds[0], "an id or a glob")
        self._demand_known(number, kinds[0], pattern)
        reason = self._text(number, table, "reason", "why this is known and left so")
        link = self._text(number, table, "link", "a URL") if "link" in table else ""
        if link and not link.startswith(("http://", "https://")):
            self._refuse(number, "link", f"{shown(link)} is no link", "give a URL that begins with http:// or https://")
        expires = table.get("expires")
        if expires is None:
            self._refuse(number, "expires", "it never expires", _DATE)
        if not isinstance(expires, dt.date) or isinstance(expires, dt.datetime):
            self._refuse(number, "expires", f"{shown(expires)} is no date", _DATE)
        return Waiver(kinds[0], pattern, reason, link, expires, self._file.line("waiver", number))

    def _text(self, number: int, table: dict[str, Any], key: str, what: str) -> str:
        """Return a text that a waiver must have. Raises BadWaiver."""
        value = table.get(key)
        if value is None:
            self._refuse(number, key, f"it has no {key}", f"say {what}")
        if not isinstance(value, str) or not value.strip():
            self._refuse(number, key, f"{key} is {shown(value)}", f"say {what}, as a text in quotes")
        return " ".join(value.split())

    def _demand_known(self, number: int, kind: str, pattern: str) -> None:
        """Raise BadWaiver for a pattern that can never match, with the ids that may have been meant."""
        known = sorted(self._known[kind])
        if any(fnmatchcase(name, pattern) for name in known):
            return
        near = difflib.get_close_matches(pattern, known, _MOST_NAMED, 0.5)
        if len(known) <= _MOST_NAMED:
            mend = f"there are {', '.join(known)}"
        elif near:
            mend = f"of {len(known)} known ones these are nearest: {', '.join(near)}"
        else:
            mend = f"there are {', '.join(sorted({_group(name) for name in known}))}"
        self._refuse(number, kind, f"no {kind} is called {shown(pattern)}", mend)

    def _refuse(self, number: int, key: str, why: str, mend: str) -> NoReturn:
        """Raise BadWaiver."""
        line = self._file.line("waiver", number, key)
        raise BadWaiver(file=self._file.path, line=line, number=number + 1, why=why, mend=mend)


def _group(name: str) -> str:
    """Return the glob for the group of an id: its method or topic."""
    return f"{name.rpartition('/')[0]}/*" if "/" in name else f"{name.partition('.')[0]}.*"
