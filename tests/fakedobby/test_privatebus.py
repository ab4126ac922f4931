"""A private dbus-daemon that does not start."""

import pytest

from fakedobby.errors import BusDidNotStart, NoDBusDaemon
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
