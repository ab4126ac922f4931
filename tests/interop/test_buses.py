"""Which bus our programs are on, where it listens, and what a system bus must be told."""

import signal
import socket
import sys
from pathlib import Path

import pytest

from tests_support import BUSES, SPEC, post, run

LIST = ("call", "org.rdk.dobby", "/org/rdk/dobby", "org.rdk.dobby.ctrl1", "List")
NONE = (0, "aias 0 0\n", "")


def fakedobby(*arguments, **options):
    return run(sys.executable, "-m", "fakedobby", *arguments, **options)


def list_on(address):
    return run("busctl", f"--address={address}", *LIST)


@pytest.mark.parametrize("command", [("thunderoci", "up", "--port", "0"), ("fakedobby",)])
def test_without_a_dbus_daemon_there_is_the_embedded_bus(spawn, no_dbus_daemon, command):
    program = spawn(*command, "-v", PATH=no_dbus_daemon["PATH"])
    assert list_on(program.ready["bus"]) == NONE
    status, errors = program.end()
    assert status == 0
    assert "the message bus is the embedded one, since there is no dbus-daemon on PATH" in errors
    assert not Path(program.ready["bus"].removeprefix("unix:path=").partition(",")[0]).parent.exists()


@pytest.mark.parametrize("command", [("thunderoci", "up", "--port", "0"), ("fakedobby",)])
def test_with_a_dbus_daemon_it_is_taken(spawn, command):
    program = spawn(*command, "-v")
    assert list_on(program.ready["bus"]) == NONE
    status, errors = program.end()
    assert status == 0
    assert "/dbus-daemon\n" in errors


def test_a_private_bus_needs_a_dbus_daemon(no_dbus_daemon):
    status, output, errors = fakedobby("--bus", "private", env=no_dbus_daemon)
    assert (status, output) == (1, "")
    assert errors.startswith("fakedobby: There is no dbus-daemon on PATH.")
    assert "apt-get install dbus" in errors
    assert errors.endswith("--bus embedded.\n")


def test_up_on_a_bus_that_is_there(spawn, message_bus):
    program = spawn("thunderoci", "up", "--port", "0", "--bus", message_bus.address, "--progression", "immediate")
    assert program.ready["bus"] == message_bus.address
    parameters = {"containerId": "a", "dobbySpec": SPEC}
    assert post(program.ready["url"], "startContainerFromDobbySpec", parameters)["result"]["success"] is True
    assert list_on(message_bus.address)[1].endswith('1 "a"\n')
    assert program.end() == (0, "")
    assert message_bus.poll() is None


@pytest.mark.parametrize("bus", ["auto", *BUSES])
@pytest.mark.parametrize("command", [("thunderoci", "up", "--port", "0"), ("fakedobby",)])
def test_a_bus_at_a_fixed_path(spawn, bus, command, tmp_path):
    path = tmp_path / "a bus, here"
    listen = f"unix:path={str(path).replace(' ', '%20').replace(',', '%2C')}"
    program = spawn(*command, "--bus", bus, "--bus-listen", listen, TMPDIR=str(tmp_path))
    assert program.ready["bus"].lower().startswith(listen.lower() + ",guid=")  # of %2c and %2C both are right
    assert list_on(program.ready["bus"]) == NONE
    # who comes second is told so, and the first goes on
    status, output, errors = fakedobby("--bus", bus, "--bus-listen", listen)
    assert (status, output) == (1, "")
    assert errors.startswith(f"fakedobby: Somebody listens at {path} already.")
    assert list_on(listen) == NONE
    assert program.end() == (0, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bus", BUSES)
def test_what_a_dead_program_left_is_replaced(spawn, bus, tmp_path):
    path = tmp_path / "bus"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    program = spawn("fakedobby", "--bus", bus, "--bus-listen", f"unix:path={path}")
    assert list_on(program.ready["bus"]) == NONE
    # nobody is there any more to remove the file, or somebody was faster
    path.unlink()
    assert program.end() == (0, "")


@pytest.mark.parametrize("bus", BUSES)
def test_a_killed_program_is_replaced(spawn, bus, tmp_path):
    listen = f"unix:path={tmp_path}/bus"
    program = spawn("fakedobby", "--bus", "embedded", "--bus-listen", listen)
    assert program.end(signal.SIGKILL)[0] == -signal.SIGKILL
    assert [file.name for file in tmp_path.iterdir()] == ["bus"]
    program = spawn("fakedobby", "--bus", bus, "--bus-listen", listen)
    assert list_on(listen) == NONE
    assert program.end() == (0, "")
    assert list(tmp_path.iterdir()) == []


SYSTEM_BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={directory}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <includedir>{directory}/system.d</includedir>
</busconfig>
"""


@pytest.fixture
def system_bus(start_dbus_daemon, tmp_path):
    """Start a bus that denies by default, with these policies; return its address."""

    def start(*policies):
        (tmp_path / "system.d").mkdir()
        for number, text in enumerate(policies):
            (tmp_path / "system.d" / f"{number}.conf").write_text(text)
        (tmp_path / "system.conf").write_text(SYSTEM_BUS.format(directory=tmp_path))
        return start_dbus_daemon(f"--config-file={tmp_path}/system.conf").address

    return start


def request_name(address, name):
    bus = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
    return run("busctl", f"--address={address}", "call", *bus, "RequestName", "su", name, "0")


def test_the_printed_policy_lets_everybody_in(spawn, system_bus):
    status, policy, errors = fakedobby("policy")
    assert (status, errors) == (0, "")
    address = system_bus(policy)
    daemon = spawn("fakedobby", "--bus", address)
    host = spawn("thunderoci", "serve", "--bus", address, "--port", "0")
    assert post(host.ready["url"], "startContainerFromDobbySpec", {"containerId": "a", "dobbySpec": SPEC})["result"]
    assert list_on(address)[1].endswith('1 "a"\n')
    assert request_name(address, "org.rdk.dobby.test.pid4711")[:2] == (0, "u 1\n")
    assert request_name(address, "org.rdk.other")[0] == 1
    assert host.end() == (0, "")
    assert daemon.end() == (0, "")


@pytest.mark.parametrize("policies", [(), ("somebody else's",)])
def test_a_bus_that_knows_no_such_policy(spawn, system_bus, policies):
    address = system_bus(*(fakedobby("policy", "--user", "nobody")[1] for _ in policies))
    status, output, errors = fakedobby("--bus", address)
    assert (status, output) == (1, "")
    assert errors == (
        "fakedobby: The message bus does not let us have the name org.rdk.dobby: "
        "org.freedesktop.DBus.Error.AccessDenied. 'fakedobby policy' prints what it must know.\n"
    )
    host = spawn("thunderoci", "serve", "--bus", address, "--port", "0")
    assert post(host.ready["url"], "listContainers")["result"]["success"] is True
    status, errors = host.end()
    assert status == 0
    assert "does not let us have the name com.sky.dobby.thunder" in errors
