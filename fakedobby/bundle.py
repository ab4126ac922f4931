"""What an OCI bundle must hold before Dobby starts it.

Source of the rules: facts/dobby.md 6, "Bundle validation". A configuration that would crash the real daemon is refused
here, and the reason says so. Reading changes nothing; what Dobby writes into a bundle is in bundlefiles.py.
"""

import logging
from collections.abc import Mapping
from os.path import normpath
from pathlib import Path
from stat import S_ISREG
from typing import Any

from fakedobby.config import BundleSource, Config
from fakedobby.errors import Refused
from fakedobby.filesystem import FileSystem
from fakedobby.hooks import has_launcher_hooks, launcher_hooks
from fakedobby.jsontext import LARGEST, load_object
from fakedobby.quirks import CRASH_WITHOUT_HOSTNAME, CRASH_WITHOUT_LINUX, CRASH_WITHOUT_PROCESS, Provokes, Quirk

log = logging.getLogger(__name__)

CONFIG = "config.json"
ORIGINAL = "config-dobby.json"
_OCI_VERSION = "1.0.2"
_DOBBY_VERSION = "1.0.2-dobby"


KnownBundles = Mapping[str, Config]
"""Normal paths of bundles that are known without a file system, and what they describe."""


def normal(path: str) -> str:
    """Return the path of a bundle without detours, from the root of the file system."""
    return normpath("/" + path.lstrip("/"))


def read_bundle(path: str, known: KnownBundles | None = None) -> Config:
    """Return what the bundle directory at `path` describes; raise Refused with the file and the rule otherwise.

    No file system is asked about a bundle that is `known`.
    """
    if known and path and (config := known.get(normal(path))):
        return config
    directory = _directory(path)
    original, document = _document(directory)
    _check_version(document)
    rootfs = _check_root(document, directory)
    original, document, rewritten = _convert(directory, original, document)
    if not rewritten:
        _check_hostname(document)
    process = _object(document, "process", quirk=CRASH_WITHOUT_PROCESS)
    resources = _object(document, "linux", "resources", quirk=CRASH_WITHOUT_LINUX)
    return Config(
        args=_args(process),
        cwd=str(process.get("cwd", "/")),
        memory_limit=_memory_limit(resources),
        oci=document,
        has_plugins=_has_plugins(document),
        files=FileSystem(rootfs, _binds(document)),
        bundle=BundleSource(directory, original, rewritten),
    )


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


def _document(directory: Path) -> tuple[bytes, dict[str, Any]]:
    """Return config.json, or config-dobby.json in its place when config.json can't be parsed (facts/dobby.md 6)."""
    text = _bytes(directory / CONFIG)
    try:
        return text, load_object(text, str(directory / CONFIG))
    except Refused as problem:
        if not (directory / ORIGINAL).exists():
            raise
        log.info("%s; %s is taken in its place", problem, ORIGINAL)
    return _original(directory)


def _original(directory: Path) -> tuple[bytes, dict[str, Any]]:
    text = _bytes(directory / ORIGINAL)
    return text, load_object(text, str(directory / ORIGINAL))


def _bytes(file: Path) -> bytes:
    try:
        if not S_ISREG(file.stat().st_mode):
            raise Refused(f"bundle {file.parent}: {file.name} is no regular file")
        # one read: who changes the file meanwhile gives us the old text, the new one, or one that is no JSON
        with file.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as problem:
        raise Refused(f"bundle {file.parent}: {file.name} can't be read: {problem.strerror}") from None


def _check_version(config: dict[str, Any]) -> None:
    if not isinstance(config.get("ociVersion"), str):
        raise Refused("config.json: the required field 'ociVersion' is not there")


def _check_root(config: dict[str, Any], directory: Path) -> Path:
    root = config.get("root")
    path = root.get("path") if isinstance(root, dict) else None
    if not isinstance(path, str) or not path:
        raise Refused("config.json: root.path is not there")
    rootfs = directory / path
    try:
        found = rootfs.is_dir()
    except (OSError, ValueError):  # a name that the file system can't hold
        found = False
    if not found:
        raise Refused(f"config.json: the rootfs {rootfs} is no directory")
    return rootfs


def _convert(directory: Path, original: bytes, config: dict[str, Any]) -> tuple[bytes, dict[str, Any], bool]:
    """Return the text that config-dobby.json is to hold, the OCI configuration, and whether Dobby rewrites the bundle.

    1.0.2-dobby is rewritten; 1.0.2 with rdkPlugins must have been, by its hooks, or have its original beside it; every
    other version runs as it is, without plugins (facts/dobby.md 6).
    """
    if config["ociVersion"] == _OCI_VERSION and _has_plugins(config) and not has_launcher_hooks(config):
        if not (directory / ORIGINAL).exists():
            raise Refused(f"config.json: rdkPlugins without Dobby's hooks need {ORIGINAL} beside it")
        original, config = _original(directory)
        _check_version(config)
    elif config["ociVersion"] == _OCI_VERSION and _has_plugins(config):
        return b"", config, True
    elif config["ociVersion"] != _DOBBY_VERSION:
        return b"", config, False
    config = {**config, "ociVersion": _OCI_VERSION}
    config.pop("legacyPlugins", None)
    if _has_plugins(config):
        config["hooks"] = launcher_hooks(str(directory / CONFIG))
    return original, config, True


def _check_hostname(config: dict[str, Any]) -> None:
    if not isinstance(config.get("hostname"), str):
        raise Provokes(CRASH_WITHOUT_HOSTNAME, "config.json: hostname is not there")


def _has_plugins(config: dict[str, Any]) -> bool:
    plugins = config.get("rdkPlugins")
    return isinstance(plugins, dict) and bool(plugins)


def _object(document: dict[str, Any], *keys: str, quirk: Quirk) -> dict[str, Any]:
    """Return the object at the end of a path of keys, without which a real daemon does what `quirk` says."""
    value: Any = document
    for number, key in enumerate(keys, 1):
        value = value.get(key)
        if not isinstance(value, dict):
            raise Provokes(quirk, f"config.json: {'.'.join(keys[:number])} is not there")
    return value  # type: ignore[no-any-return]  # the loop has seen to it


def _args(process: dict[str, Any]) -> tuple[str, ...]:
    # libocispec reads a string as no arguments at all: the init then runs with nothing and ends.
    args = process.get("args")
    return tuple(str(arg) for arg in args) if isinstance(args, list) else ()


def _memory_limit(resources: dict[str, Any]) -> int | None:
    memory = resources.get("memory")
    limit = memory.get("limit") if isinstance(memory, dict) else None
    return limit if isinstance(limit, int) and not isinstance(limit, bool) and limit > 0 else None


def _binds(config: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    mounts = config.get("mounts")
    pairs = (
        (mount.get("destination"), mount.get("source"))
        for mount in (mounts if isinstance(mounts, list) else [])
        if isinstance(mount, dict) and mount.get("type") == "bind"
    )
    return tuple((to, source) for to, source in pairs if isinstance(to, str) and isinstance(source, str))
