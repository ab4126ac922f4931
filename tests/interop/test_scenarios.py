"""The ready scenarios of docs/scenarios, each in a real emulator and met by a client, and what their page says."""

import http.client
import json
import re
import runpy
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests_support import SPEC, post, run
from thunderoci.testing import Emulator, ThunderError

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = DOCS / "scenarios"
MIB = 2**20
needs_control = pytest.mark.skipif(
    find_spec("fakedobby.daemoncontrol") is None, reason="the control API has no hold of the fake Dobby yet"
)


@pytest.fixture
def thunder(request):
    """The emulator with the scenario that the test's `scenario` marks name."""
    with Emulator(scenario=EXAMPLES / f"{request.param}.toml") as thunder:
        yield thunder


def scenario(name):
    """Give the test the emulator of this example."""
    return pytest.mark.parametrize("thunder", [name], indirect=True, ids=[name])


def curl(url, method, **params):
    call = {"jsonrpc": "2.0", "id": 1, "method": f"org.rdk.OCIContainer.1.{method}", "params": params}
    status, output, errors = run("curl", "-sS", url, "-d", json.dumps(call))
    assert (status, errors) == (0, "")
    return json.loads(output)


def start(thunder, container_id, bundle):
    return thunder.call("startContainer", containerId=container_id, bundlePath=bundle)


def ids(thunder):
    return [entry["Id"] for entry in thunder.call("listContainers")["containers"]]


def figures(thunder, container_id):
    info = thunder.call("getContainerInfo", containerId=container_id)["info"]
    return json.loads(info) if isinstance(info, str) else info


@scenario("flaky-start")
def test_the_third_start_fails(thunder):
    tries = [
        curl(thunder.url, "startContainer", containerId=f"game{number}", bundlePath="/opt/apps/game")
        for number in range(1, 6)
    ]
    assert ["result" in answer for answer in tries] == [True, True, False, True, True]
    assert ids(thunder) == ["game1", "game2", "game4", "game5"]


@needs_control
@scenario("dobby-dies")
def test_dobby_dies_and_is_back_in_five_seconds(thunder):
    assert ids(thunder) == ["player"]
    with pytest.raises(ThunderError):
        thunder.call("pauseContainer", containerId="player")
    thunder.clock.advance(4.9)
    with pytest.raises(ThunderError):
        thunder.call("getContainerState", containerId="player")
    thunder.clock.advance(0.2)
    thunder.call("startContainerFromDobbySpec", containerId="new", dobbySpec=SPEC)
    assert ids(thunder) == ["new"]


@needs_control
@scenario("crash-in-ten-seconds")
def test_a_container_crashes_after_ten_seconds(thunder):
    with thunder.subscribe("onContainerStopped") as events:
        thunder.clock.advance(9.9)
        assert ids(thunder) == ["web"]
        assert events.heard() == []
        thunder.clock.advance(0.1)
        assert [event.params["name"] for event in events.heard()] == ["web"]
    assert ids(thunder) == []


@needs_control
@scenario("slow-box")
def test_a_box_where_everything_takes_its_time(thunder):
    where = urlsplit(thunder.url)
    slow = http.client.HTTPConnection(where.hostname, where.port, timeout=20)
    params = {"containerId": "slow", "bundlePath": "/opt/apps/slow"}
    call = {"jsonrpc": "2.0", "id": 1, "method": "org.rdk.OCIContainer.1.startContainer", "params": params}
    slow.request("POST", "/jsonrpc", json.dumps(call))
    thunder.assert_dobby_called("StartFromBundle", "slow", within=20)
    thunder.clock.advance(3.4)
    assert thunder.journal.entries("answer") == []
    thunder.clock.advance(0.2)
    answer = json.load(slow.getresponse())
    slow.close()
    assert answer["result"]["success"] is True
    (entry,) = thunder.journal.entries("answer")
    assert entry["seconds"] == pytest.approx(3.5)


@needs_control
@scenario("growing-memory")
def test_an_app_whose_memory_grows_until_it_is_killed(thunder):
    seen = []
    for seconds in (0, 600, 1500, 1499):
        thunder.clock.advance(seconds)
        memory = figures(thunder, "leaky")["memory"]["user"]
        assert memory["limit"] == 128 * MIB
        seen.append(round(memory["usage"] / MIB))
    assert seen == [20, 60, 94, 128]
    with thunder.subscribe("onContainerStopped") as events:
        thunder.clock.advance(1)
        assert [event.params["name"] for event in events.heard()] == ["leaky"]


@scenario("living-room")
def test_a_box_in_use(thunder):
    assert thunder.profile == "entservices"
    states = {
        name: curl(thunder.url, "getContainerState", containerId=name)["result"]["state"] for name in ids(thunder)
    }
    assert states == {"browser": "HIBERNATED", "film": "PAUSED", "launcher": "RUNNING"}
    assert figures(thunder, "film")["annotations"] == {"title": "Metropolis", "position": "3720"}
    assert thunder.call("org.rdk.Network.1.isConnectedToInternet") == {"connectedToInternet": True, "success": True}
    assert thunder.call("org.rdk.DisplaySettings.getCurrentResolution")["resolution"] == "1080p"
    assert thunder.call("resumeContainer", containerId="film")["success"] is True
    assert thunder.call("wakeupContainer", containerId="browser")["success"] is True


@scenario("events-lost")
def test_events_that_come_twice_or_not_at_all(thunder):
    with thunder.subscribe("onContainerStarted", "onContainerStopped") as events:
        for name in ("quiet", "loud"):
            start(thunder, name, "/opt/apps/app")
        for name in ("quiet", "loud"):
            thunder.call("stopContainer", containerId=name, force="true")
        heard = [(event.name, event.params["name"]) for event in events.heard()]
    assert heard == [
        ("onContainerStarted", "quiet"),
        ("onContainerStarted", "quiet"),
        ("onContainerStarted", "loud"),
        ("onContainerStopped", "loud"),
    ]
    assert ids(thunder) == []


def test_every_example_is_on_the_page_and_tested_here():
    page = (DOCS / "scenarios.md").read_text(encoding="utf-8")
    files = {file.stem for file in EXAMPLES.glob("*.toml")}
    assert set(re.findall(r"^### \[([a-z-]+)\.toml\]\(scenarios/\1\.toml\)$", page, re.MULTILINE)) == files
    assert (
        set(re.findall(r'^@scenario\("([a-z-]+)"\)$', Path(__file__).read_text(encoding="utf-8"), re.MULTILINE))
        == files
    )
    assert len(files) >= 6


def test_the_reference_is_what_the_schema_says():
    reference = runpy.run_path(str(DOCS / "scenariokeys.py"))["reference"]
    page = (DOCS / "scenarios.md").read_text(encoding="utf-8")
    assert page.endswith("\n".join(reference()) + "\n")


def test_the_complaint_on_the_page_is_what_is_said(tmp_path):
    file = tmp_path / "box.toml"
    file.write_text('seed = 1\n[[program]]\nname = "a"\n\n\n\n\n\n\n[[program]]\nname = "b"\nruntime = -1\n')
    status, output, errors = run(sys.executable, "-m", "thunderoci", "up", "--scenario", "box.toml", cwd=tmp_path)
    assert (status, output) == (1, "")
    assert errors in (DOCS / "scenarios.md").read_text(encoding="utf-8").replace("\n  ", "\n")


# options, and the other programs


@pytest.mark.parametrize(
    ("arguments", "profile", "flavour"),
    [
        ((), "entservices", "r4.4.7"),
        (("--profile", "rdkservices"), "rdkservices", "r4.4.7"),
        (("--flavour=r4.4.1-rdk",), "entservices", "r4.4.1-rdk"),
    ],
)
def test_the_command_line_wins(spawn, tmp_path, arguments, profile, flavour):
    file = tmp_path / "box.toml"
    file.write_text('profile = "entservices"\nflavour = "r4.4.7"\nprogression = "immediate"\n')
    ready = spawn("thunderoci", "up", "--port", "0", "--scenario", str(file), *arguments).ready
    assert (ready["profile"], ready["flavour"]) == (profile, flavour)


def test_fakedobby_and_serve_take_a_side_each(spawn, tmp_path):
    file = tmp_path / "box.toml"
    file.write_text(
        'profile = "entservices"\nprogression = "immediate"\n'
        '[[container]]\nid = "app"\nprogram = {}\n[[plugin]]\ncallsign = "a"\nmethods = { m = 5 }\n'
    )
    daemon = spawn("fakedobby", "--bus", "embedded", "--scenario", str(file))
    host = spawn("thunderoci", "serve", "--port", "0", "--bus", daemon.ready["bus"], "--scenario", str(file))
    assert host.ready["profile"] == "entservices"
    listed = post(host.ready["url"], "listContainers")["result"]["containers"]
    assert listed == [{"Id": "app", "Descriptor": 734}]


def test_watch_needs_a_scenario():
    status, _, errors = run(sys.executable, "-m", "thunderoci", "up", "--watch")
    assert status == 2
    assert "--watch needs something to watch: give --scenario FILE, too" in errors


BEFORE = """
progression = "immediate"
[[container]]
id = "old"
program = {}
[[plugin]]
callsign = "a"
methods = { m = 1 }
"""


def becomes(look, wanted):
    end = time.monotonic() + 20
    while (found := look()) != wanted:  # the file is looked at every half second of real time
        assert time.monotonic() < end, found
    return True


REWRITES = """
import sys
from pathlib import Path
from thunderoci import app, cli

say, file = app.say_ready, Path(sys.argv[-1])

def say_ready(**facts):
    file.write_text(file.read_text().replace('"old"', '"newer"'))
    say(**facts)

app.say_ready = say_ready
sys.exit(cli.main())
"""


@needs_control
def test_a_scenario_that_changes_at_once_is_taken_anew(spawn, tmp_path):
    file = tmp_path / "box.toml"
    file.write_text(BEFORE)
    url = spawn(["-c", REWRITES], "up", "--port", "0", "--watch", "--scenario", str(file)).ready["url"]
    assert becomes(lambda: [each["Id"] for each in post(url, "listContainers")["result"]["containers"]], ["newer"])


@needs_control
def test_a_scenario_that_changes_is_taken_anew(tmp_path):
    file = tmp_path / "box.toml"
    file.write_text(BEFORE)
    with Emulator(scenario=file, arguments=("--watch",)) as thunder:
        assert ids(thunder) == ["old"]
        file.write_text(BEFORE.replace('"old"', '"new"').replace("m = 1", "m = 2").replace('"a"', '"b"'))
        assert becomes(lambda: ids(thunder), ["new"])
        assert becomes(lambda: thunder.call("b.m"), 2)
        with pytest.raises(ThunderError):
            thunder.call("a.m")
        assert thunder.call("listContainers")["containers"][0]["Descriptor"] == 734
        broken = file.with_name("broken")
        broken.write_text(BEFORE + "x = 1\n")
        broken.replace(file)
        complaint = "key 'x': there is no such key; these there are: callsign, classname, methods, version. All stays"
        assert becomes(lambda: complaint in thunder.program.log(), True)
        assert ids(thunder) == ["new"]
        file.write_text(BEFORE.replace('"old"', '"last"'))
        assert becomes(lambda: ids(thunder), ["last"])
