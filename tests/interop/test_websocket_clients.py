"""Clients in other languages and with other libraries, from the subscription to the end of a container."""

import json
import sys
from pathlib import Path

import pytest

from tests_support import BUSES, run

HERE = Path(__file__).parent


def python(script, *arguments):
    return run(sys.executable, str(HERE / script), *arguments)


@pytest.fixture(params=["node", "python"])
def session(request):
    """Run the session in this language; return exit status, standard output and standard error."""
    if request.param == "node":
        node = request.getfixturevalue("node")
        return lambda url: node("session.mjs", url)
    return lambda url: python("session.py", url)


DONE = {"success": True, "errorReason": ""}


def told(profile, descriptor):
    """Return what a client of this generation is told in the session."""
    if profile == "rdkservices":
        good = {"success": True}
        state = {"containerId": "session", "state": "Paused", "success": True}
        answers = [
            {"descriptor": descriptor, "success": True},
            good,
            state,
            good,
            {**state, "state": "Running"},
            good,
            {"code": 1, "message": "ERROR_GENERAL"},
        ]
        container = {"descriptor": str(descriptor), "name": "session"}
        events = [["app.onContainerStarted", container], ["app.onContainerStopped", container]]
    else:
        answers = [
            {"descriptor": descriptor, **DONE},
            DONE,
            {"state": "PAUSED", **DONE},
            DONE,
            {"state": "RUNNING", **DONE},
            DONE,
            {"success": False, "errorReason": "Container not found"},
        ]
        container = {"containerId": "session", "name": "session"}
        events = [
            ["app.onContainerStateChanged", {"containerId": "session", "state": "RUNNING"}],
            ["app.onContainerStarted", container],
            ["app.onContainerStateChanged", {"containerId": "session", "state": "STOPPED"}],
            ["app.onContainerStopped", container],
        ]
    twice = {"code": -32601, "message": "Unregister was already done!!!."}
    return {"protocol": "notification", "answers": [0, 0, 0, *answers, 0, 0, 0, twice], "events": events}


@pytest.mark.parametrize("bus", BUSES)
@pytest.mark.parametrize("profile", ["rdkservices", "entservices"])
def test_a_container_from_beginning_to_end(emulators, session, profile, bus):
    emulator = emulators("--bus", bus, "--profile", profile)
    status, output, errors = session(emulator.ready["ws"])
    assert (status, errors) == (0, "")
    heard = json.loads(output)
    assert heard == told(profile, heard["answers"][3]["descriptor"])
    assert [list(params) for _, params in heard["events"]] == [list(params) for _, params in told(profile, 0)["events"]]


def test_a_call_straight_to_the_plugin(emulators, session):
    emulator = emulators("--bus", "embedded", "--profile", "rdkservices")
    status, output, _ = session(f"{emulator.ready['ws']}/org.rdk.OCIContainer")
    assert status == 0
    assert len(json.loads(output)["events"]) == 2


def test_nobody_there(session):
    status, output, errors = session("ws://127.0.0.1:1/jsonrpc")
    assert (status, output) == (1, "")
    assert "ECONNREFUSED" in errors or "ConnectionRefusedError" in errors


def test_a_page_of_another_origin(emulator, node):
    status, output, errors = node("browser.mjs", emulator.ready["url"])
    assert (status, errors) == (0, "")
    *statuses, answer = json.loads(output)
    assert statuses == [
        204,
        {
            "access-control-allow-headers": "content-type,authorization",
            "access-control-allow-methods": "GET,POST,PUT,DELETE",
            "access-control-allow-origin": "*",
        },
        200,
        {"access-control-allow-origin": "*"},
    ]
    assert answer["result"]["success"] is True


def test_the_quirk_of_preflights(spawn, node):
    host = spawn("thunderoci", "up", "--port", "0", "--bus", "embedded", "--quirk", "T-no-preflight")
    status, output, _ = node("browser.mjs", host.ready["url"])
    assert status == 0
    assert json.loads(output)[:3] == [500, {"access-control-allow-origin": "*"}, 200]
