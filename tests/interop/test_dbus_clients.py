"""The fake daemon and the plugin's calls as the usual D-Bus tools see them."""

import json
import subprocess

import pytest

from tests_support import SPEC, post, run

OBJECT = ("org.rdk.dobby", "/org/rdk/dobby")
INTERFACE = "org.rdk.dobby.ctrl1"


@pytest.fixture
def emulator(emulator_on_each_bus):
    return emulator_on_each_bus


@pytest.fixture
def busctl(emulator):
    """Run busctl on the emulator's bus; return what it prints."""

    def call(*arguments):
        return run("busctl", f"--address={emulator.ready['bus']}", *arguments)

    return call


@pytest.mark.fact("D1-list-empty")
def test_busctl_list_is_empty(busctl):
    assert busctl("call", *OBJECT, INTERFACE, "List") == (0, "aias 0 0\n", "")


@pytest.mark.fact(
    "D0-failure-value",
    "D1-info-bad-args",
    "D1-list-arrays",
    "D1-start-descriptor",
    "D1-state-bad-args",
    "D1-stop-true",
    "D3-state-running",
)
def test_busctl_drives_a_container(busctl, emulator):
    status, output, _ = busctl("call", *OBJECT, INTERFACE, "StartFromSpec", "ssah", "by-busctl", json.dumps(SPEC), "0")
    kind, descriptor = output.split()
    assert (status, kind) == (0, "i")
    assert busctl("call", *OBJECT, INTERFACE, "List")[1] == f'aias 1 {descriptor} 1 "by-busctl"\n'
    assert busctl("call", *OBJECT, INTERFACE, "GetState", "i", descriptor)[1] == "i 2\n"
    assert busctl("call", *OBJECT, INTERFACE, "GetState", "u", descriptor)[1] == "i -1\n"
    assert busctl("call", *OBJECT, INTERFACE, "GetInfo", "s", "x")[1] == "b true\n"
    # what one client started, the others see
    assert post(emulator.ready["url"], "listContainers")["result"]["containers"] == [
        {"Descriptor": int(descriptor), "Id": "by-busctl"}
    ]
    assert busctl("call", *OBJECT, INTERFACE, "Stop", "ib", descriptor, "true")[1] == "b true\n"
    assert busctl("call", *OBJECT, INTERFACE, "List")[1] == "aias 0 0\n"


@pytest.mark.fact("D0-not-introspectable", "D0-parents-children")
def test_busctl_tree_finds_the_object_but_can_not_look_into_it(busctl):
    _, output, errors = busctl("tree", "--list", "org.rdk.dobby")
    assert "/org/rdk" in output.splitlines()
    assert "Failed to introspect object /org/rdk/dobby" in output + errors


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((*OBJECT, INTERFACE, "Bogus"), "No handler for method org.rdk.dobby.ctrl1.Bogus"),
        ((*OBJECT, "org.rdk.dobby.nope1", "List"), "No handler for method org.rdk.dobby.nope1.List"),
        (("org.rdk.dobby", "/foo", INTERFACE, "List"), "Unknown object '/foo'."),
        (
            (*OBJECT, "org.freedesktop.DBus.Introspectable", "Introspect"),
            "No handler for method org.freedesktop.DBus.Introspectable.Introspect",
        ),
        (
            (*OBJECT, "org.freedesktop.DBus.Peer", "Bogus"),
            "Unknown method 'Bogus' on interface 'org.freedesktop.DBus.Peer'.",
        ),
    ],
)
@pytest.mark.fact(
    "D0-not-introspectable", "D0-peer-unknown", "D0-unknown-interface", "D0-unknown-member", "D0-unknown-object"
)
def test_unknown_members_and_objects(busctl, arguments, complaint):
    status, _, errors = busctl("call", *arguments)
    assert status == 1
    assert complaint in errors


@pytest.mark.fact("D0-peer-any-path", "D0-peer-machine-id", "D0-peer-ping")
def test_peer(busctl):
    assert busctl("call", *OBJECT, "org.freedesktop.DBus.Peer", "Ping")[0] == 0
    status, output, _ = busctl("call", "org.rdk.dobby", "/nope", "org.freedesktop.DBus.Peer", "GetMachineId")
    assert (status, len(output.split('"')[1])) == (0, 32)


def test_gdbus_and_dbus_send(emulator):
    bus = emulator.ready["bus"]
    member = f"{INTERFACE}.List"
    call = ["gdbus", "call", "--address", bus, "--dest", OBJECT[0], "--object-path", OBJECT[1], "--method", member]
    assert run(*call)[1] == "(@ai [], @as [])\n"
    status, output, _ = run("dbus-send", f"--bus={bus}", "--print-reply", f"--dest={OBJECT[0]}", OBJECT[1], member)
    assert status == 0
    assert output.splitlines()[1:] == ["   array [", "   ]", "   array [", "   ]"]


def test_dbus_monitor_shows_the_calls_and_signals_of_a_start(emulator):
    command = ["dbus-monitor", "--address", emulator.ready["bus"], "--profile"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as monitor:
        # the monitor loses its own name when it begins to watch
        assert any("NameLost" in line for line in monitor.stdout)
        post(emulator.ready["url"], "startContainerFromDobbySpec", {"containerId": "watched", "dobbySpec": SPEC})
        post(emulator.ready["url"], "stopContainer", {"containerId": "watched"})
        seen = []
        for line in monitor.stdout:
            fields = line.split()
            if fields[0] == "mc" or fields[0] == "sig":
                seen.append(fields[-1])
            if "Stopped" in seen:
                break
        monitor.terminate()
    assert seen == ["StartFromSpec", "Started", "List", "Stop", "StoppedWithStatus", "Stopped"]
