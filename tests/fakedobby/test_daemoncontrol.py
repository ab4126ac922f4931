"""A daemon in the hands of a test: its containers, its time, and its state as a whole; without a bus."""

import json
from random import Random
from time import perf_counter

import pytest
from scriptedbus import finished
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from bench import SPEC
from fakedobby.daemoncontrol import DaemonControl
from fakedobby.emulatedclock import EmulatedClock
from fakedobby.emulation import Emulation
from fakedobby.errors import BadInput, NoSuchThing, NotNow
from fakedobby.faults import Fault
from fakedobby.manualpace import ManualPace
from fakedobby.scenario import NOTHING
from fakedobby.service import DobbyService
from fakedobby.settings import Settings
from fakedobby.timings import IMMEDIATE, Timings
from wire import Connection, call, described, made

HOUR = {"runtime": 3600, "exit": 3}
FOREVER = {"runtime": None}


class Bench:
    """A daemon on a clock that stands still, and what it has sent; it stands in for Daemon, too."""

    scenario = NOTHING

    def __init__(self, *, timings=IMMEDIATE, manual=False, **settings):
        self.base = Clock()
        self.clock = EmulatedClock(self.base, 0)
        self.emulation = Emulation(self.clock, ManualPace(self.clock) if manual else self.clock, Random(7))  # noqa: S311 (chance, no secret)
        self.settings = Settings(timings=timings, random=self.emulation.random, **settings)
        self.settled = []
        self._seen = 0
        self.breaths = 0
        self.service = None
        self.serve()
        self.control = DaemonControl(self, self.emulation, self.settle)

    def serve(self):
        self.connection = Connection()
        made.append(self.connection)
        self.service = self.connection.daemon = DobbyService(
            self.connection, self.clock, self.settings, emulation=self.emulation, leave=self.leave
        )
        self.connection.answer_call = self.service._answer_safely

    def leave(self, _seconds):
        if self.service is not None:
            self.service.leave()
        self.service = None

    async def come_back(self, scenario=NOTHING):
        if self.service is None:
            self.serve()
            scenario.populate(self.service.manager.place)

    is_coming = False

    def forget_return(self):
        pass

    async def arrived(self):
        pass

    async def breathe(self):
        self.breaths += 1

    async def settle(self):
        """Keep the moments at which something was sent."""
        if len(self.connection.sent) > self._seen:
            self.settled.append(self.clock.seconds())
        self._seen = len(self.connection.sent)

    def put(self, *containers):
        self.control.set_containers([{"program": FOREVER} | one for one in containers])

    def start(self, container_id="a", **made_of):
        return finished(self.control.start_container({"id": container_id} | (made_of or {"program": FOREVER})))

    def advance(self, seconds):
        finished(self.control.advance(seconds))

    def take(self):
        """Return the members and values of what was sent since."""
        return [(name, *values) for name, _, values in self.connection.take()]


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def real():
    return Bench(timings=Timings())


def begun(awaitable):
    """Return the list that the result will be put into."""
    results = []
    Deferred.fromCoroutine(awaitable).addBoth(results.append)
    return results


CONTAINER = {
    "id": "a",
    "descriptor": 734,
    "state": "Running",
    "activeSeconds": 0.0,
    "command": ["/usr/libexec/DobbyInit", "program"],
    "annotations": {},
}


def test_a_container_is_started_as_clients_start_one(bench):
    assert bench.start() == CONTAINER
    assert bench.take() == [("Started", 734, "a")]
    assert (bench.control.list_containers(), bench.control.get_container("a")) == ([CONTAINER], CONTAINER)


def test_a_start_takes_its_time_and_its_turn(real):
    first = begun(real.control.start_container({"id": "a", "program": HOUR}))
    second = begun(real.control.start_container({"id": "b", "spec": SPEC}))
    real.advance(0.1)
    assert (len(first), len(second), real.take()) == (1, 0, [("Started", 734, "a")])
    real.advance(0.1)
    assert second[0]["descriptor"] == 879


def test_what_starts_and_ends_at_once_is_shown_as_it_started(bench):
    assert bench.start(program={"runtime": 0})["state"] == "Running"


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"id": "a"}, "$"),
        ({"id": "a", "program": {}, "spec": SPEC}, "$"),
        ({"id": "..", "program": {}}, "$.id"),
        ({"id": "-a", "program": {}}, "$.id"),
        ({"id": "a", "program": {"runtime": -1}}, "$.program.runtime"),
        ({"id": "a", "program": {"exit": 256}}, "$.program.exit"),
        ({"id": "a", "program": {"exit": 1, "signal": "SIGSEGV"}}, "$.program"),
        ({"id": "a", "spec": SPEC | {"memLimit": "much"}}, "$.spec"),
        ({"id": "a", "bundle": "/no/such"}, "$.bundle"),
        ({"id": "a", "program": {}, "colour": "red"}, "$.colour"),
        ({"id": "a", "program": "unheard-of"}, "$.program"),
        ([], "$"),
    ],
)
def test_what_can_not_be_started(bench, document, where):
    with pytest.raises(BadInput) as refused:
        finished(bench.control.start_container(document))
    assert (refused.value.where, refused.value.status) == (where, 400)
    with pytest.raises(BadInput) as refused:
        bench.control.set_containers([{"id": "x", "program": {}}, document])
    assert refused.value.where == "$.containers[1]" + where[1:]
    assert (bench.control.list_containers(), bench.take()) == ([], [])


def test_an_id_that_is_there_already(bench):
    bench.start()
    with pytest.raises(NotNow, match="a container of this id is there already"):
        bench.start()


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (lambda control: control.exit_container("a", 0), 0),
        (lambda control: control.exit_container("a", 3), 768),
        (lambda control: control.crash_container("a", "SIGSEGV"), 139),
        (lambda control: control.crash_container("a", "SIGKILL"), 9),
    ],
)
def test_a_process_ends_now_and_the_signals_follow_as_in_life(real, end, status):
    real.put({"id": "a"})
    end(real.control)
    assert real.take() == []
    with pytest.raises(NotNow, match="has ended already"):
        end(real.control)
    real.advance(0.1)
    assert real.take() == [("StoppedWithStatus", 734, "a", status), ("Stopped", 734, "a")]


def test_what_can_not_end(bench):
    bench.put({"id": "a"}, {"id": "p", "state": "Paused"}, {"id": "h", "state": "Hibernated"})
    control = bench.control
    for container_id in "ph":
        with pytest.raises(NotNow, match="a frozen process does not end by itself"):
            control.exit_container(container_id, 0)
    with pytest.raises(NoSuchThing, match=r"There is no container 'x'\."):
        control.crash_container("x", "SIGSEGV")
    for status in (-1, 256, True, "0"):
        with pytest.raises(BadInput, match=r"\$\.status"):
            control.exit_container("a", status)
    for signal in ("SIGCONT", "SIGNONE", "11"):
        with pytest.raises(BadInput, match=r"\$\.signal"):
            control.crash_container("a", signal)


def test_containers_are_put_in_the_place_of_others_without_a_word(bench):
    bench.start("old")
    bench.take()
    bench.put(
        {"id": "next"},
        {"id": "paused", "state": "Paused", "descriptor": 7, "activeSeconds": 5, "annotations": {"k": "v"}},
        {"id": "first", "descriptor": 879},
    )
    assert bench.take() == []
    states = bench.control.containers_state()
    assert [(one["id"], one["descriptor"], one["state"], one["activeSeconds"]) for one in states] == [
        ("first", 879, "Running", 0),
        ("next", 439, "Running", 0),
        ("paused", 7, "Paused", 5),
    ]
    assert states[2]["annotations"] == {"k": "v"}
    bench.control.set_containers(states)
    assert bench.control.containers_state() == states


@pytest.mark.parametrize("twice", [{"id": "a"}, {"id": "b", "descriptor": 7}])
def test_no_two_containers_share_an_id_or_a_descriptor(bench, twice):
    with pytest.raises(BadInput, match="two containers have the"):
        bench.put({"id": "a", "descriptor": 7}, twice)


@pytest.mark.parametrize("kind", ["program", "spec"])
def test_a_container_that_has_run_ends_when_it_would_have(real, kind):
    made_of = {"program": {"runtime": 60, "exit": 3}, "spec": SPEC}[kind]
    real.control.set_containers([{"id": "a", kind: made_of, "activeSeconds": 59.0}])
    real.advance(0.99)
    assert real.take() == []
    real.advance(0.2)
    assert [name for name, *_ in real.take()] == ["StoppedWithStatus", "Stopped"]


def test_time_passes_moment_by_moment(real):
    real.control.set_containers([{"id": "a", "program": HOUR}, {"id": "b", "program": {"runtime": 10}}])
    real.advance(3600.1)
    # between two moments in which the daemon has sent something we wait until that has arrived
    assert real.settled == [10.09, 3600.09]
    assert real.clock.seconds() == 3600.1


def test_an_advance_waits_until_all_has_settled(real):
    real.put({"id": "a"})
    real.control.exit_container("a", 0)
    waiting = []

    def settle():
        waiting.append(Deferred())
        return waiting[-1]

    real.control._settle = settle
    first, second = begun(real.control.advance(1)), begun(real.control.advance(1))
    waiting[-1].callback(None)
    assert (real.clock.seconds(), first) == (0.09, [])
    for moment in (1, 2):
        while waiting[-1].called is False:
            waiting[-1].callback(None)
        assert real.clock.seconds() == moment or moment == 1
    assert (first, second, real.clock.seconds()) == ([None], [None], 2)


def test_many_moments_leave_others_their_turn(bench):
    bench.control.set_containers([{"id": "a", "spec": SPEC | {"args": ["sh", "-c", "while true; do sleep 1; done"]}}])
    begun_at = perf_counter()
    bench.advance(36_000)
    assert bench.breaths == 72
    assert perf_counter() - begun_at < 10
    assert bench.settled == []


def test_a_reset_brings_the_start_back(bench):
    first = [bench.emulation.random.random() for _ in range(3)]
    bench.start()
    bench.advance(5)
    bench.clock.speed = 3
    finished(bench.control.reset())
    assert (bench.control.list_containers(), bench.clock.seconds(), bench.clock.speed) == ([], 0, 0)
    assert [bench.emulation.random.random() for _ in range(3)] == first
    bench.take()
    assert bench.start()["descriptor"] == 734


def test_a_reset_answers_what_waits_and_is_silent(real):
    real.control.set_containers([{"id": "a", "program": HOUR}])
    call(real.connection, "StartFromSpec", "ssah", "b", json.dumps(SPEC), [])
    call(real.connection, "Stop", "ib", 734, True)
    call(real.connection, "GetInfo", "i", 734)
    call(real.connection, "List")
    ours = begun(real.control.start_container({"id": "c", "program": FOREVER}))
    finished(real.control.reset())
    assert [(signature, values) for _, signature, values in map(described, real.connection.sent)] == [
        ("i", [-1]),
        ("b", [False]),
        ("s", [""]),
        ("aias", [[], []]),
    ]
    assert isinstance(ours[0].value, NotNow)
    real.take()
    real.advance(4000)
    assert real.take() == []


def test_a_reset_forgets_signals_that_faults_have_kept(real):
    for kind, seconds in (("delay-signal", {"seconds": 5}), ("reorder-signal", {})):
        real.emulation.faults.clear()
        real.emulation.faults.add(Fault("dobby", kind, method="Stopped", options=seconds))
        real.control.set_containers([{"id": "a", "program": FOREVER}])
        real.control.exit_container("a", 0)
        real.advance(1)
        assert [name for name, *_ in real.take()] == ["StoppedWithStatus"]
        finished(real.control.reset())
        real.emulation.faults.clear()
        real.advance(10)
        assert real.take() == []


def test_a_reset_brings_a_daemon_back_that_is_gone(bench):
    bench.start()
    bench.leave(None)
    assert (bench.control.list_containers(), bench.control.waiting()) == ([], [])
    for refused in (bench.control.snapshot, lambda: bench.control.set_containers([]), bench.start):
        with pytest.raises(NotNow, match="not on the bus"):
            refused()
    finished(bench.control.reset())
    assert bench.start()["descriptor"] == 734


def test_a_reset_replaces_a_daemon_that_does_not_answer(bench):
    old = bench.service
    old.close()
    finished(bench.control.reset())
    assert bench.service is not old
    assert bench.connection.left is False


def test_a_reset_ends_an_advance(real):
    real.control.set_containers([{"id": "a", "program": HOUR}])
    waiting = []

    def settle():
        waiting.append(Deferred())
        return waiting[-1]

    real.control._settle = settle
    advanced = begun(real.control.advance(10_000))
    waiting[0].callback(None)
    assert real.clock.seconds() == 3600
    reset = begun(real.control.reset())
    for one in waiting[1:]:
        one.callback(None)
    assert (advanced, reset, real.clock.seconds()) == ([None], [None], 0)


def test_a_reset_is_fast(bench):
    for number in range(5):
        bench.start(f"c{number}", spec=SPEC)
    times = []
    for _ in range(20):
        begun_at = perf_counter()
        finished(bench.control.reset())
        times.append(perf_counter() - begun_at)
        bench.start("again")
    assert sorted(times)[10] < 0.002


def lived_on(bench):
    """Return what happens in the next two hours, and when."""
    bench.take()
    heard = []
    for _ in range(720):
        bench.advance(10)
        heard += [(bench.clock.seconds(), *one) for one in bench.take()]
    return heard


def test_a_snapshot_brings_the_same_lives_back():
    real = Bench(timings=Timings(), memcr=True)
    crashing = SPEC | {"args": ["sh", "-c", "sleep 100; kill -SEGV $$"], "restartOnCrash": True}
    real.control.set_containers(
        [
            {"id": "hour", "program": HOUR, "activeSeconds": 7.5},
            {"id": "crashing", "spec": crashing},
            {"id": "paused", "program": HOUR, "state": "Paused", "activeSeconds": 3},
        ]
    )
    arguments = ["more", json.dumps(SPEC), [], "sleep 5000", "", ["A=b"]]
    call(real.connection, "StartFromSpec", "ssahssas", *arguments)
    real.advance(777)
    snapshot = json.loads(json.dumps(real.control.snapshot()))
    first = lived_on(real)
    assert {one[2] for one in first} >= {731, 734, 879}
    real.control.restore(snapshot)
    assert real.control.snapshot() == snapshot
    assert lived_on(real) == first
    # and in another emulator
    other = Bench(timings=Timings())
    other.control.restore(snapshot)
    assert lived_on(other) == first


def test_a_snapshot_keeps_the_ends_that_faults_have_decided(real):
    real.emulation.faults.add(Fault.of({"place": "dobby", "kind": "crash", "seconds": 100, "times": 2}))
    for container_id in ("runs", "frozen"):
        begun(real.control.start_container({"id": container_id, "program": FOREVER}))
        real.advance(10)
    call(real.connection, "Pause", "i", 879)
    real.advance(10)
    snapshot = json.loads(json.dumps(real.control.snapshot()))
    first = lived_on(real)
    assert [(name, container) for _, name, _, container, *_ in first] == [
        ("StoppedWithStatus", "runs"),
        ("Stopped", "runs"),
    ]
    frozen = json.loads(json.dumps(real.control.snapshot()))
    other = Bench(timings=Timings())
    other.control.restore(snapshot)
    assert other.control.snapshot() == snapshot
    assert lived_on(other) == first
    # one that is frozen then ends when it goes on
    other = Bench()
    other.control.restore(frozen)
    other.base.advance(1)
    assert other.control.snapshot() == frozen
    call(other.connection, "Resume", "i", 879)
    assert [one for one in other.take() if one[0] != "reply"] == [
        ("StoppedWithStatus", 879, "frozen", 139),
        ("Stopped", 879, "frozen"),
    ]


def test_a_start_under_way_is_not_in_a_snapshot_nor_is_its_descriptor_spent():
    bench = Bench(timings=Timings(), manual=True)
    begun(bench.control.start_container({"id": "a", "program": FOREVER}))
    snapshot = bench.control.snapshot()
    assert (snapshot["containers"], snapshot["nextDescriptor"]) == ([], 734)
    finished(bench.control.step(1))
    assert bench.control.snapshot()["nextDescriptor"] == 879
    bench.control.restore(snapshot)
    started = begun(bench.control.start_container({"id": "b", "program": FOREVER}))
    finished(bench.control.step(1))
    assert started[0]["descriptor"] == 734


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"nextDescriptor": 0}, "$.nextDescriptor"),
        ({"nextDescriptor": 1024}, "$.nextDescriptor"),
        ({"clock": {"seconds": -1, "speed": 0}}, "$.clock.seconds"),
        ({"clock": {"seconds": 1, "speed": float("nan")}}, "$.clock.speed"),
        ({"containers": [5]}, "$.containers[0]"),
        ({"containers": [{"id": "a", "program": {}, "restarts": 5}]}, "$.containers[0].restarts"),
        ({"containers": [{"id": "a", "program": {}, "overrides": [5]}]}, "$.containers[0].overrides"),
        ({"containers": [{"id": "a", "program": {}, "dooms": 5}]}, "$.containers[0].dooms"),
        ({"containers": [{"id": "a", "program": {}, "dooms": [[1]]}]}, "$.containers[0].dooms"),
        ({"containers": [{"id": "a", "program": {}, "dooms": [[-1, 0]]}]}, "$.containers[0].dooms"),
        ({"containers": [{"id": "a", "program": {}, "dooms": [["1", 0]]}]}, "$.containers[0].dooms"),
        ({"containers": [{"id": "a", "program": {}, "dooms": [[1, 65536]]}]}, "$.containers[0].dooms"),
        ({"containers": [{"id": "a", "program": {}, "descriptor": 1024}]}, "$.containers[0].descriptor"),
    ],
)
def test_what_is_no_snapshot_changes_nothing(bench, change, where):
    bench.start()
    with pytest.raises(BadInput) as refused:
        bench.control.restore(bench.control.snapshot() | change)
    assert refused.value.where == where
    assert bench.control.list_containers() == [CONTAINER]


def test_transitions_wait_to_be_stepped():
    bench = Bench(timings=Timings(), manual=True)
    started = begun(bench.control.start_container({"id": "a", "program": FOREVER}))
    call(bench.connection, "List")
    bench.advance(100)
    assert (started, bench.take(), bench.control.waiting()) == ([], [], ["start of a", "List"])
    finished(bench.control.step(1))
    assert (started[0]["id"], bench.control.waiting()) == ("a", [])
    assert [name for name, *_ in bench.take()] == ["Started", "reply"]
    call(bench.connection, "Stop", "ib", 734, False)
    assert bench.control.waiting() == ["Stop a"]
    finished(bench.control.step(1))
    assert (bench.take(), bench.control.waiting()) == ([("reply", True)], ["end of a"])
    finished(bench.control.step(5))  # more than there are
    assert [name for name, *_ in bench.take()] == ["StoppedWithStatus", "Stopped"]
    call(bench.connection, "List")
    assert bench.control.waiting() == []


def test_hibernation_waits_to_be_stepped():
    bench = Bench(timings=Timings(), manual=True)
    bench.put({"id": "a"})
    call(bench.connection, "Hibernate", "is", 734, "")
    assert bench.control.waiting() == ["hibernating a"]
    finished(bench.control.step(1))
    assert bench.take() == [("reply", True), ("Hibernated", 734, "a")]


@pytest.mark.parametrize("steps", [0, -1, True, 1.5])
def test_what_is_no_number_of_steps(steps):
    with pytest.raises(BadInput, match=r"\$\.steps"):
        finished(Bench(manual=True).control.step(steps))


def test_only_manual_progression_can_be_stepped(bench):
    with pytest.raises(NotNow, match="--progression manual"):
        finished(bench.control.step(1))


@pytest.mark.parametrize("seconds", [-1, float("inf"), float("nan"), "1", True])
def test_what_is_no_time(bench, seconds):
    with pytest.raises(BadInput, match=r"\$\.seconds"):
        bench.advance(seconds)
    bench.advance(0)
