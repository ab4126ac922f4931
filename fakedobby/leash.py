"""A program that ends with whoever started it: it holds the other end of our standard input."""

import os
from collections.abc import Callable
from typing import Any

_STDIN = 0
_MOST = 65536


class Leash:
    """Watches standard input under a reactor; `let_go()` is called once, at its end.

    Its end comes when the last process that holds the other end is gone, also after SIGKILL.
    """

    def __init__(self, reactor: Any, let_go: Callable[[], object], descriptor: int = _STDIN) -> None:
        self._reactor = reactor
        self._let_go = let_go
        self._descriptor = descriptor
        reactor.addReader(self)

    def fileno(self) -> int:
        """Return what the reactor is to watch."""
        return self._descriptor

    def doRead(self) -> None:  # noqa: N802 (Twisted's name)
        """Take what there is to read."""
        try:
            data = os.read(self._descriptor, _MOST)
        except OSError:  # a terminal that went away, for one
            data = b""
        if not data:
            self.connectionLost(None)

    def connectionLost(self, _reason: object) -> None:  # noqa: N802 (Twisted's name)
        """Stop watching, and tell that nobody holds us."""
        self._reactor.removeReader(self)
        let_go, self._let_go = self._let_go, _nothing
        let_go()

    def logPrefix(self) -> str:  # noqa: N802 (Twisted's name)
        """Return what the reactor calls us in its log."""
        return "leash"


def _nothing() -> None:
    pass
