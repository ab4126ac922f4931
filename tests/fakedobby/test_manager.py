"""What a daemon does with its containers, in which order, and when; all on a clock that only we move."""

import json
import sys
from collections import Counter

import pytest
from twisted.internet.task import Clock

from bench import Bench, spec
from fakedobby.timings import IMMEDIATE


@pytest.fixture
def real():
    return Bench()


@pytest.fixture
def bench():
    return Bench(timings=IMMEDIATE)


@pytest.mark.fact("D0-reply-when-done", "D2-started", "D2-started-first", "D2-start-duration")
def test_start_tells_the_signal_before_the_reply(real):
    real.call("StartFromSpec", "app", spec(), [])
    assert real.take() == []
    real.clock.advance(0.08)
    assert real.take() == [("Started", 734, "app"), ("StartFromSpec", 734)]


@pytest.mark.fact(
    "D2-stop-order",
    "D2-stop-term",
    "D2-stop-term-duration",
    "D2-teardown-duration",
    "D2-state-while-stopping",
    "D2-status-after-teardown",
    "D2-stopped-after-status",
)
def test_stop_replies_before_the_signals(real):
    real.call("StartFromSpec", "app", spec(), [])
    real.clock.advance(0.08)
    real.take()
    real.call("Stop", 734, False)
    real.call("GetState", 734)
    real.call("StartFromSpec", "app", spec(), [])
    real.clock.advance(0.008)
    # the state was asked for after the stop and before the tear-down: both are seen in the real daemon
    assert real.take() == [("Stop", True), ("GetState", 2), ("StartFromSpec", -1)]
    real.clock.advance(0.09)
    assert real.take() == [("StoppedWithStatus", 734, "app", 15), ("Stopped", 734, "app")]


@pytest.mark.parametrize("member", ["StartFromSpec", "Start", "StartFromBundle"])
@pytest.mark.fact("D2-busy-until-stopped")
def test_an_id_is_busy_until_stopped(real, member):
    real.call("StartFromSpec", "app", spec(), [])
    real.clock.advance(0.08)
    real.call("Stop", 734, False)
    real.clock.advance(0.008)
    assert real.take()[-1] == ("Stop", True)
    # the reply is there, the tear-down is under way: refused at once
    real.call(member, "app", spec(), [])
    assert real.take() == [(member, -1)]
    real.clock.advance(0.09)
    assert [entry[0] for entry in real.take()] == ["StoppedWithStatus", "Stopped"]
    real.call("StartFromSpec", "app", spec(), [])
    real.clock.advance(0.08)
    assert real.take() == [("Started", 879, "app"), ("StartFromSpec", 879)]


def test_a_busy_id_is_refused_in_its_turn(real):
    real.call("StartFromSpec", "app", spec(), [])
    real.clock.advance(0.08)
    real.take()
    real.call("StartFromSpec", "other", spec(), [])
    real.call("StartFromSpec", "app", spec(), [])
    assert real.take() == []
    real.clock.advance(0.08)
    assert real.take() == [("Started", 879, "other"), ("StartFromSpec", 879), ("StartFromSpec", -1)]


@pytest.mark.fact("D0-teardown-blocks", "D2-state-while-stopping", "D2-stop-force")
def test_questions_wait_for_the_tear_down(real):
    real.call("StartFromSpec", "app", spec(), [])
    real.clock.advance(0.08)
    real.call("Stop", 734, True)
    real.clock.advance(0.008)
    real.take()
    real.call("GetState", 734)
    real.call("List")
    assert real.take() == []
    real.clock.advance(0.09)
    assert real.take() == [
        ("StoppedWithStatus", 734, "app", 9),
        ("Stopped", 734, "app"),
        ("GetState", 0),
        ("List", ([], [])),
    ]


@pytest.mark.fact("D0-one-queue", "D0-reply-order")
def test_answers_come_in_call_order(real):
    real.call("StartFromSpec", "a", spec(), [])
    real.call("List")
    real.call("StartFromSpec", "b", spec(), [])
    real.clock.pump([0.08, 0.08])
    assert real.take() == [
        ("Started", 734, "a"),
        ("StartFromSpec", 734),
        ("List", ([734], ["a"])),
        ("Started", 879, "b"),
        ("StartFromSpec", 879),
    ]


@pytest.mark.fact("D0-bad-id-immediate", "D1-start-bad-id")
@pytest.mark.fact("D0-debug-queue")
def test_debug_calls_wait_their_turn_too(real):
    real.call("StartFromSpec", "app", spec(), [])
    real.call("GetSpec", 734)
    real.call("CreateBundle", "other", spec())
    assert real.take() == []
    real.clock.advance(0.08)
    assert [entry[0] for entry in real.take()] == ["Started", "StartFromSpec", "GetSpec", "CreateBundle"]


@pytest.mark.parametrize(("count", "answer"), [(128, 734), (129, -1)])
@pytest.mark.fact("D5-fds-limit")
def test_file_descriptors_of_a_start(bench, count, answer):
    assert bench.ask("StartFromSpec", "app", spec(), list(range(count))) == answer


def test_a_bad_id_overtakes(real):
    real.call("StartFromSpec", "a", spec(), [])
    real.call("StartFromSpec", "a b", spec(), [])
    assert real.take() == [("StartFromSpec", -1)]


@pytest.mark.fact("D2-self-exit", "D2-exit-0")
def test_sleep_ends_by_itself_with_status_0(bench):
    assert bench.start() == 734
    bench.clock.advance(59.9)
    assert bench.ask("GetState", 734) == 2
    bench.take()
    bench.clock.advance(0.1)
    assert bench.take() == [("StoppedWithStatus", 734, "app", 0), ("Stopped", 734, "app")]
    assert bench.ask("List") == ([], [])
    assert bench.clock.getDelayedCalls() == []


def test_echo_ends_at_once_but_after_the_reply(bench):
    bench.call("StartFromSpec", "app", spec(args=["echo", "hi"]), [])
    bench.clock.advance(0)
    assert [entry[0] for entry in bench.take()] == ["Started", "StartFromSpec", "StoppedWithStatus", "Stopped"]


def test_unknown_command_runs_until_stopped(bench):
    bench.start(text=spec(args=["/usr/bin/app"]))
    bench.clock.advance(10**6)
    assert bench.ask("GetState", 734) == 2


def test_command_overrides_the_spec(bench):
    bench.start(command="sleep 5")
    bench.clock.advance(5)
    assert bench.ask("List") == ([], [])


@pytest.mark.fact("D6-command-empty")
def test_empty_command_overrides_nothing(bench):
    bench.start(command="")
    bench.clock.advance(5)
    assert bench.ask("List") == ([734], ["app"])


@pytest.mark.fact("D1-list-arrays", "D3-list-order")
def test_list_is_sorted_by_id_byte_by_byte(bench):
    for container_id in ("zeta", "alpha", "mid", "Beta", "a10", "a9"):
        bench.start(container_id)
    descriptors, ids = bench.ask("List")
    assert ids == ["Beta", "a10", "a9", "alpha", "mid", "zeta"]
    assert descriptors == [731, 365, 182, 879, 439, 734]


@pytest.mark.fact("D1-start-duplicate", "D2-duplicate")
def test_duplicate_id_is_refused_and_the_running_one_untouched(bench):
    bench.start()
    bench.take()
    assert bench.start() == -1
    assert bench.take() == []
    assert bench.ask("GetState", 734) == 2


@pytest.mark.parametrize(
    "refused",
    [("1", spec()), ("app2", "{"), ("app2", spec(args=[])), ("app", spec())],
)
@pytest.mark.fact("D1-start-bad-id", "D1-start-bad-spec", "D3-descriptor-kept")
def test_what_is_refused_spends_no_descriptor(bench, refused):
    bench.start()
    assert bench.start(*refused) == -1
    assert bench.start("next") == 879


@pytest.mark.parametrize("failed", [("x" * 65, spec()), ("app2", spec(memLimit=0)), ("app2", spec(cwd=""))])
@pytest.mark.fact("D1-start-crun", "D3-descriptor-spent", "D3-id-hostname", "D6-memlimit-zero")
def test_what_the_runtime_fails_spends_one(bench, failed):
    bench.start()
    assert bench.start(*failed) == -1
    assert bench.start("next") == 439


@pytest.mark.fact("D3-descriptor-none")
def test_all_descriptors_used(bench):
    assert all(bench.start(f"c{number}") > 0 for number in range(1023))
    assert bench.start("one-more") == -1
    assert bench.ask("Stop", 734, True) is True
    assert bench.start("one-more") == 734


@pytest.mark.fact(
    "D1-exec-not-running",
    "D1-pause-not-running",
    "D1-pause-true",
    "D1-resume-not-paused",
    "D1-resume-true",
    "D2-pause-twice",
    "D2-paused-exec",
    "D2-paused-info",
    "D2-resume-running",
    "D3-state-paused",
    "D3-state-running",
)
def test_pause_and_resume(bench):
    bench.start()
    assert bench.ask("Resume", 734) is False
    assert bench.ask("Pause", 734) is True
    assert bench.ask("GetState", 734) == 4
    assert json.loads(bench.ask("GetInfo", 734))["state"] == "paused"
    assert bench.ask("Pause", 734) is False
    assert bench.ask("Exec", 734, "", "ls") is False
    assert bench.ask("Resume", 734) is True
    assert bench.ask("GetState", 734) == 2


def test_a_paused_container_uses_no_cpu_and_does_not_end(bench):
    bench.start()

    def cpu():
        return json.loads(bench.ask("GetInfo", 734))["cpu"]["usage"]["total"]

    before = cpu()
    bench.clock.advance(10)
    assert cpu() > before
    bench.ask("Pause", 734)
    before = cpu()
    bench.clock.advance(1000)
    assert cpu() == before


@pytest.mark.fact("D1-stop-paused", "D2-stop-paused", "D2-stop-paused-force")
def test_stop_of_a_paused_container_needs_force(bench):
    bench.start()
    bench.ask("Pause", 734)
    assert bench.ask("Stop", 734, False) is False
    assert bench.ask("GetState", 734) == 4
    bench.take()
    bench.call("Stop", 734, True)
    assert bench.take() == [("Stop", True), ("StoppedWithStatus", 734, "app", 9), ("Stopped", 734, "app")]


def test_a_process_that_ended_meanwhile_can_be_neither_paused_nor_stopped(real):
    real.call("StartFromSpec", "app", spec(args=["sleep", "1"]), [])
    real.clock.advance(0.08)
    real.clock.advance(0.995)
    real.take()
    real.call("Pause", 734)
    real.call("Stop", 734, False)
    real.clock.pump([0.005, 0.006, 0.009, 0.1])
    assert real.take() == [
        ("Pause", False),
        ("Stop", False),
        ("StoppedWithStatus", 734, "app", 0),
        ("Stopped", 734, "app"),
    ]


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        *(("", True), ("--tty", True), ("-t --detach", True), ("--user 0", True), ("--user=0 --cwd /tmp", True)),
        *(("null", False), ("--bogus", False), ("--user", False), ("--tty elsewhere", False)),
    ],
)
@pytest.mark.fact(
    "D1-exec-options", "D1-exec-order", "D1-exec-true", "D5-exec-missing", "D5-exec-option", "D5-exec-split"
)
def test_exec_options(bench, options, answer):
    bench.start()
    assert bench.ask("Exec", 734, options, "/no/such/program") is answer


@pytest.mark.parametrize(
    ("member", "arguments", "answer"),
    [
        ("Stop", [False], False),
        ("Pause", [], False),
        ("Resume", [], False),
        ("Exec", ["", "ls"], False),
        ("GetState", [], 0),
        ("GetInfo", [], ""),
    ],
)
@pytest.mark.fact(
    "D1-stop-unknown", "D1-pause-unknown", "D1-resume-unknown", "D1-exec-unknown", "D1-state-unknown", "D1-info-unknown"
)
def test_unknown_descriptor(bench, member, arguments, answer):
    assert bench.ask(member, 99, *arguments) == answer


@pytest.mark.fact("D4-timestamp")
def test_uptime_is_the_timestamp_of_get_info():
    clock = Clock()
    clock.advance(1000)
    bench = Bench(clock=clock, uptime=50.0, timings=IMMEDIATE)
    bench.start()
    clock.advance(2)
    assert json.loads(bench.ask("GetInfo", 734))["timestamp"] == 52_000_000_000


def test_a_start_is_as_much_work_with_a_thousand_containers_as_with_none(bench):
    endless = spec(args=["/usr/bin/app"])  # it has no timer, which the test's clock would sort

    def work(numbers):
        calls = Counter()
        sys.setprofile(lambda _frame, event, _argument: calls.update([event]))
        try:
            for number in numbers:
                bench.start(f"c{number:04}", endless)
        finally:
            sys.setprofile(None)
        return calls["call"] + calls["c_call"]

    first = work(range(50))
    for number in range(50, 950):
        bench.start(f"c{number:04}", endless)
    assert work(range(950, 1000)) <= 1.05 * first


def test_one_broken_operation_stops_no_other(bench, caplog):
    bench.start()
    bench.call("Stop", 734)  # one argument too few can't come through the service; here it stands for a defect
    assert bench.take()[-1] == ("Stop", None)
    assert "defect of ours" in caplog.text
    assert bench.ask("GetState", 734) == 2


@pytest.mark.fact(
    "D6-rewrite-version", "D6-rewrite-hostname", "D6-rewrite-saved", "D6-running-config", "D6-running-config-removed"
)
def test_a_bundle_is_rewritten_and_starts_again(bench, tmp_path):
    (tmp_path / "rootfs").mkdir()
    config = {
        "ociVersion": "1.0.2-dobby",
        "root": {"path": "rootfs"},
        "process": {"args": ["/usr/libexec/DobbyInit", "sleep", "60"], "cwd": "/"},
        "linux": {"resources": {}},
        "rdkPlugins": {"logging": {"required": False, "data": {"sink": "devnull"}}},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    for descriptor in (734, 879):
        form = [[], "sleep 5", "", ["A=1"], 0, 0]
        assert bench.ask("StartFromBundle", "app", str(tmp_path), *form) == descriptor
        assert json.loads((tmp_path / "config-dobby.json").read_text()) == config
        rewritten = json.loads((tmp_path / "config.json").read_text())
        assert (rewritten["ociVersion"], rewritten["hostname"]) == ("1.0.2", "app")
        running = json.loads((tmp_path / f"config-{descriptor}.json").read_text())
        assert running["process"]["args"] == ["/usr/libexec/DobbyInit", "sleep", "5"]
        assert "A=1" in running["process"]["env"]
        bench.clock.advance(5)
        assert not (tmp_path / f"config-{descriptor}.json").exists()


@pytest.mark.parametrize(
    ("command", "status"), [("exit 7", 1792), ("exit 143", 15), ("kill -SEGV $$", 139), ("true", 0)]
)
@pytest.mark.fact("D2-exit-0", "D2-exit-7", "D2-exit-143", "D2-sigsegv")
def test_wait_statuses(bench, command, status):
    bench.start(text=spec(args=["sh", "-c", command]))
    bench.clock.advance(0)
    assert bench.take()[-2:] == [("StoppedWithStatus", 734, "app", status), ("Stopped", 734, "app")]


@pytest.mark.fact("D2-stop-escalation", "D2-stop-escalation-stopped", "D2-stop-ignored")
def test_who_ignores_term_is_killed_after_ten_looks(real):
    real.call("StartFromSpec", "app", spec(args=["sh", "-c", "trap '' TERM; while true; do sleep 1; done"]), [])
    real.clock.advance(0.08)
    real.take()
    real.call("Stop", 734, False)
    real.clock.pump([0.008, *[0.058] * 9])
    assert real.take() == []
    real.clock.advance(0.059)
    assert real.take() == [("Stop", True)]
    real.clock.advance(0.09)
    assert real.take() == [("StoppedWithStatus", 734, "app", 9), ("Stopped", 734, "app")]
