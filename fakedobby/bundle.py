"""What an OCI bundle must hold before Dobby starts it.

Source of the rules: facts/dobby.md 6, "Bundle validation". A configuration that would crash the real daemon is refused
here, and the reason says so.
"""

from pathlib import Path
from typing import Any

from fakedobby.config import Config, load_object
from fakedobby.errors import Refused

_OCI_VERSIONS = "1.0."
_CRASH = "a real DobbyDaemon crashes on it"


def read_bundle(path: str) -> Config:
    """Return what the bundle directory at `path` describes; raise Refused with the file and the rule otherwise."""
    directory = _directory(path)
    config = _config(directory)
    _check_version(config)
    _check_root(config, directory)
    _check_hostname(config)
    process = _object(config, "process")
    resources = _object(_object(config, "linux"), "resources", "linux.resources")
    return Config(args=_args(process), cwd=str(process.get("cwd", "/")), memory_limit=_memory_limit(resources))


def _directory(path: str) -> Path:
    if not path:
        raise Refused("the bundle path is empty")
    directory = Path(path)
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
    if not (directory / path).is_dir():
        raise Refused(f"config.json: the rootfs {directory / path} is no directory")


def _check_hostname(config: dict[str, Any]) -> None:
    if not isinstance(config.get("hostname"), str):
        raise Refused(f"config.json: hostname is not there; {_CRASH}")


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
