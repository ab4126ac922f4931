"""What crun can't run although Dobby accepts it; the descriptor is spent then (facts/dobby.md 3 and 6)."""

from pathlib import Path

from fakedobby.config import INIT, Config
from fakedobby.errors import CreationFailed

_OCI_VERSIONS = "1.0."
_SYSTEM_BUS = Path("/var/run/dbus")


def check_runtime_config(config: Config, system_bus: Path = _SYSTEM_BUS) -> None:
    """Raise CreationFailed when crun can't run a configuration that Dobby accepts."""
    _check_version(config)
    if not config.cwd:
        raise CreationFailed("crun can't change to the working directory '': give cwd")
    if config.memory_limit == 0:
        raise CreationFailed("crun can't run a container with a memory limit of 0 bytes")
    if config.display_socket and not _exists(Path("/", config.display_socket)):
        raise CreationFailed(f"crun can't mount the display socket {config.display_socket}: it is not there")
    if config.args and config.args[0] != INIT and not _has_program(config):
        raise CreationFailed(f"crun can't run {config.args[0]!r}: there is no such program")
    _check_system_bus(config, system_bus)


def _has_program(config: Config) -> bool:
    return config.scripted is not None or config.files.has_program(config.args[0], config.cwd)


def _check_version(config: Config) -> None:
    version = config.oci.get("ociVersion", _OCI_VERSIONS)
    if not version.startswith(_OCI_VERSIONS):
        raise CreationFailed(f"crun does not know ociVersion {version!r}")


def _check_system_bus(config: Config, system_bus: Path) -> None:
    # the rule was observed with specs; a bundle's own plugins are not looked into
    ipc = (config.oci.get("rdkPlugins") or {}).get("ipc") if config.spec_text else None
    buses = ipc["data"] or {} if ipc else {}
    if "system" in buses.values() and not _exists(system_bus):
        raise CreationFailed(f"crun can't mount the system bus: there is no {system_bus}")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file system holds
        return False
