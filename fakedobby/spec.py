"""What a Dobby spec must say before Dobby starts it, and the configuration that it makes of it.

Source of the rules: facts/dobby.md 6, "Dobby spec validation". Unknown keys are ignored. The version decides first,
then the keys in alphabetical order, then what is missing, and rdkPlugins last; the first error stops.
"""

from collections.abc import Callable
from typing import Any

from fakedobby.config import INIT, Config
from fakedobby.errors import Refused
from fakedobby.filesystem import FileSystem
from fakedobby.hooks import launcher_hooks
from fakedobby.jsontext import compact, load_object
from fakedobby.quirks import Provokes
from fakedobby.specrules import RULES, rdk_plugins, version

_MANDATORY = ("args", "user", "memLimit")
_SYSTEM_MOUNTS = (
    # what the OCI runtime specification asks of every Linux container
    {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755"]},
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance"]},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev"]},  # noqa: S108 (in the container)
    {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
)


def read_spec(text: str) -> Config:
    """Return what a Dobby spec describes; raise Refused with the key and the rule when Dobby won't have it."""
    spec = load_object(text, "the Dobby spec")
    if "version" not in spec:
        raise Refused("the Dobby spec lacks the mandatory key 'version'")
    _check(version, spec, "version")
    for key, rule in RULES.items():
        if key in spec:
            _check(rule, spec, key)
    for key in _MANDATORY:
        if key not in spec:
            raise Refused(f"the Dobby spec lacks the mandatory key {key!r}")
    _check_swap(spec)
    _check(rdk_plugins, spec, "rdkPlugins")
    plugins = _plugins(spec)
    mounts = [mount for mount in spec.get("mounts", ()) if mount["type"] != "loop"]
    return Config(
        args=(INIT, *spec["args"]),
        cwd=spec.get("cwd", ""),
        memory_limit=spec["memLimit"],
        oci=_oci(spec, plugins, mounts),
        spec_text=compact({"rdkPlugins": None, **spec}),
        restart_on_crash=bool(spec.get("restartOnCrash")),
        has_plugins=bool(plugins),
        files=FileSystem(None, tuple((mount["destination"], mount["source"]) for mount in mounts)),
    )


def _check(rule: Callable[[Any], None], spec: dict[str, Any], key: str) -> None:
    try:
        rule(spec.get(key))
    except Provokes:
        raise
    except Refused as problem:
        raise Refused(f"the Dobby spec's {key!r} {problem}") from None


def _check_swap(spec: dict[str, Any]) -> None:
    if spec.get("swapLimit", spec["memLimit"]) < spec["memLimit"]:
        raise Refused("the Dobby spec's 'swapLimit' must not be less than memLimit")


def _plugins(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the container's rdkPlugins: those that keys stand for, and those that are named (facts/dobby.md 4)."""
    plugins: dict[str, Any] = {}
    if "console" in spec:
        plugins["logging"] = _logging(spec["console"] or {})
    if spec.get("network") is not None:
        private = spec["network"] == "private"
        plugins["networking"] = {"type": "none" if private else spec["network"]}
    if buses := {
        name: bus for name, bus in (spec.get("dbus") or {}).items() if bus in ("system", "ai-public", "ai-private")
    }:
        plugins["ipc"] = buses
    if (spec.get("gpu") or {}).get("enable"):
        plugins["gpu"] = {"memory": spec["gpu"].get("memLimit") or 64 * 2**20}
    if loops := [mount for mount in spec.get("mounts", ()) if mount["type"] == "loop"]:
        plugins["storage"] = {"loopback": loops}
    made = {name: {"required": False, "data": data} for name, data in plugins.items()}
    for name, given in (spec.get("rdkPlugins") or {}).items():
        data = {**made.get(name, {}).get("data", {}), **(given.get("data") or {})}
        made[name] = {"required": bool(given.get("required")), "data": data or None}
    return made


def _logging(console: dict[str, Any]) -> dict[str, Any]:
    if console.get("path") is None:
        return {"sink": "devnull"}
    limit = console.get("limit")
    return {"sink": "file", "fileOptions": {"path": console["path"], "limit": -1 if limit is None else max(limit, -1)}}


def _oci(spec: dict[str, Any], plugins: dict[str, Any], mounts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the OCI configuration that Dobby's template makes of the spec, as far as anybody asks for it here."""
    memory = {"limit": spec["memLimit"], "swap": spec.get("swapLimit", spec["memLimit"])}
    return {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": True,
            "user": {"uid": spec["user"]["uid"], "gid": spec["user"]["gid"]},
            "args": [INIT, *spec["args"]],
            "env": list(spec.get("env", ())),
            "cwd": spec.get("cwd", ""),
            "noNewPrivileges": "capabilities" not in spec,
        },
        "root": {"path": "rootfs", "readonly": False},
        "hostname": "",
        "mounts": [
            *_SYSTEM_MOUNTS,
            *(
                {
                    "destination": mount["destination"],
                    "type": mount["type"],
                    "source": mount["source"],
                    "options": mount["options"] if isinstance(mount.get("options"), list) else [],
                }
                for mount in mounts
            ),
        ],
        "hooks": launcher_hooks("config.json") if plugins else {},
        "linux": {"resources": {"memory": memory}},
        "rdkPlugins": plugins,
    }
