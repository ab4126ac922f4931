"""What the bus itself can do (D-Bus specification, "Message Bus Messages"; texts of errors are dbus-daemon's)."""

from collections.abc import Callable
from typing import Any, NamedTuple

from fakedobby.embeddedbus.grammar import is_bus_name
from fakedobby.embeddedbus.introspection import introspection
from fakedobby.embeddedbus.matchrule import MatchRule, MatchRuleInvalid, parse
from fakedobby.embeddedbus.message import UInt32
from fakedobby.embeddedbus.names import Change
from fakedobby.embeddedbus.router import BUS_INTERFACE, BUS_NAME, PEER_INTERFACE, BusError, Credentials, Peer, Router

_PROPERTIES = {
    "Features": ["HeaderFiltering"],
    "Interfaces": ["org.freedesktop.DBus.Monitoring"],
}
_SIGNALS = {"NameOwnerChanged": "sss", "NameLost": "s", "NameAcquired": "s"}
_ALREADY_RUNNING = 2
"""StartServiceByName's answer for a name that has an owner."""


class Identity(NamedTuple):
    """What the bus tells of itself."""

    guid: str
    machine_id: str
    credentials: Credentials


class Bus(NamedTuple):
    """What the methods work on."""

    router: Router
    identity: Identity


class Method(NamedTuple):
    """One method: its signatures, what makes the reply's values, and what is to happen behind the reply."""

    takes: str
    gives: str
    run: Callable[[Bus, Peer, list[Any]], list[Any]]
    afterwards: Callable[[Bus, Peer, list[Any]], None] | None = None


def _hello(bus: Bus, peer: Peer, _: list[Any]) -> list[Any]:
    if peer.name is not None:
        raise BusError("Failed", "Already handled an Hello message")
    return [bus.router.register(peer)]


def _after_hello(bus: Bus, peer: Peer, _: list[Any]) -> None:
    name = peer.name or ""
    bus.router.announce(Change(name, "", name))


def _request_name(bus: Bus, peer: Peer, arguments: list[Any]) -> list[Any]:
    name, flags = arguments
    unique, names = peer.name or "", bus.router.names
    if not is_bus_name(name):
        raise BusError("InvalidArgs", f'Requested bus name "{name}" is not valid')
    if name.startswith(":"):
        raise BusError("InvalidArgs", f"Cannot acquire a service starting with ':' such as \"{name}\"")
    if name == BUS_NAME:
        raise BusError(
            "InvalidArgs",
            f'Connection "{unique}" is not allowed to own the service "{name}"'
            "because it is reserved for D-Bus' use only",
        )
    if unique not in names.queue(name) and len(names.owned(unique)) >= bus.router.limits.names:
        raise BusError("LimitsExceeded", f'Connection "{unique}" is not allowed to own more services')
    outcome, change = names.request(name, unique, flags)
    bus.router.announce(change)
    return [outcome]


def _release_name(bus: Bus, peer: Peer, arguments: list[Any]) -> list[Any]:
    name = arguments[0]
    if not is_bus_name(name):
        raise BusError("InvalidArgs", f'Given bus name "{name}" is not valid')
    if name.startswith(":"):
        raise BusError("InvalidArgs", f"Cannot release a service starting with ':' such as \"{name}\"")
    if name == BUS_NAME:
        raise BusError("InvalidArgs", f"Cannot release the {name} service because it is owned by the bus")
    outcome, change = bus.router.names.release(name, peer.name or "")
    bus.router.announce(change)
    return [outcome]


def _list_names(bus: Bus, _peer: Peer, _: list[Any]) -> list[Any]:
    return [[BUS_NAME, *bus.router.peers, *bus.router.names.names()]]


def _list_activatable_names(_bus: Bus, _peer: Peer, _: list[Any]) -> list[Any]:
    return [[BUS_NAME]]


def _name_has_owner(bus: Bus, _peer: Peer, arguments: list[Any]) -> list[Any]:
    return [bus.router.owner(arguments[0]) is not None]


def _get_name_owner(bus: Bus, _peer: Peer, arguments: list[Any]) -> list[Any]:
    return [_owner(bus, "owner", arguments[0])]


def _list_queued_owners(bus: Bus, _peer: Peer, arguments: list[Any]) -> list[Any]:
    owner = _owner(bus, "owners", arguments[0])
    return [bus.router.names.queue(arguments[0]) or [owner]]


def _get_connection_unix_user(bus: Bus, _peer: Peer, arguments: list[Any]) -> list[Any]:
    return [_credentials(bus, "UID", arguments[0]).uid]


def _get_connection_unix_process_id(bus: Bus, _peer: Peer, arguments: list[Any]) -> list[Any]:
    return [_credentials(bus, "PID", arguments[0]).pid]


def _get_connection_credentials(bus: Bus, _peer: Peer, arguments: list[Any]) -> list[Any]:
    credentials = _credentials(bus, "credentials", arguments[0])
    answer: dict[str, Any] = {"ProcessID": UInt32(credentials.pid), "UnixUserID": UInt32(credentials.uid)}
    if credentials.gids:
        answer["UnixGroupIDs"] = [UInt32(gid) for gid in credentials.gids]
    return [answer]


def _get_adt_audit_session_data(bus: Bus, _peer: Peer, arguments: list[Any]) -> list[Any]:
    _owner(bus, "audit session data", arguments[0])
    raise BusError("AdtAuditDataUnknown", f"Could not determine audit session data for '{arguments[0]}'")


def _get_selinux_security_context(bus: Bus, _peer: Peer, arguments: list[Any]) -> list[Any]:
    _owner(bus, "security context", arguments[0])
    raise BusError("SELinuxSecurityContextUnknown", f"Could not determine security context for '{arguments[0]}'")


def _start_service_by_name(bus: Bus, _peer: Peer, arguments: list[Any]) -> list[Any]:
    if bus.router.names.owner(arguments[0]) is not None:
        return [_ALREADY_RUNNING]
    raise BusError("ServiceUnknown", f"The name {arguments[0]} was not provided by any .service files")


def _update_activation_environment(_bus: Bus, _peer: Peer, _: list[Any]) -> list[Any]:
    raise BusError("AccessDenied", "This bus starts no services, so it keeps no environment for them")


def _add_match(bus: Bus, peer: Peer, arguments: list[Any]) -> list[Any]:
    rule = _rule(bus, arguments[0])
    if len(peer.rules) >= bus.router.limits.match_rules:
        raise BusError("LimitsExceeded", f'Connection "{peer.name}" is not allowed to add more match rules')
    peer.rules.append(rule)
    return []


def _remove_match(bus: Bus, peer: Peer, arguments: list[Any]) -> list[Any]:
    rule = _rule(bus, arguments[0])
    if rule not in peer.rules:
        raise BusError("MatchRuleNotFound", "The given match rule wasn't found and can't be removed")
    peer.rules.remove(rule)
    return []


def _become_monitor(bus: Bus, _peer: Peer, arguments: list[Any]) -> list[Any]:
    texts, flags = arguments
    if flags != 0:
        raise BusError("InvalidArgs", f"BecomeMonitor does not support flags 0x{flags:x}")
    if len(texts) > bus.router.limits.match_rules:
        raise BusError("LimitsExceeded", "These are too many match rules")
    for text in texts:
        _rule(bus, text)
    return []


def _after_become_monitor(bus: Bus, peer: Peer, arguments: list[Any]) -> None:
    bus.router.watch(peer, [_rule(bus, text) for text in arguments[0]])


def _nothing(_bus: Bus, _peer: Peer, _: list[Any]) -> list[Any]:
    return []


def _get_id(bus: Bus, _peer: Peer, _: list[Any]) -> list[Any]:
    return [bus.identity.guid]


def _get_machine_id(bus: Bus, _peer: Peer, _: list[Any]) -> list[Any]:
    return [bus.identity.machine_id]


def _introspect(_bus: Bus, _peer: Peer, _: list[Any]) -> list[Any]:
    return [
        introspection(
            {
                name: {member: (method.takes, method.gives) for member, method in methods.items()}
                for name, methods in INTERFACES.items()
            },
            _SIGNALS,
            list(_PROPERTIES),
        )
    ]


def _get(_bus: Bus, _peer: Peer, arguments: list[Any]) -> list[Any]:
    return [_property(*arguments)]


def _get_all(_bus: Bus, _peer: Peer, arguments: list[Any]) -> list[Any]:
    _check_interface(arguments[0])
    return [_PROPERTIES if arguments[0] == BUS_INTERFACE else {}]


def _set(_bus: Bus, _peer: Peer, arguments: list[Any]) -> list[Any]:
    interface, name, _ = arguments
    _property(interface, name)
    raise BusError("PropertyReadOnly", f"Property '{interface}.{name}' cannot be set")


def _property(interface: str, name: str) -> list[str]:
    _check_interface(interface)
    if interface != BUS_INTERFACE or name not in _PROPERTIES:
        raise BusError("UnknownProperty", f'Property "{interface}.{name}" not found')
    return _PROPERTIES[name]


def _check_interface(interface: str) -> None:
    if interface not in INTERFACES:
        raise BusError("UnknownInterface", f'Interface "{interface}" not found')


def _owner(bus: Bus, what: str, name: str) -> str:
    owner = bus.router.owner(name)
    if owner is None:
        raise BusError("NameHasNoOwner", f"Could not get {what} of name '{name}': no such name")
    return owner


def _credentials(bus: Bus, what: str, name: str) -> Credentials:
    owner = _owner(bus, what, name)
    return bus.identity.credentials if owner == BUS_NAME else bus.router.peers[owner].credentials


def _rule(bus: Bus, text: str) -> MatchRule:
    length, limit = len(text.encode()), bus.router.limits.match_rule_text
    if length > limit:
        raise BusError("LimitsExceeded", f"Match rule text is {length} bytes, maximum is {limit}")
    try:
        return parse(text)
    except MatchRuleInvalid as problem:
        raise BusError("MatchRuleInvalid", str(problem)) from None


INTERFACES: dict[str, dict[str, Method]] = {
    BUS_INTERFACE: {
        "Hello": Method("", "s", _hello, _after_hello),
        "RequestName": Method("su", "u", _request_name),
        "ReleaseName": Method("s", "u", _release_name),
        "StartServiceByName": Method("su", "u", _start_service_by_name),
        "UpdateActivationEnvironment": Method("a{ss}", "", _update_activation_environment),
        "NameHasOwner": Method("s", "b", _name_has_owner),
        "ListNames": Method("", "as", _list_names),
        "ListActivatableNames": Method("", "as", _list_activatable_names),
        "AddMatch": Method("s", "", _add_match),
        "RemoveMatch": Method("s", "", _remove_match),
        "GetNameOwner": Method("s", "s", _get_name_owner),
        "ListQueuedOwners": Method("s", "as", _list_queued_owners),
        "GetConnectionUnixUser": Method("s", "u", _get_connection_unix_user),
        "GetConnectionUnixProcessID": Method("s", "u", _get_connection_unix_process_id),
        "GetAdtAuditSessionData": Method("s", "ay", _get_adt_audit_session_data),
        "GetConnectionSELinuxSecurityContext": Method("s", "ay", _get_selinux_security_context),
        "ReloadConfig": Method("", "", _nothing),
        "GetId": Method("", "s", _get_id),
        "GetConnectionCredentials": Method("s", "a{sv}", _get_connection_credentials),
    },
    "org.freedesktop.DBus.Properties": {
        "Get": Method("ss", "v", _get),
        "GetAll": Method("s", "a{sv}", _get_all),
        "Set": Method("ssv", "", _set),
    },
    "org.freedesktop.DBus.Introspectable": {"Introspect": Method("", "s", _introspect)},
    "org.freedesktop.DBus.Monitoring": {"BecomeMonitor": Method("asu", "", _become_monitor, _after_become_monitor)},
    PEER_INTERFACE: {
        "GetMachineId": Method("", "s", _get_machine_id),
        "Ping": Method("", "", _nothing),
    },
}
ONLY_ON_BUS_PATH = {"org.freedesktop.DBus.Properties", "org.freedesktop.DBus.Monitoring"}
