"""Which bus an option means, and a private dbus-daemon that does not start."""

import pytest

from fakedobby.bus import PrivateBus, resolve
from fakedobby.errors import BadBusAddress, BusDidNotStart, NoDBusDaemon


def test_an_address_is_itself():
    assert resolve("unix:path=/x") == "unix:path=/x"


def test_session_bus(monkeypatch):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/session")
    assert resolve("session") == "unix:path=/session"
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    with pytest.raises(BadBusAddress, match="DBUS_SESSION_BUS_ADDRESS is not set"):
        resolve("session")


def test_system_bus(monkeypatch):
    monkeypatch.delenv("DBUS_SYSTEM_BUS_ADDRESS", raising=False)
    assert resolve("system") == "unix:path=/var/run/dbus/system_bus_socket"
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/system")
    assert resolve("system") == "unix:path=/system"


def test_no_dbus_daemon(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoDBusDaemon, match="apt-get install dbus"):
        PrivateBus().start(None)


def test_a_dbus_daemon_that_fails_is_quoted(monkeypatch, tmp_path):
    program = tmp_path / "dbus-daemon"
    program.write_text("#!/bin/sh\necho 'no room' >&2\nexit 7\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    bus = PrivateBus()
    with pytest.raises(BusDidNotStart, match=r"status 7 .*: no room"):
        bus.start(None)
    bus.stop()
