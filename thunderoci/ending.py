"""How one client's connection ends: when all is sent, when the client had time to read the last of it, or cut."""

from typing import Any

from thunderoci.limits import Limits
from thunderoci.outbox import Outbox
from thunderoci.silence import Silence

FAREWELL = 15
"""Seconds that a connection may take to end, with all that is still to be sent, before it is cut."""


class Ending:
    """The end of the connection that `transport` is, which comes by itself when its client is silent for too long."""

    deaf = False
    """Whether what still comes in is thrown away."""
    _begun = False
    """Whether nothing is answered any more."""
    _produces = True
    """Whether the transport tells when it is full."""
    _abortion: Any = None

    def __init__(self, transport: Any, outbox: Outbox, clock: Any, limits: Limits) -> None:
        self._transport = transport
        self._outbox = outbox
        self._clock = clock
        self._limits = limits
        self.silence = Silence(clock, self._idle)
        self.silence.allow(limits.idle)

    def when_sent(self) -> None:
        """End the connection when everything is sent, or after the idle time: its client may not read."""
        if self._begun:
            return
        self._begun = True
        self._outbox.end()
        if not self.deaf:  # then less time was given already
            self.silence.allow(self._limits.idle)
        self._stop_producing()
        self._transport.loseConnection()

    def when_read(self, last: bytes) -> None:
        """Send the last bytes, and cut the connection when the client had time to read them.

        If it were cut at once, with bytes of the client still unread, the client's system would throw the answer away.
        """
        self.deaf = True
        self._outbox.write(last)
        self._outbox.end()
        self._stop_producing()
        self._transport.loseWriteConnection()
        self.silence.allow(self._limits.linger)

    def lost(self) -> None:
        """Do nothing more: there is no connection."""
        self._begun = True
        self.silence.stop()
        if self._abortion is not None and self._abortion.active():
            self._abortion.cancel()

    def _idle(self) -> None:
        """End the connection of a client that was silent for too long, and cut it if that can't be done in time."""
        if self._abortion is None:  # a connection that ends may be silent for too long once more
            self._abortion = self._clock.callLater(FAREWELL, self._transport.abortConnection)
        self.when_sent()

    def _stop_producing(self) -> None:
        """Hear no more whether the client reads: a transport that has a producer does not end, but asks it for more."""
        if self._produces:
            self._produces = False
            self._transport.unregisterProducer()
