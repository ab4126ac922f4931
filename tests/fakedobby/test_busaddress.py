"""Which bus an option means, and where one can listen."""

import pytest

from fakedobby.busaddress import escape, listening_path, resolve
from fakedobby.errors import BadBusAddress, BadListenAddress


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


@pytest.mark.parametrize("path", ["/x", "/a b,c;d%e~é", "/\udcff", "/" + "x" * 106])
def test_a_path_to_listen_at(path):
    assert listening_path(f"unix:path={escape(path)}") == path


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "it must be unix:path="),
        ("/x", "it must be unix:path="),
        ("tcp:host=127.0.0.1,port=1", "it must be unix:path="),
        ("unix:abstract=/x", "it must be unix:path="),
        ("unix:path=/x,guid=0", "it must be unix:path= and one path, in which , ; and % are written as %2C %3B %25"),
        ("unix:path=/x;unix:path=/y", "and one path"),
        ("unix:path=", "the path must start with /"),
        ("unix:path=x", "the path must start with /"),
        ("unix:path=/%00", "the path must start with /"),
        ("unix:path=/" + "x" * 107, "a socket's path has 107 bytes at most"),
        ("unix:path=/" + "%C3%A9" * 54, "a socket's path has 107 bytes at most"),
    ],
)
def test_nothing_to_listen_at(address, reason):
    with pytest.raises(BadListenAddress) as caught:
        listening_path(address)
    assert reason in str(caught.value)
