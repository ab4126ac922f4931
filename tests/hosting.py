"""Plugin hosts without sockets: what is in front of them, and what runs in them."""

import json
from unittest.mock import patch

from scriptedbus import ScriptedBus, finished
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock, StringTransport

from fakedobby.emulation import Emulation
from thunderoci import app
from thunderoci.app import Thunder
from thunderoci.controller import Controller
from thunderoci.dobby import DobbyProxy
from thunderoci.errors import Failed, Failure
from thunderoci.host import PluginHost
from thunderoci.limits import Limits
from thunderoci.message import Rejected, parse_request
from thunderoci.ocicontainer import CALLSIGN, GENERATIONS
from thunderoci.plugin import Version
from thunderoci.profiles import FLAVOURS
from thunderoci.quirks import ONE_QUEUE
from thunderoci.rest import Rest
from thunderoci.server import ThunderFactory
from thunderoci.settings import Settings
from thunderoci.subscriptions import Client

PORT = 9998
UPGRADE = (
    b"GET /jsonrpc HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class EchoPlugin:
    """Echoes, fails, and waits until the test lets it go."""

    callsign = CALLSIGN
    classname = "Echo"
    locator = "libEcho.so"
    version = Version(1)

    def __init__(self):
        self.waiting = []
        self.calls = []
        self.emit = None
        self.methods = {
            "echo": self.echo,
            "wait": self.wait,
            "fail": self.fail,
            "break": self.breaks,
            "big": self.big,
        }

    async def activate(self, emit):
        self.emit = emit

    async def deactivate(self):
        self.emit = None

    async def echo(self, call):
        self.calls.append(call)
        return '"ok"'

    async def big(self, _call):
        return f'"{"x" * 10_000_000}"'

    async def fail(self, _call):
        raise Failed(Failure.GENERAL, "as it should")

    async def breaks(self, _call):
        raise RuntimeError("a defect")

    async def wait(self, _call):
        self.waiting.append(Deferred())
        return await self.waiting[-1]


class Listener(Client):
    """A client that keeps the event messages that it gets."""

    def __init__(self):
        super().__init__(lambda message: self.heard.append(json.loads(message)), "127.0.0.1")
        self.heard = []


class Hosted:
    """A host with its Controller and these plugins, started."""

    def __init__(self, *plugins, flavour="r4.4.1-rdk", quirks=(), **options):
        self.controller = Controller()
        self.host = PluginHost(FLAVOURS[flavour], self.controller, plugins, frozenset(quirks), **options)
        self.controller.host = self.host
        self.rest = Rest(self.host, self.controller)
        self.client = self.listener()
        finished(self.host.start())

    def listener(self):
        """Connect one more client."""
        client = Listener()
        self.host.connect(client)
        return client

    def answer(self, body, client=None, direct=None):
        """Return the answer to the bytes of a message, None without one; `direct` is a callsign in the path."""
        service = None if direct is None else self.host.service_at(direct)
        try:
            request = parse_request(body, self.host.flavour, self.host.quirks)
        except Rejected as rejected:
            return self.host.rejected(rejected, client or self.client, body)
        return finished(self.host.handle(request, client or self.client, service))

    def call(self, method, params=None, client=None, direct=None):
        """Return the result or the error of a call, as JSON."""
        members = {"jsonrpc": "2.0", "id": 1, "method": method} | ({} if params is None else {"params": params})
        answer = json.loads(self.answer(json.dumps(members).encode(), client, direct).body)
        assert list(answer.items())[:2] == [("jsonrpc", "2.0"), ("id", 1)]
        return answer.get("error", answer.get("result"))


class Box(Hosted):
    """A host with the OCIContainer plugin of a profile, and a scripted Dobby behind it that answers from `table`."""

    def __init__(self, profile="rdkservices", flavour="r4.4.1-rdk", quirks=(), table=()):
        self.clock = Clock()
        self.bus = ScriptedBus(self.clock, table)
        self.dobby = DobbyProxy(one_queue=ONE_QUEUE in quirks)
        finished(self.dobby.attach(self.bus))
        plugin = GENERATIONS[profile](self.dobby, FLAVOURS[flavour], frozenset(quirks))
        super().__init__(plugin, flavour=flavour, quirks=quirks)

    def oci(self, method, client=None, **params):
        """Call a method of the plugin."""
        return self.call(f"{CALLSIGN}.1.{method}", params, client)

    def dobbys(self, *members):
        """Return the arguments of the calls that Dobby got, of these members only if some are named."""
        return [arguments for member, _, arguments in self.bus.calls if not members or member in members]


class Transport(StringTransport):
    """What a TCP transport can do, as far as it matters here."""

    def __init__(self):
        super().__init__(
            hostAddress=IPv4Address("TCP", "127.0.0.1", PORT), peerAddress=IPv4Address("TCP", "127.0.0.1", 40000)
        )
        self.write_ended = False
        self.aborted = False

    @property
    def ended(self):
        """Whether the client sees the end of the connection."""
        return self.write_ended or self.aborted or self.disconnecting

    def loseWriteConnection(self):  # noqa: N802 (Twisted's name)
        self.write_ended = True

    def abortConnection(self):  # noqa: N802 (Twisted's name)
        self.aborted = True
        self.disconnecting = True


class Peer:
    """A connection to the port that a factory serves."""

    def __init__(self, factory):
        self.transport = Transport()
        self.channel = factory.buildProtocol(None)
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
        """Send bytes so many at a time, as far as they are read, and return what comes back."""
        for start in range(0, len(data), size):
            if self.transport.producerState == "paused":
                self.channel.factory.clock.advance(0)
            if self.transport.producerState == "paused" or self.transport.disconnecting:
                break
            self.channel.dataReceived(data[start : start + size])
        return self.received()

    def leave(self):
        """End the connection from the client's side."""
        self.channel.connectionLost(None)


class Connection(Peer):
    """One client's connection to a host of its own, with the plugin that echoes."""

    def __init__(self, *quirks, flavour="r4.4.1-rdk", limits=None, token=None, emulation_on=Emulation.on):
        self.plugin = EchoPlugin()
        self.clock = Clock()
        emulation = emulation_on(self.clock)
        self.hosted = Hosted(self.plugin, flavour=flavour, quirks=quirks, emulation=emulation)
        self.host = self.hosted.host
        self.host.disconnect(self.hosted.client)
        self.factory = ThunderFactory(self.host, self.hosted.rest, self.clock, token=token, limits=limits or Limits())
        super().__init__(self.factory)

    @property
    def client(self):
        """The client, as the host sees it."""
        return self.channel.client


class Served:
    """All that `serve` runs, on a reactor without sockets and a scripted bus; the keyword arguments are settings."""

    def __init__(self, **settings):
        self.clock = MemoryReactorClock()
        self.bus = ScriptedBus(self.clock)
        self.thunder = Thunder(self.clock, Settings(**{"port": PORT} | settings))
        with patch.object(app, "connect", lambda *_: succeed(self.bus)):
            finished(self.thunder.start("unix:path=scripted"))
        (self._factory,) = [server[1] for server in self.clock.tcpServers]

    def connect(self):
        """Return a new connection to the port."""
        return Peer(self._factory)


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


def turns(connection):
    """Take turns of the loop until nothing is to be done at once; return what is sent in each of them."""
    sent = []
    clock = connection.clock
    while clock.calls and clock.calls[0].getTime() <= clock.seconds():
        timer = clock.calls.pop(0)  # the clock itself would take all turns at once
        timer.called = 1
        timer.func(*timer.args)
        sent.append(connection.received())
    return sent
