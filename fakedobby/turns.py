"""Long work in small pieces: the loop turns between them, so that nobody else has to wait for the whole.

All long work of a process shares the turns, long messages and long answers alike: however much of it there is, one
piece is done in each.
"""

from collections import deque
from collections.abc import Generator
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from fakedobby.errors import NotNow

PIECE = 2**16
"""How many bytes are worked on in a turn, about."""
_EACH = 2**9
"""What a thing costs besides its bytes, in bytes."""
LONG = 32
"""How many long answers there may be in the making at a time."""

T = TypeVar("T")


class Turns:
    """Gives turns of the loop to long work, one piece each; `clock` is the real one."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._waiting: deque[Deferred[None]] = deque()
        self._timer: Any = None
        self.answers = 0
        """How many long answers are in the making, or on their way to a client."""

    def work(self) -> "Work":
        """Return what counts the work of one answer."""
        return Work(self)

    async def take(self, steps: Generator[None, None, T]) -> T:
        """Take one step after another, the first at once if nobody waits; return what the last one returns."""
        if self._waiting:
            await self.next()
        while True:
            try:
                next(steps)
            except StopIteration as end:
                result: T = end.value
                return result
            await self.next()

    def next(self) -> Deferred[None]:
        """Return what fires in a turn to come; whoever cancels it has given the turn up."""
        turn: Deferred[None] = Deferred(self._give_up)
        self._waiting.append(turn)
        self._call_on()
        return turn

    def _give_up(self, turn: Deferred[None]) -> None:
        self._waiting.remove(turn)
        self._call_on()

    def _call_on(self) -> None:
        if self._waiting and self._timer is None:
            self._timer = self._clock.callLater(0, self._turn)
        elif not self._waiting and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _turn(self) -> None:
        self._timer = None
        turn = self._waiting.popleft()
        self._call_on()
        turn.callback(None)


class Work:
    """The work of one answer, to be ended by whoever began it: what is little is done at once."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._left = PIECE
        self._is_long = False

    async def done(self, size: int = 0) -> None:
        """Count one thing of so many bytes as done, and let the loop turn when that is enough now.

        Raises NotNow when there are too many long answers.
        """
        self._left -= size + _EACH
        if self._left <= 0:
            await self.turn()
            self._left = PIECE

    async def turn(self) -> None:
        """Let the loop turn: the answer is a long one. Raises NotNow when there are too many of them."""
        turns = self._turns
        if not self._is_long:
            if turns.answers >= LONG:
                raise NotNow(
                    problem=f"{LONG} long answers are in the making, which is all that there may be. Ask again"
                )
            turns.answers += 1
            self._is_long = True
        await turns.next()

    def end(self) -> None:
        """Make room for another one, once."""
        if self._is_long:
            self._is_long = False
            self._turns.answers -= 1
