"""One client's connection through the proxy, and the calls on it."""

import json
from inspect import isawaitable

from twisted.internet import defer, reactor
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol

from .frames import TEXT, FrameReader, frame
from .http import NotHTTP, Reader
from .mutant import CLOSE, SILENCE, copied, pause


async def value_of(outcome):
    """Return what a hook returns, once it is there."""
    return await outcome if isawaitable(outcome) else outcome


def parsed(body):
    """Return the JSON in a message, None where there is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def is_event(message):
    return isinstance(message, dict) and isinstance(message.get("method"), str) and "id" not in message


class Call:
    """A request on its way; `message` is None when its body is no JSON object, `method` has no callsign."""

    def __init__(self, link, body, head=None):
        self.link = link
        self.head = head
        self.body = body
        message = parsed(body)
        self.message = message if isinstance(message, dict) else None
        designator = self.message.get("method") if self.message else None
        self.method = designator.rpartition(".")[2] if isinstance(designator, str) else ""
        params = self.message.get("params") if self.message else None
        self.params = dict(params) if isinstance(params, dict) else {}
        self.id = self.message.get("id") if self.message else None

    @property
    def container(self):
        """The container that the call names, None where it names none."""
        named = self.params.get("containerId")
        return named if isinstance(named, str) else None

    def forwarded(self):
        """Return the body as it is to be sent on."""
        unchanged = self.message is None or json.dumps(self.message) == json.dumps(parsed(self.body))
        return self.body if unchanged else json.dumps(self.message).encode()


class Upstream(Protocol):
    """The connection to the emulator behind a link."""

    def __init__(self, received, lost=lambda: None):
        self._received = received
        self._lost = lost

    def dataReceived(self, data):  # noqa: N802 - Twisted's name
        self._received(data)

    def connectionLost(self, _reason=None):  # noqa: N802 - Twisted's name
        self._lost()


class Link(Protocol):
    """A client's connection: HTTP at first, a WebSocket after a handshake, mere bytes when it is neither."""

    def __init__(self, proxy):
        self.proxy = proxy
        self.subscriptions = []
        """(event, client id) of what this client listens to."""
        self.over = False
        self._ending = False
        self.websocket = False
        self._raw = False
        self._requests, self._answers = Reader(), Reader()
        self._client_frames, self._server_frames = FrameReader(), FrameReader()
        self._parts = {"client": [], "server": []}
        self._pending = []
        self._unsent = bytearray()
        self._upstream = None

    # --- the two ends

    def connectionMade(self):  # noqa: N802 - Twisted's name
        self.transport.setTcpNoDelay(True)
        self.proxy.links.append(self)
        wire = Upstream(self._from_emulator, self.hang_up)
        connected = connectProtocol(TCP4ClientEndpoint(reactor, *self.proxy.upstream), wire)
        connected.addCallbacks(self._connected, lambda _failure: self.hang_up())

    def _connected(self, wire):
        wire.transport.setTcpNoDelay(True)
        self._upstream = wire
        if self.over:
            wire.transport.abortConnection()
            return
        wire.transport.write(bytes(self._unsent))

    def connectionLost(self, _reason=None):  # noqa: N802 - Twisted's name
        if self.over:
            return
        self.over = True
        self.proxy.links.remove(self)
        self.proxy.mutant.left(self)
        if self._upstream is not None:
            self._upstream.transport.abortConnection()

    def hang_up(self):
        """End the client's connection, once all is written."""
        if not self.over:
            self._ending = True  # nothing may follow, though Twisted would still send it
            self.transport.loseConnection()

    def forward(self, data):
        """Send bytes on to the emulator."""
        if self._upstream is None:
            self._unsent += data
        else:
            self._upstream.transport.write(data)

    async def write(self, pieces):
        """Send pieces to the client, one after the other."""
        for piece in pieces:
            if piece is CLOSE:
                self.hang_up()
            elif isinstance(piece, float):
                await pause(piece)
            elif not (self.over or self._ending):
                self.transport.write(piece)

    # --- from the client

    def dataReceived(self, data):  # noqa: N802 - Twisted's name
        if self._raw:
            self.forward(data)
        elif self.websocket:
            self._frames_from_client(data)
        else:
            self._requests_from_client(data)

    def _requests_from_client(self, data):
        try:
            while (message := self._requests.feed(data)) is not None:
                data = b""
                if message.upgrades:
                    self.websocket = True
                    self.forward(bytes(message))
                    self._frames_from_client(bytes(self._requests.rest))
                    return
                self._go(self._take(Call(self, message.body, message)))
        except NotHTTP:
            self._raw = True
            self.forward(bytes(self._requests.rest))

    def _frames_from_client(self, data):
        for part in self._client_frames.feed(data):
            if not self.proxy.mutant.asked(self, part):
                continue
            message = self._whole("client", part)
            if message is None:
                self.forward(bytes(part)) if part.control else None
            else:
                self._go(self._take(Call(self, message[1], None), message[0]))

    def _whole(self, side, part):
        """Return the bytes and the payload of a message whose last frame has come; None for all other frames."""
        if part.control:
            return None
        parts = self._parts[side]
        parts.append(part)
        if not part.final:
            return None
        whole = b"".join(bytes(each) for each in parts), b"".join(each.payload for each in parts)
        self._parts[side] = []
        return whole

    async def _take(self, call, raw=None):
        """Let the mutant see a request, and send on what is left of it, unless the mutant answers."""
        mutant = self.proxy.mutant
        hook = mutant.garbage if call.message is None and call.body else mutant.request
        outcome = await value_of(hook(call)) if call.body else None
        if outcome is SILENCE:
            return
        if outcome is not None:
            await self.reply(call, {"jsonrpc": "2.0", "id": call.id, **outcome})
            return
        body = call.forwarded()
        self._pending.append(call)
        if call.head is not None:
            self.forward(bytes(call.head.carrying(body)))
        else:
            self.forward(raw if body == call.body else frame(TEXT, body, masked=True))

    # --- from the emulator

    def _from_emulator(self, data):
        if self._raw:
            self.transport.write(data)
        elif self.websocket and self._answers is None:
            self._frames_from_emulator(data)
        else:
            while self._answers is not None and (message := self._answers.feed(data)) is not None:
                data = b""
                if self.websocket:
                    rest, self._answers = bytes(self._answers.rest), None
                    self._go(self.write(self.proxy.mutant.handshake(self, message)))
                    self._frames_from_emulator(rest)
                else:
                    self._answered(message)

    def _answered(self, message):
        content = parsed(message.body)
        if is_event(content):
            self._go(self._tell(content, message.body, message))
            return
        call = self._asked_by(content)
        if call is None:
            self.transport.write(bytes(message))
        else:
            self._go(self._answer(call, content, message.body, message))

    def _frames_from_emulator(self, data):
        for part in self._server_frames.feed(data):
            if part.control:
                self._go(self.write(self.proxy.mutant.control(self, part)))
                continue
            whole = self._whole("server", part)
            if whole is None:
                continue
            content = parsed(whole[1])
            call = None if is_event(content) else self._asked_by(content)
            if is_event(content):
                self._go(self._tell(content, whole[1]))
            elif call is None:
                self.transport.write(whole[0])
            else:
                self._go(self._answer(call, content, whole[1]))

    def _asked_by(self, content):
        """Take out the call that an answer is for: the one with its id, else the oldest."""
        number = content.get("id") if isinstance(content, dict) else None
        call = next((each for each in self._pending if each.message and each.id == number), None)
        call = call or (self._pending[0] if self._pending else None)
        if call is not None:
            self._pending.remove(call)
        return call

    async def _answer(self, call, content, body, message=None):
        """Let the mutant see an answer, and give what it makes of it."""
        self.proxy.observe(call, content)
        if content is not None:
            changed = await value_of(self.proxy.mutant.answer(call, copied(content)))
            if changed is SILENCE:
                return
            body = _encoded(changed, content, body)
        await self.put(call, body, message)

    async def _tell(self, content, body, message=None):
        """Let the mutant see an event, and send what it makes of it."""
        for event in await value_of(self.proxy.mutant.event(self, copied(content))):
            told = _encoded(event, content, body)
            if message is None:
                await self.write([frame(TEXT, told)])
            else:
                await self.write([bytes(message.carrying(told))])

    async def reply(self, call, message):
        """Answer a call with a message of the mutant's own."""
        await self.put(call, message if isinstance(message, bytes) else json.dumps(message).encode(), None)

    async def put(self, call, body, message):
        """Write the answer to a call."""
        mutant = self.proxy.mutant
        if call.head is None:
            await self.write(await value_of(mutant.frames(call, body)))
        else:
            whole = (message or self.proxy.template).carrying(body)
            await self.write(await value_of(mutant.wire(call, whole)))

    def _go(self, coroutine):
        """Let a coroutine run; what goes wrong in it is the mutant's own mistake, which the bench raises."""
        defer.ensureDeferred(coroutine).addErrback(self.proxy.mistakes.append)

    def push(self, message):
        """Send an event to the client of a WebSocket."""
        if not self.over:
            self.transport.write(frame(TEXT, json.dumps(message).encode()))


def _encoded(changed, content, body):
    """Return the bytes of a message, those that came when nothing was changed."""
    if isinstance(changed, bytes):
        return changed
    return body if json.dumps(changed) == json.dumps(content) else json.dumps(changed).encode()
