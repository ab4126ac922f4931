"""Hooks that fail or take their time when a bundle is started (facts/dobby.md 2)."""

import json

import pytest

from bench import Bench, spec
from fakedobby.timings import Timings


@pytest.fixture
def start(tmp_path):
    """Start a bundle with these hooks; return the bench."""

    def with_hooks(hooks):
        (tmp_path / "rootfs").mkdir()
        config = {
            "ociVersion": "1.0.2",
            "hostname": "h",
            "root": {"path": "rootfs"},
            "process": {"args": ["/usr/libexec/DobbyInit", "sleep", "60"], "cwd": "/"},
            "linux": {"resources": {}},
            "hooks": hooks,
        }
        (tmp_path / "config.json").write_text(json.dumps(config))
        bench = Bench(timings=Timings())
        bench.call("StartFromBundle", "app", str(tmp_path), [])
        return bench

    return with_hooks


def hook(*command):
    return [{"path": f"/bin/{command[0]}", "args": list(command)}]


@pytest.mark.parametrize("name", ["prestart", "createRuntime", "createContainer"])
@pytest.mark.fact("D2-hook-createruntime", "D3-descriptor-spent")
def test_a_hook_that_fails(start, name):
    bench = start({name: hook("sh", "-c", "exit 3")})
    bench.clock.advance(0.08)
    assert bench.take() == [("StartFromBundle", -1)]
    assert bench.run("StartFromSpec", "next", spec(), []) == 879


@pytest.mark.fact("D2-hook-createruntime")
def test_a_hook_that_is_not_there(start):
    bench = start({"createRuntime": [{"path": "/no/such/hook"}]})
    bench.clock.advance(0.08)
    assert bench.take() == [("StartFromBundle", -1)]


@pytest.mark.parametrize("name", ["poststart", "poststop"])
@pytest.mark.fact("D2-hook-poststart")
def test_these_may_fail(start, name):
    bench = start({name: hook("false")})
    bench.clock.advance(0.08)
    assert bench.take() == [("Started", 734, "app"), ("StartFromBundle", 734)]


def test_a_hook_takes_its_time(start):
    bench = start({"createRuntime": hook("sleep", "2")})
    bench.clock.advance(2)
    assert bench.take() == []
    bench.clock.advance(0.08)
    assert bench.take() == [("Started", 734, "app"), ("StartFromBundle", 734)]


@pytest.mark.parametrize("seconds", ["6", "infinity"])
@pytest.mark.fact("D2-creation-hangs")
def test_a_creation_that_hangs_is_killed(start, seconds):
    bench = start({"createRuntime": hook("sleep", seconds)})
    bench.clock.advance(5.5)
    assert bench.take() == []
    bench.clock.advance(0.08)
    assert bench.take() == [("StartFromBundle", -1)]


@pytest.mark.parametrize("hooks", [[], 5, {"createRuntime": 5}, {"createRuntime": [5, {"path": 5}, {}]}])
def test_what_is_no_hook_is_none(start, hooks):
    bench = start(hooks)
    bench.clock.advance(0.08)
    assert bench.take()[-1] == ("StartFromBundle", 734)
