"""A plugin host without sockets and without a bus, for the tests that walk the rows of tests/facts/thunder.toml."""

import json
from random import Random
from types import SimpleNamespace
from unittest import mock

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.testing import MemoryReactorClock, StringTransport
from txdbus.error import RemoteError

from thunderoci import app
from thunderoci.app import Thunder
from thunderoci.profiles import FLAVOURS
from thunderoci.settings import Settings
from thunderoci.websocket_frames import FrameReader, Text, text_frame

RDK, PLAIN, R447 = "r4.4.1-rdk", "r4.4.1", "r4.4.7"
CALLSIGN = "org.rdk.OCIContainer"
EXECUTED = "200 JSONRPC executed succesfully"
UPGRADE = (
    b"GET /jsonrpc HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
GENERAL = {"error": {"code": 1, "message": "ERROR_GENERAL"}}
DOBBY = {
    "List": ("aias", [91, 92], ["com.example.a", "com.example.b"]),
    "GetState": ("i", 2),
    "GetInfo": ("s", '{"id":"com.example.a"}'),
    "StartFromBundle": ("i", 93),
    "StartFromSpec": ("i", 93),
} | dict.fromkeys(
    ("Stop", "Pause", "Resume", "Exec", "Hibernate", "Wakeup", "Annotate", "RemoveAnnotation", "Mount", "Unmount"),
    ("b", True),
)
"""What Dobby answers unless a test says otherwise: types and values, or an error."""
ABSENT = RemoteError("org.freedesktop.DBus.Error.ServiceUnknown")
NOBODY = dict.fromkeys(DOBBY, ABSENT)


def row(facts, *values):
    """Return the case of a parametrised test that shows these facts, separated by blanks."""
    return pytest.param(*values, marks=pytest.mark.fact(*facts.split()))


class Bus:
    """A bus connection on which Dobby answers from a table; None in it is an answer that the test gives later."""

    hear_signal = None
    busName = ":1.1"  # noqa: N815 (txdbus's name)

    def __init__(self, table, clock):
        self.table = DOBBY | table
        self.clock = clock
        self.calls = []
        self.rules = []
        self.names = []
        self.waiting = []

    async def connect(self, *_):
        """Do as fakedobby.bus.connect does."""
        return self

    def notifyOnDisconnect(self, told):  # noqa: N802 (txdbus's name)
        self.lost = told

    def requestBusName(self, name, **options):  # noqa: N802 (txdbus's name)
        self.names.append((name, options))
        return succeed(3)

    def callRemoteMessage(self, mcall, timeout):  # noqa: N802 (txdbus's name)
        if mcall.destination == "org.freedesktop.DBus":
            self.rules.append((mcall.member, *mcall.body))
            return succeed(SimpleNamespace(signature=None, body=None))
        assert (mcall.destination, mcall.path, mcall.interface) == (
            "org.rdk.dobby",
            "/org/rdk/dobby",
            "org.rdk.dobby.ctrl1",
        )
        self.calls.append((mcall.member, mcall.signature or "", *(mcall.body or ())))
        answer = self.table[mcall.member]
        if answer is None:
            # as txdbus does it: a call that is not answered in time fails
            answered = Deferred()
            answered.addTimeout(timeout, self.clock)
            self.waiting.append(answered)
            return answered
        return fail(answer) if isinstance(answer, Exception) else succeed(reply(*answer))

    def signal(self, member, signature, *body):
        """Let Dobby tell something."""
        self.hear_signal(
            SimpleNamespace(
                sender=":1.2",
                serial=0,
                path="/org/rdk/dobby",
                interface="org.rdk.dobby.ctrl1",
                member=member,
                signature=signature,
                body=list(body),
            )
        )

    @property
    def members(self):
        """The names of the calls so far."""
        return [call[0] for call in self.calls]


def reply(signature, *values):
    """Return a reply of Dobby's."""
    return SimpleNamespace(signature=signature, body=list(values))


class Transport(StringTransport):
    """What a TCP transport can do, as far as it matters here."""

    def __init__(self):
        super().__init__(IPv4Address("TCP", "127.0.0.1", 9998), IPv4Address("TCP", "127.0.0.1", 40000))

    def loseWriteConnection(self):  # noqa: N802 (Twisted's name)
        """Send no more."""

    def abortConnection(self):  # noqa: N802 (Twisted's name)
        self.disconnecting = True


class Bench:
    """A host with the plugin on a scripted bus; `dobby` replaces entries of DOBBY.

    `bus` makes another connection to a bus, and None none.
    """

    def __init__(self, *quirks, profile="rdkservices", flavour=RDK, dobby=(), bus=Bus):
        self.clock = MemoryReactorClock()
        thunder = Thunder(
            self.clock,
            Settings(
                profile=profile,
                flavour=FLAVOURS[flavour],
                quirks=frozenset(quirks),
                random=Random(1),  # noqa: S311 (no secret)
            ),
        )
        self.host = thunder.host
        if bus is None:
            done(self.host.start())
        else:
            self.bus = bus(dict(dobby), self.clock)
            with mock.patch.object(app, "connect", self.bus.connect):
                done(thunder.start("unix:path=/bus"))
        self.factory = thunder._factory
        self.connection = Connection(self)

    def post(self, body, path="/jsonrpc"):
        """POST a text and return the whole answer."""
        return self.connection.post(body, path)

    def call(self, method, params=None, path="/jsonrpc"):
        """Call a method and return what is in the answer besides jsonrpc and id; a dot in `method` names its plugin."""
        method = method if "." in method else f"{CALLSIGN}.1.{method}"
        answer = self.post(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}), path)
        return content(body_of(answer))

    def raw(self, method, params):
        """Call a method with params as they are written, and return the JSON text of its result, or of the error."""
        answer = self.post(f'{{"jsonrpc":"2.0","id":1,"method":"{CALLSIGN}.1.{method}","params":{params}}}')
        return answer.partition("\r\n\r\n")[2].removeprefix('{"jsonrpc":"2.0","id":1,').partition(":")[2][:-1]

    def deactivate(self, name="deactivate"):
        """Deactivate the plugin."""
        assert self.call(f"Controller.1.{name}", {"callsign": CALLSIGN}) == {"result": None}


class Connection:
    """A client's connection to a bench."""

    def __init__(self, bench):
        self.bench = bench
        self.transport = Transport()
        self.channel = bench.factory.buildProtocol(None)
        self.channel.makeConnection(self.transport)

    def send(self, data):
        """Send bytes or a text, and return the bytes that come back."""
        self.channel.dataReceived(data.encode("latin-1") if isinstance(data, str) else data)
        self.bench.clock.advance(0)  # a long message takes several turns
        return self.received()

    def received(self):
        """Return what has come since the last look."""
        data = self.transport.value()
        self.transport.clear()
        return data

    def ask(self, request):
        """Send a request and return the answer as text."""
        return self.send(request).decode()

    def post(self, body, path="/jsonrpc"):
        """POST a text or bytes, and return the answer as text."""
        body = body if isinstance(body, bytes) else body.encode()
        return self.ask(b"POST %b HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (path.encode(), len(body), body))

    @property
    def open(self):
        """Whether the host keeps the connection."""
        return not self.transport.disconnecting


class Socket(Connection):
    """A client's WebSocket; `path` and headers are those of its handshake."""

    def __init__(self, bench, path="/jsonrpc", headers=""):
        super().__init__(bench)
        request = UPGRADE.replace(b"/jsonrpc", path.encode()).replace(b"\r\n\r\n", b"\r\n" + headers.encode() + b"\r\n")
        self.handshake = self.ask(request)
        assert self.handshake.startswith("HTTP/1.1 101 ")

    def say(self, *texts):
        """Send texts, a frame each, and return the texts that come back."""
        return texts_in(self.send(b"".join(text_frame(text.encode()) for text in texts)))


def texts_in(data):
    """Return the text of each text frame."""
    return [event.data.decode() for event in FrameReader(2**30).feed(data) if isinstance(event, Text)]


def message(method="Controller.1.version", params="null", message_id="1"):
    """Return the text of a call; a method without a dot is the plugin's."""
    method = method if "." in method else f"{CALLSIGN}.1.{method}"
    return f'{{"jsonrpc":"2.0","id":{message_id},"method":"{method}","params":{params}}}'


def status_of(answer):
    """Return the status line of an answer without the version, "" when there is no answer."""
    return answer.partition("\r\n")[0].removeprefix("HTTP/1.1 ")


def headers_of(answer):
    """Return the names of an answer's headers."""
    return [line.partition(":")[0] for line in answer.partition("\r\n\r\n")[0].split("\r\n")[1:]]


def body_of(answer):
    """Return the body of an answer, read as JSON."""
    return json.loads(answer.partition("\r\n\r\n")[2])


def content(answer):
    """Return what is in a JSON-RPC answer besides jsonrpc and id."""
    return {name: value for name, value in answer.items() if name not in {"jsonrpc", "id"}}


def done(coroutine):
    """Return the result of a coroutine that has to come to its end at once."""
    results = []
    Deferred.fromCoroutine(coroutine).addBoth(results.append)
    assert results, "it still waits"
    if isinstance(results[0], Exception) or hasattr(results[0], "raiseException"):
        results[0].raiseException()
    return results[0]
