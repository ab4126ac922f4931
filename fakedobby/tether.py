"""Child processes that do not outlive us."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def tether() -> Callable[[], None] | None:
    """Return what Popen is to call in a child process that shall get SIGTERM when this process ends, however it ends.

    Only Linux can do that, elsewhere it is None. The thread that starts the child must be the last one to end.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it has ended already
            os._exit(0)

    return tie
