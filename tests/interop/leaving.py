"""Runs one of our programs with a fake daemon that leaves as it is told: leaving.py HOW MODULE ARGUMENTS ...

HOW is what happens on SIGUSR1: `shutdown` is D-Bus Shutdown, `crash` a crash of the daemon. With `stay` the daemon
never ends its shutdown. What happens is printed.
"""

import importlib
import signal
import sys

from twisted.internet import reactor
from twisted.internet.defer import Deferred, succeed

import fakedobby.daemon
from fakedobby.errors import UserError
from fakedobby.service import DobbyService

HOW, MODULE, *ARGUMENTS = sys.argv[1:]


class LeavingService(DobbyService):
    """The fake daemon, but for its end."""

    def __init__(self, *args, gone, **options):
        super().__init__(*args, gone=gone, **options)

        def leave():
            gone(UserError(problem="The daemon crashed") if HOW == "crash" else None)
            print("gone", flush=True)  # noqa: T201 (the tests read it)

        signal.signal(signal.SIGUSR1, lambda *_: reactor.callFromThread(leave))

    def shutdown(self):
        """Say that it was asked for."""
        print("asked to shut down", flush=True)  # noqa: T201 (the tests read it)
        return Deferred() if HOW == "stay" else succeed(None)


fakedobby.daemon.DobbyService = LeavingService
sys.exit(importlib.import_module(f"{MODULE}.cli").main(ARGUMENTS))
