"""What busctl, gdbus and dbus-monitor see of faults in Dobby, and what becomes of them in front of the plugin host."""

import json

import pytest

from faultclients import NO_REPLY, SPEC, Monitor, begin, busctl, curl, message, run

START = ("StartFromSpec", "ssah", "x", json.dumps(SPEC), "0")


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (("List",), "aias 0 0"),
        (START, "i -1"),
        (("Pause", "i", "734"), "b false"),
        (("GetState", "i", "734"), "i 0"),
        (("GetInfo", "i", "734"), 's ""'),
    ],
)
def test_failure(emulator, call, answer):
    begin(emulator, "there")
    descriptor = str(curl(emulator, "listContainers").result["containers"][0]["Descriptor"])
    emulator.add("dobby", "failure")
    called = [descriptor if word == "734" else word for word in call]
    assert busctl(emulator, *called) == (0, answer + "\n", "")
    emulator.clear()
    assert [one["Id"] for one in curl(emulator, "listContainers").result["containers"]] == ["there"]


def test_a_failure_reaches_the_clients_of_the_plugin(emulator):
    emulator.add("dobby", "failure", method="StartFrom*", container="x", nth=2, times=1)
    assert [begin(emulator, name).code for name in ("x", "y")] == [200, 200]
    assert curl(emulator, "stopContainer", {"containerId": "x", "force": True}).code == 200
    assert begin(emulator, "x").error == {"code": 1, "message": "ERROR_GENERAL"}


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({}, "Call failed: A fault that was asked for."),
        ({"error": "com.example.Broken", "text": "not you"}, "Call failed: not you"),
    ],
)
def test_error(emulator, options, complaint):
    emulator.add("dobby", "error", times="once", **options)
    status, _, errors = busctl(emulator, *START)
    assert (status, errors.strip()) == (1, complaint)
    assert busctl(emulator, "List") == (0, "aias 0 0\n", "")


def test_gdbus_sees_the_name_of_the_error(emulator):
    emulator.add("dobby", "error", error="com.example.Broken", text="in two")
    call = ("gdbus", "call", "--address", emulator.ready["bus"], "--dest", "org.rdk.dobby")
    status, _, errors = run(*call, "--object-path", "/org/rdk/dobby", "--method", "org.rdk.dobby.ctrl1.List")
    assert status == 1
    assert "com.example.Broken: in two" in errors


def test_no_reply(emulator):
    emulator.add("dobby", "no-reply", times="once")
    status, _, errors = busctl(emulator, *START, options=("--timeout=1",))
    assert (status, errors.strip()) == (1, "Call failed: Connection timed out")
    # it was carried out: only the reply is lost
    assert busctl(emulator, "List")[1].endswith('1 "x"\n')


def test_delay_and_failure_go_together(emulator):
    emulator.add("dobby", "delay", seconds=0.3)
    emulator.add("dobby", "failure")
    assert curl(emulator, "listContainers").seconds > 0.3
    assert begin(emulator).code == 202


@pytest.mark.parametrize(
    ("call", "answer"),
    [(("List",), 's "rubbish"'), (START, 's "rubbish"'), (("GetInfo", "i", "1"), "au 3 1 2 3")],
)
def test_rubbish(emulator, call, answer):
    emulator.add("dobby", "rubbish")
    assert busctl(emulator, *call) == (0, answer + "\n", "")


def test_rubbish_is_a_failure_to_the_plugin(emulator):
    emulator.add("dobby", "rubbish", times="once")
    assert begin(emulator).error["code"] == 1
    assert curl(emulator, "listContainers").result["containers"][0]["Id"] == "x"


def test_gone_for_good(start):
    emulator = start()
    emulator.add("dobby", "gone")
    status, _, errors = busctl(emulator, "List")
    assert (status, errors) == (1, f"Call failed: {NO_REPLY}\n")
    assert busctl(emulator, "List")[0] == 1
    assert curl(emulator, "listContainers").result["containers"] == []
    emulator.do("POST", "state/reset")
    assert busctl(emulator, "List") == (0, "aias 0 0\n", "")
    status, errors = emulator.program.end()
    assert status == 0
    assert "The daemon left the bus for good, as the fault f1 wanted it." in errors


def test_of_a_daemon_that_left_status_and_journal_tell(start):
    emulator = start()
    emulator.add("dobby", "gone", seconds=0.2, times="once")
    assert emulator.do("GET", "status")["dobby"] == "there"
    busctl(emulator, "List")
    call, struck, left, *_ = emulator.do("GET", "journal?since=3")["entries"]
    assert (left["kind"], left["what"], left["fault"], left["seconds"]) == ("fault", "left", "f1", 0.2)
    assert (struck["what"], struck["cause"], left["cause"]) == ("struck", call["number"], struck["number"])
    assert emulator.do("GET", f"journal?since={left['number']}&kind=signal&wait=20")["entries"][0]["method"] == "Ready"
    while emulator.do("GET", "status")["dobby"] != "there":
        pass
    emulator.add("dobby", "gone")
    busctl(emulator, "List")
    assert emulator.do("GET", "status")["dobby"] == "away"
    emulator.do("POST", "state/reset")
    assert emulator.do("GET", "status")["dobby"] == "there"


def lives(emulator, *names):
    """Start containers that end at once, and return the signals of this, up to the end of one that no fault strikes."""
    with Monitor(emulator) as monitor:
        for name in (*names, "fence"):
            begin(emulator, name)
            curl(emulator, "stopContainer", {"containerId": name, "force": True})
        heard = monitor.until_end_of("fence")
    return [(member, container) for member, _, container, *_ in heard if member != "StoppedWithStatus"][:-2]


WHOLE = [("Started", "x"), ("Stopped", "x")]


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("lose-signal", {"method": "Started"}, WHOLE[1:]),
        ("lose-signal", {}, []),
        ("double-signal", {"method": "Stopped"}, [*WHOLE, WHOLE[1]]),
        ("double-signal", {"times": "once"}, [WHOLE[0], *WHOLE]),
        ("reorder-signal", {"method": "Started"}, WHOLE),
    ],
)
def test_signals(emulator, kind, options, expected):
    emulator.add("dobby", kind, container="x", **options)
    assert lives(emulator, "x") == expected


def test_signals_out_of_order(emulator):
    emulator.add("dobby", "reorder-signal", method="Sto*", container="x")
    with Monitor(emulator) as monitor:
        begin(emulator, "x")
        curl(emulator, "stopContainer", {"containerId": "x", "force": True})
        begin(emulator, "y")
        heard = monitor.until_member("Started", "y")
    assert [(one[0], one[2]) for one in heard] == [
        ("Started", "x"),
        ("Stopped", "x"),
        ("StoppedWithStatus", "x"),
        ("Started", "y"),
    ]


def test_a_signal_that_waits_for_the_next_one_waits_when_its_fault_is_gone(emulator):
    emulator.add("dobby", "reorder-signal", method="Started", container="x")
    with Monitor(emulator) as monitor:
        begin(emulator, "x")
        emulator.clear()
        begin(emulator, "y")
        heard = monitor.until_member("Started", "x")
    assert [one[2] for one in heard] == ["y", "x"]


def test_node_hears_of_a_crash(emulator, node_client):
    emulator.add("dobby", "crash")
    met = node_client(
        emulator.ready["ws"],
        {"send": message("register", {"event": "onContainerStopped", "id": "c"}, 1)},
        {"send": message("startContainerFromDobbySpec", {"containerId": "x", "dobbySpec": SPEC}, 2)},
        {"until": {"method": "c.onContainerStopped"}},
    )
    assert [one.get("id", one.get("method")) for one in met] == [1, 2, "c.onContainerStopped"]
