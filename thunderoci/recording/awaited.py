"""What is asked and not answered yet, in its order: to be found by its number, however much there is."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Awaited(Generic[T]):
    """Things that wait for their answers; `number_of` tells by which number an answer names one."""

    def __init__(self, number_of: Callable[[T], str]) -> None:
        self._number_of = number_of
        self._waiting: OrderedDict[int, T] = OrderedDict()
        self._added = 0
        self._numbers: dict[str, deque[int]] = {}
        """Which things have a number, the first ones first; of those that were answered some may be left."""
        self._indexed = 0
        """How many things of all were looked at for their numbers: most answers need none."""

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, thing: T) -> None:
        """Take one that waits from now on."""
        self._waiting[self._added] = thing
        self._added += 1

    def first(self) -> T | None:
        """Return the one that waits longest."""
        return next(iter(self._waiting.values()), None)

    def take_first(self) -> T | None:
        """Return the one that waits longest, which waits no more."""
        return self._waiting.popitem(last=False)[1] if self._waiting else None

    def take(self, number: str) -> T | None:
        """Return the first one of this number, which waits no more."""
        for key in range(self._indexed, self._added):
            if key in self._waiting:
                self._numbers.setdefault(self._number_of(self._waiting[key]), deque()).append(key)
        self._indexed = self._added
        keys = self._numbers.get(number)
        while keys:
            found = self._waiting.pop(keys.popleft(), None)
            if not keys:
                del self._numbers[number]
            if found is not None:
                return found
        return None

    def all(self) -> list[T]:
        """Return all that wait."""
        return list(self._waiting.values())
