import pytest

from fakedobby.embeddedbus.driver import Driver
from fakedobby.embeddedbus.limits import Limits
from fakedobby.embeddedbus.message import Message, decode, with_body
from fakedobby.embeddedbus.methods import Identity
from fakedobby.embeddedbus.router import Credentials, Peer, Router
from rawclient import BUS, BUS_PATH, CALL, RETURN, SIGNAL

SELF = Credentials(1000, 1)


class Outlet:
    def __init__(self):
        self.sent = []
        self.ended = None

    def send(self, message):
        decode(message.raw)
        self.sent.append(message)

    def hang_up(self, reason):
        self.ended = reason

    def take(self):
        sent, self.sent = self.sent, []
        return [one.error_name or one.member or one.values() for one in sent]


class Bus:
    def __init__(self, **limits):
        self.router = Router(self.answer, Limits(**limits))
        self.driver = Driver(self.router, Identity("0" * 32, "1" * 32, SELF))
        self.serial = 0

    def answer(self, peer, call):
        self.driver.answer(peer, call)

    def peer(self, **options):
        peer = Peer(Outlet(), SELF, **options)
        self.bus(peer, "Hello")
        peer.outlet.take()
        return peer

    def send(self, peer, kind, signature="", values=(), **fields):
        self.serial += 1
        message = with_body(Message(kind, **{"flags": 0, "serial": self.serial, **fields}), signature, values)
        self.router.receive(peer, message)

    def bus(self, peer, member, signature="", values=()):
        self.send(peer, CALL, signature, values, path=BUS_PATH, interface=BUS, member=member, destination=BUS, flags=1)
        return peer.outlet.take()


@pytest.fixture
def bus():
    return Bus()


def error(name):
    return f"org.freedesktop.DBus.Error.{name}"


def test_nobody_can_forge_a_sender(bus):
    a, b = bus.peer(), bus.peer()
    bus.send(a, SIGNAL, path="/a", interface="x.y", member="Z", sender=BUS, destination=b.name)
    assert b.outlet.sent[0].sender == a.name


def test_a_broadcast_reaches_whom_a_rule_wants_once(bus):
    a, b, c = bus.peer(), bus.peer(), bus.peer()
    bus.bus(b, "AddMatch", "s", ["member='Z'"])
    bus.bus(b, "AddMatch", "s", ["interface='x.y'"])
    bus.send(a, SIGNAL, path="/a", interface="x.y", member="Z")
    assert (a.outlet.take(), b.outlet.take(), c.outlet.take()) == ([], ["Z"], [])
    bus.bus(b, "RemoveMatch", "s", ["member='Z'"])
    bus.bus(b, "RemoveMatch", "s", ["interface='x.y'"])
    bus.send(a, SIGNAL, path="/a", interface="x.y", member="Z")
    assert b.outlet.take() == []


def test_only_those_who_say_so_eavesdrop(bus):
    a, b, c, d = bus.peer(), bus.peer(), bus.peer(), bus.peer()
    bus.bus(c, "AddMatch", "s", ["member='Z',eavesdrop=true"])
    bus.bus(d, "AddMatch", "s", ["member='Z'"])
    bus.send(a, CALL, path="/a", member="Z", destination=b.name)
    assert (b.outlet.take(), c.outlet.take(), d.outlet.take()) == (["Z"], ["Z"], [])


def test_only_replies_that_are_due_are_handed_on(bus):
    a, b, c = bus.peer(), bus.peer(), bus.peer()
    bus.send(a, CALL, path="/a", member="Z", destination=b.name)
    serial = bus.serial
    bus.send(c, RETURN, "s", ["forged"], destination=a.name, reply_serial=serial)
    bus.send(b, RETURN, "s", ["unknown"], destination=a.name, reply_serial=serial + 100)
    bus.send(b, RETURN, "s", ["right"], destination=a.name, reply_serial=serial)
    bus.send(b, RETURN, "s", ["again"], destination=a.name, reply_serial=serial)
    assert a.outlet.take() == [["right"]]
    assert c.outlet.take() == []


def test_no_reply_is_due_where_none_was_expected(bus):
    a, b = bus.peer(), bus.peer()
    bus.send(a, CALL, path="/a", member="Z", destination=b.name, flags=1)
    bus.send(b, RETURN, destination=a.name, reply_serial=bus.serial)
    bus.send(a, CALL, path="/a", member="Z", destination=b.name, flags=1)
    bus.router.lost(b)
    assert a.outlet.take() == []


def test_file_descriptors_go_only_to_those_who_take_them(bus):
    a, b, c = bus.peer(passes_fds=True), bus.peer(), bus.peer(passes_fds=True)
    for peer in [b, c]:
        bus.bus(peer, "AddMatch", "s", ["type=signal"])
    bus.send(a, CALL, path="/a", member="Z", destination=b.name, unix_fds=1, fds=[99])
    assert a.outlet.take() == [error("NotSupported")]
    bus.send(a, SIGNAL, path="/a", interface="x.y", member="Z", unix_fds=1, fds=[99])
    assert (b.outlet.take(), c.outlet.take()) == ([], ["Z"])


def test_limits():
    bus = Bus(names=1, match_rules=1, pending_replies=1, bus_call=100)
    a, b = bus.peer(), bus.peer()
    bus.bus(a, "RequestName", "su", ["x.y", 0])
    assert bus.bus(a, "RequestName", "su", ["x.z", 0]) == [error("LimitsExceeded")]
    assert bus.bus(a, "RequestName", "su", ["x.y", 0]) == [[4]]
    bus.bus(a, "AddMatch", "s", [""])
    assert bus.bus(a, "AddMatch", "s", [""]) == [error("LimitsExceeded")]
    assert bus.bus(a, "NameHasOwner", "s", ["x" * 100]) == [error("LimitsExceeded")]
    bus.send(a, CALL, path="/a", member="Z", destination=b.name)
    bus.send(a, CALL, path="/a", member="Z", destination=b.name)
    assert a.outlet.take() == [error("LimitsExceeded")]
    assert b.outlet.take() == ["Z"]


def test_nothing_is_left_of_those_who_went(bus):
    a, b = bus.peer(), bus.peer()
    bus.bus(a, "RequestName", "su", ["x.y", 0])
    bus.bus(b, "RequestName", "su", ["x.y", 0])
    bus.send(a, CALL, path="/a", member="Z", destination=b.name)
    bus.send(b, CALL, path="/a", member="Z", destination=a.name)
    b.outlet.take()
    bus.router.lost(a)
    assert b.outlet.take() == ["NameAcquired", error("NoReply")]
    bus.router.lost(b)
    assert bus.router.peers == {}
    assert bus.router.names.names() == []
    assert not a.awaits
    assert not b.awaits


def test_a_monitor_can_choose_and_must_be_silent(bus):
    a, b = bus.peer(), bus.peer()
    bus.send(
        b,
        CALL,
        "asu",
        [["member='Z'"], 0],
        path=BUS_PATH,
        interface="org.freedesktop.DBus.Monitoring",
        member="BecomeMonitor",
        destination=BUS,
    )
    assert b.outlet.take() == [[], "NameLost"]
    bus.send(a, SIGNAL, path="/a", interface="x.y", member="Y")
    bus.send(a, SIGNAL, path="/a", interface="x.y", member="Z", destination=a.name)
    assert b.outlet.take() == ["Z"]
    bus.send(b, SIGNAL, path="/a", interface="x.y", member="Z")
    assert b.outlet.ended
    bus.router.lost(b)
    assert list(bus.router.peers) == [a.name]
