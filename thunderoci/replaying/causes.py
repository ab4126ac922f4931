"""Which call an event followed, out of however many."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar


class Moment(Protocol):
    """A call: when it was made, on which connection, and all texts in its params; whether it may change something."""

    @property
    def at(self) -> float:
        """In seconds."""

    @property
    def connection(self) -> int:
        """The number of the connection."""

    @property
    def changes(self) -> bool:
        """Whether something may happen by it."""

    @property
    def texts(self) -> frozenset[str]:
        """All texts in the params."""


M = TypeVar("M", bound=Moment)


class Causes(Generic[M]):
    """The calls of a session, in the order of their times."""

    def __init__(self, calls: Sequence[M]) -> None:
        self._calls = calls
        self._times = [call.at for call in calls]
        self._acts: list[int] = []
        self._by_text: dict[str, list[int]] = {}
        self._by_connection: dict[int, list[int]] = {}
        for place, call in enumerate(calls):
            if call.changes:
                self._acts.append(place)
                self._by_connection.setdefault(call.connection, []).append(place)
                for text in call.texts:
                    self._by_text.setdefault(text, []).append(place)

    def of(self, at: float, connection: int, about: frozenset[str]) -> M | None:
        """Return the last call before `at` that changes something and is about one of these texts.

        Without one it is the last that changes something on the connection, else anywhere, else the last one at all.
        """
        end = bisect_right(self._times, at)
        latest = [_before(self._by_text.get(text, []), end) for text in about]
        for place in (
            max(latest, default=-1),
            _before(self._by_connection.get(connection, []), end),
            _before(self._acts, end),
            end - 1,
        ):
            if place >= 0:
                return self._calls[place]
        return None


def _before(places: list[int], end: int) -> int:
    """Return the last of the places before `end`, -1 for none."""
    found = bisect_left(places, end)
    return places[found - 1] if found else -1
