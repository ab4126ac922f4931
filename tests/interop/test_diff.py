"""`thunderoci diff` between real emulators, and between them and recordings."""

import json
import signal
import subprocess
import sys

import pytest

from conformance import bundle, profile_differences
from conformance.diff_report import Difference
from conformance.diff_tour import Tour
from tests_support import SPEC, post, run
from thunderclient import WebSocket, until

DIFF = (sys.executable, "-m", "thunderoci", "diff")
UP = ("--port", "0", "--bus", "embedded", "--progression", "immediate")
CALLSIGN = "org.rdk.OCIContainer"


@pytest.fixture(autouse=True)
def leases(tmp_path, monkeypatch):
    """Where leases are kept."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture(scope="module")
def box(spawn):
    """Return an emulator of a profile and flavour; there is one of each."""
    boxes = {}

    def get(*options):
        if options not in boxes:
            boxes[options] = spawn("thunderoci", "up", *UP, *options)
        return boxes[options].ready["url"]

    return get


@pytest.fixture
def bundle_path(tmp_path):
    return str(bundle.write(tmp_path / "bundle"))


def listed(url):
    return [each["Id"] for each in post(url, "listContainers")["result"]["containers"]]


def found_by(*arguments):
    """Return exit status and report of a diff."""
    status, output, errors = run(*DIFF, "--json", *arguments)
    assert errors == ""
    report = json.loads(output)
    assert report["format"] == "thunderoci-diff/1"
    return status, report


def subjects(bundle_path):
    for step in Tour("00000000", CALLSIGN, bundle_path).steps():
        yield step.subject
        if step.events:
            yield f"events of {step.subject}"


def test_the_profiles_differ_exactly_as_the_file_says(box, bundle_path):
    a, b = box("--profile", "rdkservices"), box("--profile", "entservices")
    status, report = found_by(a, b, "--bundle-path", bundle_path)
    assert status == 1
    assert report["a"].endswith(" (rdkservices)")
    assert report["b"].endswith(" (entservices)")
    every = list(subjects(bundle_path))
    assert len(every) == len(set(every)) == report["compared"]
    promised = [each for known in profile_differences.load() for each in known.expanded(every)]
    assert len(promised) == len(set(promised))
    found = {Difference(each["subject"], each["where"], each["a"], each["b"]) for each in report["differences"]}
    assert found - set(promised) == set()
    assert set(promised) - found == set()
    assert all(each["known"] for each in report["differences"])
    assert listed(a) == listed(b) == []


def test_each_entry_of_the_file_is_needed(bundle_path):
    every = list(subjects(bundle_path))
    for known in profile_differences.load():
        assert known.what.endswith(".")
        assert known.source.startswith("facts/thunder.md ")
        for pattern in known.subjects:
            alone = profile_differences.Known(known.what, "", "", ("", ""), (pattern,))
            assert alone.expanded(every) != [], pattern


def test_the_other_way_round_they_are_known_too(box):
    a, b = box("--profile", "entservices"), box("--profile", "rdkservices")
    status, output, errors = run(*DIFF, a, b, "--ignore-profiles")
    assert (status, errors) == (0, "")
    assert output.splitlines()[-1].startswith("none of ")


@pytest.mark.parametrize("flavour", ["r4.4.1-rdk", "r4.4.1", "r4.4.7"])
@pytest.mark.parametrize("profile", ["rdkservices", "entservices"])
def test_nothing_differs_from_itself(spawn, box, bundle_path, profile, flavour):
    options = ("--profile", profile, "--flavour", flavour)
    other = spawn("thunderoci", "up", *UP, *options, "--seed", "1")
    status, report = found_by(box(*options), other.ready["url"], "--bundle-path", bundle_path)
    assert report["differences"] == []
    assert status == 0
    assert report["compared"] > 200
    assert other.end()[0] == 0


def test_flavours_differ(box):
    status, report = found_by(box("--flavour", "r4.4.1"), box("--flavour", "r4.4.7"))
    assert status == 1
    places = {(each["subject"], each["where"]) for each in report["differences"]}
    assert ("unknown callsign/over HTTP", "error.code") in places
    assert ("Controller/version of Thunder", "result.patch") in places


def test_the_text_says_what_each_side_does(box):
    status, output, _ = run(*DIFF, box("--profile", "rdkservices"), box("--profile", "entservices"))
    assert status == 1
    lines = output.splitlines()
    at = lines.index("stopContainer/stopped")
    assert lines[at : at + 13] == [
        "stopContainer/stopped",
        "  HTTP",
        "    A: 202",
        "    B: 200",
        lines[at + 4],
        "  error",
        '    A: {"code": 1, "message": "ERROR_GENERAL"}',
        "    B: absent",
        "    of the profiles: In rdkservices every failure of the plugin is the same error.",
        "  result",
        "    A: absent",
        '    B: {"errorReason": "Container not found", "success": false}',
        lines[at + 12],
    ]


def test_what_is_there_is_left_alone(box):
    url = box("--seed", "2")
    post(url, "startContainerFromDobbySpec", {"containerId": "mine", "dobbySpec": SPEC})
    assert found_by(url, url)[0] == 0
    assert listed(url) == ["mine"]
    assert post(url, "getContainerState", {"containerId": "mine"})["result"]["state"] == "Running"
    post(url, "stopContainer", {"containerId": "mine"})


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_what_was_started(spawn, leases, ending):
    url = spawn("thunderoci", "up", "--port", "0", "--bus", "embedded").ready["url"]
    with subprocess.Popen([*DIFF, url, url], stderr=subprocess.PIPE, text=True) as process:
        until(lambda: listed(url))
        process.send_signal(ending)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (130, "thunderoci: interrupted\n")
    assert listed(url) == []
    assert list(leases.rglob("*.json")) == []


@pytest.mark.parametrize(
    ("arguments", "expected", "complaint"),
    [
        (("http://127.0.0.1:1", "http://127.0.0.1:1"), 3, "Nothing can be reached at http://127.0.0.1:1/jsonrpc"),
        (("ftp://x", "127.0.0.1:1"), 2, "'ftp://x' is not a target"),
        (("nowhere.jsonl", "127.0.0.1:1"), 2, "nowhere.jsonl cannot be read: No such file or directory."),
        (("127.0.0.1:1", "127.0.0.1:1", "--header", "none"), 2, "is no header"),
        (("127.0.0.1:1", "127.0.0.1:1", "--timeout", "0"), 2, "is no time"),
        (("127.0.0.1:1",), 2, "required: B"),
        ((__file__, "127.0.0.1:1"), 2, "this is no recording of 'thunderoci record' that could be compared"),
    ],
)
def test_what_gives_no_verdict(tmp_path, arguments, expected, complaint):
    status, output, errors = run(*DIFF, *arguments, cwd=tmp_path)
    assert (status, output) == (expected, "")
    assert complaint in errors
    assert "Traceback" not in errors


def test_a_plugin_that_is_not_there(box):
    status, _, errors = run(*DIFF, box(), box(), "--callsign", "org.rdk.Other")
    assert status == 3
    assert "The plugin org.rdk.Other is absent or deactivated" in errors


@pytest.fixture
def recording(spawn, tmp_path):
    """Record what `act(ready)` does at an emulator; return the file."""

    def record(act, url, name="box"):
        file = tmp_path / f"{name}.jsonl"
        recorder = spawn("thunderoci", "record", "--port", "0", "--upstream", url, "--output", str(file))
        act(recorder.ready)
        assert recorder.end() == (0, "")
        return str(file)

    return record


def a_day(ready):
    """What an app does: it listens on one WebSocket, and calls on it and over HTTP."""
    with WebSocket(ready["ws"]) as client:
        client.register("onContainerStarted", "onContainerStopped")
        started = client.call("startContainerFromDobbySpec", {"containerId": "my-app", "dobbySpec": SPEC})
        client.event()
        for name in ("my-app", str(started["descriptor"]), "another"):
            client.call("getContainerState", {"containerId": name})
        post(ready["url"], "getContainerInfo", {"containerId": "my-app"})
        post(ready["url"], "listContainers")
        client.call("stopContainer", {"containerId": "my-app"})
        client.event()
        post(ready["url"], "listContainers")


def test_a_recording_against_its_own_box_and_against_another(box, recording):
    own, other = box("--profile", "rdkservices"), box("--profile", "entservices")
    file = recording(a_day, own)
    status, report = found_by(file, own)
    assert (report["differences"], report["notSent"], status) == ([], [], 0)
    assert report["compared"] == 11
    status, report = found_by(other, file)
    assert status == 1
    assert report["b"] == file
    places = {(each["subject"].rpartition(".")[2], each["where"], each["b"]) for each in report["differences"]}
    assert ("getContainerState", "result.state", '"Running"') in places
    assert ("getContainerState", "result.containerId", '"<descriptor of my-app>"') in places
    assert ("startContainerFromDobbySpec", "result.errorReason", "absent") in places
    assert "events about my-app" in {each["subject"] for each in report["differences"]}
    assert listed(own) == listed(other) == []


def test_a_recorded_diff_can_be_made_again(box, recording):
    own = box("--profile", "rdkservices")
    file = recording(lambda ready: found_by(ready["url"], own), own)
    status, report = found_by(file, own)
    assert (report["differences"], status) == ([], 0)
    assert report["compared"] > 200
    assert listed(own) == []


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_known_of_the_profiles_is_not_known_of_recordings(tmp_path, order):
    file = tmp_path / "box.jsonl"
    file.write_text('{"kind":"header","format":"thunderoci-recording/1"}\n')
    status, output, errors = run(*DIFF, *(str(file), "127.0.0.1:1")[::order], "--ignore-profiles")
    assert (status, output) == (2, "")
    assert errors.startswith("thunderoci: --ignore-profiles: ")
    assert errors.count("\n") == 1


def test_two_recordings(box, recording):
    first = recording(a_day, box("--profile", "rdkservices"), "first")
    second = recording(a_day, box("--profile", "rdkservices", "--seed", "3"), "second")

    def less(ready):
        post(ready["url"], "listContainers")
        post(ready["url"], "pauseContainer", {"containerId": "x"})

    third = recording(less, box("--profile", "rdkservices"), "third")
    assert found_by(first, second)[1]["differences"] == []
    status, report = found_by(first, third)
    assert status == 1
    missing = {each["subject"].rpartition(".")[2] for each in report["differences"] if each["b"] == '"not recorded"'}
    assert missing >= {"register", "startContainerFromDobbySpec", "stopContainer"}
    assert "pauseContainer" not in missing
    assert [each["subject"] for each in report["differences"] if each["a"] == "absent" and each["where"] == ""] == [
        "B's line 4: org.rdk.OCIContainer.1.pauseContainer"
    ]


def test_a_recording_does_nothing_to_the_containers_of_others(box, recording):
    recorded, url = box("--seed", "4"), box("--seed", "5")

    def act(ready):
        descriptor = post(ready["url"], "startContainerFromDobbySpec", {"containerId": "mine", "dobbySpec": SPEC})
        number = descriptor["result"]["descriptor"]
        for name in ("mine", str(number), number):
            post(ready["url"], "stopContainer", {"containerId": name})
        for method in ("org.rdk.System.1.reboot", "Controller.1.suspend"):
            call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"callsign": CALLSIGN}}
            run("curl", "-s", ready["url"], "-d", json.dumps(call))

    file = recording(act, recorded)
    own = post(url, "startContainerFromDobbySpec", {"containerId": "mine", "dobbySpec": SPEC})["result"]["descriptor"]
    status, report = found_by(file, url)
    assert status in {0, 1}
    assert [each.partition(" ")[2].partition(" ")[2] for each in report["notSent"]] == [
        "org.rdk.System.1.reboot (not of the plugin)",
        "Controller.1.suspend (it may change something)",
    ]
    assert listed(url) == ["mine"]
    assert post(url, "getContainerState", {"containerId": str(own)})["result"]["state"] == "Running"
    post(url, "stopContainer", {"containerId": "mine"})
