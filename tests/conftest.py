"""Programs that tests start, and end."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

PATIENCE = 20


class Program:
    """One of our commands as a process, from its READY line to its end."""

    def __init__(self, process):
        self.process = process
        line = process.stdout.readline()
        self.ready = json.loads(line.removeprefix("READY ")) if line.startswith("READY ") else None
        if self.ready is None:
            self.process.wait(PATIENCE)
            pytest.fail(f"not ready: {line!r} {self.process.stderr.read()!r}")

    def end(self, with_signal=signal.SIGTERM):
        """End the program; return its exit status and what it said on standard error."""
        self.process.send_signal(with_signal)
        return self.wait()

    def wait(self):
        """Wait for the program's own end; return its exit status and what it said on standard error."""
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors


@pytest.fixture(scope="session")
def spawn():
    """Start `python -m MODULE ARGUMENTS` and return it when it is ready; whatever still runs at the end is ended.

    Keyword arguments are environment variables.
    """
    programs = []

    def start(module, *arguments, **environment):
        # in a process group of its own, so that a test can send to the whole group what a terminal sends
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
            env=os.environ | environment,
        )
        programs.append(process)
        return Program(process)

    yield start
    for process in programs:
        with process:
            process.terminate()


@pytest.fixture(scope="session")
def emulator(spawn):
    """The emulator as its users start it, with containers that start and stop at once."""
    return spawn("thunderoci", "up", "--port", "0", "--progression", "immediate")


@pytest.fixture
def start_dbus_daemon():
    """Start a real dbus-daemon with these options and nothing of ours on it; the process knows its `address`."""
    processes = []

    def start(*options):
        command = [shutil.which("dbus-daemon"), "--nofork", "--nopidfile", "--print-address=1", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        process.address = process.stdout.readline().strip()
        return process

    yield start
    for process in processes:
        with process:
            process.terminate()


@pytest.fixture
def dbus_daemon(start_dbus_daemon, tmp_path):
    """A dbus-daemon that allows everything."""
    return start_dbus_daemon("--session", f"--address=unix:path={tmp_path}/bus")


@pytest.fixture
def no_dbus_daemon(tmp_path):
    """The environment of a machine that has no dbus-daemon."""
    return {**os.environ, "PATH": str(tmp_path)}
