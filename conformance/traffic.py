"""Judges WebSocket traffic that was recorded: what was sent on each connection and what came, in their order."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from conformance import anyjson
from conformance.asked import Asked, Kind, asked
from conformance.judge import REAL, Judge, same, shown, text
from conformance.offline import Exchanges, explained, plugin, readable
from conformance.rawhttp import Answer, Received, answer, header, received
from conformance.spec import Specification
from conformance.verdict import Breach, Finding, Verdict, verdict_of

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
_LARGE = 65535
"""Bytes of a message above which real devices lose the connection."""
_SWITCHED = 101
_ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY_BYTES = 16


@dataclass(slots=True)
class _Request:
    """A message that was sent and waits for its answer."""

    about: Asked
    said: str
    demanded: bool
    before: int
    """How many messages were sent before it."""
    large: bool


@dataclass(slots=True)
class _Connection:
    """A WebSocket: what is waited for on it, and who is subscribed there to what."""

    path: str
    open: bool
    served: bool
    waiting: list[_Request] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    large: bool = False
    """Whether one of them was larger than real devices bear."""
    fragments: list[bytes] = field(default_factory=list)
    binary: bool = False
    pings: list[bytes] = field(default_factory=list)
    closing: bool = False
    closed: bool = False
    subscribed: set[tuple[str, str]] = field(default_factory=set)
    once: set[tuple[str, str]] = field(default_factory=set)
    """What was subscribed to at any time."""
    any_event: bool = False
    """Whether something was subscribed to in a way that nothing says the meaning of."""


class Traffic:
    """What is said on WebSockets, and by HTTP beside them; it is told of it, and says at last what is wrong.

    Connections have names. Answers are known by their ids; what has another id belongs to what cannot be read, if such
    a thing was sent, and to nothing otherwise. Events belong to the subscriptions of their connection.
    """

    def __init__(self, specification: Specification, *, dobby: str = REAL, callsign: str | None = None) -> None:
        self._spec = specification
        self._dobby = dobby
        self._exchanges = Exchanges(Judge(specification, dobby=dobby), callsign or plugin(specification))
        self._connections: dict[str, _Connection] = {}
        self.breaches: list[Breach] = []

    def connected(self, name: str, request: bytes | Received, response: bytes | Answer | None) -> None:
        """Tell of a handshake and its answer."""
        got = received(request) if isinstance(request, bytes) else request
        came = answer(response) if isinstance(response, bytes) else response
        switched = came is not None and came.status == _SWITCHED
        served = self._exchanges.served(got.path)
        self._connections[name] = _Connection(got.path, switched, served)
        if served and got.upgrades and _is_key(header(got.headers, "Sec-WebSocket-Key")):
            said = f"{got.verb} {got.target}"
            self._note(_handshake(got, came), said, None if came is None else readable(came.body))

    def sent(self, name: str, message: str | bytes) -> None:
        """Tell of a message that was sent: text, or bytes in a binary one."""
        data, opcode = (message.encode(), TEXT) if isinstance(message, str) else (message, BINARY)
        self.sent_frame(name, opcode, data)

    def sent_frame(self, name: str, opcode: int, data: bytes, *, end: bool = True, proper: bool = True) -> None:
        """Tell of a frame; one that is not ``proper`` (no mask, reserved bits) need not be understood."""
        connection = self._connections[name]
        match opcode:
            case _ if not connection.open:
                return
            case _ if opcode == PING:
                connection.pings.append(data)
            case _ if opcode == CLOSE:
                connection.closing = True
            case _ if opcode in {TEXT, BINARY, CONTINUATION}:
                if opcode != CONTINUATION:
                    connection.binary, connection.fragments = opcode == BINARY, []
                connection.fragments.append(data)
                if end:
                    whole, connection.fragments = b"".join(connection.fragments), []
                    self._asks(connection, whole, understood=proper and not connection.binary)

    def came(self, name: str, message: str) -> None:
        """Tell of a text message that came."""
        connection = self._connections[name]
        try:
            read = anyjson.load(message)
        except (ValueError, RecursionError):
            read = None
        if isinstance(read, dict) and isinstance(read.get("method"), str) and "id" not in read:
            self._note(self._event(connection, message, read), "", message)
            return
        request = _answered(connection, read)
        if request is None:
            expected = "only answers to requests, and events"
            self._note([Finding("websocket.answer", "$", expected, shown(message))], "", message)
            return
        connection.waiting.remove(request)
        judgement, findings = self._exchanges.message(request.about, connection.path, message)
        self._note(findings, request.said, message)
        if "result" in judgement.message:
            _subscribe(connection, request.about)

    def came_frame(self, name: str, opcode: int, data: bytes) -> None:
        """Tell of any other frame that came."""
        connection = self._connections[name]
        if opcode == PONG and connection.pings:
            ping = connection.pings.pop(0)
            if ping != data:
                self._note([Finding("websocket.pong", "$", text(readable(ping)), text(readable(data)))], "ping", "pong")
        elif opcode == CLOSE:
            connection.closed = True

    def ended(self, name: str, *, by_target: bool = False) -> None:
        """Tell that a connection is over; what the target leaves unanswered is no less so, unless a close was asked."""
        connection = self._connections.pop(name, None)
        if connection is not None and by_target:
            self._outstanding(connection)

    def exchanged(self, request: bytes | Received, response: bytes | Answer | None) -> None:
        """Tell of an HTTP exchange beside the connections."""
        got = received(request) if isinstance(request, bytes) else request
        came = answer(response) if isinstance(response, bytes) else response
        findings = self._exchanges.findings(got, came)
        self._note(findings, readable(got.body), None if came is None else readable(came.body))

    def finish(self) -> tuple[Verdict, list[Breach]]:
        """Say that nothing more came, and return the verdict of all."""
        for connection in self._connections.values():
            swallowed = connection.large
            if connection.pings and not swallowed:
                self._note([Finding("websocket.ping", "$", "a pong", "nothing")], "ping", None)
            if connection.closing and not connection.closed and not swallowed:
                self._note([Finding("websocket.close", "$", "a close frame", "nothing")], "close", None)
            self._outstanding(connection)
        return verdict_of(self.breaches), self.breaches

    def _outstanding(self, connection: _Connection) -> None:
        """Note what a connection was asked and did not answer."""
        for request in connection.waiting:
            if request.demanded and not connection.closing:
                before = tuple(connection.said[: request.before])
                self._note(self._unanswered(request), request.said, None, before)

    def _asks(self, connection: _Connection, data: bytes, *, understood: bool) -> None:
        """Take in a message that was sent."""
        said = readable(data)
        about = asked(data)
        connection.large |= len(said.encode()) > _LARGE
        demanded = understood and connection.served and connection.open and not connection.closing
        if about.kind is Kind.NOTIFICATION:
            _subscribe(connection, about)
        elif data:
            connection.waiting.append(_Request(about, said, demanded, len(connection.said), connection.large))
        connection.said.append(said)

    def _unanswered(self, request: _Request) -> list[Finding]:
        """Return what is wrong with silence on a WebSocket."""
        clause = "websocket.large" if request.large else "websocket.answer"
        return [
            Finding(clause, found.path, found.expected, found.got) if found.clause == "http.answer" else found
            for found in self._exchanges.unanswered(request.about)
        ]

    def _event(self, connection: _Connection, message: str, read: dict[str, Any]) -> list[Finding]:
        """Judge an event, and whether somebody on its connection is subscribed to it."""
        judge = self._exchanges.judge
        client, _, event = str(read["method"]).rpartition(".")
        findings = judge.strictness(message)
        findings += judge.event(event, read) if event in self._spec.events else judge.notification(read)
        wished = connection.subscribed | {
            wish for request in connection.waiting if (wish := _wish(request.about, "register")) is not None
        }
        if connection.any_event or (client, event) in wished:
            return findings
        clause = "events.register.id" if any(event == name for _, name in wished) else "events.register.event"
        if (client, event) in connection.once:
            clause = "events.unregister"
        return [*findings, Finding(clause, "$.method", "an event that is subscribed to", text(read["method"]))]

    def _note(self, findings: list[Finding], said: str, came: str | None, before: tuple[str, ...] = ()) -> None:
        self.breaches += explained(self._spec, findings, said, came, before=before, dobby=self._dobby)


def _answered(connection: _Connection, message: Any) -> _Request | None:
    """Return the request that a message answers: by its id, else what cannot have been read, else the only one."""
    number = message.get("id") if isinstance(message, dict) else None
    waiting = connection.waiting
    by_id = [request for request in waiting if request.about.kind is Kind.CALL and same(request.about.id, number)]
    odd = [request for request in waiting if request.about.kind is not Kind.CALL or not request.about.plain]
    alone = waiting if len(waiting) == 1 else []
    by_id.sort(key=lambda request: not request.demanded)
    return next(iter([*by_id, *odd, *alone]), None)


def _wish(about: Asked, method: str) -> tuple[str, str] | None:
    """Return client and event of a subscription that a request makes or ends by ``method``, None for another one."""
    params = about.params or {}
    client, event = params.get("id"), params.get("event")
    if about.method.rpartition(".")[2] != method or not isinstance(client, str) or not isinstance(event, str):
        return None
    return client, event


def _subscribe(connection: _Connection, about: Asked) -> None:
    """Do what a request asked for that was carried out."""
    name = about.method.rpartition(".")[2]
    wish = _wish(about, name)
    if name == "register" and wish is None:
        connection.any_event = True
    elif name == "register" and wish is not None:
        connection.subscribed.add(wish)
        connection.once.add(wish)
    elif name == "unregister" and wish is not None:
        connection.subscribed.discard(wish)


def _is_key(key: str | None) -> bool:
    """Tell whether a handshake's key is one."""
    try:
        return key is not None and len(base64.b64decode(key, validate=True)) == _KEY_BYTES
    except ValueError:
        return False


def _handshake(request: Received, response: Answer | None) -> list[Finding]:
    """Judge the answer to a proper handshake."""
    if response is None or response.status != _SWITCHED:
        got = "nothing" if response is None else f"{response.status} {response.reason}"
        return [Finding("websocket.handshake", "$", "the status 101", got)]
    findings = []
    key = header(request.headers, "Sec-WebSocket-Key") or ""
    proof = base64.b64encode(hashlib.sha1((key + _ACCEPT).encode(), usedforsecurity=False).digest()).decode()
    accept = header(response.headers, "Sec-WebSocket-Accept")
    if accept != proof:
        findings.append(Finding("websocket.accept", "$", proof, str(accept)))
    offered = {
        protocol.strip()
        for name, value in request.headers
        if name.lower() == "sec-websocket-protocol"
        for protocol in value.split(",")
    }
    chosen = header(response.headers, "Sec-WebSocket-Protocol")
    if chosen is not None and chosen not in offered:
        findings.append(Finding("websocket.subprotocol", "$", f"one of {text(sorted(offered))}, or none", text(chosen)))
    return findings
