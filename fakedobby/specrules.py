"""The rules for the keys of a Dobby spec, one function a key.

Source: facts/dobby.md 6, "Dobby spec validation". A rule raises Refused; its text goes on after the key's name.
"""

import re
from collections.abc import Callable
from typing import Any, TypeGuard

from fakedobby.errors import Refused
from fakedobby.quirks import RT_PRIORITY, Provokes

_UINT32_MAX = 2**32 - 1
_ID_END = 65535
_SHARES_MAX = 100
_CORES = 8
_DEVICE_MAX = 1024
_NETWORKS = ("nat", "open", "private")
_BUSES = ("system", "ai-public", "ai-private")
_ETC_FILES = ("services", "hosts", "passwd", "group", "ld-preload")
_ACCESS = ("r", "w", "rw", "wr")
_ACTIONS = ("SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW")
_CAPABILITIES = ("CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_RAW")
_KNOWN_PLUGINS = {
    "appservicesrdk",
    "devicemapper",
    "drm",
    "gamepad",
    "gpu",
    "httpproxy",
    "ionmemory",
    "ipc",
    "localtime",
    "logging",
    "minidump",
    "networking",
    "oomcrash",
    "rdkservices",
    "rtscheduling",
    "storage",
    "thunder",
}


def is_integer(value: Any) -> TypeGuard[int]:
    """Tell an integer from everything else; a boolean is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def _need(holds: bool, sentence: str) -> None:
    if not holds:
        raise Refused(sentence)


def _is_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _object(value: Any) -> dict[str, Any]:
    _need(isinstance(value, dict), "must be an object")
    return value  # type: ignore[no-any-return]  # _need has seen to it


def _optional_object(value: Any) -> dict[str, Any]:
    # jsoncpp reads a member of null as null
    return {} if value is None else _object(value)


def args(value: Any) -> None:
    """Check a non-empty array of strings; the empty one makes a config.json that is no JSON."""
    _need(_is_strings(value) and bool(value), "must be an array of strings with at least one item")


def capabilities(value: Any) -> None:
    """Check the three capabilities that Dobby gives away."""
    _need(
        _is_strings(value) and set(value) <= set(_CAPABILITIES), f"must be an array of {', '.join(_CAPABILITIES)} only"
    )


def console(value: Any) -> None:
    """Check null, or an object with path (null, string) and limit (null, integer)."""
    members = _optional_object(value)
    path, limit = members.get("path"), members.get("limit")
    _need(path is None or isinstance(path, str), "path must be a string or null")
    # without a path Dobby looks no further
    _need(path is None or limit is None or is_integer(limit), "limit must be an integer or null")


def cpu(value: Any) -> None:
    """Check shares (1 to 100) and cores, a text of ranges over 8 cores.

    A text with any other character is accepted, as on the real daemon: its parser takes its own error for cores.
    """
    members = _optional_object(value)
    shares, cores = members.get("shares"), members.get("cores")
    _need(shares is None or (is_integer(shares) and 1 <= shares <= _SHARES_MAX), "shares must be 1 to 100")
    _need(cores is None or isinstance(cores, str), "cores must be a string")
    _need(cores is None or _some_cores(cores), f"cores must name some of the cores 0 to {_CORES - 1}, such as '0-1,3'")


def _some_cores(text: str) -> bool:
    if re.search(r"[^\d,\s-]", text, re.ASCII):
        return True
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,9})(?:-(\d{1,9}))?\s*", part, re.ASCII)
        if not found or not int(found[1]) <= int(found[2] or found[1]) < _CORES:
            return False
    return True


def cwd(value: Any) -> None:
    """Check a string; that there is one is for crun to find out."""
    _need(isinstance(value, str), "must be a string")


def dbus(value: Any) -> None:
    """Check which bus is which."""
    members = _optional_object(value)
    for name in ("system", "session", "debug"):
        bus = members.get(name)
        _need(bus is None or bus in _BUSES, f"{name} must be one of {', '.join(_BUSES)}")


def devices(value: Any) -> None:
    """Check device numbers and access; no device is on the white list of a development build."""
    _need(isinstance(value, list), "must be an array")
    for index, device in enumerate(value):
        _need(isinstance(device, dict), f"[{index}] must be an object")
        access, major, minor = (device.get(name) for name in ("access", "major", "minor"))
        _need(isinstance(access, str) and access.lower() in _ACCESS, f"[{index}].access must be r, w, rw or wr")
        known = isinstance(major, str) or (is_integer(major) and 1 <= major <= _DEVICE_MAX)
        _need(known, f"[{index}].major must be a driver's name or 1 to {_DEVICE_MAX}")
        _need(is_integer(minor) and 0 <= minor <= _DEVICE_MAX, f"[{index}].minor must be 0 to {_DEVICE_MAX}")
        _need(False, f"[{index}]: device {major}:{minor} is not on Dobby's white list")


def env(value: Any) -> None:
    """Check an array of strings."""
    _need(_is_strings(value), "must be an array of strings")


def etc(value: Any) -> None:
    """Check the lines of the files below /etc that Dobby knows; others are ignored."""
    members = _object(value)
    for name in _ETC_FILES:
        _need(name not in members or _is_strings(members[name]), f"{name} must be an array of strings")


def gpu(value: Any) -> None:
    """Check enable (boolean, null) and memLimit (integer, null)."""
    members = _optional_object(value)
    boolean_or_null(members.get("enable"), "enable ")
    limit = members.get("memLimit")
    _need(limit is None or is_integer(limit), "memLimit must be an integer or null")


def mem_limit(value: Any) -> None:
    """Check an unsigned 32-bit integer."""
    _need(is_integer(value) and 0 <= value <= _UINT32_MAX, f"must be an integer of bytes, 0 to {_UINT32_MAX}")


def mounts(value: Any) -> None:
    """Check source, destination, type and options; a loop mount also names its fstype."""
    _need(isinstance(value, list), "must be an array")
    for index, mount in enumerate(value):
        _need(isinstance(mount, dict), f"[{index}] must be an object")
        loop = mount.get("type") == "loop"
        for name in ("source", "destination", "type", *(("fstype",) if loop else ())):
            _need(isinstance(mount.get(name), str), f"[{index}].{name} must be a string")
        options = mount.get("options")
        if isinstance(options, list) or (loop and options is not None):
            _need(_is_strings(options), f"[{index}].options must be an array of strings")


def network(value: Any) -> None:
    """Check null, nat, open or private."""
    _need(value is None or value in _NETWORKS, f"must be null or one of {', '.join(_NETWORKS)}")


def plugins(value: Any) -> None:
    """Check an array of objects with a name; unknown names only warn."""
    _need(isinstance(value, list), "must be an array")
    for index, plugin in enumerate(value):
        _need(isinstance(plugin, dict) and isinstance(plugin.get("name"), str), f"[{index}].name must be a string")


def rdk_plugins(value: Any) -> None:
    """Check an object; a plugin that Dobby knows needs data with something in it, unknown ones need nothing."""
    for name, plugin in _optional_object(value).items():
        _need(isinstance(plugin, dict), f"{name} must be an object")
        data = plugin.get("data")
        _need(data is None or isinstance(data, dict), f"{name}.data must be an object")
        _need(bool(data) or name not in _KNOWN_PLUGINS, f"{name}.data is required, and {{}} becomes null on the way")


def rt_priority(_value: Any) -> None:
    """Refuse it always: the real daemon takes a lock twice."""
    raise Provokes(RT_PRIORITY, "the Dobby spec's 'rtPriority' can't be used")


def seccomp(value: Any) -> None:
    """Check the default action, and one action with the names of its system calls."""
    members = _object(value)
    _need(members.get("defaultAction") in _ACTIONS, f"defaultAction must be one of {', '.join(_ACTIONS)}")
    calls = members.get("syscalls")
    if not isinstance(calls, dict):
        raise Refused("syscalls must be an object")
    _need(calls.get("action") in _ACTIONS, f"syscalls.action must be one of {', '.join(_ACTIONS)}")
    names = calls.get("names")
    _need(_is_strings(names) and bool(names), "syscalls.names must be an array of strings with at least one item")


def swap_limit(value: Any) -> None:
    """Check an unsigned 32-bit integer; that it is not below memLimit is a rule of the whole spec."""
    _need(is_integer(value) and 0 <= value <= _UINT32_MAX, f"must be an integer of bytes, 0 to {_UINT32_MAX}")


def boolean_or_null(value: Any, name: str = "") -> None:
    """Check a boolean or null: syslog, restartOnCrash, userNs (where null disables), enable."""
    _need(value is None or isinstance(value, bool), f"{name}must be a boolean or null")


def user(value: Any) -> None:
    """Check uid and gid, integers below 65535; root may not be the user, but may be the group."""
    members = _object(value)
    for name in ("uid", "gid"):
        number = members.get(name)
        _need(is_integer(number) and 0 <= number < _ID_END, f"{name} must be an integer, 0 to {_ID_END - 1}")
    _need(members["uid"] != 0, "uid must not be 0: Dobby starts no root containers")


def version(value: Any) -> None:
    """Check the two versions that there are."""
    _need(value in ("1.0", "1.1"), 'must be "1.0" or "1.1"')


def vpu(value: Any) -> None:
    """Check enable (boolean, null)."""
    boolean_or_null(_optional_object(value).get("enable"), "enable ")


RULES: dict[str, Callable[[Any], None]] = {
    "args": args,
    "capabilities": capabilities,
    "console": console,
    "cpu": cpu,
    "cwd": cwd,
    "dbus": dbus,
    "devices": devices,
    "env": env,
    "etc": etc,
    "gpu": gpu,
    "memLimit": mem_limit,
    "mounts": mounts,
    "network": network,
    "plugins": plugins,
    "restartOnCrash": boolean_or_null,
    "rtPriority": rt_priority,
    "seccomp": seccomp,
    "swapLimit": swap_limit,
    "syslog": boolean_or_null,
    "user": user,
    "userNs": boolean_or_null,
    "vpu": vpu,
}
"""Key to rule, in the order in which Dobby works through them."""
