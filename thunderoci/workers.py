"""How many calls a plugin host works on at a time (no I/O)."""

from collections.abc import Awaitable
from typing import Protocol

WORKERS = 4
"""How many a box does."""


class Workers(Protocol):
    """How many calls are worked on at a time: each one waits for acquire() and ends with release()."""

    def acquire(self) -> Awaitable[object]:
        """Wait for a place."""

    def release(self) -> object:
        """Give it to the next one."""
