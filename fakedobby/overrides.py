"""What the long forms of Start... change in a configuration (facts/dobby.md 6)."""

from dataclasses import dataclass, replace

from fakedobby.config import Config
from fakedobby.quirks import CRASH_ON_DISPLAY, Provokes

_DISPLAY = "/tmp/westeros"  # noqa: S108 (the path inside the container, Dobby's choice)
_DISPLAY_OPTIONS = ("bind", "rw", "nosuid", "nodev", "noexec")
_DISPLAY_ENV = ("WAYLAND_DISPLAY=westeros", "XDG_RUNTIME_DIR=/tmp")
_GID_COUNT = 10


@dataclass(frozen=True, slots=True)
class Overrides:
    """The arguments that only the forms of six and eight arguments have; the defaults change nothing."""

    command: str = ""
    display_socket: str = ""
    env: tuple[str, ...] = ()
    uid: int = 0
    gid: int = 0

    @property
    def written(self) -> bool:
        """Whether Dobby writes the changed configuration beside the bundle's own."""
        return bool(self.command or self.display_socket or self.env)


def overridden(config: Config, changes: Overrides) -> Config:
    """Return a configuration as one call of Start... changes it.

    Raises Provokes for a display socket beside a mount without source, which crashes the real daemon.
    """
    config = config.with_command(changes.command)
    if changes.display_socket:
        config = _with_display(config, changes.display_socket)
    if changes.env:
        config = _with_env(config, changes.env)
    if changes.uid > 0 and changes.gid > 0:
        config = _with_mappings(config, changes.uid, changes.gid)
    return config


def _with_env(config: Config, variables: tuple[str, ...]) -> Config:
    """Append variables unless the very same text is there; Dobby compares no names and needs no '='."""
    process = config.oci.get("process")
    present = process.get("env") if isinstance(process, dict) else None
    env = list(present) if isinstance(present, list) else []
    known = {variable for variable in env if isinstance(variable, str)}
    for variable in variables:
        if variable not in known:
            known.add(variable)
            env.append(variable)
    return config.with_process(env=env)


def _with_display(config: Config, socket: str) -> Config:
    mounts = config.oci.get("mounts")
    mounts = mounts if isinstance(mounts, list) else []
    for index, mount in enumerate(mounts):
        if not isinstance(mount, dict) or not isinstance(mount.get("source"), str):
            what = f"mounts[{index}].source is not there beside a display socket"
            raise Provokes(CRASH_ON_DISPLAY, what)
    display = {"destination": _DISPLAY, "type": "bind", "source": socket, "options": list(_DISPLAY_OPTIONS)}
    config = replace(config.with_oci(mounts=[*mounts, display]), display_socket=socket)
    return _with_env(config, _DISPLAY_ENV)


def _with_mappings(config: Config, uid: int, gid: int) -> Config:
    linux = {
        **config.oci.get("linux", {}),
        "uidMappings": [{"containerID": 0, "hostID": uid, "size": 1}],
        "gidMappings": [{"containerID": 0, "hostID": gid, "size": _GID_COUNT}],
    }
    return config.with_oci(linux=linux)
