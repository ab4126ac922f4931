"""Hibernate and Wakeup: what is answered, what is told, and when (facts/dobby.md 2)."""

import json

import pytest

from bench import Bench, spec
from fakedobby.timings import IMMEDIATE, Timings

# slow enough to look in between
SLOW = Timings(create=0, deliver_signal=0, tear_down=0, freeze=0, exec=0, checkpoint=1.0, restore=0.5)


@pytest.fixture
def bench():
    """A running container, 734, whose two processes take 2 s to hibernate and 1 s to wake up."""
    bench = Bench(timings=SLOW)
    bench.start()
    bench.take()
    return bench


@pytest.fixture
def hibernated(bench):
    bench.ask("Hibernate", 734, "")
    bench.clock.advance(2)
    bench.take()
    return bench


def state(bench):
    return bench.ask("GetState", 734)


@pytest.mark.fact(
    "D1-hibernate-true", "D2-hibernate-states", "D2-hibernated", "D3-state-hibernation", "D4-state-hibernation"
)
def test_hibernate(bench):
    assert bench.ask("Hibernate", 734, "") is True
    assert (state(bench), bench.take()) == (5, [])
    bench.clock.advance(1.9)
    assert (state(bench), bench.take()) == (5, [])
    bench.clock.advance(0.1)
    assert (state(bench), bench.take()) == (6, [("Hibernated", 734, "app")])


@pytest.mark.fact("D1-hibernate-true")
def test_at_once_is_still_after_the_reply():
    bench = Bench(timings=IMMEDIATE)
    bench.start()
    bench.take()
    bench.call("Hibernate", 734, "")
    bench.clock.advance(0)
    bench.call("Wakeup", 734)
    bench.clock.advance(0)
    assert [entry[0] for entry in bench.take()] == ["Hibernate", "Hibernated", "Wakeup", "Awoken"]


@pytest.mark.fact("D1-wakeup-true", "D2-wakeup-states", "D2-awoken", "D3-state-hibernation")
def test_wake_up(hibernated):
    assert hibernated.ask("Wakeup", 734) is True
    assert (state(hibernated), hibernated.take()) == (7, [])
    hibernated.clock.advance(1)
    assert (state(hibernated), hibernated.take()) == (2, [("Awoken", 734, "app")])


@pytest.mark.fact("D2-wakeup-soon")
def test_awoken_comes_soon():
    assert Timings().restore == 0.0001


@pytest.mark.parametrize("seconds", [1, 2])
@pytest.mark.parametrize(
    ("member", "arguments"), [("Hibernate", [""]), ("Pause", []), ("Resume", []), ("Exec", ["", "ls"])]
)
@pytest.mark.fact("D2-hibernate-blocks", "D5-exec-hibernated", "D1-hibernate-not-running")
def test_what_is_refused_meanwhile(bench, seconds, member, arguments):
    bench.ask("Hibernate", 734, "")
    bench.clock.advance(seconds)
    assert bench.ask(member, 734, *arguments) is False


@pytest.mark.fact("D1-wakeup-awake")
def test_a_running_container_can_not_be_woken(bench):
    assert bench.ask("Wakeup", 734) is False


@pytest.mark.fact("D2-paused-hibernate", "D2-paused-wakeup")
def test_a_paused_container_does_neither(bench):
    bench.ask("Pause", 734)
    assert bench.ask("Hibernate", 734, "") is False
    assert bench.ask("Wakeup", 734) is False
    assert state(bench) == 4


@pytest.mark.fact("D1-hibernate-unknown", "D1-wakeup-unknown")
def test_unknown_descriptors(bench):
    assert bench.ask("Hibernate", 99, "") is False
    assert bench.ask("Wakeup", 99) is False


@pytest.mark.fact("D2-no-memcr")
def test_without_memcr_nobody_is_told():
    bench = Bench(timings=SLOW, memcr=False)
    bench.start()
    bench.take()
    assert bench.ask("Hibernate", 734, "") is True
    assert state(bench) == 5
    bench.clock.advance(10)
    assert (state(bench), bench.take()) == (2, [])


@pytest.mark.fact("D2-wakeup-aborts")
def test_wakeup_turns_hibernation_round(bench):
    bench.ask("Hibernate", 734, "")
    bench.clock.advance(1)
    assert bench.ask("Wakeup", 734) is True
    assert state(bench) == 7
    bench.clock.advance(10)
    assert (state(bench), bench.take()) == (2, [("Awoken", 734, "app")])


@pytest.mark.fact("D2-stop-hibernated")
def test_a_hibernated_container_takes_term(hibernated):
    hibernated.call("Stop", 734, False)
    assert hibernated.take() == [
        ("Stop", True),
        ("StoppedWithStatus", 734, "app", 15),
        ("Stopped", 734, "app"),
    ]
    assert hibernated.clock.getDelayedCalls() == []


@pytest.mark.parametrize(("force", "status"), [(False, 15), (True, 9)])
@pytest.mark.parametrize("waking", [False, True])
@pytest.mark.fact("D2-stop-hibernating")
def test_a_stop_ends_the_work_of_memcr(bench, force, status, waking):
    bench.ask("Hibernate", 734, "")
    bench.clock.advance(1)
    if waking:
        bench.ask("Wakeup", 734)
    bench.call("Stop", 734, force)
    bench.clock.advance(10)
    assert bench.take() == [("Stop", True), ("StoppedWithStatus", 734, "app", status), ("Stopped", 734, "app")]


@pytest.mark.fact("D2-stop-hibernating")
def test_stopping_is_seen_between():
    real = Bench(timings=Timings(create=0, checkpoint=1.0))
    real.start()
    real.ask("Hibernate", 734, "")
    real.call("Stop", 734, False)
    real.call("GetState", 734)
    real.clock.advance(0.008)
    assert real.take()[1:] == [("Stop", True), ("GetState", 3)]


def test_a_hibernated_program_stands_still():
    bench = Bench(timings=SLOW)
    bench.start(text=spec(args=["sleep", "10"]))
    bench.ask("Hibernate", 734, "")
    bench.clock.advance(2)
    before = json.loads(bench.ask("GetInfo", 734))
    assert before["state"] == "hibernated"
    bench.clock.advance(1000)
    assert json.loads(bench.ask("GetInfo", 734))["cpu"] == before["cpu"]
    bench.ask("Wakeup", 734)
    bench.clock.advance(1)
    bench.take()
    bench.clock.advance(7.9)
    assert bench.take() == []
    bench.clock.advance(0.1)
    assert [entry[0] for entry in bench.take()] == ["StoppedWithStatus", "Stopped"]


def test_a_program_that_ends_on_the_way_is_not_hibernated():
    bench = Bench(timings=SLOW)
    bench.start(text=spec(args=["sleep", "1"]))
    bench.ask("Hibernate", 734, "")
    bench.take()
    bench.clock.advance(10)
    assert bench.take() == [("StoppedWithStatus", 734, "app", 0), ("Stopped", 734, "app")]
    assert bench.clock.getDelayedCalls() == []


@pytest.mark.fact("D2-hibernate-one-by-one")
def test_each_process_takes_its_time(tmp_path):
    bench = Bench(timings=SLOW)
    # DobbyInit without a command is one process
    (tmp_path / "rootfs").mkdir()
    program = tmp_path / "rootfs" / "app"
    program.touch()
    config = {
        "ociVersion": "1.0.2",
        "hostname": "one",
        "root": {"path": "rootfs"},
        "process": {"args": ["/app"]},
        "linux": {"resources": {}},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert bench.ask("StartFromBundle", "one", str(tmp_path), []) == 734
    bench.ask("Hibernate", 734, "")
    bench.clock.advance(1)
    assert state(bench) == 6


@pytest.mark.fact("D2-stop-hibernated")
def test_a_hibernated_program_can_handle_term(hibernated):
    hibernated.start("slow", text=spec(args=["sh", "-c", "trap 'sleep 0.1; sleep 0.1; exit 3' TERM; sleep 60"]))
    hibernated.ask("Hibernate", 879, "")
    hibernated.clock.advance(2)
    hibernated.take()
    hibernated.call("Stop", 879, False)
    hibernated.clock.pump([0.058] * 4)
    assert hibernated.take() == [("Stop", True), ("StoppedWithStatus", 879, "slow", 768), ("Stopped", 879, "slow")]
