"""The facts about Dobby behind the plugin, each in a row (tests/facts/thunder.toml, sections D.3, D.5 and D.6)."""

import pytest
from factbench import (
    ABSENT,
    CALLSIGN,
    GENERAL,
    NOBODY,
    Bench,
    Bus,
    Connection,
    Socket,
    body_of,
    content,
    message,
    reply,
    row,
)
from twisted.internet.defer import fail
from twisted.internet.error import ConnectionLost

from thunderoci import app
from thunderoci.quirks import FOUR_WORKERS, NO_RECONNECT, ONE_QUEUE

PROFILES = ["rdkservices", "entservices"]
SIGNALS = ("Started", "Stopped", "Hibernated", "Awoken")
EMPTY = {"containers": [], "success": True}
LIST = message("listContainers")
STATE = message("getContainerState", '{"containerId":"91"}')


class TakenName(Bus):
    """A bus that refuses the plugin's name."""

    def requestBusName(self, *_, **__):  # noqa: N802 (txdbus's name)
        return fail(ABSENT)


def rule(signal):
    return f"type='signal',path='/org/rdk/dobby',interface='org.rdk.dobby.ctrl1',member='{signal}'"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.fact("TD3-name", "TD3-matches", "TD3-no-more")
def test_what_the_plugin_does_at_its_start(profile):
    bus = Bench(profile=profile).bus
    assert bus.names == [("com.sky.dobby.thunder", {"errbackUnlessAcquired": False})]
    assert bus.rules == [("AddMatch", rule(signal)) for signal in SIGNALS]
    assert bus.calls == []


@pytest.mark.parametrize(
    ("method", "params", "calls"),
    [
        row("TD3-reading", "listContainers", {}, [("List", "")]),
        row("TD3-reading", "getContainerState", {}, [("List", ""), ("GetState", "i", 91)]),
        row("TD3-reading", "getContainerInfo", {}, [("List", ""), ("GetInfo", "i", 91)]),
        row(
            "TD3-start TD3-start-alone",
            "startContainer",
            {"bundlePath": "/b", "command": "c", "westerosSocket": "w"},
            [("StartFromBundle", "ssahssasuu", "91", "/b", [], "c", "w", [], 0, 0)],
        ),
        row(
            "TD3-spec TD3-start-alone",
            "startContainerFromDobbySpec",
            {"dobbySpec": {"a": 1}, "command": "c", "westerosSocket": "w"},
            [("StartFromSpec", "ssahssas", "91", '{"a":1}', [], "c", "w", [])],
        ),
        row("TD3-stop", "stopContainer", {"force": True}, [("List", ""), ("Stop", "ib", 91, True)]),
        row("TD3-stop", "pauseContainer", {}, [("List", ""), ("Pause", "i", 91)]),
        row("TD3-stop", "resumeContainer", {}, [("List", ""), ("Resume", "i", 91)]),
        row(
            "TD3-exec",
            "executeCommand",
            {"options": "o", "command": "ls"},
            [("List", ""), ("Exec", "iss", 91, "o", "ls")],
        ),
    ],
)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.fact("TD3-address")  # the bench insists on it
def test_calls(method, params, calls, profile):
    bench = Bench(profile=profile)
    assert "result" in bench.call(method, {"containerId": "91"} | params)
    assert bench.bus.calls == calls


@pytest.mark.parametrize(
    "answer",
    [
        ABSENT,
        ("aias", [91], []),
        ("aias", [], ["a"]),
        ("auas", [91], ["a"]),
        ("asai", ["a"], [91]),
        ("aiasi", [91], ["a"], 5),
        ("ai", [91]),
        (None,),
    ],
)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.fact("TD3-list-strict")
def test_replies_that_are_no_list(answer, profile):
    bench = Bench(profile=profile, dobby={"List": answer})
    assert bench.call("listContainers")["result"]["containers"] == []


@pytest.mark.parametrize("answer", [("i", 1), ("bb", True, True), (None,), ("s", "true")])
@pytest.mark.parametrize("method", ["pauseContainer", "stopContainer", "executeCommand"])
@pytest.mark.fact("TD3-strict")
def test_replies_of_another_type(answer, method):
    bench = Bench(dobby=dict.fromkeys(("Pause", "Stop", "Exec"), answer))
    assert bench.call(method, {"containerId": "91", "command": "ls"}) == GENERAL


@pytest.mark.parametrize("answer", [("u", 93), ("s", "93"), ("ii", 93, 93), (None,)])
@pytest.mark.fact("TD3-strict")
def test_descriptors_of_another_type(answer):
    bench = Bench(dobby={"StartFromBundle": answer})
    assert bench.call("startContainer", {"containerId": "a", "bundlePath": "/b"}) == GENERAL


@pytest.mark.parametrize(("signal", "lists"), [("Started", 2), ("Awoken", 2), ("Stopped", 2), ("Hibernated", 1)])
@pytest.mark.fact("TD3-event-lists")
def test_lists_that_an_event_costs(signal, lists):
    for profile, expected in [("entservices", ["List"] * lists), ("rdkservices", [])]:
        bench = Bench(profile=profile)
        bench.bus.signal(signal, "is", 91, "x")
        assert bench.bus.members == expected


CALLS = {
    "getContainerState": {"containerId": "91"},
    "getContainerInfo": {"containerId": "91"},
    "startContainer": {"containerId": "a", "bundlePath": "/b"},
    "startContainerFromDobbySpec": {"containerId": "a", "dobbySpec": {}},
    "stopContainer": {"containerId": "91"},
    "pauseContainer": {"containerId": "91"},
    "resumeContainer": {"containerId": "91"},
    "executeCommand": {"containerId": "91", "command": "ls"},
}


def failed(answer):
    return answer == GENERAL or answer["result"]["success"] is False


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.fact("TD5-absent", "TD5-absent-others", "TD5-back")
def test_dobby_is_absent(profile):
    bench = Bench(profile=profile, dobby=NOBODY)
    result = bench.call("listContainers")["result"]
    assert (result["containers"], result["success"]) == ([], True)
    assert all(failed(bench.call(method, params)) for method, params in CALLS.items())
    bench.bus.table = Bench().bus.table
    assert len(bench.call("listContainers")["result"]["containers"]) == 2
    assert not failed(bench.call("startContainer", CALLS["startContainer"]))


@pytest.mark.fact("TD5-timeout")
def test_dobby_does_not_answer():
    bench = Bench(dobby={"List": None, "GetState": None})
    assert bench.post(LIST) == ""
    bench.clock.advance(24.9)
    assert bench.connection.received() == b""
    bench.clock.advance(0.2)
    assert content(body_of(bench.connection.ask(""))) == {"result": EMPTY}
    bench.bus.table["List"] = Bench().bus.table["List"]
    assert bench.post(STATE) == ""
    bench.clock.advance(25)
    assert body_of(bench.connection.ask(""))["result"]["state"] == "Invalid"


@pytest.mark.fact("TD5-one-queue")
def test_a_slow_call_and_another():
    for quirks, waits in [((ONE_QUEUE,), True), ((), False)]:
        bench = Bench(*quirks, dobby={"StartFromBundle": None})
        bench.post(message("startContainer", '{"containerId":"a","bundlePath":"/b"}'))
        other = Connection(bench)
        answer = other.post(LIST)
        assert (answer == "") == waits
        assert bench.bus.members == ["StartFromBundle"] + ["List"] * (not waits)
        bench.bus.waiting[0].callback(reply("i", 93))
        assert (other.received() != b"") == waits


@pytest.mark.fact("TD5-two-lists")
def test_two_lists_without_an_answer():
    for quirks, seconds in [((ONE_QUEUE,), 50), ((), 25)]:
        bench = Bench(*quirks, dobby={"List": None})
        socket = Socket(bench)
        assert socket.say(LIST, LIST) == []
        elapsed, answers = 0, []
        while len(answers) < 2:
            bench.clock.advance(25)
            elapsed += 25
            answers += socket.say()
            assert elapsed <= 50
        assert elapsed == seconds


@pytest.mark.fact("TD5-event-queue")
def test_an_event_while_dobby_hangs():
    for quirks, waits in [((ONE_QUEUE,), True), ((), False)]:
        bench = Bench(*quirks, profile="entservices", dobby={"List": None})
        bench.bus.signal("Started", "is", 91, "x")
        assert bench.bus.members == ["List"] * (1 if waits else 2)
        state = Connection(bench)
        bench.bus.table["List"] = Bench().bus.table["List"]
        assert (state.post(LIST) == "") == waits
        bench.clock.advance(25)
        assert (state.received() != b"") == waits


@pytest.mark.fact("TD5-four-workers")
def test_four_calls_at_a_time():
    for quirks, waits in [((FOUR_WORKERS,), True), ((), False)]:
        bench = Bench(*quirks, dobby={"List": None})
        for _ in range(4):
            assert Connection(bench).post(LIST) == ""
        other = Connection(bench)
        assert (other.post(message()) == "") == waits
        bench.bus.waiting[0].callback(reply("aias", [], []))
        assert (other.received() != b"") == waits


@pytest.mark.fact("TD5-bus-gone")
def test_the_bus_goes_away(monkeypatch):
    for quirks, containers in [((NO_RECONNECT,), 0), ((), 2)]:
        bench = Bench(*quirks)
        monkeypatch.setattr(app, "connect", bench.bus.connect)
        assert len(bench.call("listContainers")["result"]["containers"]) == 2
        bench.bus.lost(ConnectionLost())
        assert bench.call("listContainers") == {"result": EMPTY}
        assert all(failed(bench.call(method, params)) for method, params in CALLS.items())
        assert bench.host.service_at(CALLSIGN).active
        bench.clock.pump([10] * 10)
        assert len(bench.call("listContainers")["result"]["containers"]) == containers


def test_the_plugin_does_without_its_name():
    bench = Bench(bus=TakenName)
    assert bench.host.service_at(CALLSIGN).active
    assert len(bench.call("listContainers")["result"]["containers"]) == 2


@pytest.mark.fact("TD5-no-bus")
def test_there_is_no_bus():
    bench = Bench(bus=None)
    assert bench.host.service_at(CALLSIGN).active
    assert bench.call("listContainers") == {"result": EMPTY}
    assert all(failed(bench.call(method, params)) for method, params in CALLS.items())


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.fact("TD6-lists")
def test_ids_beyond_ascii(profile):
    bench = Bench(profile=profile, dobby={"List": ("aias", [91], ["é\N{GRINNING FACE}"])})
    assert r'"Id":"\u00E9\uD83D\uDE00"' in bench.raw("listContainers", "null")
    socket = Socket(bench)
    socket.say(message("register", '{"event":"onContainerStarted","id":"me"}'))
    bench.bus.signal("Started", "is", 91, "é")
    (event,) = socket.say()
    assert r'"name":"\u00E9"' in event


@pytest.mark.fact("TD6-info")
def test_information_beyond_ascii():
    bench = Bench(profile="entservices", dobby={"GetInfo": ("s", '{"a":"é"}')})
    assert '"info":{"a":"é"}' in bench.raw("getContainerInfo", '{"containerId":"91"}')
