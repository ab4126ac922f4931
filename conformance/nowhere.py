"""Where a standard stream leads that can't be written."""

import os


def lead_nowhere(descriptor: int) -> None:
    """Throw away what is written there: else Python tries again when it ends, and has a status of its own then."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
