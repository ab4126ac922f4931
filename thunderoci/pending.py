"""What is done for one client, and given up when it has gone."""

from typing import Any, TypeVar

W = TypeVar("W", bound=Any)


class Pending:
    """Deferreds of work under way."""

    def __init__(self) -> None:
        self._works: list[Any] = []

    def add(self, work: W) -> W:
        """Let work be given up, with a CancelledError, when the client has gone; return it."""
        self._works.append(work)
        work.addBoth(self._done, work)
        return work

    def give_up(self) -> None:
        """Give up all of it."""
        for work in list(self._works):
            work.cancel()

    def _done(self, result: object, work: Any) -> object:
        self._works.remove(work)
        return result
