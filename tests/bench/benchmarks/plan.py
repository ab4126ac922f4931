"""How much is measured: what the command line chose."""

from dataclasses import dataclass, field

PARTS = {
    "calls": "calls over HTTP and WebSocket, and the HTTP floor beside them",
    "dbus": "Dobby's List on D-Bus, and the D-Bus floors beside it",
    "events": "from the signal to the last subscriber",
    "startup": "from exec to the first good answer",
    "memory": "resident memory after calls",
    "suite": "the conformance suite",
}


@dataclass(frozen=True)
class Plan:
    """What to measure, how often and how long."""

    parts: tuple[str, ...] = tuple(PARTS)
    arrangements: tuple[str, ...] = ("up", "pair")
    rounds: int = 5
    connections: tuple[int, ...] = (1, 4, 16, 64)
    containers: tuple[int, ...] = (0, 20, 1000)
    subscribers: tuple[int, ...] = (1, 200, 1000)
    events: int = 20
    seconds: float = 0.5
    wrk: bool = True
    starts: tuple[str, ...] = ("warm", "cold")
    calls: tuple[int, ...] = (1_000, 100_000)
    suites: tuple[str, ...] = ("read-only", "whole")
    limit: int = 15 * 60
    progress: object = field(default=lambda _: None, compare=False)
    """Called with a line whenever something else is measured."""


QUICK = {
    "rounds": 2,
    "connections": (1, 16),
    "containers": (0, 1000),
    "subscribers": (1, 200),
    "events": 10,
    "seconds": 0.3,
    "wrk": False,
    "starts": ("warm",),
    "calls": (1_000, 5_000),
    "suites": ("read-only",),
    "limit": 180,
}
