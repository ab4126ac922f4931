"""The pytest plugin, in runs of pytest of its own."""

import json
import os
import re
import statistics
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALLED = any(point.name == "thunderoci" for point in entry_points(group="pytest11"))
# in a checkout that is not installed the entry point is missing; the example project runs with it
PLUGIN = () if INSTALLED else ("-p", "thunderoci.pytest_plugin")
SCENARIO = """
[[plugin]]
callsign = "org.rdk.Network"

[plugin.methods]
getInterfaces = { interfaces = [], success = true }
"""


class Run:
    def __init__(self, done):
        self.status, self.output, self.errors = done.returncode, done.stdout, done.stderr

    def told(self, name):
        """Return what the tests of the run printed as `name=JSON`."""
        return [json.loads(text) for text in re.findall(rf"^{name}=(.*)$", self.output, re.MULTILINE)]


@pytest.fixture
def run(tmp_path):
    """Run pytest on a file with this text; other files are keyword arguments, with _ for the dot of their names."""

    def run(text, *arguments, environment=None, plugin=PLUGIN, **files):
        tmp_path.joinpath("test_app.py").write_text(text, encoding="utf-8")
        for name, content in files.items():
            tmp_path.joinpath(name.replace("_", ".")).write_text(content, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-s", "-q", "-p", "no:cacheprovider", "-p", "no:twisted", *plugin]
        done = subprocess.run(
            [*command, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | (environment or {}),
        )
        return Run(done)

    return run


def test_it_loads_nothing_until_a_test_asks_for_it(run):
    text = """
import json, sys

def test_loaded():
    ours = [name for name in sys.modules if name.partition(".")[0] in {"twisted", "txdbus", "jsonschema", "fakedobby"}]
    ours += [name for name in sys.modules if name.startswith(("thunderoci.", "conformance."))]
    print("\\nloaded=" + json.dumps(ours))
"""
    plugins = ("-p", "thunderoci.pytest_plugin", "-p", "conformance.plugin")
    done = run(text, plugin=plugins, environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    assert done.status == 0, done.output
    assert [sorted(names) for names in done.told("loaded")] == [["conformance.plugin", "thunderoci.pytest_plugin"]]


def test_the_fixture_loads_no_reactor(run):
    text = """
import sys, threading

def test_loaded(thunder):
    thunder.call("listContainers")
    assert not {"twisted", "txdbus", "jsonschema", "asyncio"} & set(sys.modules)
    assert threading.active_count() == 1
"""
    done = run(text, environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, plugin=("-p", "thunderoci.pytest_plugin"))
    assert done.status == 0, done.output


STORY = """
import json
import pytest
from thunderoci.testing import bundle

@pytest.mark.parametrize("number", range(3))
def test_as_new(thunder, number):
    print("\\npid=" + json.dumps(thunder.ready["pid"]))
    assert thunder.call("listContainers")["containers"] == []
    assert thunder.containers.list() == thunder.faults.list() == []
    thunder.assert_not_called("startContainer")
    events = thunder.subscribe("onContainerStarted")
    assert thunder.call("startContainer", containerId="a", bundlePath=bundle())["descriptor"] == 734
    assert events.next().params["name"] == "a"
    thunder.assert_called("startContainer", times=1, containerId="a")
    thunder.assert_event("onContainerStarted", times=1, name="a")
    thunder.faults.add("plugin", "error", method="listContainers", code=9, message="no")
    thunder.clock.freeze()
"""


def test_each_test_has_an_emulator_as_new(run):
    done = run(STORY)
    assert done.status == 0, done.output
    assert len(set(done.told("pid"))) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(done.told("pid")[0], 0)


def test_each_worker_of_xdist_has_its_own(run, tmp_path):
    text = STORY.replace(
        'print("\\npid=" + json.dumps(thunder.ready["pid"]))',
        f"open(f'{tmp_path}/{{thunder.ready[\"pid\"]}}.pid', 'a').close()",
    )
    done = run(text.replace("range(3)", "range(20)"), "-n", "2", "--dist", "load", "--maxschedchunk", "1")
    assert done.status == 0, done.output
    assert len(list(tmp_path.glob("*.pid"))) == 2


def test_a_failed_test_shows_the_journal_of_its_own(run):
    text = """
def test_first(thunder):
    thunder.call("listContainers")

def test_second(thunder):
    thunder.assert_called("startContainer", containerId="a")
"""
    done = run(text, "-rA")
    assert done.status == 1
    journal = done.output.partition("thunderoci journal")[2]
    assert "nothing happened" in journal
    assert "There was no request at all." in done.output
    assert "testing/journal.py" not in done.output


def test_what_the_emulator_logged_is_shown(run):
    text = """
import pytest
from thunderoci.testing import ThunderError

def test_refused(thunder):
    with pytest.raises(ThunderError):
        thunder.call("startContainer", containerId="a", bundlePath="/nowhere")
    assert False
"""
    overridden = 'import pytest\n\n@pytest.fixture\ndef thunder_options():\n    return {"arguments": ["-v"]}\n'
    done = run(text, conftest_py=overridden)
    assert done.status == 1
    assert re.search(r"- thunderoci log -.*/nowhere", done.output, re.DOTALL)
    assert re.search(r"- thunderoci journal -.* curl -d .* call +StartFromBundle", done.output, re.DOTALL)


CHOSEN = """
def test_chosen(thunder, fakedobby):
    print()
    print("words=" + __import__("json").dumps([thunder.profile, thunder.flavour, fakedobby.program._words]))
"""


def test_options_on_the_command_line(run):
    words = ("--thunderoci-profile", "entservices", "--thunderoci-flavour=r4.4.7", "--thunderoci-seed=3")
    done = run(CHOSEN, *words, "--thunderoci-quirk=D-call-slots")
    assert done.status == 0, done.output
    words = ["fakedobby", "--seed=3", "--quirk=D-call-slots", "--progression=immediate"]
    assert done.told("words") == [["entservices", "r4.4.7", words]]


def test_options_in_the_configuration_file(run, tmp_path):
    ini = (
        "[pytest]\nthunderoci_profile = entservices\nthunderoci_scenario = sub/s.toml\nthunderoci_quirks = T-silence\n"
    )
    tmp_path.joinpath("sub").mkdir()
    tmp_path.joinpath("sub", "s.toml").write_text(SCENARIO, encoding="utf-8")
    done = run(
        'def test_it(thunder):\n    assert thunder.call("org.rdk.Network.1.getInterfaces")["success"]\n'
        '    assert thunder.profile == "entservices"\n    assert "--quirk=T-silence" in thunder.program._words\n',
        pytest_ini=ini,
    )
    assert done.status == 0, done.output


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        (
            "profile",
            "legacy",
            "The option 'profile' of an emulator can't be 'legacy': rdkservices or entservices expected.",
        ),
        ("flavour", "r5", "The option 'flavour' of an emulator can't be 'r5': r4.4.1-rdk, r4.4.1 or r4.4.7 expected."),
        ("clock", "sun", "The option 'clock' of an emulator can't be 'sun': real or virtual expected."),
        (
            "progression",
            "no",
            "The option 'progression' of an emulator can't be 'no': immediate, real or manual expected.",
        ),
        ("seed", "x", "The option 'seed' of an emulator can't be 'x': a whole number expected."),
        ("scenario", "none.toml", "there is no scenario file {folder}/none.toml."),
    ],
)
def test_a_bad_option_is_bad_usage(run, tmp_path, name, value, reason):
    text = "def test_it(thunder):\n    pass\n"
    done = run(text, f"--thunderoci-{name}", value)
    assert done.status == pytest.ExitCode.USAGE_ERROR
    assert done.errors == f"ERROR: --thunderoci-{name}: {reason.format(folder=tmp_path)}\n\n"
    done = run(text, pytest_ini=f"[pytest]\nthunderoci_{name} = {value}\n")
    assert done.status == pytest.ExitCode.USAGE_ERROR
    where = f"thunderoci_{name} in {tmp_path}/pytest.ini"
    assert done.errors == f"ERROR: {where}: {reason.format(folder=tmp_path)}\n\n"


def test_a_scenario_of_its_own(run):
    text = """
import pytest
from thunderoci.testing import ThunderError

NETWORK = "org.rdk.Network.1.getInterfaces"

@pytest.mark.scenario("network.toml")
def test_with(thunder):
    assert thunder.call(NETWORK) == {"interfaces": [], "success": True}

def test_without(thunder):
    with pytest.raises(ThunderError):
        thunder.call(NETWORK)

@pytest.mark.scenario("network.toml", profile="entservices")
def test_with_more(thunder):
    assert thunder.profile == "entservices"
    thunder.call(NETWORK)
"""
    done = run(text, "--strict-markers", network_toml=SCENARIO)
    assert done.status == 0, done.output


def test_a_scenario_that_there_is_not(run):
    text = 'import pytest\n\n@pytest.mark.scenario("none.toml")\ndef test_it(thunder):\n    pass\n'
    done = run(text)
    assert done.status == 1
    assert re.search(
        r"^_+ ERROR at setup of test_it _+\nthere is no scenario file .*/none\.toml; "
        r"its path begins in the folder of the test\n=",
        done.output,
        re.MULTILINE,
    )


WRONG = """
import pytest

@pytest.mark.scenario()
def test_no_file(thunder):
    pass

@pytest.mark.scenario("app.toml", profil="x")
def test_no_option(fakedobby):
    pass

@pytest.mark.scenario("app.toml", clock="sun")
def test_no_choice(thunder):
    pass

@pytest.mark.scenario("app.toml")
def test_no_scenario(thunder):
    pass

@pytest.mark.scenario("app.toml")
def test_no_scenario_of_dobby(fakedobby):
    pass
"""


def test_a_marker_that_is_wrong_is_told_in_a_sentence(run):
    done = run(WRONG, app_toml="nonsense = 1\n")
    told = re.findall(r"^_+ ERROR at setup of (\w+) _+\n(.*)\n(?=[_=])", done.output, re.MULTILINE)
    reasons = {
        "test_no_file": r'@pytest\.mark\.scenario takes one file: @pytest\.mark\.scenario\("file\.toml"\)',
        "test_no_option": r"There is no option 'profil' of an emulator; these there are: .*",
        "test_no_choice": r"The option 'clock' of an emulator can't be 'sun': real or virtual expected\.",
        "test_no_scenario": r"An emulator did not start: thunderoci: .*app\.toml.*",
        "test_no_scenario_of_dobby": r"An emulator did not start: fakedobby: .*app\.toml.*",
    }
    assert [name for name, _ in told] == list(reasons), done.output
    for name, sentence in told:
        assert re.fullmatch(reasons[name], sentence)


FAILING = """
import pytest

def test_refused(thunder):
    thunder.call("getContainerState", containerId="a")

def test_twice(thunder):
    thunder.call("getContainerState", {}, containerId="a")

def test_unknown(thunder):
    thunder.containers.get("a")

def test_unregistered(thunder):
    thunder.subscribe("onNothing", callsign="org.rdk.None")

def test_no_event(thunder):
    thunder.subscribe("onContainerStarted").wait_for("onContainerStarted", timeout=0)

def test_no_bus_call(fakedobby):
    fakedobby.call("GetState", "x")

def test_no_container(fakedobby):
    fakedobby.containers.get("a")

def test_no_claim(fakedobby):
    fakedobby.assert_called("GetState")
"""


def test_a_failure_points_at_the_line_of_the_test(run):
    done = run(FAILING)
    assert "8 failed" in done.output
    places = re.findall(r"^(\S+\.py):\d+: (\w+)$", done.output, re.MULTILINE)
    names = ["ThunderError", "BadCall", "ControlFailed", "NotRegistered", "NoEvent", "BusFailed", "ControlFailed"]
    assert places == [("test_app.py", name) for name in [*names, "AssertionError"]]


def test_a_defect_of_ours_shows_where_it_is(run):
    text = """
def test_it(thunder, monkeypatch):
    monkeypatch.setattr("thunderoci.testing.thunder.json", None)
    thunder.call("listContainers")
"""
    assert re.search(r"^\S*testing/thunder\.py:\d+: AttributeError$", run(text).output, re.MULTILINE)


def test_an_emulator_that_a_test_killed_is_replaced(run):
    text = """
import os, signal
from thunderoci.testing import NoAnswer

def test_killer(thunder):
    os.kill(thunder.ready["pid"], signal.SIGKILL)

def test_next(thunder):
    assert thunder.call("listContainers")["success"] is True
"""
    done = run(text)
    assert done.status == 0, done.output


def test_an_emulator_that_hangs_is_told_of_and_replaced(run):
    text = """
import os, signal
from thunderoci.testing import bundle

def test_hung(thunder):
    os.kill(thunder.ready["pid"], signal.SIGSTOP)
    assert False

def test_next(thunder):
    assert thunder.call("listContainers")["containers"] == []
"""
    done = run(text)
    assert done.status == 1
    assert "1 failed, 1 passed" in done.output
    said = r"- thunderoci -+\nthe emulator does not answer: queryJournal got no answer from http://\S+: timed out\."
    assert re.search(said, done.output)


def test_a_fake_dobby_as_new_for_each_test(run):
    text = """
import json, pytest
from thunderoci.testing import bundle

@pytest.mark.parametrize("number", range(2))
def test_it(fakedobby, number):
    print("\\npid=" + json.dumps(fakedobby.program.ready["pid"]))
    fakedobby.assert_not_called("StartFromBundle")
    assert fakedobby.call("StartFromBundle", "a", bundle(), []) == 734
    fakedobby.assert_called("StartFromBundle", "a", times=1)
    assert [one["id"] for one in fakedobby.containers.list()] == ["a"]
"""
    done = run(text)
    assert done.status == 0, done.output
    assert len(set(done.told("pid"))) == 1


def test_a_test_takes_less_than_five_milliseconds_more_with_an_emulator(run):
    text = 'import pytest\n\n@pytest.mark.parametrize("n", range(60))\ndef test_it(thunder, n):\n    pass\n'
    timing = """
def pytest_runtest_logreport(report):
    if report.when != "call":
        print(f"\\n{report.when}={report.duration}")
"""
    done = run(text, conftest_py=timing)
    assert done.status == 0, done.output
    setups, teardowns = done.told("setup"), done.told("teardown")
    assert len(setups) == len(teardowns) == 60
    # the median: others work on this machine too
    assert statistics.median(map(sum, zip(setups[1:], teardowns[1:], strict=True))) < 0.005
