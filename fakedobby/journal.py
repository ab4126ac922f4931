"""What happened: requests, answers, events, D-Bus messages, faults, and what caused what (no I/O).

An entry is written on the way of every call, so it costs little: values stay as they came, JSON as the bytes of its
text, and are decoded for whoever asks (fakedobby/journalentry.py). A journal is bounded in entries and in bytes.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from itertools import count, islice
from typing import Any, NamedTuple

CAPACITY = 5_000
"""How many entries a journal keeps; the oldest are dropped."""
BYTES = 64 * 2**20
"""How many bytes they may have together, about; the oldest are dropped."""
LONGEST_TEXT = 2**20
"""How many bytes or characters of one text are kept."""

KINDS = ("request", "answer", "event", "call", "reply", "signal", "fault", "control")

CAUSE: ContextVar[int | None] = ContextVar("CAUSE", default=None)
"""The ticket of the entry on whose behalf we are working, as note() returned it."""

_TRAIL = 1000
"""How many D-Bus messages are remembered by their serial numbers, the latest."""
_OVERHEAD = 400
"""What an entry takes besides its texts, about."""
_EACH = 60
"""What a value takes besides its text, about."""
_MUCH = 1000
"""How many bytes of values are worth a look whether they are the same as before."""


def on_behalf(cause: int | None, call: Callable[..., object], *args: Any) -> None:
    """Call `call(*args)`; what is noted meanwhile has this cause, the ticket of an entry."""
    token = CAUSE.set(cause)
    try:
        call(*args)
    finally:
        CAUSE.reset(token)


class Entry(NamedTuple):
    """One thing that happened."""

    number: int
    at: float
    """Seconds on the emulator's clock."""
    kind: str
    """request, answer, event, call, reply, signal, fault or control."""
    cause: int | None
    """The number of the entry that led to this one."""
    facts: dict[str, Any]
    """What else there is to say; values are JSON, or bytes of JSON text."""
    size: int = 0
    """How many bytes it takes, about."""


class Journal:
    """Keeps the latest entries; `seconds` tells the time of each.

    Entries are counted from 1 again whenever the journal is cleared. Who keeps one as a cause may do so for longer, and
    keeps its ticket instead, which no other entry ever has: what an entry led to has no cause once it is cleared away.
    """

    def __init__(self, seconds: Callable[[], float], capacity: int = CAPACITY, size: int = BYTES) -> None:
        self._seconds = seconds
        self._entries: deque[_Parts] = deque()
        self.capacity = capacity
        self._most_bytes = size
        self._bytes = 0
        self._next = 1
        self._cleared_to = 0
        """The last ticket before the journal was cleared; tickets are numbers as if it never had been."""
        self._latest: tuple[Any, Any] = (None, None)
        """The last values that were many, and what is kept of them: the same ones often come again."""
        self._waiting: dict[Callable[[], object], None] = {}
        self.cleared = 0
        """How often it was cleared: who follows it begins again then."""
        self.trail = Trail()

    def note(self, kind: str, /, cause: int | None = None, **facts: Any) -> int:
        """Write an entry down and return its ticket; `cause` is one, too, and without it what CAUSE says."""
        number = self._next
        self._next = number + 1
        cleared_to = self._cleared_to
        if cause is None:
            cause = CAUSE.get()
        if cleared_to and cause is not None:
            cause = cause - cleared_to if cause > cleared_to else None
        size = _OVERHEAD
        for name, value in facts.items():
            # most values are short texts and numbers: no call is made for them
            type_ = type(value)
            if type_ is int or type_ is float or value is None:
                continue
            if (type_ is str or type_ is bytes) and len(value) <= LONGEST_TEXT:
                size += len(value)
            else:
                facts[name], more = self._values(value) if type_ is list or type_ is tuple else _kept(value)
                size += more
        entries = self._entries
        names = tuple(facts)
        entries.append((size, self._seconds(), kind, cause, _NAMES.setdefault(names, names), *facts.values()))
        self._bytes += size
        while len(entries) > self.capacity or (self._bytes > self._most_bytes and len(entries) > 1):
            self._bytes -= entries.popleft()[0]
        if self._waiting:
            self._wake()
        return cleared_to + number

    def _values(self, values: list[Any] | tuple[Any, ...]) -> tuple[Any, int]:
        """Return what is kept of values, and how many bytes more that takes; nobody changes what was noted."""
        if values is self._latest[0]:
            return self._latest[1], _EACH
        kept, size = _kept(values)
        if size > _MUCH:
            self._latest = values, kept
        return kept, size

    @property
    def last(self) -> int:
        """The number of the last entry; 0 when there was none."""
        return self._next - 1

    @property
    def dropped(self) -> int:
        """How many entries were dropped, since the journal was cleared, to keep to the bounds."""
        return self.last - len(self._entries)

    @property
    def size(self) -> int:
        """How many bytes the entries have together, about."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return self.since(0)

    def since(self, number: int, *, latest_first: bool = False) -> Iterator[Entry]:
        """Yield the entries behind `number`, the oldest first, as they are now whatever comes or goes meanwhile."""
        behind = min(max(0, self.last - number), len(self._entries))
        entries = list(islice(reversed(self._entries), behind))
        if latest_first:
            return map(_entry, count(self.last, -1), entries)
        entries.reverse()
        return map(_entry, count(self.last - behind + 1), entries)

    def find(self, number: int) -> Entry | None:
        """Return the entry of a number; None when it was dropped, or is to come."""
        at = number - self.dropped - 1
        return _entry(number, self._entries[at]) if 0 <= at < len(self._entries) else None

    def when_noted(self, call: Callable[[], object]) -> Callable[[], None]:
        """Call `call()` once, after the next entry or when the journal is cleared; return what takes that back."""
        self._waiting[call] = None
        return lambda: self._waiting.pop(call, None)

    def clear(self) -> None:
        """Forget all, and count from 1 again."""
        self._entries.clear()
        self._bytes = 0
        self._cleared_to += self.last
        self._next = 1
        self.cleared += 1
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for call in waiting:
            call()


class Trail:
    """Which entry belongs to which D-Bus message, for who meets the message at its other end in the same process."""

    def __init__(self) -> None:
        self._tickets: dict[tuple[str | None, int], int] = {}

    def lay(self, sender: str | None, serial: int, ticket: int) -> None:
        """Remember the ticket of the message of this sender and serial number; the oldest ones are forgotten."""
        tickets = self._tickets
        tickets[sender, serial] = ticket
        if len(tickets) > _TRAIL:
            del tickets[next(iter(tickets))]

    def follow(self, sender: str | None, serial: int) -> int | None:
        """Return the ticket of the entry of a message, once; None when it is unknown."""
        return self._tickets.pop((sender, serial), None)


_Parts = tuple[Any, ...]
"""What an entry is kept as: its size, time, kind and cause, the names of its facts, and then their values.

It is one plain tuple, mostly of texts and numbers, since thousands are kept: to let go of many objects that were not
touched for long costs more than to make them, and the garbage collector need not look at such a tuple.
"""
_NAMES: dict[tuple[str, ...], tuple[str, ...]] = {}
"""Each combination of names that is in use, once."""


def _entry(number: int, parts: _Parts) -> Entry:
    size, at, kind, cause, names, *values = parts
    return Entry(number, at, kind, cause, dict(zip(names, values, strict=True)), size)


def _kept(value: Any) -> tuple[Any, int]:
    """Return what is kept of a value and how many bytes it takes, about: texts beyond all measure are cut."""
    if isinstance(value, str | bytes):
        if len(value) > LONGEST_TEXT:
            more: Any = f" and {len(value) - LONGEST_TEXT} more"
            value = value[:LONGEST_TEXT] + (more.encode() if isinstance(value, bytes) else more)
        return value, len(value) + _EACH
    if isinstance(value, list | tuple):
        if not value:
            return (), _EACH
        kept = [_kept(item) for item in value]
        return tuple(item for item, _ in kept), sum(size for _, size in kept) + _EACH
    if isinstance(value, dict):
        pairs = {key: _kept(item) for key, item in value.items()}
        return {key: item for key, (item, _) in pairs.items()}, sum(size for _, size in pairs.values()) + _EACH
    return value, _EACH
