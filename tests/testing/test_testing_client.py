"""The client of thunderoci.testing against an emulator."""

import os
import select
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from thunderoci.testing import (
    BadCall,
    BusFailed,
    Closed,
    DobbyError,
    Emulator,
    EmulatorFailed,
    FakeDobby,
    NoAnswer,
    NoEvent,
    NotJSON,
    Thunder,
    ThunderError,
    bundle,
)
from thunderoci.testing.dbus import DBusClient

PATIENCE = 20


@pytest.fixture(scope="module")
def mine():
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def daemon():
    with FakeDobby() as daemon:
        yield daemon


def test_bundles_of_a_process_go_with_it_and_without_a_warning():
    code = "from thunderoci.testing import bundle; print(bundle())"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert not Path(done.stdout.strip()).parent.exists()


WRITING = """
import sys
from thunderoci.testing import bundle
print(bundle(), flush=True)
sys.stdin.read()
"""


@contextmanager
def writing(folder):
    """Give a process that has written a bundle below a folder and lives on, and the bundle's parent."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    ) as process:
        yield process, Path(process.stdout.readline().strip()).parent


def test_bundles_of_a_process_that_was_killed_go_with_the_next_one(tmp_path):
    with writing(tmp_path) as (lives, kept):
        with writing(tmp_path) as (killed, left):
            killed.kill()
        assert sorted(tmp_path.iterdir()) == sorted([kept, left])
        with writing(tmp_path) as (_, new):
            assert sorted(tmp_path.iterdir()) == sorted([kept, new])
        assert lives.poll() is None
        assert list(kept.glob("*/config.json"))
    assert list(tmp_path.iterdir()) == []


def test_what_only_has_the_name_of_such_a_folder_stays(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "thunderoci-bundles.held-link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "thunderoci-bundles.held-file").touch()
    before = sorted(tmp_path.iterdir())
    with writing(tmp_path):
        pass
    assert sorted(tmp_path.iterdir()) == before


def test_calls_and_what_they_answer(mine):
    assert mine.call("listContainers") == {"containers": [], "success": True}
    started = mine.call("startContainer", containerId="a", bundlePath=bundle())
    assert started["success"] is True
    assert mine.call("org.rdk.OCIContainer.1.getContainerState", containerId="a")["state"] == "Running"
    assert mine.call("Controller.1.status@org.rdk.OCIContainer", None)[0]["state"] == "activated"
    assert mine.call("stopContainer", {"containerId": "a", "force": True}) == {"success": True}
    with pytest.raises(ThunderError, match="getContainerState was answered with error 1, ERROR_GENERAL") as raised:
        mine.call("getContainerState", containerId="a")
    assert (raised.value.code, raised.value.message) == (1, "ERROR_GENERAL")


def test_params_in_two_ways(mine):
    reason = (
        r"getContainerState can't be called so: its params are given, and containerId besides; give all in one way\."
    )
    for given in ({"force": True}, {}, None):
        with pytest.raises(BadCall, match=reason):
            mine.call("getContainerState", given, containerId="a")


def test_events_come_in_their_order(mine):
    with mine.subscribe("onContainerStarted", "onContainerStopped") as events:
        assert events.heard() == []
        descriptor = str(mine.call("startContainer", containerId="b", bundlePath=bundle())["descriptor"])
        told = {"descriptor": descriptor, "name": "b"}
        assert events.next() == ("onContainerStarted", told)
        mine.call("stopContainer", containerId="b")
        assert events.heard() == [("onContainerStopped", told)]


def test_waiting_for_one_event_passes_over_others(mine):
    events = mine.subscribe("onContainerStarted", "onContainerStopped")
    for name in ("c", "d"):
        mine.call("startContainer", containerId=name, bundlePath=bundle())
        mine.call("stopContainer", containerId=name)
    assert events.wait_for("onContainerStopped", name="d").params["name"] == "d"
    with pytest.raises(NoEvent, match=r"No onContainerStopped or onContainerStarted within|No onContainerStarted or"):
        events.next(timeout=0)
    mine.call("startContainer", containerId="e", bundlePath=bundle())
    with pytest.raises(
        NoEvent, match=r'No onContainerStarted \{"name": "f"\} within 0.5 s; .* onContainerStarted \{.*"e"'
    ):
        events.wait_for("onContainerStarted", timeout=0.5, name="f")
    mine.call("stopContainer", containerId="e")
    mine.hang_up()


def test_an_event_on_the_connection_of_calls_is_no_answer(mine):
    mine.call("org.rdk.OCIContainer.1.register", event="onContainerStarted", id="here")
    mine.call("startContainer", containerId="g", bundlePath=bundle())
    assert mine.call("getContainerState", containerId="g")["state"] == "Running"
    assert mine.call("listContainers")["containers"][0]["Id"] == "g"
    mine.call("stopContainer", containerId="g")


def test_a_connection_that_was_ended_while_idle_is_opened_again():
    with Emulator(arguments=["--idle-time", "0.01"]) as impatient:
        impatient.call("listContainers")
        assert select.select([impatient._connection.socket], [], [], PATIENCE)[0]
        assert impatient.call("listContainers")["success"] is True


def test_what_is_no_json_rpc(mine):
    assert mine.post(b"{").status == 200
    with Emulator(arguments=["--require-token", "T"]) as strict, pytest.raises(NotJSON, match="answered with status"):
        strict.call("listContainers")


def test_nobody_answers():
    with Emulator() as emulator:
        events = emulator.subscribe("onContainerStarted")
        gone = Thunder(emulator.ready)
    with pytest.raises(NoAnswer, match=r"listContainers got no answer from http://127.0.0.1:.*: .*refused"):
        gone.call("listContainers")
    with pytest.raises(OSError, match=r"descriptor|ended"):
        events.next()


def test_a_socket_that_the_emulator_ends():
    with Emulator() as emulator:
        events = emulator.subscribe("onContainerStarted")
        emulator.program.end()
        with pytest.raises(Closed, match=r"The emulator ended the WebSocket; subscribe again\."):
            events.next()


def test_options_reach_the_emulator():
    with Emulator(profile="entservices", flavour="r4.4.7") as emulator:
        assert (emulator.profile, emulator.flavour) == ("entservices", "r4.4.7")
        assert emulator.call("listContainers") == {"containers": [], "success": True, "errorReason": ""}
    with pytest.raises(
        EmulatorFailed, match=r"An emulator did not start: thunderoci up: error: .*invalid choice: 'legacy'"
    ):
        Emulator(arguments=["--profile=legacy"])


def test_the_fake_dobby_by_itself(daemon):
    assert daemon.call("List") == [[], []]
    descriptor = daemon.call("StartFromBundle", "a", bundle(), [])
    assert daemon.call("GetState", descriptor) == 2
    assert daemon.call("Stop", descriptor, True) is True
    assert daemon.call("Ping") == []


def test_calls_that_dobby_does_not_have(daemon):
    with pytest.raises(BadCall, match=r"Reboot can't be called so: Dobby has Ping, Shutdown,"):
        daemon.call("Reboot")
    with pytest.raises(BadCall, match=r"GetState can't be called so: it takes 'i'\."):
        daemon.call("GetState")
    with pytest.raises(BusFailed, match=r"\('x',\) do not fit the signature 'i'"):
        daemon.call("GetState", "x")
    with pytest.raises(DobbyError, match=r"Nonsense was answered with org.freedesktop.DBus.Error.ServiceUnknown"):
        daemon._client.call("no.such.name", "/", "no.such", "Nonsense")


def test_a_bus_that_is_none():
    for address, reason in (("unix:path=/nobody/here", "No such file"), ("tcp:host=x", "no address of a Unix socket")):
        with pytest.raises(BusFailed, match=f"The message bus at {address} does not do: .*{reason}"):
            DBusClient(address, 1)
