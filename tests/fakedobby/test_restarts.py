"""restartOnCrash, as it should be and as it is (facts/dobby.md 2)."""

import json

import pytest

from bench import Bench, spec
from fakedobby.quirks import DOUBLE_RESTART
from fakedobby.restarts import Restarts
from fakedobby.timings import IMMEDIATE, Timings

STARTED = ("Started", 734, "app")
STOPPED = ("Stopped", 734, "app")


def ended(status):
    return ("StoppedWithStatus", 734, "app", status)


def crashing(*quirks, command="sleep 10; exit 7", restart=True, timings=IMMEDIATE):
    bench = Bench(timings=timings, quirks=frozenset(quirks))
    bench.run("StartFromSpec", "app", spec(args=["sh", "-c", command], restartOnCrash=restart), [])
    bench.take()
    return bench


@pytest.mark.fact("D2-restart-crash", "D2-restart-descriptor")
def test_a_crash_starts_it_again():
    bench = crashing()
    bench.clock.advance(10)
    assert bench.take() == [ended(1792), STOPPED, STARTED]
    assert bench.ask("List") == ([734], ["app"])
    assert bench.ask("GetState", 734) == 2
    bench.clock.advance(10)
    assert bench.take() == [ended(1792), STOPPED, STARTED]


def test_a_restart_takes_as_long_as_a_start_and_others_wait_for_it():
    bench = crashing(timings=Timings())
    bench.clock.advance(10)
    bench.clock.advance(0.09)
    bench.call("GetState", 734)
    assert bench.take() == [ended(1792), STOPPED]
    bench.clock.advance(0.08)
    assert bench.take() == [STARTED, ("GetState", 2)]


@pytest.mark.parametrize(("restart", "command"), [(True, "sleep 10"), (False, "sleep 10; exit 7"), (None, "exit 7")])
@pytest.mark.fact("D2-restart-exit-0")
def test_what_starts_nothing(restart, command):
    bench = crashing(restart=restart, command=command)
    bench.clock.advance(10)
    assert bench.take()[-1] == STOPPED
    assert bench.ask("List") == ([], [])


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.fact("D2-restart-stop")
def test_a_stop_ends_the_restarting(force):
    bench = crashing()
    bench.call("Stop", 734, force)
    assert bench.take() == [("Stop", True), ended(9 if force else 15), STOPPED]
    assert bench.clock.getDelayedCalls() == []


@pytest.mark.fact("D2-restart-specs-only")
def test_a_bundle_can_not_ask_for_it(tmp_path):
    (tmp_path / "rootfs").mkdir()
    config = {
        "ociVersion": "1.0.2",
        "hostname": "h",
        "root": {"path": "rootfs"},
        "process": {"args": ["/usr/libexec/DobbyInit", "false"]},
        "linux": {"resources": {}},
        "restartOnCrash": True,
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    bench = Bench(timings=IMMEDIATE)
    bench.ask("StartFromBundle", "app", str(tmp_path), [])
    bench.clock.advance(0)
    assert bench.take()[1:] == [ended(256), STOPPED]


@pytest.mark.fact("D2-restart-limit")
def test_ten_restarts_are_enough():
    bench = crashing(command="exit 7")
    bench.clock.pump([0] * 20)
    heard = bench.take()
    assert heard.count(STARTED) == 10
    assert heard[-2:] == [ended(1792), STOPPED]
    assert bench.ask("List") == ([], [])


@pytest.mark.fact("D2-restart-limit")
def test_restarts_are_counted_over_five_minutes():
    restarts = Restarts()
    assert [restarts.take(float(second)) for second in range(11)] == [True] * 10 + [False]
    assert restarts.take(299.9) is False
    assert restarts.take(300) is True
    assert restarts.take(300.5) is False


@pytest.mark.fact("D2-restart-twice")
def test_the_quirk_starts_it_twice_and_tells_of_the_end_later():
    bench = crashing(DOUBLE_RESTART)
    bench.clock.advance(10)
    assert bench.take() == [STARTED, STARTED, ended(1792), STOPPED]
    assert bench.ask("List") == ([734], ["app"])


@pytest.mark.fact("D2-restart-counts-twice", "D2-restart-burst")
def test_with_the_quirk_five_crashes_are_the_limit_and_fast_ones_are_told_of_in_a_burst():
    bench = crashing(DOUBLE_RESTART, command="exit 7")
    bench.clock.pump([0] * 20)
    assert bench.take() == [STARTED] * 10 + [ended(1792), STOPPED] * 6
    assert bench.ask("List") == ([], [])
