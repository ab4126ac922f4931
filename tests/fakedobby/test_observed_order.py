"""Times, orders and states as they were observed, on a clock that only we move (facts/dobby.md 0 and 2 to 5)."""

import json
from itertools import pairwise

import pytest
from twisted.internet.task import Clock

from bench import made
from fakedobby.manager import Manager
from fakedobby.protocol import WireState
from fakedobby.settings import Settings
from fakedobby.timings import IMMEDIATE, Timings
from wire import call, published

SPEC = {"version": "1.0", "cwd": "/", "args": ["sleep", "60"], "user": {"uid": 1, "gid": 1}, "memLimit": 41943040}
STEP = 0.001

fact = pytest.mark.fact


class Bench:
    """A manager; `heard` has what it says, with the moment: (seconds, name, values of a signal or an answer)."""

    def __init__(self, timings):
        made.append(self)
        self.clock = Clock()
        self.heard = []
        self.manager = Manager(self.clock, self._note, Settings(timings=timings))

    def _note(self, name, values):
        self.heard.append((self.clock.seconds(), name, values))

    def call(self, member, *arguments):
        self.manager.call(member, list(arguments), lambda answer: self._note(member, answer))

    def start(self, *args, container_id="app", **changes):
        self.call("StartFromSpec", container_id, json.dumps(SPEC | {"args": args or SPEC["args"]} | changes), [])

    def until(self, name):
        """Let time go by until `name` is heard; return all that was heard."""
        while name not in [entry[1] for entry in self.heard]:
            self.clock.advance(min(call.getTime() for call in self.clock.getDelayedCalls()) - self.clock.seconds())
        heard, self.heard[:] = list(self.heard), []
        return heard

    def running(self, *args):
        """Start a container, let it run for a second; return the moment."""
        self.start(*args)
        assert self.until("StartFromSpec")[-1][2] == 734
        self.clock.advance(1)
        self.heard.clear()
        return self.clock.seconds()

    def ask(self, member, *arguments):
        answers = []
        self.manager.call(member, list(arguments), answers.append)
        (answer,) = answers
        return answer


@pytest.fixture
def real():
    return Bench(Timings())


@pytest.fixture
def bench():
    return Bench(IMMEDIATE)


@fact("D2-program-missing")
def test_a_program_that_is_not_there_is_started_and_ends(real):
    real.start("/no/such")
    heard = real.until("Stopped")
    assert [entry[1:] for entry in heard] == [
        ("Started", (734, "app")),
        ("StartFromSpec", 734),
        ("StoppedWithStatus", (734, "app", 256)),
        ("Stopped", (734, "app")),
    ]
    assert heard[2][0] - heard[1][0] == pytest.approx(0.09, abs=0.02)


@pytest.mark.parametrize(
    ("command", "force", "status"),
    [
        pytest.param(("sleep", "60"), False, 15, marks=fact("D2-stop-term", "D2-stop-term-duration")),
        pytest.param(
            ("sleep", "60"), True, 9, marks=fact("D2-stop-force", "D2-stop-force-at-once", "D2-stop-kill-duration")
        ),
        pytest.param(("sh", "-c", "trap 'exit 0' TERM; sleep 60"), False, 0, marks=fact("D2-stop-trap")),
        pytest.param(
            ("sh", "-c", "trap '' TERM; sleep 60"), True, 9, marks=fact("D2-stop-force", "D2-stop-force-at-once")
        ),
    ],
)
@fact("D1-stop-true", "D2-stop-order", "D2-teardown-duration")
def test_a_stop(real, command, force, status):
    before = real.running(*command)
    real.call("Stop", 734, force)
    heard = real.until("Stopped")
    assert [entry[1:] for entry in heard] == [
        ("Stop", True),
        ("StoppedWithStatus", (734, "app", status)),
        ("Stopped", (734, "app")),
    ]
    shortest, longest = (0.004, 0.008) if force else (0.008, 0.016)
    assert shortest <= round(heard[0][0] - before, 6) <= longest
    assert heard[2][0] - heard[0][0] == pytest.approx(0.09, abs=0.02)


@fact("D2-stop-slow-death")
def test_a_stop_is_answered_when_the_program_has_died(real):
    before = real.running("sh", "-c", "trap 'sleep 0.3; exit 4' TERM; sleep 60")
    real.call("Stop", 734, False)
    stop, status, _ = real.until("Stopped")
    assert stop[1:] == ("Stop", True)
    assert stop[0] - before == pytest.approx(0.355, abs=0.01)
    assert status[2] == (734, "app", 1024)


@fact("D2-stop-escalation-duration", "D2-stop-escalation", "D2-stop-escalation-stopped", "D2-stop-ignored")
def test_a_stop_of_a_program_that_ignores_it(real):
    before = real.running("sh", "-c", "trap '' TERM; sleep 60")
    real.call("Stop", 734, False)
    stop, status, stopped = real.until("Stopped")
    assert stop[1:] == ("Stop", True)
    assert 0.58 <= stop[0] - before <= 0.63
    assert status[2] == (734, "app", 9)
    assert stopped[0] - stop[0] == pytest.approx(0.1, abs=0.02)


@fact("D5-exec-detached", "D5-exec-empty", "D5-exec-exit", "D5-exec-missing", "D1-exec-true")
@pytest.mark.parametrize("command", ["sleep 3", "", "exit 3", "/no/such/bin"])
def test_exec_waits_for_no_command(real, command):
    before = real.running()
    real.call("Exec", 734, "", command)
    ((after, _, answer),) = real.until("Exec")
    assert answer is True
    assert after - before == pytest.approx(0.022, abs=0.005)


@fact("D2-hidden-states")
@pytest.mark.parametrize("args", [("sleep", "1"), ("sh", "-c", "trap '' TERM; sleep 60")])
def test_nobody_sees_a_container_start_or_stop(real, args):
    asked = 0
    real.start(*args)
    for moment in range(2000):
        if moment == 500:
            real.call("Stop", 734, False)
        real.call("GetState", 734)
        real.clock.advance(STEP)
        asked += 1
    real.clock.advance(5)
    states = [values for _, name, values in real.heard if name == "GetState"]
    assert len(states) == asked
    # nobody's, then running, then nobody's again
    assert [after for before, after in pairwise([None, *states]) if before != after] in ([2, 0], [0, 2, 0])


@fact("D3-state-transient")
def test_the_numbers_of_the_states_that_nobody_sees():
    assert (WireState.STARTING, WireState.STOPPING) == (1, 3)


@fact("D3-descriptor-anew")
def test_each_daemon_begins_the_descriptors_anew(bench):
    bench.start()
    bench.start(container_id="other")
    other = Bench(IMMEDIATE)
    other.start()
    assert [entry[2] for entry in bench.heard + other.heard if entry[1] == "StartFromSpec"] == [734, 879, 734]


@fact("D3-descriptor-reuse", "D3-descriptor-period")
def test_a_freed_descriptor_comes_again_after_a_round(bench):
    given = []
    for _ in range(1024):
        given.append(bench.ask("StartFromSpec", "app", json.dumps(SPEC), []))
        assert bench.ask("Stop", given[-1], True) is True
    assert given[0] == given[1023] == 734
    assert sorted(given[:1023]) == list(range(1, 1024))


@fact("D3-descriptor-kept-bundle", "D1-start-bad-bundle")
@pytest.mark.parametrize("content", [None, "", '{"ociVersion":"1.0.2"}'])
def test_a_bad_bundle_takes_no_descriptor(bench, tmp_path, content):
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    assert bench.ask("StartFromBundle", "app", str(tmp_path), []) == -1
    assert bench.ask("StartFromSpec", "app", json.dumps(SPEC), []) == 734


@fact("D4-paused", "D4-state-words", "D2-paused-info")
def test_of_a_paused_container_only_the_state_differs(bench):
    bench.start()
    bench.clock.advance(3)
    running = bench.ask("GetInfo", 734)
    bench.ask("Pause", 734)
    paused = bench.ask("GetInfo", 734)
    assert '"state" : "running"' in running
    assert running.replace('"running"', '"paused"') == paused


@fact("D0-arguments-immediate", "D0-bad-id-immediate", "D0-reply-order", "D0-reply-when-done")
def test_what_is_answered_at_once_and_what_waits():
    connection = published(timings=Timings())

    def answers():
        sent, connection.sent = connection.sent, []
        return [(getattr(message, "reply_serial", None) or message.member, message.body) for message in sent]

    start = call(connection, "StartFromSpec", "ssah", "app", json.dumps(SPEC), [])
    state = call(connection, "GetState", "i", 734)
    arguments = call(connection, "GetState", "s", "734")
    bad_id = call(connection, "StartFromSpec", "ssah", "a b", json.dumps(SPEC), [])
    assert answers() == [(arguments.serial, [-1]), (bad_id.serial, [-1])]
    connection.clock.advance(1)
    assert answers() == [("Started", [734, "app"]), (start.serial, [734]), (state.serial, [2])]
