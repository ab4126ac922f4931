"""Ten hours of a container that crashes every hour, on a clock that stands still otherwise, over a real message bus."""

from time import perf_counter

import pytest

from controlclient import ControlClient
from dobbyclient import SPEC
from tests_support import BUSES, post
from thunderclient import EVENTS, WebSocket

HOURS = 10
CRASHING = SPEC | {"args": ["sh", "-c", "sleep 3600; kill -SEGV $$"], "restartOnCrash": True}


def lived(program, profile):
    """Live through them; return the whole journal, and how long it took."""
    with ControlClient(program.ready["bus"]) as control, WebSocket(program.ready["ws"]) as listener:
        control.control("ResetState")
        begun = perf_counter()
        listener.register(*EVENTS[profile])
        start = control.begin("StartContainer", id="app", spec=CRASHING)
        advance = control.begin("AdvanceClock", seconds=60)
        assert control.end(start)["state"] == "Running"
        control.end(advance)
        for _ in range(HOURS):
            control.control("AdvanceClock", seconds=3600)
            assert "result" in post(program.ready["url"], "getContainerInfo", {"containerId": "app"})
        entries = control.control("QueryJournal")["entries"]
        return entries, perf_counter() - begun


@pytest.mark.parametrize("profile", EVENTS)
@pytest.mark.parametrize("bus", BUSES)
def test_they_take_less_than_a_second_and_are_the_same_each_time(spawn, bus, profile):
    options = ("--port", "0", "--bus", bus, "--clock", "virtual", "--seed", "7", "--profile", profile)
    first, second = (spawn("thunderoci", "up", *options) for _ in range(2))
    journal, took = lived(first, profile)
    assert took < 1
    crashes = [entry["at"] for entry in journal if entry.get("method") == "StoppedWithStatus"]
    # each run of the program lasts an hour, and each tear-down and start its time
    assert crashes == [
        pytest.approx(0.08 + number * 3600 + (number - 1) * 0.17 + 0.09) for number in range(1, HOURS + 1)
    ]
    assert [entry["at"] for entry in journal if entry.get("method") == "Started"] == [0.08] + [
        pytest.approx(moment + 0.08) for moment in crashes
    ]
    stopped = [entry["method"] for entry in journal if entry["kind"] == "event"].count("client.onContainerStopped")
    assert stopped == len(crashes)
    # once more in the same program, and in another one
    assert lived(first, profile)[0] == journal
    assert lived(second, profile)[0] == journal
