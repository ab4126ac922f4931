"""Programs that end with whoever started them, however that ended."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests_support import BUSES
from thunderoci.emulator import IMMEDIATE, UP, ChildProgram
from thunderoci.errors import EmulatorFailed

PATIENCE = 20
PARENT = """
import json, signal, sys
from thunderoci.emulator import ChildProgram
with ChildProgram(*sys.argv[1:]) as program:
    print(json.dumps(program.ready), flush=True)
    signal.pause()
"""


def ended(pid_file):
    """Whether a process that is not ours ended in time."""
    return bool(select.select([pid_file], [], [], PATIENCE)[0])


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("words", [(*UP, "--bus", "private"), ("fakedobby", "--bus", "private")])
def test_a_killed_parent_takes_the_program_and_its_bus_with_it(words, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, *words],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    ) as parent:
        program = json.loads(parent.stdout.readline())["pid"]
        (bus,) = children(program)
        assert Path(f"/proc/{bus}/comm").read_text() == "dbus-daemon\n"
        gone = [os.pidfd_open(pid) for pid in (program, bus)]
        parent.kill()
        assert [ended(one) for one in gone] == [True, True]
    assert parent.returncode == -signal.SIGKILL
    for one in gone:
        os.close(one)
    assert list(tmp_path.glob("thunderoci-*")) == []


@pytest.mark.parametrize("bus", BUSES)
def test_an_emulator_runs_for_a_block(bus):
    with ChildProgram(*UP, *IMMEDIATE, "--bus", bus) as program:
        gone = os.pidfd_open(program.ready["pid"])
        assert program.running
    assert ended(gone)
    assert not program.running
    os.close(gone)


def test_serve_ends_with_whoever_started_it(message_bus):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, "thunderoci", "serve", "--port", "0", "--bus", message_bus.address],
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        gone = os.pidfd_open(json.loads(parent.stdout.readline())["pid"])
        parent.kill()
        assert ended(gone)
    os.close(gone)


def test_its_exit_status_is_told():
    program = ChildProgram(*UP, *IMMEDIATE)
    program.start()
    assert program.end() == 0


def test_what_it_says_can_be_read_while_it_runs():
    with ChildProgram(*UP, *IMMEDIATE, "-v") as program:
        said = program.said()
        assert "the message bus is" in program.log()
        assert program.log(said) == ""


def test_one_that_does_not_start_says_why():
    with pytest.raises(EmulatorFailed, match="No D-Bus message bus answers at unix:path=/nobody/here"):
        ChildProgram(*UP, "--bus", "unix:path=/nobody/here").start()
