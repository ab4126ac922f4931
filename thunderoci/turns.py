"""What takes long is done a step a turn of the loop, so that others have their turns in between."""

from collections.abc import Generator
from typing import Any, TypeVar

from twisted.internet.task import deferLater

T = TypeVar("T")


async def in_turns(steps: Generator[None, None, T], clock: Any) -> T:
    """Take one step after another, the first of them at once; return what the last one returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        await deferLater(clock, 0)
