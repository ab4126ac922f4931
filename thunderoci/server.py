"""The port of a plugin host: all connections to it, and what they share."""

import logging
import resource
from typing import Any

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.protocol import ServerFactory

from thunderoci.control.api import ControlAPI
from thunderoci.host import PluginHost
from thunderoci.http import ThunderChannel
from thunderoci.limits import Limits
from thunderoci.rest import Rest

log = logging.getLogger(__name__)

_KEPT = 32
"""File descriptors that clients don't get: for the message bus, bundles, and all else that is opened on the way."""


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
        self.limits = limits or Limits()
        self.switches = host.switches
        self._channels: dict[ThunderChannel, Deferred[None]] = {}
        self._refused = 0

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802, ARG002 (Twisted's names)
        """Return the channel of a new connection; None, which closes it, when there are too many."""
        if not self._has_room():
            return None
        channel = ThunderChannel()
        self._channels[channel] = Deferred()
        channel.factory = self
        return channel

    def _has_room(self) -> bool:
        """Tell whether there are file descriptors for one more client; the log says when that changes."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = max(files - _KEPT, 1)
        if files != resource.RLIM_INFINITY and len(self._channels) >= most:
            self._refused += 1
            if self._refused == 1:
                log.warning(
                    "refused a client, and refuses all others while there are %d: 'ulimit -n' allows %d open files, "
                    "and %d of them are kept for other things",
                    most,
                    files,
                    _KEPT,
                )
            return False
        if self._refused:
            log.warning("takes clients again; %d were refused", self._refused)
            self._refused = 0
        return True

    def gone(self, channel: ThunderChannel) -> None:
        """Forget a channel whose connection is lost."""
        self._channels.pop(channel).callback(None)

    def hang_up(self) -> "Deferred[Any]":
        """End all connections; fires when they are gone."""
        for channel in self._channels:
            channel.transport.abortConnection()
        return DeferredList(list(self._channels.values()))
