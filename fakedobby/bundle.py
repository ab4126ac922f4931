"""What an OCI bundle must hold before Dobby starts it.

Source of the rules: facts/dobby.md 6, "Bundle validation". A configuration that would crash the real daemon is refused
here, and the reason says so.
"""

from pathlib import Path
from stat import S_ISREG
from typing import Any

from fakedobby.config import Config, load_object
from fakedobby.errors import Refused

_OCI_VERSIONS = "1.0."
_DOBBY_VERSION = "1.0.2-dobby"
_MOST_BYTES = 8 * 2**20
"""Real configurations have some kilobytes; reading a huge one would hold up every other call."""
_CRASH = "a real DobbyDaemon crashes on it"


def read_bundle(path: str) -> Config:
    """Return what the bundle directory at `path` describes; raise Refused with the file and the rule otherwise."""
    directory = _directory(path)
    config = _config(directory)
    _check_version(config)
    _check_root(config, directory)
    _check_hostname(config)
    _check_plugins(config, directory)
    process = _object(config, "process")
    resources = _object(_object(config, "linux"), "resources", "linux.resources")
    return Config(args=_args(process), cwd=str(process.get("cwd", "/")), memory_limit=_memory_limit(resources))


def _directory(path: str) -> Path:
    if not path:
        raise Refused("the bundle path is empty")
    directory = Path("/", path)  # a daemon's working directory is the root
    try:
        if not directory.exists():
            raise Refused(f"bundle {path}: there is no such directory")
        if not directory.is_dir():
            raise Refused(f"bundle {path}: this is no directory")
    except (OSError, ValueError) as problem:  # a name that the file system can't hold
        raise Refused(f"bundle {path[:200]!r}: {problem}") from None
    return directory


def _config(directory: Path) -> dict[str, Any]:
    file = directory / "config.json"
    try:
        status = file.stat()
        if not S_ISREG(status.st_mode):
            raise Refused(f"bundle {directory}: config.json is no regular file")
        if status.st_size > _MOST_BYTES:
            raise Refused(f"bundle {directory}: config.json has more than {_MOST_BYTES} bytes")
        text = file.read_bytes()
    except OSError as problem:
        raise Refused(f"bundle {directory}: config.json can't be read: {problem.strerror}") from None
    return load_object(text, str(file))


def _check_version(config: dict[str, Any]) -> None:
    version = config.get("ociVersion")
    if not isinstance(version, str):
        raise Refused("config.json: the required field 'ociVersion' is not there")
    if not version.startswith(_OCI_VERSIONS):
        raise Refused(f"config.json: crun does not know ociVersion {version!r}")


def _check_root(config: dict[str, Any], directory: Path) -> None:
    root = config.get("root")
    path = root.get("path") if isinstance(root, dict) else None
    if not isinstance(path, str) or not path:
        raise Refused("config.json: root.path is not there")
    try:
        found = (directory / path).is_dir()
    except (OSError, ValueError):  # a name that the file system can't hold
        found = False
    if not found:
        raise Refused(f"config.json: the rootfs {path[:200]!r} is no directory")


def _check_hostname(config: dict[str, Any]) -> None:
    # Dobby gives a bundle of its own version the container id for a host name
    if config["ociVersion"] != _DOBBY_VERSION and not isinstance(config.get("hostname"), str):
        raise Refused(f"config.json: hostname is not there; {_CRASH}")


def _check_plugins(config: dict[str, Any], directory: Path) -> None:
    if config["ociVersion"] != "1.0.2" or not config.get("rdkPlugins") or config.get("hooks"):
        return
    if not (directory / "config-dobby.json").is_file():
        raise Refused("config.json: rdkPlugins in ociVersion '1.0.2' need hooks, or a config-dobby.json beside it")


def _object(parent: dict[str, Any], key: str, name: str = "") -> dict[str, Any]:
    value = parent.get(key)
    if not isinstance(value, dict):
        raise Refused(f"config.json: {name or key} is not there; {_CRASH}")
    return value


def _args(process: dict[str, Any]) -> tuple[str, ...]:
    # libocispec reads a string as no arguments at all: the init then runs with nothing and ends.
    args = process.get("args")
    return tuple(str(arg) for arg in args) if isinstance(args, list) else ()


def _memory_limit(resources: dict[str, Any]) -> int | None:
    memory = resources.get("memory")
    limit = memory.get("limit") if isinstance(memory, dict) else None
    return limit if isinstance(limit, int) and not isinstance(limit, bool) and limit > 0 else None
