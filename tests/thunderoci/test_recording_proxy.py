"""How many clients the recorder takes, and for how long it keeps those that say nothing."""

import logging
from unittest.mock import patch

import pytest
from hosting import Transport
from twisted.internet import error
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IHostnameResolver, IReactorPluggableNameResolver
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from zope.interface import implementer

from thunderoci.recording.conversation import Conversation
from thunderoci.recording.proxy import ProxyFactory
from thunderoci.recording.redaction import Redactor

CALL = b"POST /jsonrpc HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Wire(Transport):
    """A connection whose end its protocol hears of."""

    def __init__(self, protocol):
        super().__init__()
        self._protocol = protocol

    def setTcpNoDelay(self, enabled):  # noqa: N802 (Twisted's name)
        pass

    def doWrite(self):  # noqa: N802 (Twisted's name)
        pass

    def abortConnection(self):  # noqa: N802 (Twisted's name)
        if not self.aborted:
            super().abortConnection()
            self._protocol.connectionLost(Failure(error.ConnectionAborted()))


@implementer(IHostnameResolver)
class Literally:
    """Takes each host for an address."""

    def resolveHostName(self, receiver, host, portNumber=0):  # noqa: N802, N803 (Twisted's names)
        receiver.resolutionBegan(self)
        receiver.addressResolved(IPv4Address("TCP", host, portNumber))
        receiver.resolutionComplete()
        return self


@implementer(IReactorPluggableNameResolver)
class Reactor(MemoryReactorClock):
    """Twisted's own one of old has no way to resolve names."""

    nameResolver = Literally()  # noqa: N815 (Twisted's name)


class Proxy:
    """A recorder's port, with a box behind it that takes connections when it is told to."""

    def __init__(self):
        self.clock = Reactor()
        self.lines = []
        self.factory = ProxyFactory(
            self.clock, "127.0.0.1", 9998, lambda: Conversation(1, self.lines.append, lambda: 0.0, Redactor()), 900
        )

    def client(self):
        """Return a new client's side, None when it is refused."""
        side = self.factory.buildProtocol(None)
        if side is not None:
            side.makeConnection(Wire(side))
        return side

    def box_takes(self):
        """Return the side of the box for the client that came last."""
        side = self.clock.tcpClients[-1][2].buildProtocol(None)
        side.makeConnection(Wire(side))
        return side

    def box_refuses(self):
        self.clock.tcpClients[-1][2].clientConnectionFailed(None, Failure(error.ConnectionRefusedError()))
        self.clock.advance(1)  # there is no other address to try


@pytest.fixture
def proxy():
    return Proxy()


def test_what_is_silent_for_too_long_is_ended(proxy):
    client = proxy.client()
    box = proxy.box_takes()
    for side, data in ((client, CALL), (box, ANSWER), (box, b"HTTP/1.1 100 Continue\r\n\r\n")):
        proxy.clock.advance(899)
        side.dataReceived(data)
    proxy.clock.advance(899)
    assert not client.transport.aborted
    proxy.clock.advance(2)
    assert client.transport.aborted
    assert box.transport.aborted
    assert [(line["kind"], line.get("by")) for line in proxy.lines] == [("exchange", None), ("closed", "proxy")]
    assert not proxy.clock.getDelayedCalls()


def test_a_client_that_leaves_leaves_no_timer(proxy):
    client = proxy.client()
    proxy.box_takes()
    client.connectionLost(Failure(error.ConnectionDone()))
    assert not proxy.clock.getDelayedCalls()


def test_each_client_takes_two_files(proxy, caplog):
    open_ones = []

    def lowest_free():
        return 10 + sum(2 if is_there else 1 for is_there in open_ones) + 1  # the new client's is open already

    with (
        patch("fakedobby.openfiles._lowest_free", lowest_free),
        patch("fakedobby.openfiles.resource.getrlimit", lambda _: (34, 34)),
    ):
        # eight files are left: four clients, whether their connections to the box are open or to come
        assert proxy.client()
        open_ones.append(False)
        proxy.box_takes()
        open_ones[-1] = True
        for _ in range(3):
            assert proxy.client()
            open_ones.append(False)
        assert proxy.client() is None
        assert proxy.client() is None
        proxy.box_refuses()
        open_ones.pop()
        assert proxy.client()
    assert caplog.text.count("refused a client") == 1
    assert "takes clients again; 2 were refused" in caplog.text


def test_the_log_says_once_that_the_box_is_away(proxy, caplog):
    caplog.set_level(logging.INFO)
    for _ in range(3):
        proxy.client()
        proxy.box_refuses()
    proxy.client()
    proxy.box_takes()
    proxy.client()
    proxy.box_refuses()
    away = "http://127.0.0.1:9998 can't be reached: Connection was refused by other side."
    assert [one.getMessage() for one in caplog.records] == [away, "http://127.0.0.1:9998 is reached again.", away]
