"""What the daemon's connection answers beside Dobby's own object (facts/dobby.md 0).

The object can't be introspected, but the paths above it can, so that tools find it: with the three interfaces that the
library of the real daemon gives every path.
"""

from typing import NamedTuple

from fakedobby.machine import machine_id
from fakedobby.protocol import ERROR_UNKNOWN_METHOD, ERROR_UNKNOWN_OBJECT, Reply

PEER = "org.freedesktop.DBus.Peer"
INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
_CHILDREN = {"/": "org", "/org": "rdk", "/org/rdk": "dobby"}


class Failure(NamedTuple):
    """A D-Bus error: its name and its text."""

    name: str
    text: str


def peer(member: str) -> Reply | Failure:
    """Answer a call of the Peer interface, which every path has."""
    match member:
        case "Ping":
            return Reply("")
        case "GetMachineId":
            return Reply("s", (machine_id(),))
    return Failure(ERROR_UNKNOWN_METHOD, f"Unknown method '{member}' on interface '{PEER}'.")


def elsewhere(path: str, interface: str | None, member: str) -> Reply | Failure:
    """Answer a call to a path that Dobby has no object on."""
    if path in _CHILDREN and interface == INTROSPECTABLE and member == "Introspect":
        return Reply("s", (introspection(f' <node name="{_CHILDREN[path]}"/>\n'),))
    return Failure(ERROR_UNKNOWN_OBJECT, f"Unknown object '{path}'.")


def introspection(content: str) -> str:
    """Return the document of a path with the interfaces that every path has, and `content`."""
    return (
        '<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"\n'
        ' "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">\n'
        "<node>\n"
        ' <interface name="org.freedesktop.DBus.Peer">\n'
        '  <method name="Ping"/>\n'
        '  <method name="GetMachineId"><arg type="s" name="machine_uuid" direction="out"/></method>\n'
        " </interface>\n"
        ' <interface name="org.freedesktop.DBus.Introspectable">\n'
        '  <method name="Introspect"><arg name="xml_data" type="s" direction="out"/></method>\n'
        " </interface>\n"
        ' <interface name="org.freedesktop.DBus.Properties">\n'
        '  <method name="Get"><arg name="interface_name" type="s" direction="in"/>'
        '<arg name="property_name" type="s" direction="in"/><arg name="value" type="v" direction="out"/></method>\n'
        '  <method name="GetAll"><arg name="interface_name" type="s" direction="in"/>'
        '<arg name="props" type="a{sv}" direction="out"/></method>\n'
        '  <method name="Set"><arg name="interface_name" type="s" direction="in"/>'
        '<arg name="property_name" type="s" direction="in"/><arg name="value" type="v" direction="in"/></method>\n'
        '  <signal name="PropertiesChanged"><arg type="s" name="interface_name"/>'
        '<arg type="a{sv}" name="changed_properties"/><arg type="as" name="invalidated_properties"/></signal>\n'
        " </interface>\n"
        f"{content}"
        "</node>\n"
    )
