"""Where a daemon is between its coming on the bus and its end (no I/O)."""

from enum import Enum


class Phase(Enum):
    """What it does with calls, and whether it sends signals."""

    NAMED = "the object is not there yet, or not any more"
    EMPTY = "the object is there and has no methods yet"
    SERVING = "all is as it should be"
    HUNG = "nothing is answered"
    GONE = "nothing is sent any more"

    @property
    def is_silent(self) -> bool:
        """Whether it answers nobody."""
        return self is Phase.HUNG or self is Phase.GONE
