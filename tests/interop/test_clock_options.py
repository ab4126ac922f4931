"""The programs with time that only their user moves, as far as they can be without anybody who moves it."""

import json
import signal
import subprocess
import sys

import pytest

from tests_support import BUSES, SPEC, run

PROGRAMS = [("fakedobby",), ("thunderoci", "up", "--port", "0")]
MOVED_BY_HAND = [("--clock", "virtual"), ("--progression", "manual"), ("--clock", "virtual", "--progression", "manual")]


def start(program):
    """Begin to start a container; return the process that waits for the answer."""
    command = ["busctl", f"--address={program.ready['bus']}", "call", "org.rdk.dobby", "/org/rdk/dobby"]
    arguments = ["org.rdk.dobby.ctrl1", "StartFromSpec", "ssah", "app", json.dumps(SPEC), "0"]
    return subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("bus", BUSES)
@pytest.mark.parametrize("what", PROGRAMS)
@pytest.mark.parametrize("options", MOVED_BY_HAND)
def test_a_program_whose_time_stands_still_serves_and_ends(spawn, bus, what, options, tmp_path):
    program = spawn(*what, "--bus", bus, *options, TMPDIR=str(tmp_path))
    assert list_containers(program) == "aias 0 0\n"
    with start(program) as starting:
        # what it has begun does not end by itself, and does not keep it from ending
        assert program.end() == (0, "")
        assert starting.communicate(timeout=20)[0] in ("", "i 734\n")
    assert list(tmp_path.iterdir()) == []


def list_containers(program):
    where = ("org.rdk.dobby", "/org/rdk/dobby", "org.rdk.dobby.ctrl1", "List")
    return run("busctl", f"--address={program.ready['bus']}", "call", *where)[1]


@pytest.mark.parametrize("command", ["serve", "check"])
def test_who_has_no_daemon_has_no_clock_to_choose(command):
    status, output, errors = run(sys.executable, "-m", "thunderoci", command, "--clock", "virtual")
    assert (status, output) == (2, "")
    assert "--clock does not belong to" in errors
    assert "'thunderoci up'" in errors


def test_a_name_that_somebody_has_is_waited_for_in_real_time(spawn, dbus_daemon):
    first = spawn("fakedobby", "--bus", dbus_daemon.address)
    with subprocess.Popen(
        [sys.executable, "-m", "fakedobby", "--bus", dbus_daemon.address, "--clock", "virtual"],
        stderr=subprocess.PIPE,
        text=True,
    ) as second:
        assert "somebody" in second.communicate(timeout=20)[1].lower()
        assert second.returncode == 1
    assert first.end(signal.SIGINT) == (0, "")
