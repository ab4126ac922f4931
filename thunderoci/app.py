"""Wiring: which parts make up the programs `up` and `serve`, and in which order they start."""

import logging
from typing import Any

from twisted.internet.error import CannotListenError

from fakedobby.bus import connect
from fakedobby.busaddress import resolve
from fakedobby.daemon import Daemon
from fakedobby.errors import UserError as DobbyUserError
from fakedobby.program import Program, say_ready
from thunderoci.dobby import DobbyProxy
from thunderoci.errors import CannotListen, UserError
from thunderoci.host import PluginHost
from thunderoci.http import ThunderFactory
from thunderoci.ocicontainer import OCIContainer
from thunderoci.profiles import FLAVOURS

log = logging.getLogger(__name__)


class Application:
    """The emulator under a reactor; `options` are those of the command line (thunderoci/cli.py)."""

    def __init__(self, options: Any) -> None:
        self._options = options
        self._program = Program("thunderoci", (UserError, DobbyUserError))

    def up(self) -> int:
        """Run a bus, the fake Dobby and the plugin host; return the exit status."""
        return self._program.run(self._up)

    def serve(self) -> int:
        """Run the plugin host alone on a bus that is there; return the exit status."""
        return self._program.run(lambda reactor: self._serve(reactor, resolve(self._options.bus)))

    async def _up(self, reactor: Any) -> None:
        daemon = Daemon(self._program, self._options, _left)
        await self._serve(reactor, await daemon.start(reactor))

    async def _serve(self, reactor: Any, bus: str) -> None:
        options = self._options
        flavour = FLAVOURS[options.flavour]
        connection = await connect(reactor, bus)
        self._program.needs(connection, bus)
        dobby = DobbyProxy(connection)
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
            bus=bus,
            profile=options.profile,
            flavour=options.flavour,
        )


def _left(problem: DobbyUserError | None) -> None:
    """Let the plugin host go on without a Dobby, as it does on a box."""
    if problem is None:
        log.info("the fake Dobby was shut down over D-Bus; the plugin host goes on without it")
    else:
        log.warning("%s The plugin host goes on without it.", problem)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
