"""Addresses of message buses: which one an option means, and where a bus of our own is to listen."""

import os
from urllib.parse import quote, unquote_to_bytes

from fakedobby.errors import BadBusAddress, BadListenAddress

HOSTED = ("auto", "private", "embedded")
"""The values of --bus that mean a bus which the program runs itself."""
LONGEST_SOCKET_NAME = 107
"""Bytes; the kernel keeps one more for the end."""
_SYSTEM_BUS = "unix:path=/var/run/dbus/system_bus_socket"
_PATH = "unix:path="


def resolve(address: str) -> str:
    """Return the D-Bus address behind `session`, `system` or an address; raise BadBusAddress if there is none."""
    if address == "session":
        found = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
        if not found:
            raise BadBusAddress(address=address, reason="DBUS_SESSION_BUS_ADDRESS is not set")
        return found
    if address == "system":
        return os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", _SYSTEM_BUS)
    return address


def listening_path(address: str) -> str:
    """Return the path in an address to listen on, which is unix:path= and nothing else; raises BadListenAddress."""
    value = address.removeprefix(_PATH)
    path = unescape(value)
    reason = None
    if value == address or set(value) & {",", ";"}:
        reason = "it must be unix:path= and one path, in which , ; and % are written as %2C %3B %25"
    elif not path.startswith("/") or "\0" in path:
        reason = "the path must start with /"
    elif len(os.fsencode(path)) > LONGEST_SOCKET_NAME:
        reason = f"a socket's path has {LONGEST_SOCKET_NAME} bytes at most"
    if reason:
        raise BadListenAddress(address=address, reason=reason)
    return path


def escape(path: str) -> str:
    """Return a path as a D-Bus address holds it, and as XML can hold it too."""
    return quote(os.fsencode(path)).replace("~", "%7E")


def unescape(value: str) -> str:
    """Return the path, or another value, that a D-Bus address holds; its bytes may be any."""
    return os.fsdecode(unquote_to_bytes(os.fsencode(value)))
