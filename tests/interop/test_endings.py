"""How our programs end, and how the fake daemon leaves them."""

import json
import os
import select
import signal
import socket
import struct
from pathlib import Path

import pytest

from fakedobby.quirks import CRASH_WITHOUT_PLUGINS
from rawclient import CALL, RawClient
from tests_support import BUSES, SPEC, post, run

LEAVING = (str(Path(__file__).with_name("leaving.py")),)
ENDINGS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_signal_shuts_the_daemon_down_before_it_ends(spawn, ending):
    program = spawn(LEAVING, "shutdown", "fakedobby", "--bus", "embedded")
    program.process.send_signal(ending)
    assert program.process.stdout.read() == "asked to shut down\n"
    assert program.wait() == (0, "")


@pytest.mark.parametrize("bus", BUSES)
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_second_signal_ends_it_at_once(spawn, ending, bus, tmp_path):
    path = tmp_path / "bus"
    listen = f"unix:path={path}"
    program = spawn(LEAVING, "stay", "fakedobby", "--bus", bus, "--bus-listen", listen, TMPDIR=str(tmp_path))
    assert dobby(program.ready["bus"], "ctrl1", "StartFromSpec", "ssah", "app", json.dumps(SPEC), "0")[1] == "i 734\n"
    program.process.send_signal(ending)
    assert program.process.stdout.readline() == "asked to shut down\n"
    assert program.end(ending) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_up_ends_at_once(spawn):
    program = spawn(LEAVING, "stay", "thunderoci", "up", "--port", "0")
    program.process.send_signal(signal.SIGTERM)
    assert program.process.stdout.read() == ""
    assert program.wait() == (0, "")


QUIRK = "D-crash-without-plugins"
CRASHED = f"The fake Dobby crashed as a real one does, with the quirk {QUIRK}: {CRASH_WITHOUT_PLUGINS.sentence}."


def shut_down(address):
    """Have the daemon end over D-Bus."""
    assert dobby(address, "admin1", "Shutdown") == (0, "", "")


def crash(address):
    """Make a daemon crash that has the quirk."""
    assert dobby(address, "ctrl1", "StartFromSpec", "ssah", "app", json.dumps(SPEC), "0")[1] == "i 734\n"
    status, _, errors = dobby(address, "ctrl1", "GetInfo", "i", "734")
    assert (status, errors) == (1, "Call failed: Message recipient disconnected from message bus without replying\n")


def dobby(address, interface, *arguments):
    command = ("busctl", f"--address={address}", "call", "org.rdk.dobby", "/org/rdk/dobby")
    return run(*command, f"org.rdk.dobby.{interface}", *arguments)


@pytest.mark.parametrize(
    ("leave", "ended"),
    [
        pytest.param(shut_down, (0, ""), marks=pytest.mark.fact("D1-shutdown")),
        pytest.param(crash, (1, f"fakedobby: {CRASHED}\n"), marks=pytest.mark.fact("D4-crash-noreply")),
    ],
)
def test_fakedobby_ends_with_its_daemon(spawn, message_bus, leave, ended):
    program = spawn("fakedobby", "--bus", message_bus.address, "--quirk", QUIRK)
    leave(program.ready["bus"])
    assert program.wait() == ended


@pytest.mark.parametrize("bus", BUSES)
@pytest.mark.parametrize(
    ("leave", "said"),
    [
        (
            shut_down,
            "INFO thunderoci.app: the fake Dobby was shut down over D-Bus; the plugin host goes on without it",
        ),
        (crash, f"WARNING thunderoci.app: {CRASHED} The plugin host goes on without it."),
    ],
)
def test_under_up_the_plugin_host_goes_on_without_a_dobby(spawn, leave, said, bus):
    program = spawn("thunderoci", "up", "--port", "0", "--bus", bus, "--quirk", QUIRK, "-v")
    url, address = program.ready["url"], program.ready["bus"]
    with RawClient(address) as observer:
        observer.bus("AddMatch", "s", ["member='NameOwnerChanged',arg0='org.rdk.dobby'"])
        leave(address)
        while observer.next().member != "NameOwnerChanged":
            pass
    assert post(url, "listContainers")["result"] == {"containers": [], "success": True}
    assert post(url, "getContainerState", {"containerId": "x"})["error"]["code"] == 1
    names = run("busctl", f"--address={address}", "list", "--no-legend")[1]
    assert "com.sky.dobby.thunder" in names
    assert "org.rdk.dobby" not in names
    status, errors = program.end()
    assert status == 0
    assert said in errors.splitlines()


@pytest.mark.fact("TD7-crash")
@pytest.mark.parametrize("bus", BUSES)
def test_a_client_that_makes_dobby_crash_gets_an_answer(spawn, bus):
    url = spawn("thunderoci", "up", "--port", "0", "--bus", bus, "--quirk", QUIRK).ready["url"]
    assert post(url, "startContainerFromDobbySpec", {"containerId": "app", "dobbySpec": SPEC})["result"]["success"]
    answer = post(url, "getContainerInfo", {"containerId": "app"})
    assert answer["error"] == {"code": 1, "message": "ERROR_GENERAL"}
    assert post(url, "listContainers")["result"] == {"containers": [], "success": True}


def daemon_of(address):
    """Return the id of the process that listens at an address."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(address.removeprefix("unix:path=").partition(",")[0])
        return struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


@pytest.mark.parametrize("command", [("thunderoci", "up", "--port", "0"), ("fakedobby",)])
def test_a_killed_program_takes_its_dbus_daemon_along(spawn, command, tmp_path):
    program = spawn(*command, "--bus", "private", TMPDIR=str(tmp_path))
    daemon = os.pidfd_open(daemon_of(program.ready["bus"]))  # readable when the process has ended
    try:
        assert select.select([daemon], [], [], 0)[0] == []
        assert program.end(signal.SIGKILL)[0] == -signal.SIGKILL
        assert select.select([daemon], [], [], 20)[0] == [daemon]
    finally:
        os.close(daemon)


def test_a_dbus_daemon_that_is_killed_leaves_no_socket_behind(spawn, tmp_path):
    path = tmp_path / "bus"
    program = spawn("fakedobby", "--bus", "private", "--bus-listen", f"unix:path={path}", TMPDIR=str(tmp_path))
    os.kill(daemon_of(program.ready["bus"]), signal.SIGKILL)
    assert program.wait() == (1, f"fakedobby: The message bus at {program.ready['bus']} went away.\n")
    assert list(tmp_path.iterdir()) == []


def test_what_a_signal_means_is_up_to_who_starts_it(spawn):
    command = (
        "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
        "from fakedobby.cli import main; sys.exit(main())"
    )
    program = spawn(("-c", command), "--bus", "embedded")
    program.process.send_signal(signal.SIGHUP)  # as nohup has it ignored
    assert run("busctl", f"--address={program.ready['bus']}", "status", "org.rdk.dobby")[0] == 0
    assert program.end() == (0, "")


@pytest.mark.parametrize("bus", BUSES)
def test_file_descriptors_that_come_with_calls_are_closed(spawn, bus):
    program = spawn("fakedobby", "--bus", bus)
    files = Path(f"/proc/{program.process.pid}/fd")
    with RawClient(program.ready["bus"]) as client, Path("/dev/null").open("rb") as null:
        client.call("org.rdk.dobby", "/org/rdk/dobby", "org.rdk.dobby.ctrl1", "List")
        before = len(list(files.iterdir()))
        for member, signature, values in (("Stop", "h", [0]), ("StartFromSpec", "ssah", ["x", "{}", [0, 1]])):
            fields = {"path": "/org/rdk/dobby", "interface": "org.rdk.dobby.ctrl1", "member": member}
            count = values[-1][-1] + 1 if signature[-2:] == "ah" else 1
            serial = client.send(
                CALL, signature, values, fds=[null.fileno()] * count, destination="org.rdk.dobby", **fields
            )
            client.answer(serial)
        assert len(list(files.iterdir())) == before
