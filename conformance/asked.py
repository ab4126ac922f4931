"""What the body of a request asks for: by JSON-RPC, and of which method; it makes no I/O."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conformance import anyjson
from conformance.judge import no_constant
from conformance.spec import PROFILES, Specification, load

_WORD = re.compile(r"\w+")
_VERSIONED = re.compile(r"(?:(\d+)\.)?(\w+)")
_BUILT_IN = frozenset({"exists", "versions"})
"""Methods that Thunder itself has in every plugin; the specification of the plugin does not know them."""
_PLAIN_IDS = range(2**32)
_VERSION = 1


class Kind(StrEnum):
    """What a body is to JSON-RPC 2.0."""

    CALL = "a request with an id"
    NOTIFICATION = "a request without an id"
    BATCH = "a batch"
    INVALID = "JSON that is no request"
    MALFORMED = "no JSON"


class Place(StrEnum):
    """Where a call goes."""

    METHOD = "a method of the plugin"
    UNKNOWN = "a method that the plugin does not have"
    NEWER = "a method that only another profile documents"
    CASE = "a callsign or method of the plugin in other letters"
    VERSION = "a version that the plugin does not have"
    ELSEWHERE = "another plugin, or a way to write it that nobody documents"


@dataclass(frozen=True, slots=True)
class Asked:
    """A body; ``id``, ``method`` and ``params`` are those of a request, and params that are no object are {}."""

    kind: Kind
    id: Any = None
    method: str = ""
    params: dict[str, Any] | None = None
    version: Any = None

    @property
    def plain(self) -> bool:
        """Whether the id is one that every device gives back."""
        return isinstance(self.id, int) and not isinstance(self.id, bool) and self.id in _PLAIN_IDS


def asked(body: bytes | str) -> Asked:
    """Read a body as JSON-RPC 2.0 has it; of a member that comes twice the last one counts, as for most parsers."""
    try:
        value = anyjson.load(body if isinstance(body, str) else body.decode("utf-8"), parse_constant=no_constant)
    except (ValueError, RecursionError):
        return Asked(Kind.MALFORMED)
    if isinstance(value, list):
        return Asked(Kind.BATCH if value else Kind.INVALID)
    if not isinstance(value, dict):
        return Asked(Kind.INVALID)
    number, method, params = value.get("id"), value.get("method"), value.get("params")
    if not isinstance(method, str) or isinstance(number, bool | list | dict):
        return Asked(Kind.INVALID, number)
    kind = Kind.CALL if "id" in value else Kind.NOTIFICATION
    return Asked(kind, number, method, params if isinstance(params, dict) else {}, value.get("jsonrpc"))


def place(specification: Specification, callsign: str, path: str, method: str) -> tuple[Place, str]:
    """Return where a call at ``path`` goes, and the method's name, "" where it is not one of the plugin's.

    At /jsonrpc the callsign stands in ``method``, at /jsonrpc/<callsign> it is not needed.
    """
    own = f"{callsign}."
    if method.lower().startswith(own.lower()):
        spelt, rest = method[: len(own)] == own, method[len(own) :]
    elif path.rstrip("/") == f"/jsonrpc/{callsign}":
        spelt, rest = True, method
    else:
        return Place.ELSEWHERE, ""
    found = _VERSIONED.fullmatch(rest)
    if not found or not _WORD.fullmatch(found[2]):
        return Place.ELSEWHERE, ""
    if not spelt:
        return Place.CASE, ""
    if found[1] is not None and int(found[1]) != _VERSION:
        return Place.VERSION, ""
    return _by_name(specification, found[2])


def _by_name(specification: Specification, name: str) -> tuple[Place, str]:
    """Return what the plugin has under a name."""
    if name in specification.methods:
        return Place.METHOD, name
    if name in _BUILT_IN:
        return Place.ELSEWHERE, ""
    others = {other for profile in PROFILES for other in load(profile).methods}
    if name in others:
        return Place.NEWER, ""
    return (Place.CASE if name.lower() in {other.lower() for other in others} else Place.UNKNOWN), ""
