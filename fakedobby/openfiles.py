"""How many more files the system lets us open: who takes clients in leaves some for all else."""

import logging
import os
import resource

log = logging.getLogger(__name__)


class Room:
    """Tells whether one more client may come, so that `kept` files can still be opened; the log says when that changes.

    All open files of the process count, whoever opened them; `each` is how many a client takes, and `client` and
    `clients` what one of them is called, and several.
    """

    def __init__(self, kept: int, client: str = "client", clients: str = "clients", *, each: int = 1) -> None:
        self._kept = kept
        self._client = client
        self._clients = clients
        self._each = each
        self._refused = 0

    def for_one_more(self, coming: int = 0) -> bool:
        """Tell whether there is room for a client whose connection is open already, beside files that are to come."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if files != resource.RLIM_INFINITY and _lowest_free() + coming > files - self._kept - self._each + 1:
            self._refused += 1
            if self._refused == 1:
                log.warning(
                    "refused a %s, and refuses all others while so many files are open: 'ulimit -n' allows %d, "
                    "and %d of them are kept for other things",
                    self._client,
                    files,
                    self._kept,
                )
            return False
        if self._refused:
            log.warning("takes %s again; %d were refused", self._clients, self._refused)
            self._refused = 0
        return True


def _lowest_free() -> float:
    """Return the lowest number that is free for a file, which is what the system gives to the next one.

    All below are taken, so it tells whether files run out without a look at each of them.
    """
    try:
        probe = os.open("/", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return float("inf")
    os.close(probe)
    return probe
