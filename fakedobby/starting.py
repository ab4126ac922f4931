"""How a container comes to run: from a call of Start... to its Started signal (facts/dobby.md 2 and 6)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fakedobby.bundle import read_bundle
from fakedobby.bundlefiles import remove_running, rewrite_bundle, write_running
from fakedobby.clock import Clock
from fakedobby.command import init_of
from fakedobby.commands import Commands
from fakedobby.config import Config
from fakedobby.containers import Container, Containers, Origin
from fakedobby.errors import CreationFailed, Refused
from fakedobby.hookruns import check_hooks, creation_seconds
from fakedobby.ids import check_runtime_id
from fakedobby.info import first_pid
from fakedobby.lifecycle import Input
from fakedobby.mounts import Mounts
from fakedobby.overrides import Overrides, overridden
from fakedobby.process import Process
from fakedobby.protocol import Descriptor
from fakedobby.restarts import Restarts
from fakedobby.runtime import check_runtime_config
from fakedobby.settings import Settings
from fakedobby.spec import read_spec
from fakedobby.workqueue import Operation
from fakedobby.workspace import Workspace

ID_IS_BUSY = "a container of this id is there already"
_MOST_FDS = 128


class Starting:
    """Starts containers, and starts crashed ones again; `ended(container, status)` hears when a process ends.

    Operations raise Refused, or CreationFailed when a descriptor is spent.
    """

    def __init__(
        self,
        containers: Containers,
        clock: Clock,
        settings: Settings,
        workspace: Workspace,
        ended: Callable[[Container, int], None],
    ) -> None:
        self._containers = containers
        self._clock = clock
        self._timings = settings.timings
        self.scenario = settings.scenario
        self._workspace = workspace
        self._ended = ended
        self.under_way: Descriptor | None = None
        """The descriptor of the container that is being created; there is one at a time."""

    def from_spec(self, container_id: str, spec: str, *options: Any) -> Operation:
        """Start a container from a Dobby spec; return its descriptor."""
        return self.start(container_id, lambda: read_spec(spec), *options, origin={"spec": spec})

    def from_bundle(self, container_id: str, path: str, *options: Any) -> Operation:
        """Start a container from the bundle at `path`; return its descriptor."""
        return self.start(
            container_id, lambda: read_bundle(path, self.scenario.bundles), *options, origin={"bundle": path}
        )

    def create_bundle(self, container_id: str, spec: str) -> Operation:
        """Make a bundle of a Dobby spec and leave it there, with no container; return True."""
        yield 0
        self._workspace.write(container_id, read_spec(spec).named(container_id))
        return True

    def again(self, container: Container, status: int, *, twice: bool) -> Operation:
        """Start a crashed container again under its descriptor; `status` is how it ended.

        `twice` is what the quirk D-double-restart does. Sane is to tell of the end first, and to start it once.
        """
        if twice:
            yield 2 * self._timings.create
            self._make_process(container)
            self._containers.move(container, Input.CRASHED_TWICE)
            container.untold.append(status)
        else:
            self._containers.move(container, Input.CRASHED, status)
            yield self._timings.create
            self._make_process(container)
            self._containers.move(container, Input.CREATED)
        container.process.start()

    def start(
        self,
        container_id: str,
        read: Callable[[], Config],
        fds: list[Any],
        *options: Any,
        origin: Origin,
        descriptor: Descriptor | None = None,
        active: float = 0.0,
    ) -> Operation:
        """Start a container of the configuration that `read` returns or refuses; return its descriptor.

        It gets the next one unless it is given one; `active` is for how many seconds its process has run already.
        """
        overrides = Overrides(*options)
        if len(fds) > _MOST_FDS:
            raise Refused(f"{len(fds)} file descriptors are more than the {_MOST_FDS} that a container gets")
        if container_id in self._containers:
            raise Refused(ID_IS_BUSY)
        accepted = replace(read(), programs=self.scenario.programs)
        config = overridden(accepted, overrides).named(container_id)
        directory = None
        if config.bundle is None:
            directory, config = self._workspace.write(container_id, config)
        if descriptor is None:
            descriptor = self._containers.take_descriptor()
        elif self._containers.find(descriptor) is not None:
            descriptor = None
        if descriptor is None:
            self._workspace.remove(directory)
            raise Refused("all 1023 descriptors, or the one that is asked for, are in use")
        rewrite_bundle(accepted, container_id)
        restarts = Restarts() if config.restart_on_crash else None
        if any(options):
            origin = {**origin, "overrides": list(options)}
        container = Container(container_id, descriptor, config, Mounts(config), restarts, directory, origin)
        try:
            yield from self._create(container)
        except CreationFailed:
            self._containers.move(container, Input.FAILED)
            self.clean_up(container)
            raise
        except GeneratorExit:  # it is dropped on the way
            self.clean_up(container)
            raise
        write_running(config, descriptor, first_pid(descriptor), overridden=overrides.written)
        self._make_process(container, active)
        self._containers.add(container)
        self._containers.move(container, Input.CREATED)
        container.process.start()
        return descriptor

    def _create(self, container: Container) -> Operation:
        """Do what crun does; raises CreationFailed."""
        limit = self._timings.creation_limit
        self.under_way = container.descriptor
        try:
            yield self._timings.create + creation_seconds(container.config, limit)
        finally:
            self.under_way = None
        check_runtime_id(container.container_id)
        check_runtime_config(container.config)
        check_hooks(container.config, limit)

    def _make_process(self, container: Container, active: float = 0.0) -> None:
        """Give a container its init process, which has yet to begin; the commands of an earlier one ended with it."""
        program = init_of(container.config)
        container.commands = Commands()
        container.process = Process(program, self._clock, lambda status: self._ended(container, status), active)

    def clean_up(self, container: Container) -> None:
        """Remove the files that a container has while it lives."""
        remove_running(container.config, container.descriptor)
        self._workspace.remove(container.directory)
