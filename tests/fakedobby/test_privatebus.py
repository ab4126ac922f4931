"""A private dbus-daemon that does not start."""

import os
import shutil
import signal
import time

import pytest

from fakedobby import privatebus
from fakedobby.errors import BusDidNotStart, BusDoesNotListen, NoDBusDaemon
from fakedobby.privatebus import PrivateBus


def test_no_dbus_daemon(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoDBusDaemon, match="apt-get install dbus"):
        PrivateBus().start(None)


def test_a_dbus_daemon_that_fails_is_quoted(monkeypatch, broken_dbus_daemon):
    monkeypatch.setenv("PATH", broken_dbus_daemon["PATH"])
    bus = PrivateBus()
    with pytest.raises(BusDidNotStart, match=r"status 7 .*: no room"):
        bus.start(None)
    bus.stop()


def test_a_dbus_daemon_that_says_nothing_is_not_waited_for(monkeypatch, tmp_path):
    program = tmp_path / "dbus-daemon"
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(privatebus, "_LISTENS", 0.2)
    bus = PrivateBus()
    with pytest.raises(BusDoesNotListen, match=r"dbus-daemon does not listen after 0\.2 seconds"):
        bus.start(None)
    bus.stop()


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="there is no dbus-daemon")
def test_a_dbus_daemon_that_was_stopped_ends_all_the_same(monkeypatch):
    monkeypatch.setattr(privatebus, "_PATIENCE", 0.2)
    bus = PrivateBus()
    bus.start(None)
    os.kill(bus._process.pid, signal.SIGSTOP)
    os.waitpid(bus._process.pid, os.WUNTRACED)  # the signal takes its time
    before = time.monotonic()
    bus.stop()
    assert time.monotonic() - before < 10
    assert bus._process.returncode == -signal.SIGKILL
