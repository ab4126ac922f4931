"""Runs one of our programs with a fake daemon that says when it is to shut down: leaving.py HOW MODULE ARGUMENTS ...

With `stay` for HOW the daemon never ends its shutdown.
"""

import importlib
import sys

from twisted.internet.defer import Deferred, succeed

import fakedobby.daemon
from fakedobby.service import DobbyService

HOW, MODULE, *ARGUMENTS = sys.argv[1:]


class LeavingService(DobbyService):
    """The fake daemon, but for its end."""

    def shutdown(self):
        """Say that it was asked for."""
        print("asked to shut down", flush=True)  # noqa: T201 (the tests read it)
        return Deferred() if HOW == "stay" else succeed(None)


fakedobby.daemon.DobbyService = LeavingService
sys.exit(importlib.import_module(f"{MODULE}.cli").main(ARGUMENTS))
