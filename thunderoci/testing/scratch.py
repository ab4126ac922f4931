"""A temporary folder that goes with this process, or with the next one when this is killed.

The folder's owner holds a lock on it. A lock tells more than a process id in the name would: ids are used again, and
processes in other containers, which may share the folder of temporary files, have the same ones.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

_PREFIX = "thunderoci-bundles.held-"
_UNHELD = "thunderoci-bundles.new-"
"""The name of a folder until it is locked, so that nobody takes it for one whose owner is gone."""


@cache
def scratch() -> str:
    """Return this process's folder, and remove those of processes that were killed. Raises OSError."""
    _sweep(Path(tempfile.gettempdir()))
    made = Path(tempfile.mkdtemp(prefix=_UNHELD))
    fcntl.flock(_opened(made), fcntl.LOCK_EX)  # it stays open, and locked, as long as this process is there
    folder = made.rename(made.with_name(made.name.replace(_UNHELD, _PREFIX)))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return str(folder)


def _sweep(parent: Path) -> None:
    """Remove the folders that nobody holds; what others may not remove stays."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            descriptor = _opened(folder)
            try:
                if os.fstat(descriptor).st_uid == os.getuid():
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def _opened(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
