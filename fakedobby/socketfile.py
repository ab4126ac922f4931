"""The file of a UNIX socket that a bus is to listen on."""

import errno
import os
import socket
from pathlib import Path

from fakedobby.errors import CannotListenAt, PathInUse


def claim(path: str) -> None:
    """See to it that a socket can be made at `path`: what a dead program left there is removed.

    Raises PathInUse when somebody listens there, and CannotListenAt when no socket can be made. A dbus-daemon would
    take the path from whoever listens there, so this is checked before any bus is started.
    """
    remove_stale(path)
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.bind(path)
        except OSError as problem:
            raise CannotListenAt(path=path, reason=_reason(path, problem)) from None
    Path(path).unlink()


def remove_stale(path: str) -> None:
    """Remove the socket at `path`, if there is one and nobody listens; raises PathInUse and CannotListenAt."""
    file = Path(path)
    try:
        if not file.is_symlink() and not file.is_socket():
            return
        with socket.socket(socket.AF_UNIX) as caller:
            caller.setblocking(False)  # when too many are waiting for an answer somebody is there, too
            caller.connect(path)
    except ConnectionRefusedError:
        try:
            file.unlink()
        except OSError as problem:
            raise CannotListenAt(path=path, reason=_reason(path, problem)) from None
    except BlockingIOError:
        raise PathInUse(path=path) from None
    except FileNotFoundError:
        return
    except OSError as problem:
        raise CannotListenAt(path=path, reason=_reason(path, problem)) from None
    else:
        raise PathInUse(path=path)


def _reason(path: str, problem: OSError) -> str:
    if problem.errno == errno.ENOENT:
        return f"there is no directory {Path(path).parent}"
    if problem.errno == errno.EADDRINUSE:
        return "something that is no socket is there"
    return os.strerror(problem.errno or 0)
