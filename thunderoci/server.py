"""The port of a plugin host: all connections to it, and what they share."""

from typing import Any

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.protocol import ServerFactory

from fakedobby.openfiles import Room
from fakedobby.turns import Turns
from thunderoci.control.api import ControlAPI
from thunderoci.host import PluginHost
from thunderoci.http import ThunderChannel
from thunderoci.limits import Limits
from thunderoci.rest import Rest

_KEPT = 32
"""How many files clients don't get: for the message bus, bundles, and all else that is opened on the way."""


class ThunderFactory(ServerFactory):
    """Makes a channel for each client that connects; `clock` ends the silent ones."""

    noisy = False

    def __init__(
        self,
        host: PluginHost,
        rest: Rest,
        clock: Any,
        *,
        token: str | None = None,
        limits: Limits | None = None,
        control: ControlAPI | None = None,
    ) -> None:
        self.host = host
        self.rest = rest
        self.clock = clock
        self.token = token
        self.control = control
        self.turns = Turns(clock)
        """What all clients' long messages, and long answers of the control API, share."""
        self.limits = limits or Limits()
        self.switches = host.switches
        self._channels: dict[ThunderChannel, Deferred[None]] = {}
        self._room = Room(_KEPT)

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802, ARG002 (Twisted's names)
        """Return the channel of a new connection; None, which closes it, when there are too many."""
        if not self._room.for_one_more():
            return None
        channel = ThunderChannel()
        self._channels[channel] = Deferred()
        channel.factory = self
        return channel

    def gone(self, channel: ThunderChannel) -> None:
        """Forget a channel whose connection is lost."""
        self._channels.pop(channel).callback(None)

    def hang_up(self) -> "Deferred[Any]":
        """End all connections; fires when they are gone."""
        for channel in self._channels:
            channel.transport.abortConnection()
        return DeferredList(list(self._channels.values()))
