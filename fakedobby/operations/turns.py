"""Long work in small pieces: the loop turns between them, so that nobody else has to wait for the whole.

All long work shares the turns: however much of it there is, one piece is done in each.
"""

from collections import deque
from typing import Any

from twisted.internet.defer import Deferred

from fakedobby.errors import NotNow

_PIECE = 2**16
"""How many bytes are worked on in a turn, about."""
_EACH = 2**9
"""What a thing costs besides its bytes, in bytes."""
LONG = 32
"""How much long work there may be at a time."""


class Turns:
    """Gives turns of the loop to long work, one piece each; `clock` is the real one."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._waiting: deque[Deferred[None]] = deque()

    def work(self) -> "Work":
        """Return what counts the work of one request."""
        return Work(self)

    def next(self) -> Deferred[None]:
        """Return what fires in a turn to come; raises NotNow when too many wait for theirs."""
        if len(self._waiting) >= LONG:
            raise NotNow(problem=f"{LONG} long answers are in the making, which is all that there may be. Ask again")
        turn: Deferred[None] = Deferred()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            self._clock.callLater(0, self._turn)
        return turn

    def _turn(self) -> None:
        turn = self._waiting.popleft()
        if self._waiting:
            self._clock.callLater(0, self._turn)
        turn.callback(None)


class Work:
    """The work of one request: what is little is done at once."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._left = _PIECE

    async def done(self, size: int = 0) -> None:
        """Count one thing of so many bytes as done, and let the loop turn when that is enough now; raises NotNow."""
        self._left -= size + _EACH
        if self._left <= 0:
            await self._turns.next()
            self._left = _PIECE
