"""The plugin host: finds the plugin that a request means and gives the answer that Thunder would give.

Source of the rules: facts/thunder.md B and C.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from random import Random

from fakedobby.clock import StillClock
from fakedobby.emulation import Emulation
from fakedobby.faults import PLUGIN
from thunderoci.callsigns import Callsigns, Found
from thunderoci.conversations import Conversations
from thunderoci.designator import Designator, parse_designator
from thunderoci.errors import Failed, Failure, RPCError
from thunderoci.faulty import FaultyPlugins, Names, names_of
from thunderoci.limits import NOTED_EVENTS, SUBSCRIPTIONS
from thunderoci.message import Rejected, Request, Response, write_error, write_event, write_rejection, write_result
from thunderoci.messagepool import MessagePool
from thunderoci.plugin import Call, Emit, Plugin
from thunderoci.profiles import Flavour
from thunderoci.quirks import (
    ESCAPED_QUOTES,
    FOUR_WORKERS,
    NONE,
    NULL_ANSWERS,
    RAW_UTF8,
    TEXT_NULL,
    VERSION_NUMBER,
    Quirk,
    Quirks,
    Switches,
)
from thunderoci.rawjson import Raw, quote, text_of
from thunderoci.service import Service, State
from thunderoci.subscriptions import Client
from thunderoci.workers import WORKERS, Workers

log = logging.getLogger(__name__)

CONTROLLER = "Controller"
EVERYWHERE = ("register", "unregister", "exists")
"""The methods that the host itself gives to every plugin."""


async def _at_once(_seconds: float) -> None:
    """Wait for nothing, in a host without a clock."""


class PluginHost:
    """Answers JSON-RPC messages from the methods of its plugins; the first plugin is the Controller.

    Its plugins are deactivated until start(). `wait(seconds)` waits on the emulation's clock.
    """

    def __init__(
        self,
        flavour: Flavour,
        controller: Plugin,
        plugins: Iterable[Plugin],
        quirks: Quirks = NONE,
        *,
        emulation: Emulation | None = None,
        random: Random | None = None,
        workers: Workers | None = None,
        wait: Callable[[float], Awaitable[object]] = _at_once,
    ) -> None:
        self.emulation = emulation or Emulation.on(StillClock())
        self.flavour = flavour
        self.quirks = quirks
        self.switches = Switches(quirks)
        self._pool = MessagePool(random or Random()) if quirks & {VERSION_NUMBER, NULL_ANSWERS} else None  # noqa: S311 (no secret)
        self._workers = workers
        self._faulty = FaultyPlugins(self.emulation, wait, self.emit)
        self._running = 0
        self.conversations = Conversations(self.emulation)
        self.clients = self.conversations.clients
        self._dialect = flavour.dialect(quirks)
        self._callsigns = Callsigns((controller, *plugins))

    def __iter__(self) -> Iterator[Service]:
        return iter(self._callsigns)

    async def start(self) -> None:
        """Activate every plugin, in their order."""
        for service in self:
            await self.activate(service)

    def service_at(self, callsign: str) -> Service | None:
        """Return the plugin of exactly this callsign, in its host."""
        return self._callsigns.at(callsign)

    async def activate(self, service: Service) -> None:
        """Make a plugin work; does nothing when it works already."""
        if service.active:
            return
        service.state = State.ACTIVATED  # first, as in deactivate(): meanwhile others call, and see what is asked for
        await service.plugin.activate(self._emitter(service))

    async def deactivate(self, service: Service, state: State = State.DEACTIVATED) -> None:
        """Stop a plugin and drop the subscriptions to it; `state` is what it is then."""
        works, service.state = service.active, state
        if works:
            service.subscriptions.clear()
            await service.plugin.deactivate()

    def connect(self, client: Client) -> None:
        """Take up a client that has connected."""
        self.clients.add(client)

    def disconnect(self, client: Client) -> None:
        """Forget a client whose connection is gone."""
        self.conversations.forget(client)
        for service in self:
            service.subscriptions.forget(client)

    def emit(self, callsign: str, event: str, params: Raw) -> None:
        """Tell the subscribers of a plugin's event, in the order of their subscriptions."""
        service = self._callsigns.at(callsign)
        if service is None or not service.active:
            return
        subscribers = service.subscriptions.of(event)
        if len(subscribers) > NOTED_EVENTS:
            self.conversations.event_to_others(len(subscribers) - NOTED_EVENTS, event, params)
        for number, (client, client_id) in enumerate(subscribers):
            designator = f"{client_id}.{event}"
            if number < NOTED_EVENTS:
                self.conversations.event(client, designator, params)
            client.push(self._sent(write_event(designator, params)))

    def _emitter(self, service: Service) -> Emit:
        return lambda event, params: self.emit(service.plugin.callsign, event, params)

    async def replace(self, plugins: Iterable[Plugin]) -> None:
        """Have these plugins, activated, in the place of all but the Controller and the one after it."""
        for service in list(self)[2:]:
            await self.deactivate(self._callsigns.remove(service.plugin.callsign))
        for plugin in plugins:
            await self.activate(self._callsigns.add(plugin))

    async def reset(self) -> None:
        """Activate all plugins, drop all subscriptions and count connections from 1 again, without an event."""
        for service in self:
            service.subscriptions.clear()
            await self.activate(service)
        self.conversations.reset()

    def rejected(self, rejected: Rejected, client: Client, text: bytes) -> Response | None:
        """Return the answer to a client's text that is no request; None when a quirk keeps the host silent."""
        self._spoil(rejected.spoils)
        entry, number = self.conversations.rejection(rejected, client, text)
        if self.switches.on(rejected.quirk):
            return None
        log.info("rejected a request: %s", rejected)
        response = write_rejection(rejected.error)
        self.conversations.refusal(entry, number, response.body)
        return response

    async def handle(self, request: Request, client: Client, direct: Service | None = None) -> Response | None:
        """Return the answer to a request; None for a notification, which has none.

        `direct` is the plugin that the path of the request names; the callsign in the message does not count then.
        """
        number = self.conversations.request(request, client, direct.plugin.callsign if direct else None)
        begun = self.emulation.clock.seconds()
        if request.spoils is not None:
            self._spoil(request.spoils)
        if request.params is not None:
            self._notice(request.params)
        if self._workers is not None:
            await self._workers.acquire()
        elif self._running == WORKERS:
            self.switches.on(FOUR_WORKERS)
        self._running += 1
        try:
            response = await self._response(request, client, direct)
        finally:
            self._running -= 1
            if self._workers is not None:
                self._workers.release()
        if request.id is None:
            return None
        if self._pool is not None:
            response = response._replace(body=self._pool.send(response.body))
        self.conversations.answer(number, response.body, begun)
        return response

    def _spoil(self, quirk: Quirk | None) -> None:
        """Let a message spoil later answers, if that is switched on."""
        if quirk is not None and self.switches.on(quirk) and self._pool is not None:
            self._pool.spoil(quirk)

    def _notice(self, params: Raw) -> None:
        """Let the log say what a box makes of params where we take them as JSON means them."""
        if self.flavour.old_parser and '\\"' in params:
            self.switches.on(ESCAPED_QUOTES)
        if self.flavour.old_parser and not params.isascii():
            self.switches.on(RAW_UTF8)
        if '"null"' in params:
            self.switches.on(TEXT_NULL)

    async def _response(self, request: Request, client: Client, direct: Service | None) -> Response:
        request_id = request.id or 0
        try:
            return write_result(request_id, await self._invoke(request, client, direct))
        except Failed as failed:
            log.info("%s failed: %s", request.method, failed)
            failure = failed.failure
        except RPCError as error:
            return write_error(request_id, error)
        except Exception:
            log.exception("%s broke; this is a defect of ours, please report it", request.method)
            failure = Failure.GENERAL
        return write_error(request_id, RPCError(*self.flavour.errors[failure]))

    def _sent(self, message: bytes) -> bytes:
        return message if self._pool is None else self._pool.send(message)

    async def _invoke(self, request: Request, client: Client, direct: Service | None) -> Raw:
        designator = parse_designator(request.method)
        found = (direct, designator.version) if direct else self._callsigns.find(designator)
        if PLUGIN not in self.emulation.faults.places:
            return await self._carry_out(designator, found, request, client, direct)
        service = found[0]
        return await self._faulty.call(
            service.plugin.callsign,
            designator.method,
            request.params,
            lambda: self._carry_out(designator, found, request, client, direct),
            None if service.plugin.callsign == CONTROLLER else lambda: self.deactivate(service),
        )

    async def _carry_out(
        self, designator: Designator, found: Found, request: Request, client: Client, direct: Service | None
    ) -> Raw:
        service, version = found
        plugin = service.plugin
        if not service.active:
            inactive = Failure.INACTIVE_DIRECT if direct else Failure.INACTIVE
            raise Failed(inactive, f"{plugin.callsign} is {service.state.value}")
        call = Call(request.params, designator.instance, client, self._dialect)
        match designator.method:
            case "register" | "unregister":
                return self._subscribe(service, designator.method == "register", call)
            case _ if version not in (None, plugin.version.major):
                raise Failed(Failure.UNSUPPORTED_VERSION, f"{plugin.callsign} has version {plugin.version.major} only")
            case "exists":
                return self.flavour.exists[request.params in plugin.methods]
        method = plugin.methods.get(designator.method)
        if method is None:
            raise Failed(Failure.UNKNOWN_METHOD, f"{plugin.callsign} has no method {designator.method!r}")
        return await method(call)

    def _subscribe(self, service: Service, begin: bool, call: Call) -> Raw:
        """Begin or end a subscription: no name of an event is checked, and no type."""
        event, client_id = (text_of(call.members.get(name, "null")) for name in ("event", "id"))
        subscriptions = service.subscriptions
        if begin and call.client not in self.clients:
            return "0"  # it has gone while it waited for a worker, and would never be forgotten
        if begin and sum(one.subscriptions.made_by(call.client) for one in self) >= SUBSCRIPTIONS:
            call.client.log_refusal(SUBSCRIPTIONS)
            raise Failed(Failure.REGISTERED_ALREADY, f"its connection has {SUBSCRIPTIONS} subscriptions already")
        if begin and not subscriptions.add(event, call.client, client_id):
            raise Failed(Failure.REGISTERED_ALREADY, f"{quote(client_id)} listens to {event} already")
        if not begin and not subscriptions.remove(event, call.client, client_id):
            raise Failed(Failure.NOT_REGISTERED, f"{quote(client_id)} does not listen to {event}")
        return "0"

    def names_of(self, request: Request, direct: Service | None) -> Names:
        """Return what the call of a request goes by where faults are looked for."""
        designator = parse_designator(request.method)
        try:
            callsign = (direct or self._callsigns.find(designator)[0]).plugin.callsign
        except Failed:
            callsign = designator.callsign or CONTROLLER
        return names_of(callsign, designator.method)
