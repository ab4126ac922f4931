"""What a test can do with an emulator by its control API."""

import asyncio
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import fakedobby.operations
from thunderoci.testing import (
    BusFailed,
    ControlFailed,
    DobbyError,
    Emulator,
    FakeDobby,
    NoAnswer,
    NotJSON,
    NotStarted,
    Options,
    ThunderError,
    bundle,
)
from thunderoci.testing.control import OPERATIONS
from thunderoci.testing.pool import Pool

PATIENCE = 20
NOT_OURS = {"getOpenAPI", "exportJournal"}
"""Operations that no test needs."""


@pytest.fixture(scope="module")
def running():
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def box(running):
    """An emulator as new."""
    running.reset()
    return running


def test_operations_are_where_the_document_says():
    text = (Path(fakedobby.operations.__file__).parent / "openapi.json").read_text(encoding="utf-8")
    documented = {
        operation["operationId"]: (verb.upper(), path.removeprefix("/"))
        for path, verbs in json.loads(text)["paths"].items()
        for verb, operation in verbs.items()
        if "operationId" in operation
    }
    assert {name: place for name, place in documented.items() if name not in NOT_OURS} == OPERATIONS


def test_containers_from_the_boxs_side(box):
    events = box.subscribe("onContainerStarted", "onContainerStopped")
    started = box.containers.start("a")
    assert (started["id"], started["descriptor"], started["state"]) == ("a", 734, "Running")
    box.containers.start("b", bundle=bundle())
    assert [one["id"] for one in box.containers.list()] == ["a", "b"]
    assert box.containers.get("b")["state"] == "Running"
    box.containers.exit("a", 3)
    box.containers.crash("b")
    told = [(event.name, event.params["name"]) for event in events.heard()]
    started, stopped = "onContainerStarted", "onContainerStopped"
    assert told == [(started, "a"), (started, "b"), (stopped, "a"), (stopped, "b")]
    assert box.containers.list() == []
    with pytest.raises(ControlFailed, match="The emulator refused getContainer: "):
        box.containers.get("a")


def test_a_container_id_is_a_part_of_a_path(box):
    with pytest.raises(ControlFailed, match="a/b"):
        box.containers.crash("a/b?c")


def test_bad_input_says_where(box):
    with pytest.raises(ControlFailed, match=r"The emulator refused exitContainer: .*, at "):
        box.containers.exit("a", 999)


def test_faults(box):
    fault = box.faults.add("plugin", "error", method="listContainers", times=1, code=7, message="busy")
    assert [one["id"] for one in box.faults.list()] == [fault["id"]]
    with pytest.raises(ThunderError, match="listContainers was answered with error 7, busy"):
        box.call("listContainers")
    box.call("listContainers")
    assert (box.faults.get(fault["id"])["seen"], box.faults.get(fault["id"])["struck"]) == (2, 1)
    box.faults.remove(fault["id"])
    box.faults.add("dobby", "delay", seconds=1)
    box.faults.clear()
    assert box.faults.list() == []


def test_the_clock(box):
    box.containers.start("a", program={"runtime": 36_000, "exit": 0})
    box.clock.freeze()
    before = box.clock.seconds
    assert box.clock.seconds == before
    box.clock.advance(35_000)
    assert [one["id"] for one in box.containers.list()] == ["a"]
    box.clock.advance(1_001)
    assert box.containers.list() == []
    assert box.clock.speed(2)["speed"] == 2


def test_back_to_a_snapshot(box):
    box.containers.start("a")
    kept = box.snapshot()
    box.containers.exit("a")
    box.containers.start("b")
    box.restore(kept)
    assert [one["id"] for one in box.containers.list()] == ["a"]


def test_a_state_is_set(box):
    box.set_state({"containers": [{"id": "a", "state": "Paused", "program": {"runtime": None}}]})
    assert box.call("getContainerState", containerId="a")["state"] == "Paused"
    assert box.state()["containers"][0]["id"] == "a"


def test_an_event_that_never_happened(box):
    events = box.subscribe("onContainerStopped")
    assert box.send_event("onContainerStopped", {"descriptor": "7", "name": "x"}) == 1
    assert events.next() == ("onContainerStopped", {"descriptor": "7", "name": "x"})
    box.assert_event("onContainerStopped", times=1, name="x")
    with pytest.raises(
        AssertionError, match=r"(?s)onContainerStarted\(\) was to be sent at least once.*Nobody is subscribed"
    ):
        box.assert_event("onContainerStarted")


def test_claims_about_dobby(box):
    box.call("listContainers")
    box.assert_dobby_called("List", times=1)
    with pytest.raises(AssertionError, match=r"GetState\(734\) was to be called at least once, and was not\."):
        box.assert_dobby_called("GetState", 734)


def test_the_journal(box):
    assert (list(box.journal), box.journal.last, box.journal.text()) == ([], 0, "")
    box.call("startContainer", containerId="a", bundlePath=bundle())
    box.call("listContainers")
    (request,) = box.journal.entries("request", container="a")
    assert request["params"]["containerId"] == "a"
    assert [one["method"] for one in box.journal.entries("call", method="List")] == ["List"]
    assert box.journal.entries(since=box.journal.last) == []
    assert f'curl -d \'{{"jsonrpc":"2.0","id":{request["id"]},' in box.journal.text()
    box.journal.clear()
    assert box.journal.entries("request") == []


def test_a_reset_makes_it_as_new(box):
    box.call("startContainer", containerId="a", bundlePath=bundle())
    box.faults.add("plugin", "error", method="listContainers", code=7, message="busy")
    box.clock.freeze()
    box.subscribe("onContainerStarted")
    box.call("Controller.1.deactivate", callsign="org.rdk.OCIContainer")
    box.reset()
    assert box.call("startContainer", containerId="a", bundlePath=bundle())["descriptor"] == 734
    assert [box.faults.list(), box.control.do("listSubscriptions")["subscriptions"]] == [[], []]
    assert box.clock.get()["speed"] == 1
    assert 0 < box.clock.seconds < PATIENCE


@pytest.mark.parametrize("kind", ["reset", "half", "rubbish"])
def test_no_answer_and_as_new_again(box, kind):
    box.faults.add("transport", kind)
    with pytest.raises((NoAnswer, NotJSON), match="listContainers"):
        box.call("listContainers")
    box.reset()
    assert box.call("listContainers")["containers"] == []


def test_a_dobby_that_is_gone_is_back_after_a_reset(box):
    box.containers.start("a")
    box.faults.add("dobby", "gone", method="List")
    box.call("listContainers")
    assert box.containers.list() == []
    box.reset()
    assert box.call("startContainer", containerId="a", bundlePath=bundle())["descriptor"] == 734


def test_a_fake_dobby_that_is_gone_is_no_more_use():
    pool = Pool()
    try:
        first = pool.daemon(Options())
        first.faults.add("dobby", "gone", method="List")
        with pytest.raises((DobbyError, BusFailed)):
            first.call("List")
        assert pool.daemon(Options()).call("List") == [[], []]
    finally:
        pool.close()


START = """
import json, sys, urllib.request
params = {"containerId": "a", "bundlePath": sys.argv[2]}
call = {"jsonrpc": "2.0", "id": 1, "method": "org.rdk.OCIContainer.1.startContainer", "params": params}
urllib.request.urlopen(sys.argv[1], json.dumps(call).encode()).read()
"""


def test_transitions_one_by_one():
    with Emulator(progression="manual") as box:
        with subprocess.Popen([sys.executable, "-c", START, box.url, bundle()]) as app:
            deadline = time.monotonic() + PATIENCE
            while not box.waiting():
                assert time.monotonic() < deadline
            assert app.poll() is None
            while app.poll() is None:
                box.step()
                assert time.monotonic() < deadline
        assert app.returncode == 0
        assert [one["id"] for one in box.containers.list()] == ["a"]
    with Emulator() as box, pytest.raises(ControlFailed, match="The emulator refused stepProgression: "):
        box.step()


@pytest.mark.parametrize("kind", [Emulator, FakeDobby])
@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ({"clock": "virtual", "progression": "real"}, "which stands still; have another thread advance the clock"),
        ({"progression": "manual"}, "it waits to be stepped; have another thread step"),
        ({"progression": "real"}, "it takes longer than that; give it a longer timeout"),
    ],
)
def test_a_start_that_waits_for_others_fails_in_time_and_says_why(kind, options, advice):
    with kind(**options) as box:
        with pytest.raises(NotStarted, match=f"The start of player was not over in time: .*{advice}"):
            box.containers.start("player", timeout=0.01)
        with pytest.raises(ControlFailed):
            box.containers.start("..", timeout=PATIENCE)


def test_beyond_this_machine_it_has_a_token():
    with Emulator(host="0.0.0.0", control_token="T") as box:  # noqa: S104, S106 (a token for as long as this test runs)
        box.reset()
        assert box.call("listContainers")["containers"] == []


def test_an_app_in_another_process_is_waited_for(box):
    body = b'{"jsonrpc":"2.0","id":1,"method":"org.rdk.OCIContainer.1.listContainers"}'
    app = f"import urllib.request; urllib.request.urlopen({box.url!r}, {body!r}).read()"
    with subprocess.Popen([sys.executable, "-c", app]):
        (entry,) = box.assert_called("listContainers", times=1, within=PATIENCE)
    assert entry["transport"] == "http"


def test_the_emulator_can_be_used_while_another_thread_waits(box):
    with ThreadPoolExecutor() as threads:
        waiting = [
            threads.submit(box.assert_called, "getContainerState", within=PATIENCE, containerId=name) for name in "ab"
        ]
        for name in "ab":
            box.containers.start(name)
            for _ in range(50):
                box.clock.get()
            box.call("getContainerState", containerId=name)
        assert [len(one.result(PATIENCE)) for one in waiting] == [1, 1]
        with pytest.raises(AssertionError, match=r"getContainerState\(\) was to be called 3 times, and was twice\.\n"):
            threads.submit(box.assert_called, "getContainerState", times=3).result(PATIENCE)


def test_a_fake_dobby_can_be_used_while_another_thread_waits():
    with FakeDobby() as daemon, ThreadPoolExecutor() as threads:
        waiting = threads.submit(daemon.assert_called, "GetState", within=PATIENCE)
        for _ in range(50):
            daemon.clock.get()
        daemon.containers.start("a")
        daemon.call("GetState", 734)
        assert [one["method"] for one in waiting.result(PATIENCE)] == ["GetState"]


def test_threads_share_a_client(box):
    box.containers.start("a")
    with ThreadPoolExecutor(4) as threads:
        calls = [
            threads.submit(box.call, method, containerId="a")
            for method in ("getContainerState", "getContainerInfo") * 50
        ]
        answers = [one.result(PATIENCE) for one in calls]
    assert [sorted(answer) for answer in answers[:2]] * 50 == [sorted(answer) for answer in answers]


async def in_vain(box, **within):
    with pytest.raises(AssertionError) as complaint:
        box.assert_called("listContainers", **within)
    return str(complaint.value)


def test_a_claim_that_holds_up_an_event_loop_says_so(box):
    told = asyncio.run(in_vain(box, within=0.01))
    assert "The event loop of this thread stood still meanwhile" in told
    assert "await asyncio.to_thread(...)" in told
    assert "event loop" not in asyncio.run(in_vain(box))
    with pytest.raises(AssertionError) as complaint:
        box.assert_called("listContainers", within=0.01)
    assert "event loop" not in str(complaint.value)
