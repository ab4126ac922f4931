"""Standard output: what the suite writes there is seen at once, and no full disk or closed pipe ends a run."""

import errno
import io
import os
from typing import TextIO

from conformance.errors import tell
from conformance.nowhere import lead_nowhere


class Output:
    """Writes text to ``stream``, escaped where its encoding has no room for it; None is one that was closed before.

    When nobody reads any more, nothing more is written; when it can't be written, that is told once, too.
    """

    def __init__(self, stream: TextIO | None) -> None:
        below = getattr(stream, "buffer", None)
        if stream is not None and isinstance(below, io.RawIOBase):
            # PYTHONUNBUFFERED: such a stream forgets what a disk has no room for, and says nothing
            stream = open(stream.fileno(), "w", encoding=stream.encoding, closefd=False)  # noqa: SIM115 (it stays)
        self._stream = stream
        self._ended = False
        self.lost = False
        """Whether something was not written that somebody would have read."""

    @property
    def is_terminal(self) -> bool:
        """Whether somebody sees it on a terminal."""
        return self._stream is not None and self._stream.isatty()

    @property
    def columns(self) -> int:
        """How wide the terminal is now, in characters."""
        try:
            return os.get_terminal_size(self._stream.fileno() if self._stream else -1).columns or 80
        except (OSError, ValueError):
            return 80

    def write_line(self, line: str) -> None:
        """Write a line that has no end yet."""
        self.write(f"{line}\n")

    def write(self, text: str) -> None:
        """Write text, or nothing when that was not possible before."""
        if self._ended:
            return
        try:
            self._put(text)
        except OSError as problem:
            self._ended = True
            if self._stream is not None:
                lead_nowhere(self._stream.fileno())
            if problem.errno not in {errno.EPIPE, errno.EIO}:  # a pipe without a reader, a terminal that was closed
                self.lost = True
                tell(f"Standard output can't be written: {problem.strerror}.")

    def _put(self, text: str) -> None:
        if self._stream is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        encoding = self._stream.encoding or "ascii"
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        self._stream.flush()
