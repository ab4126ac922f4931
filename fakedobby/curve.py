"""A figure that changes with time, as points with straight lines between them (no I/O)."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise

Point = tuple[float, float]
"""Seconds, and the value then."""


class Curve:
    """The points of a figure, in the order of their seconds; it is level before the first and after the last.

    Two points of the same second are a jump. Raises ValueError for no point, and for points out of order.
    """

    __slots__ = ("_areas", "_points", "_seconds")

    def __init__(self, points: Iterable[Iterable[float]]) -> None:
        self._points: list[Point] = [(seconds, value) for seconds, value in points]
        self._seconds = [seconds for seconds, _ in self._points]
        if not self._points:
            raise ValueError("at least one point expected")
        for (before, _), (after, _) in pairwise(self._points):
            if after < before:
                raise ValueError(f"the point at {after} seconds is behind that at {before}")
        self._areas = [self._seconds[0] * self._points[0][1]]
        for (start, low), (end, high) in pairwise(self._points):
            self._areas.append(self._areas[-1] + (end - start) * (low + high) / 2)

    def at(self, seconds: float) -> float:
        """Return the value after so many seconds."""
        index = bisect_right(self._seconds, seconds)
        if index in (0, len(self._points)):
            return self._points[max(0, index - 1)][1]
        (start, low), (end, high) = self._points[index - 1 : index + 1]
        return low + (high - low) * (seconds - start) / (end - start)

    def peak(self, seconds: float) -> float:
        """Return the highest value up to this moment."""
        index = bisect_right(self._seconds, seconds)
        return max(self._points[0][1], self.at(seconds), *(value for _, value in self._points[:index]))

    def area(self, seconds: float) -> float:
        """Return what the value adds up to by this moment: value times seconds."""
        index = bisect_right(self._seconds, seconds)
        if index == 0:
            return seconds * self._points[0][1]
        start, low = self._points[index - 1]
        return self._areas[index - 1] + (seconds - start) * (low + self.at(seconds)) / 2
