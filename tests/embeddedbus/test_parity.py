"""The same requests on a real dbus-daemon and on the embedded bus, and the same answers."""

import re

import pytest

from rawclient import BUS, BUS_PATH, CALL, ERROR, NO_AUTO_START, NO_REPLY_EXPECTED, RETURN, SIGNAL, Closed

PROPERTIES = "org.freedesktop.DBus.Properties"
PEER = "org.freedesktop.DBus.Peer"
MONITORING = "org.freedesktop.DBus.Monitoring"


def seen(message):
    """What two buses must agree on."""
    if isinstance(message, list):
        return [seen(one) for one in message]
    body = [re.sub("[0-9a-f]{32}", "GUID", str(value)) for value in message.body]
    return (
        message.kind,
        message.flags,
        message.sender,
        message.destination,
        message.path,
        message.interface,
        message.member,
        message.error_name,
        message.signature,
        body,
    )


def fenced(client, *arguments, **fields):
    client.send(*arguments, **fields)
    return client.fence()


NAMES = ["a", "", ".a", "a.", "a..b", "a.1", "a.b-c", ":1.7", ":1", BUS, "a.bé", "x." + "y" * 253, "x." + "y" * 254]
TAKES_A_NAME = [
    "ReleaseName",
    "GetNameOwner",
    "NameHasOwner",
    "ListQueuedOwners",
    "GetConnectionUnixUser",
    "GetConnectionSELinuxSecurityContext",
    "GetAdtAuditSessionData",
]


def names(a, _b):
    for name in NAMES:
        yield a.bus("RequestName", "su", [name, 0])
        for member in TAKES_A_NAME:
            yield a.bus(member, "s", [name])
        yield a.bus("StartServiceByName", "su", [name, 0])
    yield a.bus("ListNames")
    yield a.bus("ListActivatableNames")


def own_credentials(a, b):
    for name in [a.name, b.name]:
        for member in [*TAKES_A_NAME, "GetConnectionUnixProcessID", "GetConnectionCredentials"]:
            yield a.bus(member, "s", [name])
    for member in ["GetConnectionUnixProcessID", "GetConnectionCredentials"]:
        yield a.bus(member, "s", ["no.such"])


def bus_object(a, _b):
    yield a.bus("Hello")
    yield a.bus("ReloadConfig")
    for path, interface, member in [
        (BUS_PATH, BUS, "Nope"),
        (BUS_PATH, "no.such", "Nope"),
        (BUS_PATH, "no.such", "GetId"),
        (BUS_PATH, None, "Nope"),
        (BUS_PATH, None, "GetId"),
        ("/", BUS, "GetId"),
        ("/x/y", BUS, "ListNames"),
        ("/x", PEER, "Ping"),
        (BUS_PATH, PEER, "GetMachineId"),
        (BUS_PATH, PEER, "Nope"),
    ]:
        yield a.call(BUS, path, interface, member)
    yield a.call(BUS, "/x", PEER, "Ping", "s", ["x"])
    for signature, values in [("", []), ("u", [3]), ("ss", ["a", "b"])]:
        yield a.bus("GetNameOwner", signature, values)
    yield a.bus("GetId", "s", ["x"])
    yield a.call(BUS, BUS_PATH, PROPERTIES, "GetAll", "s", ["x.y"])
    yield a.call(BUS, "/", PROPERTIES, "GetAll", "s", [BUS])
    for interface, name in [(BUS, "Nope"), ("x.y", "Nope")]:
        yield a.call(BUS, BUS_PATH, PROPERTIES, "Get", "ss", [interface, name])
        yield a.call(BUS, BUS_PATH, PROPERTIES, "Set", "ssv", [interface, name, 1])
    yield a.call(BUS, BUS_PATH, PROPERTIES, "Set", "ssv", [BUS, "Features", 1])


def match_rules(a, _b):
    for rule in [
        "",
        " ",
        "foo",
        "foo=",
        "type",
        "type=x",
        "type='signal",
        "type=signal,type=signal",
        "path='x'",
        "path='/a',path_namespace='/a'",
        "path_namespace='/a',path='/a'",
        "arg64='x'",
        "arg0path=''",
        "arg1namespace='a.b'",
        "arg0namespace='a..b'",
        "arg0namespace='com'",
        "arg0namespace=''",
        "arg='x'",
        "argx='x'",
        "arg01='x'",
        "arg0foo='x'",
        "arg0='a',arg0path='/b'",
        "arg0='a',arg0='b'",
        "eavesdrop=maybe",
        "interface=x",
        "member='a.b'",
        "sender='x'",
        "destination=':1.2'",
        "destination='..'",
        ",",
        "type=signal,",
        "type='signal',,",
        " type = 'signal'",
        " type ='signal'",
        "type='signal', member='x'",
        "path='/'",
        "x" * 1100,
        r"arg0='a'b\'c'",
        r"arg0='a'\''b'",
        r"arg0=a\b",
    ]:
        yield a.bus("AddMatch", "s", [rule])
        yield a.bus("RemoveMatch", "s", [rule])
        yield a.bus("RemoveMatch", "s", [rule])


def nobody_there(a, b):
    for name in ["no.such", ":1.99"]:
        for flags in [0, NO_AUTO_START, NO_REPLY_EXPECTED]:
            yield fenced(a, CALL, path="/a", interface="x.y", member="Z", destination=name, flags=flags)
            yield fenced(a, SIGNAL, path="/a", interface="x.y", member="Z", destination=name, flags=flags)
        yield fenced(a, RETURN, destination=name, reply_serial=7)
        yield fenced(a, ERROR, destination=name, reply_serial=7, error_name="x.y")
    for flags in [0, NO_REPLY_EXPECTED]:
        for member in ["GetId", "Nope"]:
            yield fenced(a, CALL, path=BUS_PATH, interface=BUS, member=member, destination=BUS, flags=flags)
    yield fenced(a, SIGNAL, path="/a", interface="x.y", member="Z", destination=BUS)
    yield fenced(a, RETURN, destination=BUS, reply_serial=7)
    for path, interface, member, signature, values in [
        ("/a", "x.y", "Z", "", []),
        ("/a", None, "Z", "s", ["x"]),
        (BUS_PATH, BUS, "GetId", "", []),
        ("/a", PEER, "Ping", "", []),
    ]:
        yield a.call(None, path, interface, member, signature, values)
    yield fenced(a, RETURN, reply_serial=7)
    yield fenced(a, 9, path="/a", interface="x.y", member="Z", destination=b.name)
    yield b.fence()


def between_clients(a, b):
    call = a.send(CALL, "s", ["hello"], path="/a", interface="x.y", member="Z", destination=b.name)
    received = b.next_call()
    yield received
    b.send(RETURN, "s", ["world"], destination=a.name, reply_serial=received.serial, flags=NO_REPLY_EXPECTED)
    yield a.answer(call)
    call = a.send(CALL, path="/a", member="Z", destination=b.name)
    b.send(ERROR, "s", ["no"], destination=a.name, reply_serial=b.next_call().serial, error_name="x.y.No")
    yield a.answer(call)
    a.send(SIGNAL, "s", ["only you"], path="/a", interface="x.y", member="Z", destination=b.name)
    yield b.fence()
    # the same serial again, while its answer is due
    serial = a.send(CALL, path="/a", interface="x.y", member="Z", destination=b.name)
    a._serial = serial - 1
    a.send(CALL, path="/a", interface="x.y", member="Z", destination=b.name)
    yield a.fence()
    yield b.fence()


def callee_vanishes(a, b):
    b.bus("RequestName", "su", ["x.y", 0])
    b.bus("RequestName", "su", ["x.z", 0])
    a.bus("RequestName", "su", ["x.z", 0])
    a.bus("AddMatch", "s", ["type=signal,member=NameOwnerChanged"])
    first = a.send(CALL, path="/a", interface="x.y", member="Z", destination="x.y")
    b.next_call()
    b.socket.close()
    yield a.answer(first)
    yield a.fence()
    yield a.bus("NameHasOwner", "s", ["x.y"])
    yield a.bus("GetNameOwner", "s", ["x.z"])


def queues(a, b):
    b.bus("AddMatch", "s", [f"type=signal,sender={BUS},member=NameOwnerChanged"])
    everyone = [a, b, b]
    for place, flags in [(0, 0), (0, 1), (1, 0), (1, 2), (0, 0), (1, 6), (1, 4), (0, 5), (1, 6), (0, 1), (0, 4)]:
        yield everyone[place].bus("RequestName", "su", ["q.n", flags])
        yield a.bus("ListQueuedOwners", "s", ["q.n"])
        yield a.fence()
        yield b.fence()
    for client in [a, b, a, b]:
        yield client.bus("ReleaseName", "s", ["q.n"])
        yield a.fence()
        yield b.fence()


def monitor(a, b):
    b.bus("RequestName", "su", ["x.y", 0])
    yield b.call(BUS, BUS_PATH, MONITORING, "BecomeMonitor", "asu", [["foo"], 0])
    yield b.call(BUS, BUS_PATH, MONITORING, "BecomeMonitor", "asu", [[], 0])
    yield [b.next(), b.next()]
    yield a.bus("GetNameOwner", "s", ["x.y"])
    a.send(SIGNAL, path="/a", interface="x.y", member="Z", destination=a.name)
    yield a.fence()
    yield [b.next() for _ in range(5)]
    with pytest.raises(Closed):
        b.bus("GetId")


@pytest.mark.parametrize(
    "script",
    [
        names,
        own_credentials,
        bus_object,
        match_rules,
        nobody_there,
        between_clients,
        callee_vanishes,
        queues,
        monitor,
    ],
)
def test_both_buses_give_the_same_answers(bus, real_bus, script):
    for ours, theirs in zip(
        script(bus.client(), bus.client()), script(real_bus.client(), real_bus.client()), strict=True
    ):
        assert seen(ours) == seen(theirs)


@pytest.mark.parametrize(
    ("path", "interface", "member", "signature", "values"),
    [
        (BUS_PATH, BUS, "GetId", "", []),
        (BUS_PATH, PEER, "Ping", "", []),
        (BUS_PATH, BUS, "Hello", "s", ["x"]),
        (BUS_PATH, None, "Hello", "", []),
        ("/", BUS, "Hello", "", []),
    ],
)
def test_both_buses_want_hello_first(bus, real_bus, path, interface, member, signature, values):  # noqa: PLR0917 (a call)
    answers = []
    for one in [bus, real_bus]:
        client = one.client(hello=False)
        answers.append([seen(client.call(BUS, path, interface, member, signature, values)), seen(client.bus("Hello"))])
    assert answers[0] == answers[1]


def test_both_buses_end_a_connection_that_talks_to_others_before_hello(bus, real_bus):
    for one in [bus, real_bus]:
        client = one.client(hello=False)
        with pytest.raises(Closed):
            client.call("no.such", "/a", "x.y", "Z")
