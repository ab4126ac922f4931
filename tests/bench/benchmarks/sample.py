"""One measurement of one thing: how often it was done in a second, and how long it took."""

import math
from dataclasses import dataclass


def percentile(values, percent):
    """Return the smallest of the values that at least so many percent of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def median(values):
    """Return the middle value, of an even number the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


@dataclass(frozen=True, slots=True)
class Sample:
    """How many there were, the rate a second, and the 50th and 99th percentile of the times in milliseconds."""

    count: int
    rate: float
    p50: float
    p99: float

    @classmethod
    def of(cls, times, seconds):
        """Make the sample of all that was done in so many seconds; `times` are in seconds, too."""
        return cls(len(times), len(times) / seconds, percentile(times, 50) * 1000, percentile(times, 99) * 1000)
