"""What a scenario makes of a daemon: programs, bundles that no file system has, containers at the start."""

import json
import os

import pytest

from bench import Bench, spec
from fakedobby.errors import BadScenario
from fakedobby.faults import DOBBY, PLUGIN, FaultBook
from fakedobby.scenario import put_in_force, scenario_of
from fakedobby.scenariofile import ScenarioFile

MIB = 2**20


@pytest.fixture
def scenario(tmp_path):
    def scenario(text):
        file = tmp_path / "box.toml"
        file.write_text(text)
        return scenario_of(ScenarioFile(file))

    return scenario


@pytest.fixture
def bench(scenario):
    def bench(text, **settings):
        there = scenario(text)
        bench = Bench(scenario=there, **settings)
        there.populate(bench.manager.place)
        return bench

    return bench


def info(bench, descriptor=734):
    return json.loads(bench.run("GetInfo", descriptor))


def state(bench, descriptor=734):
    return bench.run("GetState", descriptor)


def ends(bench):
    return [(heard[2], heard[3]) for heard in bench.take() if heard[0] == "StoppedWithStatus"]


# programs


@pytest.mark.parametrize(
    ("match", "args", "seconds"),
    [
        ("app", ["app", "-x"], 7),
        ("app", ["/opt/bin/app"], 7),
        ("/opt/bin/*", ["/opt/bin/app", "a"], 7),
        ("app -x*", ["app", "-x", "y"], 7),
        ("sleep", ["sleep", "60"], 7),
        ("app", ["sh", "-c", "sleep 1; app"], 8),
        ("app", ["env", "A=1", "app"], 7),
        ("app", ["/no/such/app"], 7),
        ("app", ["apple"], None),
        ("App", ["app"], None),
    ],
)
def test_command_lines_that_run_a_program(bench, match, args, seconds):
    one = bench(f'[[program]]\nname = "p"\nmatch = "{match}"\nruntime = 7\nexit = 3')
    one.run("StartFromSpec", "app", spec(args=args), [])
    one.take()
    one.clock.advance((seconds or 1000) - 0.01)
    assert ends(one) == []
    one.clock.advance(0.02)
    one.clock.advance(1)
    assert ends(one) == ([("app", 3 << 8)] if seconds else [])


def test_the_first_program_that_fits_counts_and_one_without_match_fits_nothing(bench):
    one = bench(
        '[[program]]\nname = "app"\nruntime = 1\n'
        '[[program]]\nname = "a"\nmatch = "a*"\nruntime = 2\nsignal = "SIGSEGV"\n'
        '[[program]]\nname = "b"\nmatch = "app"\nruntime = 3\n'
    )
    one.run("StartFromSpec", "app", spec(args=["app"]), [])
    one.take()
    one.clock.advance(2)
    one.clock.advance(1)
    assert ends(one) == [("app", 11 | 0x80)]


@pytest.mark.parametrize(
    ("term", "after", "status"),
    [
        ("", 0, 15),
        ('term = "dies"', 0, 15),
        ('term = "ignores"', 0.6, 9),
        ("term = { after = 0.2, exit = 4 }", 0.2, 4 << 8),
        ("term = {}", 0, 0),
        ("term = { after = 5 }", 0.6, 9),
    ],
)
def test_how_a_program_takes_sigterm(bench, term, after, status):
    one = bench(f'[[container]]\nid = "app"\n[container.program]\n{term}')
    one.call("Stop", 734, False)
    one.clock.advance(0.008)
    begun = one.clock.seconds()
    while not (ended := ends(one)):
        one.clock.advance(0.001)
    assert ended == [("app", status)]
    assert one.clock.seconds() - begun == pytest.approx(after + 0.09, abs=0.06)  # Dobby looks every 58 ms


def test_memory_and_cpu_follow_the_curves_and_stand_still_in_a_frozen_container(bench):
    one = bench(
        f'[[container]]\nid = "app"\n[container.program]\nmemory = [[0, {MIB}], [10, {3 * MIB}], [20, {2 * MIB}]]\n'
        "cpu = [[0, 1], [10, 0]]",
        timings=_at_once(),
    )
    begin = info(one)
    assert begin["memory"]["user"]["usage"] == begin["memory"]["user"]["max"] == MIB

    def figures():
        now = info(one)
        busy = now["cpu"]["usage"]["total"] - begin["cpu"]["usage"]["total"]
        return now["memory"]["user"]["usage"] / MIB, now["memory"]["user"]["max"] / MIB, busy / 1e9

    one.clock.advance(5)
    assert figures() == (2, 2, 3.75)
    assert one.run("Pause", 734) is True
    one.clock.advance(100)
    assert figures() == (2, 2, 3.75)
    assert one.run("Resume", 734) is True
    one.clock.advance(10)
    assert figures() == (2.5, 3, 5)
    one.clock.advance(1000)
    assert figures() == (2, 3, 5)


def _at_once():
    from fakedobby.timings import IMMEDIATE  # noqa: PLC0415

    return IMMEDIATE


def test_no_curve_goes_above_the_limit(bench):
    one = bench(
        '[[bundle]]\npath = "/b"\ncommand = "app"\nmemoryLimit = 1000\nprogram = { memory = [[0, 900], [1, 2000]] }'
    )
    one.run("StartFromBundle", "app", "/b", [])
    assert info(one)["memory"]["user"] == {"failcnt": 0, "limit": 1000, "max": 900, "usage": 900}
    one.clock.advance(1)
    assert info(one)["memory"]["user"] == {"failcnt": 0, "limit": 1000, "max": 1000, "usage": 1000}


def test_commands_put_into_a_container_run_programs_too(bench):
    one = bench('[[container]]\nid = "app"\nprogram = {}\n[[program]]\nname = "p"\nmatch = "tool"\nruntime = 2')
    assert one.run("Exec", 734, "", "tool x") is True
    assert len(info(one)["processes"]) == 4
    one.clock.advance(2)
    assert len(info(one)["processes"]) == 2


# bundles

BUNDLE = """
[[bundle]]
path = "/opt/apps/tv/"
command = ["/usr/bin/tv", "two words"]
cwd = "/home"
env = ["A=1"]
memoryLimit = 5000000000
rdkPlugins = { networking = { required = true, data = { type = "nat" } } }
"""


@pytest.mark.parametrize("path", ["/opt/apps/tv", "/opt/apps/tv/", "opt/apps/x/../tv", "//opt/apps//tv"])
def test_a_bundle_that_no_file_system_has(bench, monkeypatch, path):
    one = bench(BUNDLE)
    touched = []

    def watched(real):
        def watching(where, *arguments, **options):
            touched.append(str(where))
            return real(where, *arguments, **options)

        return watching

    for name in ("open", "stat", "lstat", "mkdir", "unlink", "replace"):
        monkeypatch.setattr(os, name, watched(getattr(os, name)))
    assert one.run("StartFromBundle", "app", path, []) == 734
    config = json.loads(one.run("GetOCIConfig", 734))
    seen = info(one)
    one.call("Stop", 734, True)
    one.clock.advance(1)
    assert [where for where in touched if "apps" in where or "tv" in where] == []
    assert config["hostname"] == "app"
    assert config["process"]["args"] == ["/usr/libexec/DobbyInit", "/usr/bin/tv", "two words"]
    assert (config["process"]["cwd"], config["process"]["env"]) == ("/home", ["A=1"])
    assert config["rdkPlugins"]["networking"]["required"] is True
    assert config["linux"]["resources"]["memory"]["limit"] == 5000000000
    assert set(config["hooks"]) == {"createRuntime", "createContainer", "poststart", "poststop"}
    assert seen["processes"][1]["cmdline"] == "/usr/bin/tv two words "
    assert seen["memory"]["user"]["limit"] == 5000000000
    assert one.run("GetSpec", 734) == ""
    assert [heard[0] for heard in one.take()] == ["Started", "Stop", "StoppedWithStatus", "Stopped"]


def test_a_bundle_that_is_not_known_is_looked_for(bench, tmp_path):
    one = bench(BUNDLE)
    assert one.run("StartFromBundle", "app", str(tmp_path), []) == -1
    assert one.run("StartFromBundle", "app", "", []) == -1


def test_a_bundle_with_a_program_runs_that_unless_the_call_has_a_command(bench):
    one = bench('[[bundle]]\npath = "/b"\nprogram = "p"\n[[program]]\nname = "p"\nruntime = 2')
    one.run("StartFromBundle", "own", "/b", [])
    one.run("StartFromBundle", "other", "/b", [], "sleep 5", "", [])
    assert info(one)["processes"][1]["cmdline"] == "p "
    one.take()
    one.clock.advance(3)
    one.clock.advance(1)
    assert ends(one) == [("own", 0)]
    one.clock.advance(1)
    one.clock.advance(1)
    assert ends(one) == [("other", 0)]


def test_without_a_limit_there_is_none(bench):
    one = bench('[[bundle]]\npath = "/b"\ncommand = "app"')
    one.run("StartFromBundle", "app", "/b", [])
    assert info(one)["memory"]["user"]["limit"] == 9_223_372_036_854_771_712
    assert json.loads(one.run("GetOCIConfig", 734))["linux"] == {"resources": {}}


# containers at the start

CONTAINERS = f"""
[[container]]
id = "z"
program = "app"
annotations = {{ k = "v" }}

[[container]]
id = "a"
state = "Paused"
bundle = "/b"

[[container]]
id = "m"
state = "Hibernated"
spec = {spec().replace(":", "=")}

[[bundle]]
path = "/b"
command = "app"

[[program]]
name = "app"
match = "app"
runtime = 60
"""


def test_containers_that_are_there_from_the_start(bench):
    one = bench(CONTAINERS)
    assert one.take() == []
    assert one.run("List") == ([879, 439, 734], ["a", "m", "z"])
    assert [state(one, descriptor) for descriptor in (734, 879, 439)] == [2, 4, 6]
    assert info(one)["annotations"] == {"k": "v"}
    assert json.loads(one.run("GetSpec", 439))["args"] == ["sleep", "60"]
    one.clock.advance(60)
    one.clock.advance(1)
    assert ends(one) == [("z", 0)]
    assert one.run("Resume", 879) is True
    assert one.run("Wakeup", 439) is True
    one.clock.advance(0.001)
    assert [heard[0] for heard in one.take()] == ["Awoken"]
    for seconds in (60, 1, 1):
        one.clock.advance(seconds)
    assert ends(one) == [("a", 0), ("m", 0)]


def test_the_next_container_gets_the_next_descriptor(bench):
    one = bench(CONTAINERS)
    assert one.run("StartFromBundle", "new", "/b", []) == 731


def test_a_container_whose_bundle_is_not_there(bench):
    with pytest.raises(BadScenario, match=r"line 1, container 1: bundle /no/such: there is no such directory\.$"):
        bench('[[container]]\nid = "a"\nbundle = "/no/such"')


def test_a_container_may_have_run_for_a_while(bench):
    one = bench('[[program]]\nname = "p"\nruntime = 60\nmemory = [[0, 0], [100, 1000]]')
    one.manager.place({"id": "a", "program": "p", "activeSeconds": 50, "descriptor": 5})
    assert one.run("List") == ([5], ["a"])
    assert info(one, 5)["memory"]["user"]["usage"] == 500
    one.clock.advance(10)
    one.clock.advance(1)
    assert ends(one) == [("a", 0)]


# faults


def test_faults_are_in_force_anew_each_time(scenario):
    there = scenario(
        '[[fault]]\nplace = "dobby"\nkind = "delay"\nseconds = 2\n[[fault]]\nplace = "plugin"\nkind = "deactivate"'
    )
    for _ in range(2):
        book = FaultBook()
        put_in_force(there, book, DOBBY)
        (fault,) = book
        assert (fault.kind, fault.seen, fault.options) == ("delay", 0, {"seconds": 2})
        fault.seen = 5
    put_in_force(there, book, PLUGIN)
    assert [fault.place for fault in book] == ["dobby", "plugin"]
