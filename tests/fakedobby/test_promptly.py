"""Writing in the same turn of the loop, with a transport of Twisted's that takes as many bytes as a test likes."""

import pytest
from twisted.internet.abstract import FileDescriptor
from twisted.internet.main import CONNECTION_LOST
from twisted.internet.testing import StringTransport

from fakedobby.promptly import write_promptly


class Loop:
    """The part of a reactor that a transport tells what it waits for."""

    def __init__(self):
        self.writers = []

    def addWriter(self, writer):  # noqa: N802 (Twisted's name)
        self.writers.append(writer)

    def removeWriter(self, writer):  # noqa: N802 (Twisted's name)
        self.writers.remove(writer)

    def removeReader(self, reader):  # noqa: N802 (Twisted's name)
        pass


class Narrow(FileDescriptor):
    """A connection whose system takes so many bytes at a time, or is lost."""

    connected = 1

    def __init__(self, takes):
        super().__init__(Loop())
        self.takes = takes
        self.sent = b""
        self.socket = self

    def send(self, data):
        if self.takes is None:
            raise BrokenPipeError
        self.sent += bytes(data[: self.takes])
        return min(len(data), self.takes)

    def writeSomeData(self, data):  # noqa: N802 (Twisted's name)
        return CONNECTION_LOST if self.takes is None else self.send(data)


def turn(transport):
    """Let the loop write once, as it does in each turn for who waits for that."""
    for writer in list(transport.reactor.writers):
        writer.doWrite()


def test_it_is_sent_before_the_loop_turns():
    transport = Narrow(100)
    write_promptly(transport, b"at once")
    assert (transport.sent, transport.reactor.writers) == (b"at once", [])


def test_what_the_system_does_not_take_is_left_to_the_loop_and_nothing_overtakes_it():
    transport = Narrow(5)
    write_promptly(transport, b"0123456")
    assert (transport.sent, transport.reactor.writers) == (b"01234", [transport])
    write_promptly(transport, b"789")
    assert transport.sent == b"01234"
    turn(transport)
    assert (transport.sent, transport.reactor.writers) == (b"0123456789", [])


def test_nothing_overtakes_what_was_written_before():
    transport = Narrow(100)
    transport.write(b"first, ")
    write_promptly(transport, b"second")
    assert transport.sent == b""
    turn(transport)
    assert transport.sent == b"first, second"


def test_a_lost_connection_is_found_by_the_loop():
    transport = Narrow(None)
    write_promptly(transport, b"nobody")
    assert transport.reactor.writers == [transport]


@pytest.mark.parametrize("state", ["disconnected", "disconnecting"])
def test_a_connection_that_ends_takes_nothing_more_than_twisted_would(state):
    transport = Narrow(100)
    transport.connected = state != "disconnected"
    transport.disconnecting = state == "disconnecting"
    write_promptly(transport, b"late")
    assert transport.sent == b""


def test_other_transports_are_written_to_as_ever():
    transport = StringTransport()
    write_promptly(transport, b"text")
    assert transport.value() == b"text"
