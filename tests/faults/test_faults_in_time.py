"""What the D-Bus tools see of faults in Dobby that take their time; the clock moves by what the tests say alone."""

import json
import subprocess

import pytest

from faultclients import NO_REPLY, SPEC, Monitor, begin, busctl, curl

START = ("StartFromSpec", "ssah", "x", json.dumps(SPEC), "0")


def test_delay(still):
    still.add("dobby", "delay", seconds=3600, method="Start*")
    command = ["busctl", f"--address={still.ready['bus']}", "call", "org.rdk.dobby", "/org/rdk/dobby"]
    with (
        Monitor(still) as monitor,
        subprocess.Popen([*command, "org.rdk.dobby.ctrl1", *START], stdout=subprocess.PIPE, text=True) as late,
    ):
        (_, descriptor, name), *_ = monitor.until_member("Started")
        assert name == "x"
        assert busctl(still, "List")[1] == f'aias 1 {descriptor} 1 "x"\n'
        assert late.poll() is None
        still.advance(3599)
        assert busctl(still, "List")[0] == 0
        assert late.poll() is None
        still.advance(1)
        assert late.communicate() == (f"i {descriptor}\n", None)


def test_gone_and_back(still):
    begin(still)
    still.add("dobby", "gone", method="Pause", seconds=30, times="once")
    assert curl(still, "listContainers").result["containers"][0]["Id"] == "x"
    assert curl(still, "pauseContainer", {"containerId": "x"}).error["code"] == 1
    status, _, errors = busctl(still, "List")
    assert (status, errors) == (1, "Call failed: The name org.rdk.dobby was not provided by any .service files\n")
    assert begin(still).error["code"] == 1
    still.advance(29)
    assert busctl(still, "List")[0] == 1
    still.advance(1)
    assert busctl(still, "List") == (0, "aias 0 0\n", "")  # its containers died with it
    assert begin(still).code == 200


def test_it_is_back_in_its_time_in_the_middle_of_a_long_advance(still):
    still.add("dobby", "gone", method="List", seconds=1, times="once")
    curl(still, "listContainers")
    now = still.do("GET", "clock")["seconds"]
    still.advance(36_000)
    (ready,) = still.journal("signal")
    assert (ready["method"], ready["at"]) == ("Ready", pytest.approx(now + 1))


def test_one_that_has_gone_says_nothing_late(still):
    still.add("dobby", "delay-signal", method="Started", seconds=10)
    still.add("dobby", "delay", method="Resume", seconds=10)
    still.add("dobby", "exit", seconds=10)
    still.add("dobby", "gone", method="Pause")
    begin(still)
    command = ["busctl", f"--address={still.ready['bus']}", "call", "org.rdk.dobby", "/org/rdk/dobby"]
    with subprocess.Popen(
        [*command, "org.rdk.dobby.ctrl1", "Resume", "i", "734"], stderr=subprocess.PIPE, text=True
    ) as late:
        last = still.do("GET", "journal")["last"]
        while not any(entry["method"] == "Resume" for entry in still.do("GET", "journal?kind=call")["entries"]):
            last = still.do("GET", f"journal?since={last}&wait=20")["last"]
        curl(still, "pauseContainer", {"containerId": "x"})
        assert late.communicate() == (None, f"Call failed: {NO_REPLY}\n")
    due = still.do("GET", "clock")["next"]
    still.advance(20)
    assert still.journal("signal") == []
    assert due is None
    assert "Resume" not in [entry["method"] for entry in still.journal("reply")]


def test_a_reset_while_it_is_gone_has_the_containers_of_the_start(start, tmp_path):
    scenario = tmp_path / "player.toml"
    scenario.write_text('clock = "virtual"\n[[container]]\nid = "player"\nprogram = {}\n')
    still = start("--scenario", str(scenario))
    still.add("dobby", "gone", method="List", seconds=30)
    curl(still, "listContainers")
    assert still.do("GET", "containers") == {"containers": []}
    state = still.do("POST", "state/reset")
    assert [one["id"] for one in state["containers"]] == ["player"]
    assert busctl(still, "List") == (0, 'aias 1 734 1 "player"\n', "")
    assert still.do("GET", "clock")["next"] is None


def test_a_daemon_alone_ends_when_it_is_gone_for_good(spawn, message_bus, tmp_path):
    scenario = tmp_path / "gone.toml"
    scenario.write_text('[[fault]]\nplace = "dobby"\nkind = "gone"\nmethod = "List"\n')
    daemon = spawn("fakedobby", "--bus", message_bus.address, "--scenario", str(scenario))
    status, _, errors = busctl(daemon, "List")
    assert (status, errors) == (1, f"Call failed: {NO_REPLY}\n")
    status, errors = daemon.wait()
    assert status == 1
    assert errors.splitlines()[-1] == "fakedobby: The daemon left the bus for good, as the fault f1 wanted it."


def test_a_late_signal(still):
    still.add("dobby", "delay-signal", method="Started", seconds=60, container="x")
    with Monitor(still) as monitor:
        begin(still, "x")
        begin(still, "y")
        assert [one[2] for one in monitor.until_member("Started")] == ["y"]
        still.advance(59)
        begin(still, "z")
        assert [one[2] for one in monitor.until_member("Started")] == ["z"]
        still.advance(1)
        assert [one[2] for one in monitor.until_member("Started")] == ["x"]


@pytest.mark.parametrize(
    ("kind", "options", "status"),
    [
        ("exit", {}, 0),
        ("exit", {"status": 3}, 768),
        ("crash", {}, 139),
        ("crash", {"signal": "SIGTERM"}, 15),
    ],
)
def test_a_container_ends_some_time_after_its_start(still, kind, options, status):
    still.add("dobby", kind, seconds=10, container="app*", **options)
    with Monitor(still) as monitor:
        begin(still, "other")
        begin(still, "app1")
        still.advance(9.5)
        listed = curl(still, "listContainers").result["containers"]
        assert [one["Id"] for one in listed] == ["app1", "other"]
        still.advance(0.5)
        heard = monitor.until_end_of("app1")
    assert [(one[0], *one[2:]) for one in heard[2:]] == [("StoppedWithStatus", "app1", status), ("Stopped", "app1")]
    assert [one["Id"] for one in curl(still, "listContainers").result["containers"]] == ["other"]


def test_a_paused_container_ends_when_it_goes_on(still):
    still.add("dobby", "crash", seconds=10)
    begin(still)
    curl(still, "pauseContainer", {"containerId": "x"})
    still.advance(60)
    assert curl(still, "getContainerState", {"containerId": "x"}).result["state"] == "Paused"
    with Monitor(still) as monitor:
        curl(still, "resumeContainer", {"containerId": "x"})
        assert monitor.until_end_of("x")[0][3] == 139


def test_a_container_that_was_stopped_before_its_end(still):
    still.add("dobby", "exit", seconds=10, times="once")
    begin(still)
    curl(still, "stopContainer", {"containerId": "x", "force": True})
    begin(still)
    still.advance(60)
    assert curl(still, "getContainerState", {"containerId": "x"}).result["state"] == "Running"


def test_a_crash_that_is_started_again_crashes_again(still):
    still.add("dobby", "crash", seconds=10, times=2)
    begin(still, restartOnCrash=True)
    with Monitor(still) as monitor:
        for _ in range(2):
            still.advance(10)
            heard = monitor.until_member("Started")
            assert [one[0] for one in heard] == ["StoppedWithStatus", "Stopped", "Started"]
    still.advance(100)
    assert curl(still, "getContainerState", {"containerId": "x"}).result["state"] == "Running"
