"""The object beside Dobby's as busctl sees it, on the emulator and on the fake daemon alone."""

import json
import urllib.request

import pytest

from controlclient import ControlClient
from dobbyclient import NAME, SPEC
from fakedobby.operations import document
from rawclient import SIGNAL
from tests_support import post, run

WHERE = (NAME, "/org/thunderoci/emulator")
INTERFACE = "org.thunderoci.Emulator1"
ONLY_HOST = {"getOpenAPI", "listSubscriptions", "sendEvent"}
"""What there is nothing of in a daemon alone."""


@pytest.fixture(scope="module", params=[("thunderoci", "up", "--port", "0"), ("fakedobby",)], ids=["up", "fakedobby"])
def program(request, spawn):
    return spawn(*request.param, "--clock", "virtual", "--progression", "immediate")


@pytest.fixture
def busctl(program):
    """Run busctl on the program's bus; return what it prints, and what it complains of."""
    return lambda *arguments: run("busctl", f"--address={program.ready['bus']}", *arguments)[1:]


@pytest.fixture
def operation(busctl):
    """Carry out an operation; return its result, or the complaint as text."""
    busctl("call", *WHERE, INTERFACE, "ResetState")

    def carry_out(member, **arguments):
        output, complaint = busctl("--json=short", "call", *WHERE, INTERFACE, member, "s", json.dumps(arguments))
        return json.loads(json.loads(output)["data"][0]) if output else complaint.removeprefix("Call failed: ").strip()

    return carry_out


def test_it_can_be_introspected_and_has_every_operation(program, busctl):
    lines = [line.split() for line in busctl("introspect", *WHERE, INTERFACE)[0].splitlines()[1:]]
    known = set(document.operations()) - (set() if "url" in program.ready else ONLY_HOST)
    assert {tuple(line[:4]) for line in lines} == {(f".{one[0].upper()}{one[1:]}", "method", "s", "s") for one in known}


def test_dobbys_own_paths_know_nothing_of_it(busctl):
    assert "/org/thunderoci" not in busctl("tree", "--list", NAME)[0]
    assert "Unknown object '/org/thunderoci'" in busctl("introspect", NAME, "/org/thunderoci")[1]
    assert "No handler for method" in busctl("call", NAME, "/org/rdk/dobby", INTERFACE, "GetHealth")[1]


def test_peer(busctl):
    assert busctl("call", *WHERE, "org.freedesktop.DBus.Peer", "Ping") == ("", "")


def test_a_life(operation):
    container = operation("StartContainer", id="app", spec=SPEC)
    assert (container["descriptor"], container["state"]) == (734, "Running")
    assert operation("ListContainers") == {"containers": [container]}
    operation("AdvanceClock", seconds=20)
    snapshot = operation("SnapshotState")
    assert (snapshot["nextDescriptor"], snapshot["containers"][0]["activeSeconds"]) == (879, 20)
    operation("CrashContainer", id="app", signal="SIGSEGV")
    assert operation("ListContainers") == {"containers": []}
    (ended,) = operation("QueryJournal", kind="signal", method="StoppedWithStatus")["entries"]
    assert (ended["arguments"], ended["at"]) == ([734, "app", 139], 20)
    operation("RestoreState", **snapshot)
    assert operation("SnapshotState") == snapshot
    assert operation("AdvanceClock", seconds=40) == {"seconds": 60, "speed": 0, "next": None}
    assert operation("GetState")["containers"] == []
    operation("ResetState")
    assert operation("GetClock")["seconds"] == 0
    assert operation("QueryJournal")["entries"] == []


def test_faults(operation, busctl):
    list_containers = ("call", NAME, "/org/rdk/dobby", f"{NAME}.ctrl1", "List")
    added = operation("AddFault", place="dobby", kind="error", method="List", text="as you wished")
    assert added["id"] == "f1"
    assert "as you wished" in busctl(*list_containers)[1]
    assert operation("GetFault", id="f1")["struck"] == 1
    assert operation("RemoveFault", id="f1") is None
    assert busctl(*list_containers)[0] == "aias 0 0\n"
    operation("AddFault", place="dobby", kind="error")
    assert operation("ClearFaults") is None
    assert operation("ListFaults") == {"faults": []}


def test_the_journal_is_queried_alike(operation, busctl):
    for member in ("Ping", "GetState", "Ping"):
        busctl("call", NAME, "/org/rdk/dobby", f"{NAME}.admin1" if member == "Ping" else f"{NAME}.ctrl1", member)
    calls = operation("QueryJournal", kind="call")
    assert set(calls) == {"entries", "last", "dropped", "cleared"}
    latest = operation("QueryJournal", kind="call", limit=1)["entries"]
    assert latest == calls["entries"][-1:] != calls["entries"][:1]
    assert operation("QueryJournal", kind="call", since=0, limit=1)["entries"] == calls["entries"][:1]
    assert operation("QueryJournal", since=calls["last"], wait=0.01)["entries"] == []
    operation("ClearJournal")
    assert operation("QueryJournal")["cleared"] == calls["cleared"] + 1


def test_health(operation):
    assert operation("GetHealth")["seconds"] >= 0


def test_plugins_are_the_hosts(operation, program):
    answer = operation("SetState", plugins=[{"callsign": "org.rdk.OCIContainer", "state": "activated"}])
    if "url" in program.ready:
        assert [one["callsign"] for one in answer["plugins"]] == ["org.rdk.OCIContainer"]
    else:
        assert answer == "A fake Dobby alone has no plugins; 'thunderoci up' has some."


@pytest.mark.parametrize(
    ("member", "arguments", "complaint"),
    [
        ("QueryJournal", {"kind": "nonsense"}, "kind"),
        ("QueryJournal", {"limit": 0}, "limit"),
        ("QueryJournal", {"nonsense": 1}, "nonsense"),
        ("GetClock", {"nonsense": 1}, "nonsense"),
        ("GetContainer", {"id": "x"}, "There is no container 'x'."),
        ("StartContainer", {"id": "x", "program": {"runtime": -1}}, "runtime"),
        ("ExitContainer", {"id": "x", "status": 0}, "There is no container 'x'."),
        ("StepProgression", {"steps": 1}, "--progression manual"),
        ("SetClockSpeed", {"speed": -1}, "speed"),
        ("AdvanceClock", {"seconds": "long"}, "seconds"),
        ("AddFault", {"place": "moon", "kind": "error"}, "place"),
        ("RemoveFault", {"id": "x"}, "fault 'x'"),
        ("Nonsense", {}, "No handler for method org.thunderoci.Emulator1.Nonsense"),
        ("getHealth", {}, "No handler for method org.thunderoci.Emulator1.getHealth"),
    ],
)
def test_what_is_refused(operation, member, arguments, complaint):
    assert complaint in operation(member, **arguments)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        (("s", "{"), "is not JSON"),
        (("s", "[]"), "but no object"),
        (("s", "[" * 100_000), "is nested too deep"),
        (("s", '{"speed":1,"speed":2}'), "is not JSON: the member 'speed' is there twice"),
        (("s", '{"speed":NaN}'), "is not JSON: NaN is no number"),
        (("s", '{"speed":1e999}'), "is not JSON: the number 1e999 is too large"),
        (("s", '{"event":"a","params":-Infinity}'), "is not JSON: -Infinity is no number"),
        (("s", r'{"event":"\ud800"}'), "half of a surrogate pair"),
        (("i", "5"), "takes one text"),
        (("ss", "{}", "{}"), "takes one text"),
    ],
)
def test_arguments_that_are_no_object(busctl, values, complaint):
    for member in ("GetClock", "SetClockSpeed", "AddFault"):
        output, errors = busctl("call", *WHERE, INTERFACE, member, *values)
        assert (output, complaint in errors) == ("", True)


def test_the_names_of_errors(program):
    with ControlClient(program.ready["bus"]) as client:
        assert client.refused("GetContainer", id="x")[0] == "org.thunderoci.Error.NoSuchThing"
        assert client.refused("SetClockSpeed", speed=-1)[0] == "org.thunderoci.Error.BadInput"
        assert client.refused("StepProgression", steps=1)[0] == "org.thunderoci.Error.NotNow"


def test_transitions_are_stepped(spawn):
    program = spawn("fakedobby", "--progression", "manual")
    with ControlClient(program.ready["bus"]) as client:
        start = client.begin("StartContainer", id="a", program={})
        assert client.control("GetProgression") == {"progression": "manual", "waiting": ["start of a"]}
        step = client.begin("StepProgression", steps=1)
        assert client.end(start)["id"] == "a"
        assert client.end(step) == {"progression": "manual", "waiting": []}


def owner_changes(client, number):
    """Return whether somebody had the daemon's name after each of so many changes."""
    changes = []
    while len(changes) < number:
        message = client.next()
        if message.kind == SIGNAL and message.member == "NameOwnerChanged" and message.body[0] == NAME:
            changes.append(bool(message.body[2]))
    return changes


def test_the_daemon_is_gone_and_comes_back_without_its_containers(spawn):
    program = spawn("fakedobby")
    with ControlClient(program.ready["bus"]) as client:
        client.bus("AddMatch", "s", [f"type='signal',member='NameOwnerChanged',arg0='{NAME}'"])
        client.bus("AddMatch", "s", ["type='signal',member='Ready'"])
        client.start("app")
        client.control("AddFault", place="dobby", kind="gone", method="GetState", seconds=0.05, times=1)
        answer = client.dobby("GetState", "i", 734)
        assert answer.error_name == "org.freedesktop.DBus.Error.NoReply"
        assert owner_changes(client, 1) == [True]
        while client.next().member != "Ready":
            pass
        assert client.value("List") == ("aias", [[], []])
        assert client.control("GetStatus")["containers"] == 0
    assert program.end()[0] == 0


def test_the_plugin_host_goes_on_meanwhile_and_a_reset_ends_it(spawn):
    program = spawn("thunderoci", "up", "--port", "0", "--clock", "virtual", "--progression", "immediate")
    ready = program.ready

    def control(verb, path, **members):
        body = json.dumps(members).encode() if members else None
        request = urllib.request.Request(
            ready["control"] + path, body, {"Content-Type": "application/json"}, method=verb
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def start():
        return post(ready["url"], "startContainerFromDobbySpec", {"containerId": "app", "dobbySpec": SPEC})

    for seconds in (5, None):
        assert start()["result"]["descriptor"] == 734
        later = {} if seconds is None else {"seconds": seconds}
        control("POST", "faults", place="dobby", kind="gone", method="Stop", times="once", **later)
        assert "error" in post(ready["url"], "stopContainer", {"containerId": "app"})
        assert post(ready["url"], "listContainers")["result"]["containers"] == []
        assert "error" in start()
        if seconds is not None:
            control("POST", "clock/advance", seconds=seconds)  # it is back when the answer comes
            assert len(control("GET", "journal?kind=signal&method=Ready&since=2")["entries"]) == 1
            assert start()["result"]["descriptor"] == 734
        control("POST", "state/reset")
        assert control("GET", "clock")["seconds"] == 0
