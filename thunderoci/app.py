"""Wiring: which parts make up the programs `up` and `serve`, and in which order they start."""

import logging
from typing import Any

from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.task import deferLater

from fakedobby.bus import BusConnection, connect
from fakedobby.busaddress import resolve
from fakedobby.daemon import Daemon
from fakedobby.daemoncontrol import DaemonControl
from fakedobby.emulatedclock import EmulatedClock
from fakedobby.emulation import Emulation
from fakedobby.errors import UserError as DobbyUserError
from fakedobby.faults import DOBBY, PLUGIN, TRANSPORT
from fakedobby.operations.daemonside import DaemonSide
from fakedobby.operations.document import BASE
from fakedobby.options import emulation_of, random_of
from fakedobby.program import Program, say_ready
from fakedobby.scenario import NOTHING, put_in_force, scenario_of
from fakedobby.scenariofile import ScenarioFile
from fakedobby.scenariooptions import open_to, taken
from fakedobby.settling import Settling
from thunderoci.buslink import BusLink
from thunderoci.control.about import About
from thunderoci.control.access import Access
from thunderoci.control.api import ControlAPI
from thunderoci.control.operations import Operations
from thunderoci.controller import BOX, Controller
from thunderoci.dobby import DobbyProxy
from thunderoci.errors import UserError
from thunderoci.filewatch import FileWatch
from thunderoci.host import PluginHost
from thunderoci.limits import Limits
from thunderoci.listening import Listening
from thunderoci.ocicontainer import GENERATIONS
from thunderoci.plugin import Plugin
from thunderoci.profiles import FLAVOURS
from thunderoci.quirks import FOUR_WORKERS, NAME_TAKEN, NO_RECONNECT, ONE_QUEUE, chosen
from thunderoci.rest import Rest
from thunderoci.restage import Restage
from thunderoci.scenario import plugins_of
from thunderoci.server import ThunderFactory
from thunderoci.settings import Settings
from thunderoci.workers import WORKERS

log = logging.getLogger(__name__)


class Thunder:
    """A plugin host with its port and its place on a message bus; any number of them can run in one process."""

    def __init__(self, reactor: Any, settings: Settings, emulation: Emulation | None = None) -> None:
        self._reactor = reactor
        self.emulation = emulation or Emulation.on(reactor)
        self._settings = settings
        quirks = settings.quirks
        dobby = DobbyProxy(
            settings.dobby_timeout,
            one_queue=ONE_QUEUE in quirks,
            needs_name=NAME_TAKEN in quirks,
            seconds=self.emulation.clock.seconds,
            journal=self.emulation.journal,
        )
        plugin: Plugin = GENERATIONS[settings.profile](dobby, settings.flavour, quirks)
        controller = Controller(settings.environment)
        self.host = PluginHost(
            settings.flavour,
            controller,
            [plugin, *settings.plugins],
            quirks,
            emulation=self.emulation,
            random=settings.random,
            workers=DeferredSemaphore(WORKERS) if FOUR_WORKERS in quirks else None,
            wait=self._wait,
        )
        controller.host = self.host
        dobby.overlapping = lambda: self.host.switches.on(ONE_QUEUE)
        self.about = About(settings.profile, settings.flavour.name)
        self._factory = ThunderFactory(
            self.host, Rest(self.host, controller), reactor, token=settings.token, limits=settings.limits
        )
        self._dobby = dobby
        self._link: BusLink | None = None
        self._listening: Listening | None = None

    def _wait(self, seconds: float) -> Deferred[None]:
        return deferLater(self.emulation.clock, seconds, lambda: None)  # type: ignore[arg-type]  # ours is the part that it needs

    async def start(self, bus: str) -> None:
        """Go on the bus at an address, activate the plugins, and listen; raises a UserError."""
        reconnects = NO_RECONNECT not in self._settings.quirks
        self._link = BusLink(
            self._reactor,
            bus,
            lambda: connect(self._reactor, bus, self.emulation.clock),
            self._dobby,
            reconnects=reconnects,
        )
        await self._link.start()
        await self.host.start()
        self._listening = Listening(self._reactor, self._settings.host, self._settings.port, self._factory)
        self.about.url, self.about.ws, self.about.bus = self.url, self.ws, bus

    async def stop(self) -> None:
        """Leave the bus, stop listening, and end all connections."""
        if self._link is not None:  # first, so that nobody looks for a bus that ends with us
            await self._link.stop()
        if self._listening is not None:
            await self._listening.stop()

    @property
    def connections(self) -> list[BusConnection]:
        """Our connection to the bus; none while we have lost it."""
        return [] if self._link is None or self._link.connection is None else [self._link.connection]

    def allow_control(self, daemon: DaemonSide | None = None) -> None:
        """Let the control API be used, if whoever started us allows it; `daemon` is a fake Dobby of ours."""
        access = self._settings.control
        self.operations = Operations(
            self.host, self.emulation, self.about, self._reactor, daemon, turns=self._factory.turns
        )
        if access.is_on:
            self._factory.control = ControlAPI(self.operations, access)

    @property
    def control(self) -> str | None:
        """Where the control API is; None when there is none. To be asked for after start()."""
        return None if self._factory.control is None else f"http://{self._open.address}{BASE}/"

    @property
    def url(self) -> str:
        """Where to send JSON-RPC over HTTP; to be asked for after start()."""
        return self._open.url

    @property
    def ws(self) -> str:
        """Where to open a WebSocket; to be asked for after start()."""
        return self._open.ws

    @property
    def _open(self) -> Listening:
        assert self._listening is not None  # noqa: S101 (it is asked for after start())
        return self._listening


class Application:
    """The emulator under a reactor; `options` are those of the command line (thunderoci/cli.py)."""

    def __init__(self, options: Any) -> None:
        self._options = options
        self._program = Program("thunderoci", (UserError,))

    def up(self) -> int:
        """Run a bus, the fake Dobby and the plugin host; return the exit status."""
        return self._program.run(self._up, until_eof=self._options.until_eof)

    def serve(self) -> int:
        """Run the plugin host alone on a bus that is there; return the exit status."""
        return self._program.run(self._serve, until_eof=self._options.until_eof)

    async def _up(self, reactor: Any) -> None:
        defaults = open_to(self._options)
        file = taken(self._options)
        scenario = scenario_of(file) if file else NOTHING
        emulation = emulation_of(self._options, reactor)
        settings = settings_of(self._options, emulation, file)
        put_in_force(scenario, emulation.faults, DOBBY, PLUGIN, TRANSPORT)
        thunder = _ending_with(reactor, settings, emulation)
        thunder.about.progression = self._options.progression
        daemon = Daemon(self._program, self._options, _left, emulation, scenario)
        settle = Settling(lambda: [*thunder.connections, *daemon.connections], lambda: daemon.service is not None)
        control = DaemonControl(daemon, emulation, settle)
        await thunder.start(await daemon.start(reactor))
        thunder.allow_control(control)
        daemon.control.operations = thunder.operations.by_name()
        if file and self._options.watch:
            restage = Restage(file, defaults, thunder.host, daemon, thunder.operations)
            watch = FileWatch(reactor, file.file, lambda: Deferred.fromCoroutine(restage.again()))
            reactor.addSystemEventTrigger("before", "shutdown", watch.stop)
        _say_ready(thunder, settings)

    async def _serve(self, reactor: Any) -> None:
        file = taken(self._options)
        clock = EmulatedClock(reactor)
        emulation = Emulation(clock, clock, random_of(self._options))
        settings = settings_of(self._options, emulation, file)
        put_in_force(scenario_of(file) if file else NOTHING, emulation.faults, PLUGIN, TRANSPORT)
        thunder = _ending_with(reactor, settings, emulation)
        await thunder.start(resolve(self._options.bus))
        thunder.allow_control()
        _say_ready(thunder, settings)


def _say_ready(thunder: Thunder, settings: Settings) -> None:
    """Say READY, when nothing is left to be done: from then on files may change, and ours are counted."""
    say_ready(
        url=thunder.url,
        ws=thunder.ws,
        control=thunder.control,
        bus=thunder.about.bus,
        profile=settings.profile,
        flavour=settings.flavour.name,
    )


def _ending_with(reactor: Any, settings: Settings, emulation: Emulation) -> Thunder:
    """Return a host that stops with the reactor: before a bus of ours does, when this is called before its start."""
    thunder = Thunder(reactor, settings, emulation)
    reactor.addSystemEventTrigger("before", "shutdown", lambda: Deferred.fromCoroutine(thunder.stop()))
    return thunder


def settings_of(options: Any, emulation: Emulation, file: ScenarioFile | None = None) -> Settings:
    """Return what the options and a scenario say about the plugin host; raises a UserError.

    Its chance is the emulation's.
    """
    return Settings(
        profile=options.profile,
        flavour=FLAVOURS[options.flavour],
        quirks=chosen(options.quirk, options.no_quirk, faithful=options.faithful),
        host=options.host,
        port=options.port,
        dobby_timeout=options.dobby_timeout,
        token=options.require_token,
        control=Access(options.host, options.allow_origin, options.control_token),
        limits=Limits(
            idle=options.idle_time,
            head=options.max_head,
            message=options.max_message,
            unread_events=options.max_unread,
        ),
        plugins=plugins_of(file) if file else (),
        random=emulation.random,
        environment={**BOX, **dict(options.env)},
    )


def _left(problem: DobbyUserError | None) -> None:
    """Let the plugin host go on without a Dobby, as it does on a box."""
    if problem is None:
        log.info("the fake Dobby was shut down over D-Bus; the plugin host goes on without it")
    else:
        log.warning("%s The plugin host goes on without it.", problem)
