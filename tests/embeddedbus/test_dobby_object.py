"""Dobby's object as any client finds it, on a real dbus-daemon and on the embedded bus (facts/dobby.md 0 to 2)."""

import json
import os
import re

import pytest

from dobbyclient import CTRL, NAME, PATH, SPEC, STARTED, STATUS, STOPPED, Client
from rawclient import CALL, ERROR, RETURN, RawClient

PEER = "org.freedesktop.DBus.Peer"
INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
PROPERTIES = "org.freedesktop.DBus.Properties"
UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"
UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject"

fact = pytest.mark.fact


@pytest.fixture(scope="module", params=["private", "embedded"])
def address(spawn, request):
    """The address of a bus of this kind, with a daemon on it whose containers start and stop at once."""
    program = spawn("thunderoci", "up", "--port", "0", "--progression", "immediate", "--bus", request.param)
    return program.ready["bus"]


@pytest.fixture
def client(address):
    with Client(address) as client:
        client.bus("AddMatch", "s", [f"type='signal',sender='{NAME}'"])
        yield client


@fact("D0-interfaces")
def test_three_interfaces_on_one_object(client):
    assert client.value("Ping", interface=f"{NAME}.admin1") == ("", [])
    assert client.value("List")[0] == "aias"
    assert client.value("GetSpec", "i", 99, interface=f"{NAME}.debug1") == ("s", [""])


@fact("D1-aibus-connects")
def test_an_address_that_is_reached(client, address, tmp_path):
    admin = f"{NAME}.admin1"
    client.bus("AddMatch", "s", ["member='NameOwnerChanged'"])
    for private in (False, True):
        assert client.value("SetAIDbusAddress", "bs", private, address, interface=admin) == ("b", [True])
    assert client.value("SetAIDbusAddress", "bs", False, f"unix:path={tmp_path}/x", interface=admin) == ("b", [False])
    # what was only tried out is not kept
    gone = set()
    while len(gone) < 2:
        signal = client.passed.pop(0) if client.passed else client.next()
        if signal.member == "NameOwnerChanged" and signal.body[2] == "":
            gone.add(signal.body[0])


@fact("D0-one-object")
def test_the_object_answers_from_the_connection_that_owns_the_name(client):
    owner = client.bus("GetNameOwner", "s", [NAME]).body[0]
    answer = client.dobby("List")
    assert (answer.kind, answer.sender) == (RETURN, owner)


def unknown(path, interface, member, text, *facts):
    marks = fact(*facts)
    return pytest.param(path, interface, member, text, marks=marks, id=f"{path}-{interface}-{member}")


def no_handler(interface, member, *facts):
    return unknown(PATH, interface, member, f"No handler for method {interface}.{member}", *facts)


@pytest.mark.parametrize(
    ("path", "interface", "member", "text"),
    [
        no_handler(CTRL, "Bogus", "D0-unknown-member"),
        no_handler(CTRL, "list", "D0-member-case"),
        no_handler(f"{NAME}.nope1", "List", "D0-unknown-interface"),
        no_handler(f"{NAME}.admin1", "List", "D0-wrong-interface"),
        no_handler(f"{NAME}.debug1", "StartInProcessTracing", "D1-no-tracing"),
        no_handler(f"{NAME}.debug1", "StopInProcessTracing", "D1-no-tracing"),
        unknown(PATH, None, "List", "Unknown method List or interface (null).", "D0-no-interface"),
        no_handler(INTROSPECTABLE, "Introspect", "D0-not-introspectable"),
        no_handler(PROPERTIES, "Get", "D0-no-properties"),
        no_handler(PROPERTIES, "GetAll", "D0-no-properties"),
        no_handler(PROPERTIES, "Set", "D0-no-properties"),
        no_handler("org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "D0-no-object-manager"),
        unknown(PATH, PEER, "Bogus", f"Unknown method 'Bogus' on interface '{PEER}'.", "D0-peer-unknown"),
        *(
            unknown(path, CTRL, "List", f"Unknown object '{path}'.", "D0-unknown-object", "D0-unknown-object-near")
            for path in ("/org/rdk", f"{PATH}/x")
        ),
        unknown("/foo", CTRL, "List", "Unknown object '/foo'.", "D0-unknown-object"),
        unknown("/foo", INTROSPECTABLE, "Introspect", "Unknown object '/foo'.", "D0-unknown-object"),
    ],
)
def test_what_there_is_not(client, path, interface, member, text):
    answer = client.dobby(member, interface=interface, path=path)
    name = UNKNOWN_OBJECT if text.startswith("Unknown object") else UNKNOWN_METHOD
    assert (answer.kind, answer.error_name, answer.signature, answer.body) == (ERROR, name, "s", [text])


@fact("D0-peer-ping", "D0-peer-machine-id", "D0-peer-any-path")
@pytest.mark.parametrize("path", [PATH, "/", "/nope"])
def test_peer(client, path):
    assert client.value("Ping", interface=PEER, path=path) == ("", [])
    signature, (machine,) = client.value("GetMachineId", interface=PEER, path=path)
    assert signature == "s"
    assert re.fullmatch("[0-9a-f]{32}", machine)


@fact("D0-parents-introspectable", "D0-parents-children")
@pytest.mark.parametrize(("path", "child"), [("/", "org"), ("/org", "rdk"), ("/org/rdk", "dobby")])
def test_the_way_to_the_object_can_be_introspected(client, path, child):
    signature, (text,) = client.value("Introspect", interface=INTROSPECTABLE, path=path)
    assert signature == "s"
    assert {PEER, INTROSPECTABLE} <= set(re.findall('interface name="(.*?)"', text))
    assert re.findall('node name="(.*?)"', text) == [child]


NUMBERS = {"u": 734, "x": 734, "n": 734, "y": 73, "b": True}


@fact("D0-failure-value", "D0-int32-strict")
@pytest.mark.parametrize(
    ("member", "signature", "rest", "failure"),
    [
        ("Stop", "{}b", [True], ("b", [False])),
        ("Pause", "{}", [], ("b", [False])),
        ("Resume", "{}", [], ("b", [False])),
        ("Exec", "{}ss", ["", "ls"], ("b", [False])),
        ("GetState", "{}", [], ("i", [-1])),
        ("GetInfo", "{}", [], ("b", [True])),
    ],
)
def test_a_descriptor_is_an_int32(client, member, signature, rest, failure):
    _, descriptor = client.start()
    for kind, number in NUMBERS.items():
        assert client.value(member, signature.format(kind), number, *rest) == failure
    client.end(descriptor)


@pytest.mark.parametrize(
    ("member", "signature", "values", "failure"),
    [
        pytest.param("StartFromSpec", "osah", ["/a", "{}", []], ("i", [-1]), marks=fact("D0-string-strict")),
        pytest.param("StartFromBundle", "soah", ["a", "/srv", []], ("i", [-1]), marks=fact("D0-string-strict")),
        pytest.param("Exec", "ios", [734, "/a", "ls"], ("b", [False]), marks=fact("D0-string-strict")),
        pytest.param("StartFromSpec", "ssas", ["a", json.dumps(SPEC), []], ("i", [-1]), marks=fact("D0-fds-strict")),
        pytest.param("StartFromSpec", "ssai", ["a", json.dumps(SPEC), []], ("i", [-1]), marks=fact("D0-fds-strict")),
    ],
)
@fact("D0-failure-value")
def test_strings_and_file_descriptors_are_of_their_own_types(client, member, signature, values, failure):
    assert client.value(member, signature, *values) == failure


@fact("D0-list-any-arguments")
@pytest.mark.parametrize(("signature", "values"), [("s", ["x"]), ("iu", [1, 2]), ("as", [["x"]])])
def test_list_ignores_arguments(client, signature, values):
    assert client.value("List", signature, *values) == client.value("List")


def bundle(directory):
    (directory / "rootfs").mkdir()
    config = {
        "ociVersion": "1.0.2-dobby",
        "root": {"path": "rootfs"},
        "process": {"args": ["/usr/libexec/DobbyInit", "sleep", "60"], "cwd": "/"},
        "linux": {"resources": {}},
    }
    (directory / "config.json").write_text(json.dumps(config))
    return str(directory)


@pytest.mark.parametrize(
    ("member", "signature"),
    [
        *(pytest.param("StartFromSpec", form, marks=fact("D1-spec-forms")) for form in ("ssah", "ssahssas")),
        *(
            pytest.param("StartFromBundle", form, marks=fact("D1-bundle-forms"))
            for form in ("ssah", "ssahssas", "ssahssasuu")
        ),
    ],
)
@fact("D1-start-descriptor", "D1-stop-true", "D2-started", "D2-started-first")
def test_the_forms_of_a_start(client, tmp_path, member, signature):
    source = json.dumps(SPEC) if member == "StartFromSpec" else bundle(tmp_path)
    values = ["forms", source, [], "sleep 5", "", ["A=b"], 0, 0][: len(signature.replace("a", ""))]
    answered, (descriptor,) = client.value(member, signature, *values)
    assert answered == "i"
    assert 1 <= descriptor <= 1023
    assert client.heard() == [(STARTED, [descriptor, "forms"])]
    client.end(descriptor)


@fact("D0-signals-broadcast", "D2-status-values", "D2-stop-order", "D2-stopped-after-status", "D2-stop-force")
def test_the_signals_of_a_life(client):
    owner = client.bus("GetNameOwner", "s", [NAME]).body[0]
    container_id, descriptor = client.start()
    (started,) = [signal for signal in client.fence() if signal.path == PATH]
    assert client.value("Stop", "ib", descriptor, True) == ("b", [True])
    status, stopped = client.next(), client.next()
    for signal, member, signature, values in (
        (started, STARTED, "is", [descriptor, container_id]),
        (status, STATUS, "isi", [descriptor, container_id, 9]),
        (stopped, STOPPED, "is", [descriptor, container_id]),
    ):
        assert (signal.member, signal.signature, signal.body) == (member, signature, values)
        assert (signal.sender, signal.destination, signal.path, signal.interface) == (owner, None, PATH, CTRL)


@fact("D2-gone-when-stopped", "D2-stop-again", "D1-stop-unknown", "D1-state-unknown", "D1-info-unknown")
def test_what_was_stopped_is_gone(client):
    container_id, descriptor = client.start()
    client.value("Stop", "ib", descriptor, True)
    assert [client.next().member, client.next().member] == [STATUS, STOPPED]
    assert client.value("GetState", "i", descriptor) == ("i", [0])
    assert container_id not in client.value("List")[1][1]
    assert client.value("GetInfo", "i", descriptor) == ("s", [""])
    assert client.value("Stop", "ib", descriptor, False) == ("b", [False])


@fact("D2-silent-pause", "D2-silent-exec", "D1-pause-true", "D1-resume-true", "D1-exec-true", "D1-info-json")
def test_what_makes_no_signal(client):
    container_id, descriptor = client.start()
    assert client.heard() == [(STARTED, [descriptor, container_id])]
    assert client.value("Pause", "i", descriptor) == ("b", [True])
    assert client.value("Resume", "i", descriptor) == ("b", [True])
    assert client.value("Exec", "iss", descriptor, "", "ls") == ("b", [True])
    signature, (text,) = client.value("GetInfo", "i", descriptor)
    assert (signature, json.loads(text)["id"]) == ("s", container_id)
    # the daemon's answer to GetInfo is the fence: a signal of those calls would have come before it
    assert client.heard() == []
    client.end(descriptor)


@pytest.mark.parametrize(
    ("member", "values"),
    [
        pytest.param("StartFromSpec", ["a b", json.dumps(SPEC), []], marks=fact("D1-start-bad-id")),
        pytest.param("StartFromSpec", ["taken", json.dumps(SPEC), []], marks=fact("D1-start-duplicate")),
        pytest.param("StartFromBundle", ["taken", "/nope", []], marks=fact("D1-start-duplicate")),
        pytest.param("StartFromSpec", ["bad", '{"version":"1.0"}', []], marks=fact("D1-start-bad-spec")),
        pytest.param("StartFromBundle", ["bad", "/nope", []], marks=fact("D1-start-bad-bundle")),
        pytest.param("StartFromSpec", ["bad", json.dumps(SPEC | {"memLimit": 0}), []], marks=fact("D1-start-crun")),
    ],
)
@fact("D1-start-no-reason", "D2-failed-start-silent", "D2-duplicate")
def test_a_start_that_fails(client, member, values):
    _, descriptor = client.start("taken")
    client.heard()
    assert client.value(member, "ssah", *values) == ("i", [-1])
    assert client.value("GetState", "i", descriptor) == ("i", [2])
    assert client.heard() == []
    client.end(descriptor)


@fact("D0-impatient-client")
def test_a_caller_that_leaves_changes_nothing(client, address):
    with RawClient(address) as hasty:
        fields = {"destination": NAME, "path": PATH, "interface": CTRL, "member": "StartFromSpec"}
        hasty.send(CALL, "ssah", ["hasty", json.dumps(SPEC), []], **fields)
    started = client.next()
    assert (started.member, started.body[1]) == (STARTED, "hasty")
    assert "hasty" in client.value("List")[1][1]
    client.end(started.body[0])


def test_file_descriptors_of_a_start_arrive(client):
    reading, writing = os.pipe()
    values = ["with-fds", json.dumps(SPEC), [0, 1]]
    _, (descriptor,) = client.value("StartFromSpec", "ssah", *values, fds=[reading, writing])
    os.close(reading)
    os.close(writing)
    client.end(descriptor)
