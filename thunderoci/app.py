"""Wiring: which parts make up the programs `up` and `serve`, and in which order they start."""

import time
from typing import Any

from twisted.internet.error import CannotListenError

from fakedobby.bus import BusConnection, PrivateBus, connect, resolve
from fakedobby.embeddedbus import EmbeddedBus
from fakedobby.errors import UserError as DobbyUserError
from fakedobby.program import Program, say_ready
from fakedobby.service import DobbyService
from fakedobby.settings import Settings
from fakedobby.timings import PROGRESSIONS
from thunderoci.dobby import DobbyProxy
from thunderoci.errors import CannotListen, UserError
from thunderoci.host import PluginHost
from thunderoci.http import ThunderFactory
from thunderoci.ocicontainer import OCIContainer
from thunderoci.profiles import FLAVOURS


class Application:
    """The emulator under a reactor; `options` are those of the command line (thunderoci/cli.py)."""

    def __init__(self, options: Any) -> None:
        self._options = options
        self._program = Program("thunderoci", (UserError, DobbyUserError))

    def up(self) -> int:
        """Run a bus of our own, the fake Dobby and the plugin host; return the exit status."""
        return self._program.run(self._up)

    def serve(self) -> int:
        """Run the plugin host alone on a bus that is there; return the exit status."""
        return self._program.run(lambda reactor: self._serve(reactor, self._options.bus))

    async def _up(self, reactor: Any) -> None:
        bus = EmbeddedBus() if self._options.bus == "embedded" else PrivateBus()
        reactor.addSystemEventTrigger("before", "shutdown", bus.stop)
        address = bus.start(reactor)
        connection = await self._connect(reactor, address)
        timings = PROGRESSIONS[self._options.progression]
        await DobbyService(connection, reactor, Settings(timings=timings), uptime=time.monotonic()).publish()
        await self._serve(reactor, address)

    async def _serve(self, reactor: Any, bus: str) -> None:
        options = self._options
        flavour = FLAVOURS[options.flavour]
        dobby = DobbyProxy(await self._connect(reactor, bus))
        await dobby.introduce()
        host = PluginHost(flavour, [OCIContainer(dobby, flavour)])
        try:
            port = reactor.listenTCP(options.port, ThunderFactory(host, reactor), interface=options.host)
        except CannotListenError as problem:
            reason = getattr(problem.socketError, "strerror", None) or problem.socketError
            raise CannotListen(port=options.port, host=options.host, reason=reason) from None
        say_ready(
            url=f"http://{_in_url(options.host)}:{port.getHost().port}/jsonrpc",
            ws=None,  # WebSocket and the control API are to come; the keys are there for those who read the line
            control=None,
            bus=resolve(bus),
            profile=options.profile,
            flavour=options.flavour,
        )

    async def _connect(self, reactor: Any, bus: str) -> BusConnection:
        connection = await connect(reactor, bus)
        self._program.needs(connection, resolve(bus))
        return connection


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
