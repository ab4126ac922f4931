"""The facts about the Controller, each in a row (tests/facts/thunder.toml, section C-controller)."""

import json

import pytest
from factbench import CALLSIGN, PLAIN, R447, RDK, Bench, Socket, body_of, message, row, status_of

from thunderoci.quirks import UNQUOTED_ENVIRONMENT

HASH = "engineering_build_for_debug_purpose_only"
FLAVOURS = [RDK, PLAIN, R447]
DONE = {"result": None}


def error(code, text=None):
    return {"error": {"code": code} | ({} if text is None else {"message": text})}


UNKNOWN_KEY = {RDK: error(-32601), PLAIN: error(22, "ERROR_UNKNOWN_KEY"), R447: error(22, "ERROR_UNKNOWN_KEY")}


def call(bench, method, callsign=CALLSIGN):
    return bench.call(f"Controller.1.{method}", None if callsign is None else {"callsign": callsign})


def result(bench, method):
    """Return the JSON text of a result."""
    answer = bench.post(message(f"Controller.1.{method}"))
    return answer.partition('"result":')[2][:-1]


def state(bench):
    (status,) = json.loads(result(bench, f"status@{CALLSIGN}"))
    return status["state"]


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.fact("TCC-activate", "TCC-repeated", "TCC-status-states")
def test_states_of_the_plugin(flavour):
    bench = Bench(flavour=flavour)
    steps = [("deactivate", "deactivated"), ("activate", "activated"), ("unavailable", "unavailable")]
    for method, expected in steps:
        assert [call(bench, method), call(bench, method), state(bench)] == [DONE, DONE, expected]


@pytest.mark.parametrize("method", ["activate", "deactivate", "unavailable"])
@pytest.mark.parametrize(
    ("flavour", "unknown", "controller"),
    [
        row("TCC-unknown-rdk TCC-self-rdk TB-forgotten-texts", RDK, error(-32601), error(-32604)),
        row(
            "TCC-unknown TCC-self",
            PLAIN,
            error(22, "ERROR_UNKNOWN_KEY"),
            error(24, "ERROR_PRIVILIGED_REQUEST"),
        ),
        row(
            "TCC-unknown TCC-self-r447",
            R447,
            error(22, "ERROR_UNKNOWN_KEY"),
            error(-32604, "method invocation not allowed."),
        ),
    ],
)
def test_what_has_no_state_to_change(method, flavour, unknown, controller):
    bench = Bench(flavour=flavour)
    assert call(bench, method, "org.rdk.Nope") == unknown
    assert call(bench, method, None) == unknown
    assert call(bench, method, "Controller") == controller
    assert state(bench) == "activated"


@pytest.mark.fact("TCC-from-unavailable")
def test_from_unavailable_there_is_no_way_to_activated():
    bench = Bench()
    call(bench, "unavailable")
    assert call(bench, "activate") == error(5, "The service is in an illegal state!!!.")
    assert call(bench, "deactivate") == call(bench, "activate") == DONE


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        row("TCC-suspend", "suspend", error(2, "ERROR_UNAVAILABLE")),
        row("TCC-suspend", "resume", error(2, "ERROR_UNAVAILABLE")),
        row("TCC-hibernate", "hibernate", error(47, "ERROR_INPROC")),
    ],
)
def test_what_the_plugin_can_not(method, answer):
    assert call(Bench(), method) == answer


def status_text(library="Legacy", patch=4, flat=""):
    return (
        f'{{"callsign":"{CALLSIGN}","locator":"libWPEFrameworkOCIContainer{library}.so","classname":"OCIContainer",'
        '"autostart":true,"precondition":["Platform"],"startmode":"Activated","state":"activated","observers":0,'
        f'"module":"Plugin_OCIContainer",{flat}"version":{{"hash":"{HASH}","major":1,"minor":0,"patch":{patch}}}}}'
    )


@pytest.mark.parametrize(
    ("flavour", "profile", "status"),
    [
        row("TCC-status", RDK, "rdkservices", status_text()),
        row("TCC-status", PLAIN, "rdkservices", status_text()),
        row("TCC-status-entservices", RDK, "entservices", status_text("", 0)),
        row(
            "TCC-status-r447",
            R447,
            "rdkservices",
            status_text(flat=f'"hash":"{HASH}","major":1,"minor":0,"patch":4,'),
        ),
    ],
)
def test_the_status_of_the_plugin(flavour, profile, status):
    bench = Bench(flavour=flavour, profile=profile)
    assert result(bench, f"status@{CALLSIGN}") == f"[{status}]"


@pytest.mark.parametrize(
    ("method", "params"), [("status", "null"), ("status@", "null"), ("status", '{"callsign":"x"}')]
)
@pytest.mark.fact("TCC-status-all")
def test_the_status_of_all(method, params):
    plugins = body_of(Bench().post(message(f"Controller.1.{method}", params)))["result"]
    assert [plugin["callsign"] for plugin in plugins] == ["Controller", CALLSIGN]


@pytest.mark.parametrize(
    "flavour", [row("TCC-status-unknown-rdk", RDK), row("TCC-status-unknown", PLAIN), row("TCC-status-unknown", R447)]
)
def test_the_status_of_nobody(flavour):
    assert Bench(flavour=flavour).call("Controller.1.status@org.rdk.Nope") == UNKNOWN_KEY[flavour]


@pytest.mark.parametrize(("flavour", "patch"), [(RDK, 1), (PLAIN, 1), (R447, 7)])
@pytest.mark.fact("TCC-version")
def test_the_version(flavour, patch):
    expected = f'{{"hash":"{HASH}","major":4,"minor":4,"patch":{patch}}}'
    assert result(Bench(flavour=flavour), "version") == expected


@pytest.mark.fact("TCC-links")
def test_the_links():
    bench = Bench()
    socket = Socket(bench)
    first, second = json.loads(socket.say(message("Controller.1.links"))[0])["result"]
    assert list(first) == ["remote", "state", "activity", "id"]
    assert (first["remote"], first["state"], second["state"]) == ("127.0.0.1", "WebServer", "WebSocket")
    assert first["id"] != second["id"]


@pytest.mark.fact("TCC-subsystems")
def test_the_subsystems():
    entries = json.loads(result(Bench(), "subsystems"))
    assert {"subsystem": "Platform", "active": True} in entries
    assert all(list(entry) == ["subsystem", "active"] for entry in entries)


@pytest.mark.parametrize(
    ("method", "flavour", "expected"),
    [
        *(
            row("TCC-empty-lists", method, flavour, "[]")
            for method in ("proxies", "discoveryresults")
            for flavour in FLAVOURS
        ),
        *(row("TCC-configuration", f"configuration@{CALLSIGN}", flavour, "null") for flavour in (RDK, PLAIN)),
        row("TCC-configuration-r447", f"configuration@{CALLSIGN}", R447, '""'),
        *(
            row("TCC-store", method, flavour, "null")
            for method in ("storeconfig", "persist")
            for flavour in (RDK, PLAIN)
        ),
    ],
)
def test_short_answers(method, flavour, expected):
    assert result(Bench(flavour=flavour), method) == expected


@pytest.mark.parametrize("method", ["storeconfig", "persist"])
@pytest.mark.fact("TCC-store-r447")
def test_r4_4_7_stores_nothing(method):
    assert Bench(flavour=R447).call(f"Controller.1.{method}")["error"]["code"] == 2


@pytest.mark.fact("TCC-processinfo")
def test_the_threads():
    assert len(json.loads(result(Bench(), "processinfo"))["threads"]) == 4


@pytest.mark.parametrize(
    ("quirks", "flavour", "expected"),
    [
        row("TCC-environment", (UNQUOTED_ENVIRONMENT,), RDK, r"\/root"),
        row("TCC-environment", (UNQUOTED_ENVIRONMENT,), PLAIN, r"\/root"),
        row("TCC-environment", (), RDK, r'"\/root"'),
        row("TCC-environment-r447", (UNQUOTED_ENVIRONMENT,), R447, r'"\/root"'),
    ],
)
def test_the_environment(quirks, flavour, expected):
    assert result(Bench(*quirks, flavour=flavour), "environment@HOME") == expected


@pytest.mark.parametrize("method", ["buildinfo", "all", "callsigns", "versions"])
@pytest.mark.fact("TCC-absent")
def test_methods_that_there_are_not(method):
    assert Bench().call(f"Controller.1.{method}") == error(53, "ERROR_UNKNOWN_METHOD")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Plugins", "plugins"),
        ("Links", "channels"),
        ("SubSystems", None),
        ("Version", "major"),
        ("Process", "server"),
        ("Environment/HOME", None),
    ],
)
@pytest.mark.fact("TCC-rest-get")
def test_get_below_the_controller(path, expected):
    answer = Bench().connection.ask(f"GET /Service/Controller/{path} HTTP/1.1\r\n\r\n")
    assert status_of(answer) == "200 OK"
    shown = body_of(answer)
    assert expected is None or expected in shown
    assert path != "Environment/HOME" or shown == "/root"
    assert path != "SubSystems" or {"subsystem": "Platform", "active": True} in shown


@pytest.mark.fact("TCC-rest-put")
def test_put_below_the_controller():
    bench = Bench()
    for word, expected in [("Deactivate", "deactivated"), ("Activate", "activated")]:
        answer = bench.connection.ask(f"PUT /Service/Controller/{word}/{CALLSIGN} HTTP/1.1\r\n\r\n")
        assert (status_of(answer), state(bench)) == ("200 OK", expected)
