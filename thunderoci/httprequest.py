"""One HTTP request, and its answer as Thunder gives it.

Source of the rules: facts/thunder.md A.
"""

import logging
from hmac import compare_digest
from typing import Any
from urllib.parse import unquote_to_bytes

from twisted.internet.defer import CancelledError, Deferred

from fakedobby.faults import TRANSPORT, Fault
from thunderoci import answer as answers
from thunderoci.answer import Answer, Pieces
from thunderoci.control.api import ControlAPI
from thunderoci.faulty import Names, container_of
from thunderoci.host import CONTROLLER, PluginHost
from thunderoci.message import AT_ONCE, Rejected, parse_in_slices, parse_request
from thunderoci.message import Request as Call
from thunderoci.paths import NoCallsign, NoVersion, Place, Tree, place_of, service_at
from thunderoci.quirks import NO_PREFLIGHT, PIPELINE_ORDER, SILENCE
from thunderoci.requesthead import RequestHead
from thunderoci.rest import Rest
from thunderoci.service import Service
from thunderoci.websocket_frames import handshake, offered_protocol

log = logging.getLogger(__name__)

_DEFECT = "answering %r broke; this is a defect of ours, please report it"
_RUBBISH = b"\xff\x00 rubbish \x00\xff\r\n\r\n"


class ThunderRequest:
    """One HTTP request and its answer."""

    _call: tuple[Call, Service | None] | None = None
    """The JSON-RPC call that was in it, and the plugin that its path named."""
    _fault: Fault | None = None
    """What strikes its answer."""

    def __init__(self, channel: Any, head: RequestHead, body: bytes) -> None:
        self.channel = channel
        self.head = head
        self.body = body

    def process(self) -> None:
        """Answer the request, at once or when the plugin is done."""
        channel, head = self.channel, self.head
        host: PluginHost = channel.factory.host
        if (control := channel.control(head)) is not None:
            answering = Deferred.fromCoroutine(self._answer_by(control, channel))
            if head.verb in {b"GET", b"HEAD"}:  # nothing is left half done
                channel.pending.add(answering)
            return
        token = channel.factory.token
        allowed = token is None or self._allowed(token)
        if head.wants_upgrade and allowed:
            self._upgrade(host)
            return
        if not allowed:
            self._send(answers.FORBIDDEN if head.wants_upgrade else answers.UNAUTHORIZED, channel)
            return
        in_order = head.wants_close or PIPELINE_ORDER not in host.quirks
        answering = Deferred.fromCoroutine(self._carry_out(host, channel, in_order))
        if not in_order:
            channel.go_on_beside(answering)

    def _allowed(self, token: str) -> bool:
        """Tell whether the request carries the token, in its headers or its query (facts/thunder.md F)."""
        scheme, _, given = (self.head.all(b"authorization") or [b""])[-1].partition(b" ")
        offered = [given.strip()] if scheme.lower() == b"bearer" else []
        for pair in self.head.target.partition(b"?")[2].split(b"&"):
            name, _, value = pair.partition(b"=")
            if name == b"token":
                offered.append(unquote_to_bytes(value))
        return any(compare_digest(one, token.encode()) for one in offered)

    def _upgrade(self, host: PluginHost) -> None:
        head = self.head
        place = place_of(head.target)
        try:
            service = None if place is None else service_at(host, place.below)
        except (NoCallsign, NoVersion):
            service = None
        if place is None or service is None:
            self._send(answers.NO_SOCKET, self.channel)
            return
        protocol = offered_protocol(head.all(b"sec-websocket-protocol"))
        key = (head.all(b"sec-websocket-key") or [b""])[-1]
        takes_calls = place.tree is Tree.JSONRPC or protocol == b"jsonrpc"
        self.channel.upgrade(handshake(key, protocol), _direct(service), takes_calls=takes_calls)

    async def _answer_by(self, control: ControlAPI, channel: Any) -> None:
        try:
            answer = await control.answer(self.head, self.body)
            if answer.pieces is None:
                self._send(answer, channel)
            else:
                await self._send_in_pieces(answer, answer.pieces, channel)
        except CancelledError:
            log.debug("gave %r up: its client has gone", self.head.target)
        except Exception as problem:  # noqa: BLE001 (as below)
            self._broken(problem)

    async def _send_in_pieces(self, answer: Answer, pieces: Pieces, channel: Any) -> None:
        """Send one piece after another as the client reads them; what else there is for it has to wait."""
        outbox = channel.outbox
        outbox.hold()
        try:
            outbox.drip(bytes(answer))
            while pieces.left > 0:
                piece = await pieces.next()
                await channel.room()
                if outbox.closed:
                    return
                outbox.drip(piece)
        finally:
            pieces.close()
            outbox.let_go()
        self._sent(answer, in_order=True)

    async def _carry_out(self, host: PluginHost, channel: Any, in_order: bool) -> None:
        """Answer the request; a fault strikes the answer here, where its cause is known."""
        try:
            answer = await self._ask(host, channel, self.body)
            faults = host.emulation.faults
            if answer is not None and TRANSPORT in faults.places:
                names, container = self._met_as(host)
                for fault in faults.strike(TRANSPORT, names, container):
                    self._fault = fault
        except Exception:
            log.exception(_DEFECT, self.head.target)
            answer = answers.BROKEN
        try:
            self._send(answer, channel, in_order)
        except Exception as problem:  # noqa: BLE001 (whatever it is, the client would wait for ever)
            self._broken(problem)

    async def _ask(self, host: PluginHost, channel: Any, body: bytes) -> Answer | None:
        """Return the answer; None when the client gets none."""
        head = self.head
        if not head.verb_is_known:
            return answers.UNKNOWN_VERB
        if body and head.mentions(b"content-encoding", b"gzip"):
            return None if channel.switches.on(SILENCE) else answers.ENCODED
        place = place_of(head.target)
        if place is None:
            return self._elsewhere()
        if place.tree is Tree.SERVICE:
            return await self._service(host, place)
        return await self._jsonrpc(host, channel, place, body)

    def _elsewhere(self) -> Answer:
        if self.head.target.partition(b"?")[0].partition(b"#")[0] != b"/":
            return answers.NOT_FOUND
        host = self.channel.getHost()
        location = b"Location: /Service/Controller/UI?ip=%b&port=%d\r\n" % (host.host.encode(), host.port)
        return answers.no_plugin(b"301 MOVED_PERMANENTLY", location)

    async def _service(self, host: PluginHost, place: Place) -> Answer:
        if self.head.verb == b"OPTIONS":
            return answers.preflight()
        callsign, _, path = place.below.partition(b"/")
        if callsign in {b"", CONTROLLER.encode()}:
            rest: Rest = self.channel.factory.rest
            return await rest.controller(self.head.verb, path)
        try:
            service = service_at(host, place.below)
        except NoCallsign:
            return answers.no_plugin(host.flavour.no_callsign)
        except NoVersion:
            return answers.NO_VERSION
        return answers.NOT_LOADED if service.active else answers.DEACTIVATED

    async def _jsonrpc(self, host: PluginHost, channel: Any, place: Place, body: bytes) -> Answer | None:
        try:
            service = service_at(host, place.below)
        except NoCallsign:
            return answers.no_plugin(host.flavour.no_callsign)
        except NoVersion:
            return answers.NO_VERSION
        if not body:
            return await self._without_message(channel, service)
        if self.head.verb != b"POST":
            return answers.NOT_POST
        return await self._message(host, channel, service, body)

    async def _message(self, host: PluginHost, channel: Any, service: Service, body: bytes) -> Answer | None:
        try:
            if len(body) <= AT_ONCE:
                request = parse_request(body, host.flavour, host.quirks)
            else:
                steps = parse_in_slices(body, host.flavour, host.quirks)
                request = await channel.pending.add(Deferred.fromCoroutine(channel.factory.turns.take(steps)))
        except CancelledError:
            return None
        except Rejected as rejected:
            response = host.rejected(rejected, channel.client, body)
            return None if response is None else answers.of_call(response)
        direct = _direct(service)
        self._call = request, direct
        response = await host.handle(request, channel.client, direct)
        if response is not None:
            return answers.of_call(response)
        return None if channel.switches.on(SILENCE) else answers.NOTIFIED

    async def _without_message(self, channel: Any, service: Service) -> Answer:
        """Answer what is no JSON-RPC, but a question to the plugin itself; only the Controller takes any."""
        head = self.head
        asked = head.all(b"access-control-request-method")
        if head.verb == b"OPTIONS" and asked and not channel.switches.on(NO_PREFLIGHT):
            return answers.preflight(b", ".join(head.all(b"access-control-request-headers")) or b"Content-Type")
        if service.plugin.callsign == CONTROLLER:
            rest: Rest = channel.factory.rest
            return await rest.controller(head.verb)
        return answers.NO_RESPONSE

    def _send(self, answer: Answer | None, channel: Any, in_order: bool = True) -> None:
        if answer is not None and self._fault is not None:
            self._spoil(answer, self._fault, channel, in_order)
            return
        if answer is not None:
            channel.outbox.write(bytes(answer))
        self._sent(answer, in_order)

    def _spoil(self, answer: Answer, fault: Fault, channel: Any, in_order: bool) -> None:
        """Do with the answer what a fault wants."""
        channel.wire.send(
            fault,
            bytes(answer),
            lambda text: _RUBBISH if text is None else bytes(answer._replace(body=text.encode())),
            head=len(bytes(answer)) - len(answer.body or b""),
            done=lambda: self._sent(answer, in_order),
        )

    def _met_as(self, host: PluginHost) -> tuple[Names, str | None]:
        """Return what faults know the request by: the call in it, or its verb, or nothing on a path of our own."""
        if self._call is not None:
            request, direct = self._call
            return host.names_of(request, direct), container_of(request.params)
        return () if place_of(self.head.target) is None else (self.head.verb.decode("latin-1"),), None

    def _sent(self, answer: Answer | None, in_order: bool) -> None:
        if in_order:
            closes = answer is not None and answer.by_plugin and self.head.wants_close
            self.channel.request_done(last=closes)

    def _broken(self, problem: BaseException) -> None:
        """Cut the connection of a request that can't be answered: nobody else would tell its client."""
        log.error(_DEFECT, self.head.target, exc_info=problem)
        self.channel.outbox.cut()


def _direct(service: Service) -> Service | None:
    """Return the plugin when calls go straight to it; the Controller looks for theirs."""
    return None if service.plugin.callsign == CONTROLLER else service
