"""Runs an embedded bus: servebus.py PATH [LIMIT=NUMBER ...]; prints its address, ends with standard input."""

import logging
import sys

from twisted.internet import reactor, stdio
from twisted.internet.protocol import Protocol
from twisted.python import log

from fakedobby.embeddedbus import EmbeddedBus, Limits


class UntilEnd(Protocol):
    """Ends the program when nobody needs it any more."""

    def connectionLost(self, reason):  # noqa: ARG002, N802 (Twisted's names)
        if reactor.running:  # a signal may have been first
            reactor.stop()


logging.basicConfig(level=logging.WARNING)
log.startLoggingWithObserver(
    lambda event: event["isError"] and sys.stderr.write(log.textFromEventDict(event) + "\n"), setStdout=False
)
limits = {name: int(value) for name, value in (argument.split("=") for argument in sys.argv[2:])}
bus = EmbeddedBus(limits=Limits(**limits))
address = bus.listen(reactor, sys.argv[1])
reactor.addSystemEventTrigger("before", "shutdown", bus.stop)
reactor.callWhenRunning(print, address, flush=True)
stdio.StandardIO(UntilEnd())
reactor.run()
