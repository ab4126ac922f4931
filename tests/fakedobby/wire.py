"""A daemon's service without a bus: messages in, messages out."""

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from txdbus.message import MethodCallMessage, SignalMessage

from fakedobby.protocol import CTRL_INTERFACE, OBJECT_PATH
from fakedobby.service import DobbyService
from fakedobby.settings import Settings

made = []
"""As in bench.py."""


class Connection:
    """A bus connection that keeps what is sent; with it go the daemon, its clock, and why it is gone."""

    def __init__(self):
        self.sent = []
        self.busName = ":1.2"
        self.answer_call = None
        self.left = False
        self.gone = []
        self.clock = Clock()
        self.daemon = None

    def requestBusName(self, _name):  # noqa: N802 (txdbus's name)
        return succeed(1)

    def sendMessage(self, message):  # noqa: N802 (txdbus's name)
        self.sent.append(message)

    def disconnect(self):
        self.left = True

    def take(self):
        """Return member or error name, signature and values of what was sent since."""
        sent, self.sent = self.sent, []
        return [described(message) for message in sent]


def described(message):
    name = getattr(message, "member", None) or getattr(message, "error_name", None) or "reply"
    return name, message.signature or "", message.body or []


def published(**settings):
    """Return the connection of a daemon that has begun to serve."""
    connection = unpublished(**settings)
    Deferred.fromCoroutine(connection.daemon.publish())
    connection.clock.pump([1, 1])
    connection.sent.clear()
    return connection


def unpublished(**settings):
    """Return the connection of a daemon that publish() was not called on."""
    connection = Connection()
    made.append(connection)
    connection.daemon = DobbyService(connection, connection.clock, Settings(**settings), gone=connection.gone.append)
    return connection


def call(connection, member, signature="", *values, path=OBJECT_PATH, interface=CTRL_INTERFACE, **flags):
    """Send a call and return its message."""
    call = MethodCallMessage(
        path, member, interface=interface, signature=signature or None, body=list(values), oobFDs=[], **flags
    )
    call.sender = ":1.5"
    connection.answer_call(call)
    return call


def ask(connection, member, signature="", *values, **where):
    """Send a call; return signature (or error name) and values of the one message that answers it, behind signals."""
    connection.sent.clear()
    asked = call(connection, member, signature, *values, **where)
    *signals, message = connection.sent
    assert all(isinstance(signal, SignalMessage) for signal in signals)
    assert (message.reply_serial, message.destination) == (asked.serial, ":1.5")
    return getattr(message, "error_name", message.signature or ""), message.body or []
