"""What the control API does: all that it does with a fake daemon, and more with the host (fakedobby/operations)."""

import logging
from typing import Any

from fakedobby.emulation import Emulation
from fakedobby.faults import DOBBY, Fault
from fakedobby.operations import document
from fakedobby.operations.daemonside import DaemonSide
from fakedobby.operations.operations import Operations as DaemonOperations
from fakedobby.turns import Turns
from thunderoci.control.about import About
from thunderoci.control.hostside import HostSide
from thunderoci.host import PluginHost
from thunderoci.ocicontainer import CALLSIGN

log = logging.getLogger(__name__)


class Operations(DaemonOperations):
    """Everything that the control API can do with one emulator; without a `daemon` what concerns containers is refused.

    `base` is the real clock, by which a request waits, and `turns` are those of the port.
    """

    def __init__(
        self,
        host: PluginHost,
        emulation: Emulation,
        about: About,
        base: Any,
        daemon: DaemonSide | None = None,
        *,
        turns: Turns | None = None,
    ) -> None:
        self._host = HostSide(host)
        super().__init__(emulation, base, about.progression, daemon, self._host, turns=turns)
        self._about = about

    async def restart(self) -> None:
        """Reset everything to a start with the faults that are in force now; raises a ControlError."""
        self._faults.take_for_first()
        await self.call("resetState", {})

    async def add_fault(self, arguments: dict[str, Any]) -> Any:
        """Put a fault in force, and let the log say when no plugin has what it is for."""
        added = await self._faults.add_fault(arguments)
        fault = Fault.of(added)
        if fault.place != DOBBY and not self._host.has_methods_of(fault):
            log.warning(
                "the fault %s is for %r, and no plugin has a method of such a name; without a dot it means those of %s",
                fault.id,
                fault.method,
                CALLSIGN,
            )
        return added

    async def get_open_api(self, _: dict[str, Any]) -> Any:
        """Return the document."""
        return document.document()

    async def get_status(self, arguments: dict[str, Any]) -> Any:
        """Return all that is worth a look at once."""
        about = self._about
        return {
            "url": about.url,
            "ws": about.ws,
            "bus": about.bus,
            "profile": about.profile,
            "flavour": about.flavour,
            **await super().get_status(arguments),
            "plugins": self._host.plugins(),
            "subscriptions": self._host.listeners,
            "connections": self._host.connections,
        }
