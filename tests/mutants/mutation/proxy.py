"""The proxy in front of an emulator: where its mutant is put in, and what is known of the containers behind it."""

import json
from urllib.parse import urlsplit

from twisted.internet import defer, reactor
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol
from twisted.internet.protocol import Factory

from .http import Message, Reader
from .link import Link, Upstream, parsed
from .mutant import Mutant, succeeded

_STARTS = ("startContainer", "startContainerFromDobbySpec")


class Proxy(Factory):
    """Listens on a port of its own for the emulator at `url`, of a profile."""

    noisy = False
    template = Message("HTTP/1.1 200 OK", [("Content-Length", "0")])
    """An HTTP answer for what the emulator was not asked."""

    def __init__(self, url, profile):
        parts = urlsplit(url)
        self.upstream = (parts.hostname, parts.port)
        self.profile = profile
        self.links = []
        self.containers = {}
        """The descriptors of the containers that were started through the proxy, by id, in the order of their starts."""
        self.mistakes = []
        """What went wrong in hooks of mutants."""
        self._mutant = Mutant()
        self._port = None

    async def listen(self):
        self._port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(self)
        self.url = f"http://127.0.0.1:{self._port.getHost().port}/jsonrpc"

    async def close(self):
        for link in list(self.links):
            link.transport.abortConnection()
        await self._port.stopListening()

    def buildProtocol(self, _address):  # noqa: N802 - Twisted's name
        return Link(self)

    @property
    def mutant(self):
        return self._mutant

    @mutant.setter
    def mutant(self, mutant):
        mutant.proxy = self
        self._mutant = mutant

    def observe(self, call, message):
        """Keep in mind what an answer of the emulator's says about containers and subscriptions."""
        if call.method in _STARTS and succeeded(message):
            self.containers[call.container] = message["result"]["descriptor"]
        elif call.method == "stopContainer" and succeeded(message):
            self.containers.pop(call.container, None)
        elif call.method in {"register", "unregister"} and isinstance(message, dict) and message.get("result") == 0:
            subscription = (call.params.get("event"), call.params.get("id"))
            if call.method == "register":
                call.link.subscriptions.append(subscription)
            elif subscription in call.link.subscriptions:
                call.link.subscriptions.remove(subscription)

    async def call(self, method, **params):
        """Call a method of the emulator's, past all mutants, and return the answer."""
        reader, answered = Reader(), defer.Deferred()

        def received(data):
            message = reader.feed(data)
            if message is not None:
                answered.callback(parsed(message.body))

        wire = await connectProtocol(TCP4ClientEndpoint(reactor, *self.upstream), Upstream(received))
        body = {"jsonrpc": "2.0", "id": 1, "method": f"org.rdk.OCIContainer.1.{method}", "params": params}
        request = Message("POST /jsonrpc HTTP/1.1", [("Host", "-")]).carrying(json.dumps(body).encode())
        wire.transport.write(bytes(request))
        answer = await answered
        wire.transport.abortConnection()
        return answer

    def publish(self, event, params):
        """Send an event to all who are subscribed to it, whatever the emulator does."""
        for link in list(self.links):
            for name, client in link.subscriptions:
                if name == event:
                    link.push({"jsonrpc": "2.0", "method": f"{client}.{event}", "params": params})
