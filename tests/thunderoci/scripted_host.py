"""A plugin host that does what a test tells it, and connections to it without sockets."""

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from thunderoci.errors import Failed, Failure
from thunderoci.host import PluginHost
from thunderoci.http import ThunderFactory
from thunderoci.limits import Limits
from thunderoci.profiles import FLAVOURS

CALLSIGN = "org.rdk.OCIContainer"
UPGRADE = (
    b"GET /jsonrpc HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Plugin:
    """Echoes, fails, and waits until the test lets it go."""

    callsign = CALLSIGN
    version = 1

    def __init__(self):
        self.waiting = []
        self.calls = 0
        self.methods = {"echo": self.echo, "wait": self.wait, "fail": self.fail, "big": self.big}

    async def echo(self, _params):
        self.calls += 1
        return '"ok"'

    async def big(self, _params):
        return f'"{"x" * 10_000_000}"'

    async def fail(self, _params):
        raise Failed(Failure.GENERAL, "as it should")

    async def wait(self, _params):
        self.waiting.append(Deferred())
        return await self.waiting[-1]


class ScriptedHost(PluginHost):
    """A host that remembers its clients, so that a test can push events and see who left."""

    def __init__(self, *quirks, flavour="r4.4.1-rdk"):
        self.plugin = Plugin()
        super().__init__(FLAVOURS[flavour], [self.plugin], frozenset(quirks))
        self.clients = []
        self.left = []
        self.asked = []

    async def handle(self, request, client, direct=None):
        if client not in self.clients:
            self.clients.append(client)
        return await super().handle(request, client, direct)

    async def rest(self, verb, path, body):
        self.asked.append((verb, path, body))
        return await super().rest(verb, path, body)

    def disconnect(self, client):
        self.left.append(client)


class Transport(StringTransport):
    """What a TCP transport can do, as far as it matters here."""

    def __init__(self):
        super().__init__(
            hostAddress=IPv4Address("TCP", "127.0.0.1", 9998), peerAddress=IPv4Address("TCP", "127.0.0.1", 40000)
        )
        self.write_ended = False
        self.aborted = False

    def loseWriteConnection(self):  # noqa: N802 (Twisted's name)
        self.write_ended = True

    def abortConnection(self):  # noqa: N802 (Twisted's name)
        self.aborted = True
        self.disconnecting = True


class Connection:
    """One client's connection without a socket."""

    def __init__(self, *quirks, flavour="r4.4.1-rdk", limits=None):
        self.host = ScriptedHost(*quirks, flavour=flavour)
        self.plugin = self.host.plugin
        self.clock = Clock()
        self.factory = ThunderFactory(self.host, self.clock, limits or Limits())
        self.open()

    def open(self):
        """Connect (again) to the same host."""
        self.transport = Transport()
        self.channel = self.factory.buildProtocol(None)
        self.channel.makeConnection(self.transport)

    def send(self, data):
        """Send bytes and return what comes back."""
        self.channel.dataReceived(data)
        return self.received()

    def received(self):
        """Return what has come since the last look."""
        answer = self.transport.value()
        self.transport.clear()
        return answer

    def send_in_pieces(self, data, size=1):
        """Send bytes so many at a time and return what comes back."""
        for start in range(0, len(data), size):
            self.channel.dataReceived(data[start : start + size])
        return self.received()


def call(method="echo", call_id=1):
    """Return a call of the plugin's method."""
    return b'{"jsonrpc":"2.0","id":%d,"method":"%b.1.%b"}' % (call_id, CALLSIGN.encode(), method.encode())


def result(value='"ok"', call_id=1):
    """Return the answer to a call."""
    return b'{"jsonrpc":"2.0","id":%d,"result":%b}' % (call_id, value.encode())


def post(body=None, headers=b"", path=b"/jsonrpc"):
    """Return a POST request."""
    body = call() if body is None else body
    return b"POST %b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (path, headers, len(body), body)


def status_of(answer):
    """Return the status line of an answer without the version."""
    return answer.partition(b"\r\n")[0].removeprefix(b"HTTP/1.1 ").decode()
