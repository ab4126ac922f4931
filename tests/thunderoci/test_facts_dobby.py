"""The facts about the plugin with a Dobby behind it, here the fake one (tests/facts/thunder.toml, section D.7)."""

import json

import pytest
from factbench import GENERAL, Bench, Bus, Socket, message, reply
from twisted.internet.defer import Deferred

from conformance import bundle
from fakedobby.manager import Manager
from fakedobby.protocol import METHODS, SIGNALS
from fakedobby.settings import Settings

SPEC = {
    "version": "1.0",
    "cwd": "/",
    "args": ["sleep", "60"],
    "user": {"uid": 1000, "gid": 1000},
    "memLimit": 41943040,
}
APP = {"containerId": "app"}
EVENTS = ("onContainerStarted", "onContainerStopped", "onContainerStateChanged", "onContainerFailed")


class DobbyBus(Bus):
    """A bus connection with the fake Dobby at its other end, as far as its containers go."""

    def __init__(self, clock, **settings):
        super().__init__({}, clock)
        self.manager = Manager(clock, self.hear, Settings(**settings))

    def hear(self, signal, values):
        self.signal(signal, SIGNALS[signal].signature, *values)

    def callRemoteMessage(self, mcall, timeout):  # noqa: N802 (txdbus's name)
        if mcall.destination != "org.rdk.dobby":
            return super().callRemoteMessage(mcall, timeout)
        answered, returns = Deferred(), METHODS[mcall.member].returns

        def answer(value):
            answered.callback(reply(returns, *(value if mcall.member == "List" else (value,))))

        self.manager.call(mcall.member, list(mcall.body or ()), answer)
        return answered


@pytest.fixture
def stand():
    """Make a bench with the fake Dobby; keyword arguments are settings of either."""
    benches = []

    def make(profile="rdkservices", **settings):
        bench = Bench(profile=profile, bus=lambda _, clock: DobbyBus(clock, **settings))
        benches.append(bench)
        return bench

    yield make
    for bench in benches:
        bench.bus.manager.close()


def ask(bench, method, params=APP):
    """Call a method and return what comes, when its time has come."""
    answer = bench.post(message(method, json.dumps(params)))
    for _ in range(100):
        if answer:
            break
        bench.clock.advance(0.1)
        answer = bench.connection.received().decode()
    content = json.loads(answer.partition("\r\n\r\n")[2])
    return {"error": content["error"]} if "error" in content else content["result"]


def start(bench, container_id="app", **spec):
    return ask(bench, "startContainerFromDobbySpec", {"containerId": container_id, "dobbySpec": SPEC | spec})


@pytest.mark.fact("TD7-start")
def test_a_start(stand):
    bench = stand()
    started = start(bench)
    assert started == {"descriptor": started["descriptor"], "success": True}
    assert started["descriptor"] > 0
    assert bench.clock.seconds() < 1


@pytest.mark.fact("TD7-refusals")
def test_refusals(stand, tmp_path):
    bench = stand()
    start(bench)
    assert start(bench) == GENERAL
    assert start(bench, "bad id!") == start(bench, "") == GENERAL
    missing = {"containerId": "other", "bundlePath": str(tmp_path / "missing")}
    assert ask(bench, "startContainer", missing) == GENERAL


@pytest.mark.fact("TD7-wrong-state")
def test_wrong_states(stand):
    bench = stand()
    start(bench)
    steps = [("resume", False), ("pause", True), ("pause", False), ("stop", False), ("resume", True), ("stop", True)]
    assert [(name, ask(bench, f"{name}Container") == {"success": True}) for name, _ in steps] == steps


@pytest.mark.fact("TD7-exec")
def test_a_command_that_does_not_exist(stand):
    bench = stand()
    start(bench)
    assert ask(bench, "executeCommand", APP | {"options": "", "command": "/no/such/program"}) == {"success": True}


@pytest.mark.fact("TD7-own-end")
def test_a_container_that_ends_by_itself(stand):
    bench = stand()
    descriptor = start(bench, args=["sleep", "5"])["descriptor"]
    socket = Socket(bench)
    socket.say(*(message("register", f'{{"event":"{event}","id":"me"}}') for event in EVENTS))
    bench.clock.pump([0.1] * 100)
    (event,) = socket.say()
    assert event == (
        f'{{"jsonrpc":"2.0","method":"me.onContainerStopped","params":{{"descriptor":"{descriptor}","name":"app"}}}}'
    )


@pytest.mark.fact("TD7-no-memcr")
def test_hibernation_without_memcr(stand):
    bench = stand("entservices", memcr=False)
    start(bench)
    assert ask(bench, "hibernateContainer") == {"success": True, "errorReason": ""}
    bench.clock.pump([0.1] * 100)
    assert ask(bench, "getContainerState")["state"] == "RUNNING"


@pytest.mark.fact("TD7-memory")
def test_the_memory_limit_of_a_bundle_without_one(stand, tmp_path):
    path = bundle.write(tmp_path)
    config = json.loads((path / "config.json").read_text())
    config["linux"]["resources"].pop("memory", None)
    (path / "config.json").write_text(json.dumps(config))
    bench = stand()
    assert ask(bench, "startContainer", APP | {"bundlePath": str(path)})["success"] is True
    assert ask(bench, "getContainerInfo")["info"]["memory"]["user"]["limit"] == 9223372036854771712
