"""Files that need not be files: what comes from a pipe is awaited for a while, what has no end is not read to it."""

import os
import select
import time
from pathlib import Path

PATIENCE = 5.0
_PIECE = 65536


class NeverEnds(Exception):
    """What is no whole of a size that we take; the text says why."""


def read_whole(file: Path, most: int, patience: float = PATIENCE) -> bytes:
    """Return what a file holds, or what comes from a pipe or a device within so many seconds.

    Raises NeverEnds for more than `most` bytes, and when a pipe has not ended by then, and OSError.
    """
    whole = b""
    deadline = time.monotonic() + patience
    # to open a pipe that nobody writes to would take for ever
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0) as stream:
        poll = select.poll()
        poll.register(stream, select.POLLIN)
        while len(whole) <= most:
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise NeverEnds(f"it is a pipe whose end has not come within {patience:g} seconds")
            piece = stream.read(_PIECE)
            if piece == b"":
                return whole
            whole += piece or b""
    raise NeverEnds(f"it has more than {most} bytes")
