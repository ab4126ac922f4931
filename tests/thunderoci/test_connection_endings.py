"""Connections that end: none of them stays because its client does not read, or because of a defect of ours."""

import pytest
from hosting import CALLSIGN, PORT, UPGRADE, Connection, call, post
from twisted.internet.abstract import FileDescriptor
from twisted.internet.address import IPv4Address
from twisted.internet.testing import MemoryReactorClock

from fakedobby.faults import Fault
from thunderoci.limits import Limits
from thunderoci.quirks import HALF_CLOSE

LONG_BEFORE_CUT = Limits().idle + 60


class Wire(FileDescriptor):
    """The transport of Twisted's without a socket: its buffer and its producer are the real ones."""

    connected = True

    def __init__(self):
        super().__init__(MemoryReactorClock())
        self.sent = b""
        self.write_ended = False

    def getHost(self):  # noqa: N802 (Twisted's name)
        return IPv4Address("TCP", "127.0.0.1", PORT)

    getPeer = getHost  # noqa: N815 (Twisted's name)

    def writeSomeData(self, data):  # noqa: N802 (Twisted's name)
        self.sent += data
        return len(data)

    def _closeWriteConnection(self):  # noqa: N802 (Twisted's name)
        self.write_ended = True


def closed_by_request(connection):
    connection.send(post(headers=b"Connection: close\r\n"))


def closed_by_the_quirk(connection):
    connection.send(post(call("wait")))
    connection.channel.readConnectionLost()


def ended_behind_a_request(connection):
    connection.send(post())
    connection.channel.readConnectionLost()


def ended_as_a_socket(connection):
    connection.send(UPGRADE)
    connection.channel.readConnectionLost()


@pytest.mark.parametrize(
    "end",
    [closed_by_request, closed_by_the_quirk, ended_behind_a_request, ended_as_a_socket],
    ids=lambda end: end.__name__,
)
def test_whoever_does_not_read_the_last_answer_is_cut(end):
    connection = Connection(HALF_CLOSE)
    end(connection)
    assert connection.transport.disconnecting
    for _ in range(10):
        assert not connection.transport.aborted
        connection.clock.advance(Limits().idle / 10 - 1)
    for _ in range(2):
        connection.clock.advance(LONG_BEFORE_CUT / 2)
    assert connection.transport.aborted


def test_a_socket_that_is_opened_behind_a_request_ends_too_when_its_client_sends_no_more():
    connection = Connection()
    connection.send(post(call("wait")) + UPGRADE + b"\x89\x80mask")
    connection.channel.readConnectionLost()
    connection.plugin.waiting[0].callback("1")
    assert b" 101 " in connection.received()
    assert connection.transport.disconnecting


def test_whoever_is_refused_gets_no_more_time_by_ending_its_side():
    connection = Connection()
    connection.send(b"\x16\x03\x01 no HTTP")
    connection.channel.readConnectionLost()
    connection.clock.advance(Limits().linger)
    assert not connection.transport.aborted
    connection.clock.advance(20)
    assert connection.transport.aborted


@pytest.mark.parametrize("last", [post(headers=b"Connection: close\r\n"), b"\x16\x03\x01 no HTTP"])
def test_events_that_nobody_gets_any_more_keep_no_connection(last):
    connection = Connection()
    subscription = b'"method":"%b.1.register","params":{"event":"tick","id":"here"}' % CALLSIGN.encode()
    connection.send(post(b'{"jsonrpc":"2.0","id":1,%b}' % subscription))
    connection.plugin.emit("tick", "{}")
    assert b"here.tick" in connection.received()
    connection.send(last)
    for _ in range(int(LONG_BEFORE_CUT)):
        connection.plugin.emit("tick", "{}")
        connection.clock.advance(1)
    assert connection.transport.aborted


@pytest.mark.parametrize("end", [closed_by_request, ended_behind_a_request], ids=lambda end: end.__name__)
def test_whoever_leaves_then_leaves_no_timer(end):
    connection = Connection()
    end(connection)
    connection.leave()
    assert not connection.clock.getDelayedCalls()


def test_whoever_leaves_when_it_was_silent_for_too_long_leaves_no_timer():
    connection = Connection(limits=Limits(idle=2))
    for _ in range(5):
        connection.clock.advance(1)
    assert connection.transport.disconnecting
    connection.leave()
    assert not connection.clock.getDelayedCalls()


def test_an_answer_that_comes_when_its_client_has_gone_sets_no_timer():
    connection = Connection()
    connection.send(post(call("wait"), headers=b"Connection: close\r\n"))
    connection.leave()
    connection.plugin.waiting[0].callback("1")
    assert not connection.clock.getDelayedCalls()


def test_the_client_sees_the_end_behind_last_bytes_that_fill_the_transport():
    connection = Connection()
    connection.host.emulation.faults.add(Fault.of({"place": "transport", "kind": "half", "times": "once"}))
    wire, channel = Wire(), connection.factory.buildProtocol(None)
    wire.protocol = channel
    channel.makeConnection(wire)
    channel.dataReceived(post(call("big")))
    for _ in range(100):
        if wire in wire.reactor.writers:  # it asks for no more when it has sent all
            wire.doWrite()
    assert len(wire.sent) > 4_000_000
    assert wire.write_ended
    channel.connectionLost(None)


class SlowWire(Wire):
    """The same before a client that takes a little of what is sent whenever it is asked to."""

    aborted = False

    def writeSomeData(self, data):  # noqa: N802 (Twisted's name)
        return super().writeSomeData(data[:10_000])

    def abortConnection(self):  # noqa: N802 (Twisted's name)
        self.aborted = True


@pytest.mark.parametrize("headers", [b"", b"Connection: close\r\n"])
def test_an_answer_has_to_be_read_within_the_idle_time_and_15_seconds_however_steadily(headers):
    connection = Connection(limits=Limits(idle=100))
    wire, channel = SlowWire(), connection.factory.buildProtocol(None)
    wire.protocol = channel
    channel.makeConnection(wire)
    channel.dataReceived(post(call("big"), headers=headers))
    for _ in range(114):
        wire.doWrite()
        connection.clock.advance(1)
    assert not wire.aborted
    connection.clock.advance(1)
    assert wire.aborted
    assert 1_000_000 < len(wire.sent) < 4_000_000
    channel.connectionLost(None)


@pytest.mark.parametrize("requests", [1, 40])
def test_a_request_that_breaks_cuts_its_connection(requests, caplog, monkeypatch):
    connection = Connection()

    def broken(*_):
        raise RuntimeError("a defect")

    monkeypatch.setattr("thunderoci.httprequest.handshake", broken)
    connection.send(
        b"GET /nope HTTP/1.1\r\n\r\n" * (requests - 1) + UPGRADE.replace(b"jsonrpc", b"jsonrpc/" + CALLSIGN.encode())
    )
    connection.clock.advance(0)
    assert connection.transport.aborted
    assert caplog.text.count("this is a defect of ours") == 1
    assert "Traceback" in caplog.text
