"""What a connection to a bus makes of the bytes that come."""

import pytest
from twisted.internet.testing import StringTransport
from txdbus.message import MethodCallMessage

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
