"""The Controller's methods and events, by flavour (facts/thunder.md C, "Controller")."""

import pytest
from hosting import Box, Connection, EchoPlugin, Hosted, post

from thunderoci.ocicontainer import CALLSIGN
from thunderoci.quirks import UNQUOTED_ENVIRONMENT

FLAVOURS = ["r4.4.1-rdk", "r4.4.1", "r4.4.7"]
UNKNOWN_KEY = {
    "r4.4.1-rdk": {"code": -32601},
    "r4.4.1": {"code": 22, "message": "ERROR_UNKNOWN_KEY"},
    "r4.4.7": {"code": 22, "message": "ERROR_UNKNOWN_KEY"},
}
PRIVILEGED = {
    "r4.4.1-rdk": {"code": -32604},
    "r4.4.1": {"code": 24, "message": "ERROR_PRIVILIGED_REQUEST"},
    "r4.4.7": {"code": -32604, "message": "method invocation not allowed."},
}
ILLEGAL = {"code": 5, "message": "The service is in an illegal state!!!."}
UNAVAILABLE = {"code": 2, "message": "ERROR_UNAVAILABLE"}
HASH = "engineering_build_for_debug_purpose_only"


class Bench(Hosted):
    """A host with the plugin that echoes, and a client that hears of all states."""

    def __init__(self, *events, **options):
        self.plugin = EchoPlugin()
        super().__init__(self.plugin, **options)
        for event in events:
            assert self.ask("register", event=event, id="me") == 0

    def ask(self, method, **params):
        return self.call(f"Controller.1.{method}", params)

    def turn(self, method, callsign=CALLSIGN):
        return self.ask(method, callsign=callsign)

    @property
    def state(self):
        ((status,), echo) = self.call(f"Controller.1.status@{CALLSIGN}"), self.call(f"{CALLSIGN}.echo")
        assert (echo == "ok") == (status["state"] == "activated")
        return status["state"]

    def heard(self):
        messages = [(message["method"], message["params"]) for message in self.client.heard]
        self.client.heard.clear()
        return messages


@pytest.fixture(params=FLAVOURS)
def flavour(request):
    return request.param


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        (["activate"], "activated"),
        (["deactivate"], "deactivated"),
        (["deactivate", "deactivate"], "deactivated"),
        (["deactivate", "activate"], "activated"),
        (["unavailable"], "unavailable"),
        (["unavailable", "unavailable"], "unavailable"),
        (["unavailable", "deactivate"], "deactivated"),
        (["deactivate", "unavailable"], "unavailable"),
        (["unavailable", "deactivate", "activate"], "activated"),
    ],
)
def test_states(flavour, steps, state):
    bench = Bench(flavour=flavour)
    assert [bench.turn(step) for step in steps] == [None] * len(steps)
    assert bench.state == state
    assert (bench.plugin.emit is not None) == (state == "activated")


def test_what_is_unavailable_can_not_be_activated(flavour):
    bench = Bench("statechange", flavour=flavour)
    bench.turn("unavailable")
    bench.heard()
    assert bench.turn("activate") == ILLEGAL
    assert bench.state == "unavailable"
    assert bench.heard() == []


@pytest.mark.parametrize("method", ["activate", "deactivate", "unavailable", "suspend", "resume"])
@pytest.mark.parametrize(
    "params", [{"callsign": "nope"}, {"callsign": ""}, {"callsign": 5}, {"callsign": "controller"}, {}]
)
def test_plugins_that_are_not_there(flavour, method, params):
    assert Bench(flavour=flavour).ask(method, **params) == UNKNOWN_KEY[flavour]


@pytest.mark.parametrize("method", ["activate", "deactivate", "unavailable", "suspend", "resume"])
def test_the_controller_does_nothing_to_itself(flavour, method):
    assert Bench(flavour=flavour).turn(method, "Controller") == PRIVILEGED[flavour]


def test_what_a_plugin_can_not_do(flavour):
    bench = Bench(flavour=flavour)
    assert bench.turn("suspend") == bench.turn("resume") == UNAVAILABLE
    assert bench.turn("hibernate") == {"code": 47, "message": "ERROR_INPROC"}


def test_events_in_the_order_in_which_they_are_told():
    bench = Bench("all", "statechange", "subsystemchange")
    for method, state in [("deactivate", "deactivated"), ("unavailable", "unavailable"), ("deactivate", "deactivated")]:
        bench.turn(method)
        assert bench.heard() == [
            (
                "me.statechange",
                {"callsign": CALLSIGN, "state": state.capitalize(), "reason": "Requested"},
            ),
            ("me.all", {"callsign": CALLSIGN, "data": {"state": state, "reason": "Requested"}}),
        ]
    bench.turn("deactivate")
    assert bench.heard() == []


def test_an_event_comes_before_the_answer():
    connection = Connection()
    for method, params in [
        ("register", '{"event":"statechange","id":"me"}'),
        ("deactivate", f'{{"callsign":"{CALLSIGN}"}}'),
    ]:
        received = connection.send(post(f'{{"id":1,"method":"{method}","params":{params}}}'.encode()))
    assert 0 < received.index(b'"me.statechange"') < received.index(b'"result":null')


STATUS = {
    "callsign": CALLSIGN,
    "locator": "libWPEFrameworkOCIContainerLegacy.so",
    "classname": "OCIContainer",
    "autostart": True,
    "precondition": ["Platform"],
    "startmode": "Activated",
    "state": "activated",
    "observers": 0,
    "module": "Plugin_OCIContainer",
}


@pytest.mark.parametrize(
    ("profile", "locator", "patch"),
    [
        ("rdkservices", "libWPEFrameworkOCIContainerLegacy.so", 4),
        ("entservices", "libWPEFrameworkOCIContainer.so", 0),
    ],
)
def test_status_of_one(flavour, profile, locator, patch):
    version = {"hash": HASH, "major": 1, "minor": 0, "patch": patch}
    flat = version if flavour == "r4.4.7" else {}
    (status,) = Box(profile, flavour).call(f"Controller.1.status@{CALLSIGN}")
    expected = STATUS | {"locator": locator} | flat | {"version": version}
    assert status == expected
    assert list(status) == list(expected)


@pytest.mark.parametrize("method", ["status", "status@", "Controller.status", "1.status"])
def test_status_of_all(method):
    statuses = Bench().call(method, {"callsign": CALLSIGN})
    assert [status["callsign"] for status in statuses] == ["Controller", CALLSIGN]
    assert statuses == [*Bench().call("status@Controller"), *Bench().call(f"status@{CALLSIGN}")]


def test_status_of_nobody(flavour):
    assert Bench(flavour=flavour).call("status@nope") == UNKNOWN_KEY[flavour]


def test_version(flavour):
    assert Bench(flavour=flavour).ask("version") == {
        "hash": HASH,
        "major": 4,
        "minor": 4,
        "patch": 7 if flavour == "r4.4.7" else 1,
    }


def test_subsystems():
    subsystems = {entry["subsystem"]: entry["active"] for entry in Bench().ask("subsystems")}
    assert len(subsystems) == 14
    assert {name for name, active in subsystems.items() if active} == {"Platform", "Security"}


def test_links_are_the_connections():
    bench = Bench()
    other = bench.listener()
    other.kind = "WebSocket"
    links = bench.ask("links")
    assert [(link["remote"], link["state"], link["activity"]) for link in links] == [
        ("127.0.0.1", "WebServer", True),
        ("127.0.0.1", "WebSocket", True),
    ]
    assert [link["id"] for link in links] == [bench.client.number, other.number]
    bench.host.disconnect(bench.client)
    assert [link["id"] for link in bench.ask("links")] == [other.number]


def test_process_info():
    info = Bench().ask("processinfo")
    assert [set(thread) for thread in info["threads"]] == [{"id", "job", "runs"}] * 4
    assert info["pending"] == []


@pytest.mark.parametrize(
    ("flavour", "quirks", "shown"),
    [
        ("r4.4.1", (), b'"\\/root"'),
        ("r4.4.1", (UNQUOTED_ENVIRONMENT,), b"\\/root"),
        ("r4.4.7", (UNQUOTED_ENVIRONMENT,), b'"\\/root"'),
    ],
)
def test_environment(flavour, quirks, shown):
    body = b'{"id":1,"method":"environment@HOME"}'
    assert Bench(flavour=flavour, quirks=quirks).answer(body).body.endswith(b'"result":' + shown + b"}")


def test_nobody_is_told_the_environment_of_whoever_started_us(monkeypatch):
    monkeypatch.setenv("SOME_SECRET", "hidden")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert Bench().call("environment@SOME_SECRET") == ""
    assert Bench().call("environment@HOME") == "/root"


def test_configuration(flavour):
    bench = Bench(flavour=flavour)
    assert bench.call(f"configuration@{CALLSIGN}") == ("" if flavour == "r4.4.7" else None)
    assert bench.call("configuration@nope") == UNKNOWN_KEY[flavour]


def test_what_is_empty_or_does_nothing():
    bench = Bench()
    assert [bench.ask(name) for name in ("proxies", "discoveryresults")] == [[], []]
    assert bench.ask("startdiscovery") is None


def test_storing_the_configuration(flavour):
    bench = Bench(flavour=flavour)
    expected = UNAVAILABLE if flavour == "r4.4.7" else None
    assert [bench.ask(name) for name in ("storeconfig", "persist")] == [expected] * 2


@pytest.mark.parametrize("name", ["buildinfo", "all", "callsigns", "versions", "properties", "exit"])
def test_what_it_does_not_have(name):
    assert Bench().ask(name)["code"] == 53
