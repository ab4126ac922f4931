"""Buses that tests run their clients on."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fakedobby.privatebus import CONFIGURATION
from rawclient import RawClient


class Bus:
    """A bus in a process of its own, and clients of it that end with the test."""

    def __init__(self, process, address, clients):
        self.pid = process.pid
        self.address = address
        self._clients = clients

    def client(self, **options):
        return self._clients.enter_context(RawClient(self.address, **options))


@contextlib.contextmanager
def _serving(*command):
    with (
        contextlib.ExitStack() as clients,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as bus,
    ):
        address = bus.stdout.readline().strip()
        try:
            yield Bus(bus, address, clients), bus
        finally:
            clients.close()


@contextlib.contextmanager
def _embedded(*arguments):
    """An embedded bus, which must not complain about anything."""
    program = Path(__file__).with_name("servebus.py")
    with _serving(sys.executable, str(program), *arguments) as (bus, process):
        yield bus
        _, complaints = process.communicate()
        assert complaints == ""
        assert process.returncode == 0


@pytest.fixture
def bus(tmp_path):
    """An embedded bus with the limits that it has by default."""
    with _embedded(str(tmp_path / "embedded")) as bus:
        yield bus


@pytest.fixture
def small_bus(tmp_path):
    """An embedded bus that does not wait long for clients that do not read."""
    with _embedded(str(tmp_path / "small"), "outgoing=1000000") as bus:
        yield bus


@pytest.fixture
def real_bus(tmp_path):
    """A dbus-daemon that is set up as the one which the emulator starts."""
    if shutil.which("dbus-daemon") is None:
        if "CI" in os.environ:
            pytest.fail("there is no dbus-daemon on PATH")
        pytest.skip("there is no dbus-daemon on PATH")
    configuration = tmp_path / "bus.conf"
    configuration.write_text(CONFIGURATION.format(socket=tmp_path / "real"))
    command = ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address=1"]
    with _serving(*command) as (bus, process):
        yield bus
        process.terminate()
        process.communicate()


@pytest.fixture(params=["bus", "real_bus"])
def either_bus(request):
    """A bus of each kind: what is said of one must be true of the other."""
    return request.getfixturevalue(request.param)
