"""What a connection to a bus makes of the bytes that come."""

from unittest.mock import Mock

import pytest
from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from txdbus.error import TimeOut
from txdbus.message import ErrorMessage, MethodCallMessage, MethodReturnMessage

from fakedobby.bus import BusConnection


@pytest.fixture
def connection():
    connection = BusConnection()
    connection.transport = StringTransport()
    connection._authenticated = True
    connection._receivedFDs = []
    connection.calls = []
    connection.answer_call = connection.calls.append
    return connection


def message(**options):
    return MethodCallMessage("/", "a", **options).rawMessage


def test_many_calls_at_once_are_not_nested(connection):
    connection.dataReceived(message() * 5000)
    assert len(connection.calls) == 5000


@pytest.mark.parametrize("size", [1, 7, 100])
def test_calls_in_pieces(connection, size):
    sent = message(signature="s", body=["x" * 50]) * 3
    for start in range(0, len(sent), size):
        connection.dataReceived(sent[start : start + size])
    assert [call.body for call in connection.calls] == [["x" * 50]] * 3


def test_whether_a_reply_is_expected(connection):
    connection.dataReceived(message() + message(expectReply=False))
    assert [call.expectReply for call in connection.calls] == [True, False]


def test_what_is_no_message_ends_the_connection(connection):
    connection.dataReceived(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert connection.transport.disconnecting
    connection.dataReceived(message())
    assert connection.calls == []


def test_a_message_that_can_t_be_read_ends_the_connection(connection, caplog):
    connection.dataReceived(message(signature="vs", body=["x", "text"]).replace(b"text", b"t\xff\xfet"))
    assert connection.calls == []
    assert connection.transport.disconnecting
    assert "no D-Bus message" in caplog.text


def test_a_message_of_an_unknown_kind_is_passed_over(connection):
    raw = bytearray(message())
    raw[1] = 9
    connection.dataReceived(bytes(raw) + message())
    assert len(connection.calls) == 1
    assert not connection.transport.disconnecting


class Caller:
    """A connection that makes calls, with time-outs on a clock that only the test moves."""

    def __init__(self):
        self.clock = Clock()
        self.connection = BusConnection()
        self.connection.transport = StringTransport()
        self.connection._authenticated = True
        self.connection._receivedFDs = []
        self.connection._pendingCalls = {}
        self.connection._dcCallbacks = []
        self.connection.busName = ":1.1"
        self.connection.objHandler = self.connection.factory = Mock()
        self.connection.clock = self.clock

    def call(self):
        """Make a call of at most 25 seconds; return its message and the list that the outcome will be put into."""
        outcome = []
        call = MethodCallMessage("/", "a")
        self.connection.callRemoteMessage(call, 25.0).addBoth(outcome.append)
        return call, outcome

    @property
    def leaves_nothing(self):
        return not self.connection._pendingCalls and not self.clock.getDelayedCalls()


def test_a_call_without_a_reply_fails_on_the_clock_of_the_connection():
    caller = Caller()
    _, outcome = caller.call()
    caller.clock.advance(24.9)
    assert outcome == []
    caller.clock.advance(0.1)
    assert [failure.type for failure in outcome] == [TimeOut]
    assert caller.leaves_nothing


@pytest.mark.parametrize("kind", ["return", "error"])
def test_a_reply_leaves_no_time_out_behind(kind):
    caller = Caller()
    call, outcome = caller.call()
    reply = MethodReturnMessage(call.serial) if kind == "return" else ErrorMessage("a.b", call.serial)
    caller.connection.dataReceived(reply.rawMessage)
    assert len(outcome) == 1
    assert caller.leaves_nothing


def test_a_lost_connection_ends_its_calls():
    caller = Caller()
    _, outcome = caller.call()
    caller.connection.connectionLost(Failure(ConnectionLost()))
    assert [failure.type for failure in outcome] == [ConnectionLost]
    assert caller.leaves_nothing
