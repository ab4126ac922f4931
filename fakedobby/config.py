"""What a bundle or a Dobby spec says about the container to be."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fakedobby.filesystem import FileSystem
from fakedobby.hooks import launcher_hooks
from fakedobby.jsontext import indented
from fakedobby.scripted import NO_PROGRAMS, Programs, ScriptedProgram

INIT = "/usr/libexec/DobbyInit"
"""The program that Dobby puts before every command; it is pid 1 of the container."""


@dataclass(frozen=True, slots=True)
class BundleSource:
    """Where a configuration was read: the bundle directory, and the config.json as Dobby takes it."""

    directory: Path
    original: bytes
    """What config-dobby.json holds when Dobby rewrites the bundle."""
    rewritten: bool
    """Whether Dobby writes a new config.json when it starts the bundle."""
    known: bool = False
    """Whether a scenario describes it; nothing is written there then."""


@dataclass(frozen=True, slots=True)
class Config:
    """The part of a container's configuration that shapes its simulated life."""

    args: tuple[str, ...]
    cwd: str
    memory_limit: int | None
    """Bytes; None when nothing limits the memory."""
    oci: dict[str, Any] = field(default_factory=dict)
    """The OCI configuration as it is used, for GetOCIConfig."""
    spec_text: str = ""
    """What GetSpec answers; "" for a bundle."""
    restart_on_crash: bool = False
    has_plugins: bool = False
    """Whether the container has any rdkPlugins; the real daemon crashes on GetInfo of one that has none."""
    display_socket: str = ""
    files: FileSystem = field(default_factory=FileSystem)
    bundle: BundleSource | None = None
    """None for a Dobby spec."""
    program: ScriptedProgram | None = None
    """What runs in the container whatever its command line is."""
    programs: Programs = NO_PROGRAMS
    """What command lines run that a scenario describes."""

    @property
    def scripted(self) -> ScriptedProgram | None:
        """The program of the container's init, if somebody has described it."""
        return self.program or self.programs.find(self.args[1:] if self.args[:1] == (INIT,) else self.args)

    @property
    def oci_text(self) -> str:
        """What GetOCIConfig answers: four spaces a level."""
        return indented(self.oci)

    @property
    def mounts(self) -> list[dict[str, Any]]:
        """The mounts of the OCI configuration that are objects; it may hold anything."""
        mounts = self.oci.get("mounts")
        return [mount for mount in mounts if isinstance(mount, dict)] if isinstance(mounts, list) else []

    def with_command(self, command: str) -> "Config":
        """Return this configuration with another command, and what that runs; "" changes nothing.

        Dobby splits at single spaces and knows no quotes (facts/dobby.md 6).
        """
        if not command:
            return self
        args = (INIT, *command.split(" "))
        return replace(self.with_process(args=list(args)), args=args, program=None)

    def with_process(self, **members: Any) -> "Config":
        """Return this configuration with other members in the OCI configuration's process."""
        process = self.oci.get("process")
        return self.with_oci(process={**(process if isinstance(process, dict) else {}), **members})

    def with_oci(self, **members: Any) -> "Config":
        """Return this configuration with other members in the OCI configuration."""
        return replace(self, oci={**self.oci, **members})

    def in_bundle(self, file: Path) -> "Config":
        """Return this configuration as it is when `file`, a config.json, holds it: its plugins are run on that."""
        return self.with_oci(hooks=launcher_hooks(str(file))) if self.has_plugins else self

    def named(self, container_id: str) -> "Config":
        """Return this configuration with the container id for host name where Dobby sets it."""
        if self.bundle and not self.bundle.rewritten:
            return self
        return self.with_oci(hostname=container_id)
