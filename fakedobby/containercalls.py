"""What each call does that is about one container, but for those that begin or end its life."""

from collections.abc import Callable

from fakedobby.clock import Clock
from fakedobby.containers import Container, Containers, need_process
from fakedobby.crun import check_exec_options
from fakedobby.errors import Refused
from fakedobby.hibernation import Hibernation
from fakedobby.info import Snapshot, document
from fakedobby.lifecycle import Input
from fakedobby.quirks import CRASH_WITHOUT_PLUGINS, MOUNT_TUNNEL, Provokes
from fakedobby.settings import Settings
from fakedobby.workqueue import Operation


class ContainerCalls:
    """The operations by member; each takes a container and the arguments behind its descriptor.

    `uptime` is the machine's monotonic time in seconds at this moment. Operations raise Refused.
    """

    def __init__(
        self, clock: Clock, settings: Settings, containers: Containers, hibernation: Hibernation, uptime: float
    ) -> None:
        self._clock = clock
        self._timings = settings.timings
        self._quirks = settings.quirks
        self._containers = containers
        self._hibernation = hibernation
        self._booted = clock.seconds() - uptime
        self.by_member: dict[str, Callable[..., Operation]] = {
            "Pause": self._pause,
            "Resume": self._resume,
            "Hibernate": self._hibernate,
            "Wakeup": self._wake,
            "Mount": self._mount,
            "Unmount": self._unmount,
            "Annotate": self._annotate,
            "RemoveAnnotation": self._remove_annotation,
            "Exec": self._exec,
            "GetState": self._state,
            "GetInfo": self._info,
            "GetSpec": self._spec,
            "GetOCIConfig": self._oci_config,
        }

    def _pause(self, container: Container) -> Operation:
        yield self._timings.freeze
        need_process(container)
        if not self._containers.move(container, Input.PAUSE):
            return False
        container.process.freeze()
        return True

    def _resume(self, container: Container) -> Operation:
        yield self._timings.freeze
        if not self._containers.move(container, Input.RESUME):
            return False
        container.process.thaw()
        return True

    def _hibernate(self, container: Container, _options: str) -> Operation:
        yield 0
        need_process(container)
        return self._hibernation.hibernate(container)

    def _wake(self, container: Container) -> Operation:
        yield 0
        return self._hibernation.wake(container)

    def _mount(self, container: Container, source: str, target: str, flags: list[str], _data: str) -> Operation:
        yield 0
        if MOUNT_TUNNEL in self._quirks:
            raise Refused(MOUNT_TUNNEL.sentence)
        container.mounts.mount(source, target, flags)
        return True

    def _unmount(self, container: Container, path: str) -> Operation:
        yield 0
        container.mounts.unmount(path)
        return True

    def _annotate(self, container: Container, key: str, value: str) -> Operation:
        yield 0
        self._need_plugins(container)
        container.annotations[key] = value
        return True

    def _remove_annotation(self, container: Container, key: str) -> Operation:
        yield 0
        self._need_plugins(container)
        if key not in container.annotations:
            raise Refused(f"{container.container_id} has no annotation {key!r}")
        del container.annotations[key]
        return True

    def _need_plugins(self, container: Container) -> None:
        """See to the quirk of containers without plugins; with it off they are like all others."""
        if CRASH_WITHOUT_PLUGINS in self._quirks and not container.config.has_plugins:
            raise Provokes(CRASH_WITHOUT_PLUGINS, f"{container.container_id} has no rdkPlugins")

    def _exec(self, container: Container, options: str, command: str) -> Operation:
        # crun makes the process and does not look further: a command that isn't there is a success (facts/dobby.md 5)
        yield self._timings.exec
        check_exec_options(options)
        need_process(container)
        if not self._containers.move(container, Input.EXEC):
            return False
        container.commands.add(command, container.config, container.process.active_seconds)
        return True

    def _state(self, container: Container) -> Operation:
        yield 0
        return int(container.state.value)

    def _info(self, container: Container) -> Operation:
        yield 0
        self._need_plugins(container)
        return document(
            Snapshot(
                container_id=container.container_id,
                descriptor=container.descriptor,
                config=container.config,
                state=container.state.info_name,
                active_seconds=container.process.active_seconds,
                uptime=self._clock.seconds() - self._booted,
                annotations=container.annotations,
                commands=container.commands.running(container.process.active_seconds),
            )
        )

    def _spec(self, container: Container) -> Operation:
        yield 0
        return container.config.spec_text

    def _oci_config(self, container: Container) -> Operation:
        yield 0
        return container.config.oci_text
