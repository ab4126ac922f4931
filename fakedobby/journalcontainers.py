"""Which containers the entries of a journal are about (no I/O).

An entry is about the containers that it names; one that names none, about those of its cause.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import takewhile
from typing import Any

from fakedobby.journal import Entry, Journal
from fakedobby.journalvalue import decoded

_STARTS = ("StartFromBundle", "StartFromSpec")


class Containers:
    """Reads each entry of a journal once, when somebody first asks for what came after the one before it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._cleared = journal.cleared
        self._last = 0
        """The number of the last entry that was read."""
        self._ids: dict[int, str] = {}
        """By descriptor, as far as we have read."""
        self._about: dict[int, tuple[str, ...]] = {}
        """By number, the smallest first; entries that are about none are left out."""

    def reading(self) -> Iterator[Entry]:
        """Read what is new in the journal, and forget what it has dropped.

        Yields each entry that was read: meanwhile more may come, and others may read.
        """
        journal, about = self._journal, self._about
        while journal.cleared != self._cleared or self._last < journal.last:
            if journal.cleared != self._cleared:
                self._cleared, self._last = journal.cleared, 0
                self._ids.clear()
                about.clear()
            cleared = journal.cleared
            for entry in journal.since(self._last):
                if journal.cleared != cleared:
                    break
                if entry.number > self._last:
                    self._read(entry)
                    yield entry
        for number in list(takewhile(lambda number: number <= journal.dropped, about)):
            del about[number]

    def _read(self, entry: Entry) -> None:
        ids = tuple(self._named(entry)) or self._about.get(entry.cause or 0, ())
        if ids:
            self._about[entry.number] = ids
        self._last = entry.number

    def about(self, pattern: str) -> frozenset[int]:
        """Return the numbers of the entries about a container of a pattern, of those that were read."""
        ids = {one for ids in set(self._about.values()) for one in ids if fnmatchcase(one, pattern)}
        return frozenset(number for number, about in self._about.items() if not ids.isdisjoint(about))

    def _named(self, entry: Entry) -> Iterator[str]:
        """Yield the ids that an entry itself tells of."""
        facts = entry.facts
        match entry.kind:
            case "call":
                arguments = facts.get("arguments") or [None]
                first = arguments[0]
                if isinstance(first, str) and facts.get("method") in _STARTS:
                    yield first
                elif isinstance(first, int) and first in self._ids:
                    yield self._ids[first]
            case "signal":
                match facts.get("arguments"):
                    case [int(descriptor), str(name), *_]:
                        self._ids[descriptor] = name
                        yield name
            case "reply":
                self._learn(entry)
            case "request" | "event" | "control" | "fault":
                for name in ("params", "arguments"):
                    yield from _ids_in(decoded(facts.get(name)))
                if isinstance(facts.get("container"), str):
                    yield facts["container"]

    def _learn(self, entry: Entry) -> None:
        """Learn descriptors from the list of containers."""
        match entry.facts.get("values"):
            case [[*descriptors], [*ids]] if len(descriptors) == len(ids):
                self._ids |= dict(zip(descriptors, ids, strict=True))


def _ids_in(params: Any) -> Iterator[str]:
    if isinstance(params, dict):
        for name in ("containerId", "id", "container"):
            if isinstance(params.get(name), str):
                yield params[name]
