"""The bars: what has to hold, and what the real programs did on two cores of the same kind."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """A sentence that holds when the figure that it is about is within the limit."""

    sentence: str
    measured: Callable
    limit: float
    at_least: bool = False

    def result(self, figures):
        """Return the figure, and whether the bar holds; None for both when it was not measured."""
        value = self.measured(figures)
        if value is None:
            return None, None
        return value, value >= self.limit if self.at_least else value <= self.limit


def _ratio(key):
    return lambda figures: getattr(figures.get(key), "ratio", None)


def _value(key):
    return lambda figures: getattr(figures.get(key), "value", None)


def _times_as_long(slow, quick):
    def measured(figures):
        slower, quicker = _value(slow)(figures), _value(quick)(figures)
        return quicker / slower if slower and quicker else None

    return measured


BARS = (
    Bar("listContainers on 1 connection: at least 0.50 of the bare resource", _ratio("list.up.0.c1"), 0.5, True),
    Bar("listContainers on 16 connections: at least 0.60 of the bare resource", _ratio("list.up.0.c16"), 0.6, True),
    Bar("first good answer: at most 2.0 times the imports, files in memory", _ratio("start.up.warm"), 2.0),
    Bar("first good answer: at most 2.0 times the imports, files out of memory", _ratio("start.up.cold"), 2.0),
    Bar("200 subscribers have an event within 12 ms", _value("events.up.200"), 12),
    Bar("1,000 subscribers have an event within 60 ms", _value("events.up.1000"), 60),
    Bar("one that stops reading delays 200 others by a fifth at most", _ratio("events.up.200.stalled"), 1.2),
    Bar("one that stops reading delays 1,000 others by a fifth at most", _ratio("events.up.1000.stalled"), 1.2),
    Bar("at most 60 MiB after the start", _value("memory.up.0"), 60),
    Bar("after 100,000 calls at most 1.05 times as much memory as after 1,000", _ratio("memory.up.100000"), 1.05),
    Bar(
        "getContainerState with 1,000 containers takes at most 2.5 times as long as with one",
        _times_as_long("state.up.1000.c1", "state.up.1.c1"),
        2.5,
    ),
)

PEER = {
    "list.up.0.c1": 2977,
    "list.up.0.c16": 4729,
    "list.up.20.c1": 2626,
    "list.up.20.c16": 4116,
    "events.up.200": 2.8,
    "start.up.warm": 0.27,
}
"""What Thunder R4.4.1 with the real Dobby daemon, both in C++, did on two such cores; keys and units of our figures."""
