"""What happened: requests, answers, events, D-Bus messages, faults, and what caused what."""

from collections import deque
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

CAPACITY = 20_000
"""How many entries a journal keeps; the oldest are dropped."""

CAUSE: ContextVar[int | None] = ContextVar("CAUSE", default=None)
"""The number of the entry on whose behalf we are working."""


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
    """What else there is to say; values are JSON, or bytes of JSON text, which readers turn into values."""


class Journal:
    """Keeps the latest entries; `seconds` tells the time of each."""

    def __init__(self, seconds: Callable[[], float], capacity: int = CAPACITY) -> None:
        self._seconds = seconds
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self._next = 1
        self.enabled = True
        self.noted: Callable[[], object] = lambda: None
        """Is called after each entry."""

    def note(self, kind: str, /, cause: int | None = None, **facts: Any) -> int:
        """Write an entry down and return its number; without a cause it is what CAUSE says."""
        number = self._next
        self._next = number + 1
        self._entries.append(Entry(number, self._seconds(), kind, CAUSE.get() if cause is None else cause, facts))
        self.noted()
        return number

    @property
    def last(self) -> int:
        """The number of the last entry; 0 when there was none."""
        return self._next - 1

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def clear(self) -> None:
        """Forget all, and count from 1 again."""
        self._entries.clear()
        self._next = 1
