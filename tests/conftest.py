"""Programs that tests start, and end."""

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# a machine that is busy is no failure: old versions of Hypothesis hold each example to 200 ms, in CI too
settings.register_profile(
    "steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("steady")

PATIENCE = 20
SERVEBUS = Path(__file__).parent / "embeddedbus" / "servebus.py"


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
    """Start a module, or Python with other arguments, and return it when it is ready.

    Whatever still runs at the end is ended.

    Keyword arguments are environment variables.
    """
    programs = []

    def start(what, *arguments, **environment):
        # in a process group of its own, so that a test can send to the whole group what a terminal sends
        process = subprocess.Popen(
            [sys.executable, *(("-m", what) if isinstance(what, str) else what), *arguments],
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
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="session")
def emulators(spawn):
    """Return the emulator on a kind of bus, with containers that start and stop at once; there is one of each."""
    return functools.cache(
        lambda *options: spawn("thunderoci", "up", "--port", "0", "--progression", "immediate", *options)
    )


@pytest.fixture(scope="session")
def emulator(emulators):
    """The emulator as its users start it."""
    return emulators()


@pytest.fixture(params=["private", "embedded"])
def emulator_on_each_bus(emulators, request):
    """An emulator with a dbus-daemon, and one with the embedded bus."""
    return emulators("--bus", request.param)


def starting(command_of, **streams):
    """Yield what starts a bus by the command that its arguments make; each process knows its `address`."""
    processes = []

    def start(*arguments):
        process = subprocess.Popen(command_of(*arguments), stdout=subprocess.PIPE, text=True, **streams)
        processes.append(process)
        process.address = process.stdout.readline().strip()
        return process

    yield start
    for process in processes:
        with process:
            process.terminate()


@pytest.fixture
def start_dbus_daemon():
    """Start a real dbus-daemon with these options and nothing of ours on it; the process knows its `address`."""
    daemon = shutil.which("dbus-daemon")
    yield from starting(lambda *options: [daemon, "--nofork", "--nopidfile", "--print-address=1", *options])


@pytest.fixture
def dbus_daemon(start_dbus_daemon, tmp_path):
    """A dbus-daemon that allows everything."""
    return start_dbus_daemon("--session", f"--address=unix:path={tmp_path}/bus")


@pytest.fixture
def start_embedded_bus():
    """Start the embedded bus at a path in a process of its own; the process knows its `address`."""
    yield from starting(lambda path: [sys.executable, str(SERVEBUS), str(path)], stdin=subprocess.PIPE)


@pytest.fixture
def embedded_bus(start_embedded_bus, tmp_path):
    """The embedded bus in a process of its own, which knows its `address`."""
    return start_embedded_bus(f"{tmp_path}/bus")


@pytest.fixture(params=["dbus_daemon", "embedded_bus"])
def message_bus(request):
    """A message bus of either kind with nothing of ours on it: a process that knows its `address`."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def no_dbus_daemon(tmp_path):
    """The environment of a machine that has no dbus-daemon."""
    return {**os.environ, "PATH": str(tmp_path)}


@pytest.fixture
def broken_dbus_daemon(tmp_path):
    """The environment of a machine whose dbus-daemon does not start."""
    program = tmp_path / "dbus-daemon"
    program.write_text("#!/bin/sh\necho 'no room' >&2\nexit 7\n")
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
