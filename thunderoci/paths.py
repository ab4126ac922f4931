"""What the path of an HTTP request names (facts/thunder.md A.1)."""

from enum import Enum, auto
from typing import NamedTuple

from thunderoci.designator import is_number, version_of
from thunderoci.host import CONTROLLER, PluginHost
from thunderoci.service import Service


class Tree(Enum):
    """The two trees of paths below which plugins are found."""

    JSONRPC = auto()
    SERVICE = auto()


_PREFIXES = {b"/jsonrpc": Tree.JSONRPC, b"/Service": Tree.SERVICE}


class NoCallsign(Exception):
    """The path names no plugin that is there."""


class NoVersion(Exception):
    """The path names a version that the plugin does not have."""


class Place(NamedTuple):
    """A path, without what names its tree."""

    tree: Tree
    below: bytes
    """Empty for the Controller."""


def place_of(target: bytes) -> Place | None:
    """Return where the target of a request leads; None when it is outside both trees.

    Nothing is decoded or normalised, and the one character behind the prefix does not count, whatever it is.
    """
    path = target.partition(b"?")[0].partition(b"#")[0]
    for prefix, tree in _PREFIXES.items():
        if path.startswith(prefix):
            return Place(tree, path[len(prefix) + 1 :])
    return None


def service_at(host: PluginHost, below: bytes) -> Service:
    """Return the plugin that the path below its tree names; raises NoCallsign and NoVersion."""
    callsign = below.decode("latin-1").partition("/")[0] if below else CONTROLLER
    service = host.service_at(callsign)
    if service is None:
        callsign, _, version = callsign.rpartition(".")
        service = host.service_at(callsign)
        if service is None:
            raise NoCallsign(below)
        if not is_number(version) or version_of(version) != service.plugin.version.major:
            raise NoVersion(below)
    return service
