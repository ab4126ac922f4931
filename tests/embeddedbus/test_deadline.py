"""A client that does not say who it is has 30 seconds, as on a dbus-daemon."""

import os
import socket

import pytest
from twisted.internet.task import Clock

from fakedobby.embeddedbus import EmbeddedBus, Limits
from rawclient import BUS, BUS_PATH, CALL, encode

AUTHENTICATION = b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\nBEGIN\r\n"
HELLO = encode(CALL, 1, path=BUS_PATH, interface=BUS, member="Hello", destination=BUS)


class Transport:
    """The bus's end of a socket, which ends as the reactor's would."""

    def __init__(self, protocol):
        self.socket, self.other = socket.socketpair()
        self._protocol = protocol
        self.ended = False

    def write(self, data):
        pass

    def registerProducer(self, producer, streaming):  # noqa: N802 (Twisted's name)
        pass

    def abortConnection(self):  # noqa: N802 (Twisted's name)
        self.ended = True
        self.socket.close()
        self.other.close()
        self._protocol.connectionLost()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def connect(clock):
    """Connect a client that sends these bytes; return its transport."""
    transports = []

    def connect(*sent, **limits):
        protocol = EmbeddedBus(limits=Limits(**limits)).connect(clock)
        transport = Transport(protocol)
        transports.append(transport)
        protocol.makeConnection(transport)
        for data in sent:
            protocol.dataReceived(data)
        return transport

    yield connect
    for transport in transports:
        if not transport.ended:
            transport.abortConnection()
    assert clock.getDelayedCalls() == []


@pytest.mark.parametrize("sent", [(), (b"\0",), (AUTHENTICATION,), (AUTHENTICATION, HELLO[:-1])])
def test_who_does_not_get_as_far_as_hello_is_disconnected(clock, connect, sent):
    client = connect(*sent)
    clock.advance(29.9)
    assert not client.ended
    clock.advance(0.2)
    assert client.ended


def test_who_has_said_hello_has_all_the_time_of_the_world(clock, connect):
    client = connect(AUTHENTICATION, HELLO)
    assert clock.getDelayedCalls() == []
    clock.advance(10**9)
    assert not client.ended


def test_the_time_is_a_setting(clock, connect):
    client = connect(authentication_time=2)
    clock.advance(2)
    assert client.ended


def test_who_leaves_earlier_leaves_no_timer(clock, connect):
    connect().abortConnection()
    assert clock.getDelayedCalls() == []
