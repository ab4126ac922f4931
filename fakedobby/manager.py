"""What each call of ctrl1 and debug1 does, one after another."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from fakedobby.clock import Clock
from fakedobby.containers import Container, Containers, Emit, need_process
from fakedobby.crun import check_exec_options
from fakedobby.ending import Ending
from fakedobby.errors import CreationFailed, Refused
from fakedobby.hibernation import Hibernation
from fakedobby.ids import check_id
from fakedobby.info import Snapshot, document
from fakedobby.lifecycle import Input
from fakedobby.placing import Placing
from fakedobby.process import Process
from fakedobby.protocol import METHODS, Descriptor
from fakedobby.quirks import CRASH_WITHOUT_PLUGINS, MOUNT_TUNNEL, RT_PRIORITY, Provokes, Quirk
from fakedobby.scenario import Scenario
from fakedobby.settings import Settings
from fakedobby.starting import ID_IS_BUSY, Starting
from fakedobby.workqueue import FOREVER, Operation, WorkQueue
from fakedobby.workspace import Workspace

log = logging.getLogger(__name__)

_LONGEST_REASON = 400


class Manager:
    """Does what ctrl1 and debug1 ask for, one call after another, and tells `emit` what happens to containers.

    `clock` moves the containers' programs, and `pace` how long transitions take, which is the clock too if it is not
    given. `uptime` is the machine's monotonic time in seconds at this moment, for GetInfo; `crash` is told when a quirk
    that is on ends the daemon.
    """

    def __init__(
        self,
        clock: Clock,
        emit: Emit,
        settings: Settings | None = None,
        *,
        pace: Clock | None = None,
        uptime: float = 0.0,
        crash: Callable[[Quirk], None] = lambda _: None,
    ) -> None:
        settings = settings or Settings()
        self._clock = clock
        self._timings = settings.timings
        self._quirks = settings.quirks
        self._crash = crash
        self._booted = clock.seconds() - uptime
        self._queue = WorkQueue(pace or clock)
        self._leaving = False
        self._calls = 0
        """How many are not answered yet."""
        self._containers = Containers(emit)
        self._workspace = Workspace(settings.workspace, settings.random)
        self._hibernation = Hibernation(self._containers, pace or clock, settings)
        starting = Starting(self._containers, clock, settings, self._workspace, self._process_ended)
        self._starting = starting
        self._placing = Placing(self._containers, starting)
        self._ending = Ending(self._containers, clock, settings, starting, self._hibernation)
        self._by_id: dict[str, Callable[..., Operation]] = {
            "Start": starting.from_spec,
            "StartFromSpec": starting.from_spec,
            "StartFromBundle": starting.from_bundle,
            "CreateBundle": starting.create_bundle,
        }
        self._on_container: dict[str, Callable[..., Operation]] = {
            "Stop": self._ending.stop,
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

    def call(self, member: str, arguments: list[Any], reply: Callable[[Any], None]) -> None:
        """Carry out a method whose argument types fit, then call `reply` with its answer.

        The answer is the one value of the method's reply; List answers its two lists. A bad container id is answered at
        once, everything else when its turn has come and the operation is over (facts/dobby.md 0). None means that the
        operation broke, which is a defect of ours.
        """
        if member == "List":
            operation = self._list()
        elif member in self._by_id:
            try:
                check_id(arguments[0])
                operation = self._starting_operation(member, arguments)
            except Refused as reason:
                log.info("%s refused: %s", member, _short(reason))
                reply(METHODS[member].failure)
                return
        else:
            operation = self._with_container(member, *arguments)
        self._calls += 1
        self._queue.submit(self._guarded(member, operation), lambda answer: self._answered(reply, answer))

    def _answered(self, reply: Callable[[Any], None], answer: Any) -> None:
        self._calls -= 1
        reply(answer)

    def _starting_operation(self, member: str, arguments: list[Any]) -> Operation:
        """Return what a call with a container id does; raises Refused when it is answered at once.

        Whether an id is free is looked at when the call comes: it is busy until the Stopped signal, and a start right
        behind the reply of a stop is refused though the tear-down goes before it in the queue (facts/dobby.md 2).
        """
        busy = member != "CreateBundle" and arguments[0] in self._containers
        if not busy:
            return self._by_id[member](*arguments)
        if self._calls == 0:
            raise Refused(ID_IS_BUSY)
        return _refusal(ID_IS_BUSY)  # in its turn: answers keep the order of the calls

    def use(self, scenario: Scenario) -> None:
        """Have the programs and bundles of another scenario for containers that are started from now on."""
        self._starting.scenario = scenario

    def place(self, document: Mapping[str, Any]) -> None:
        """Make a container that lives already, without a signal; raises Refused or CreationFailed (placing.py)."""
        self._placing.place(document)

    def id_of(self, descriptor: Descriptor) -> str | None:
        """Return the id of the container that has a descriptor."""
        container = self._containers.find(descriptor)
        return None if container is None else container.container_id

    def process_of(self, container_id: str) -> Process | None:
        """Return the init process of a container."""
        container = self._containers.named(container_id)
        return None if container is None else container.process

    def shut_down(self, finished: Callable[[], None]) -> None:
        """Stop the containers one after another, as a daemon does that ends, and call `finished`.

        No signal tells of it. A queue that an operation blocks for ever ends with the daemon.
        """
        self._leaving = True
        if self._queue.stuck:
            finished()
        else:
            self._queue.submit(self._ending.all(finished), lambda _: None)

    def close(self) -> None:
        """Leave nothing behind: no timer, no container, no file."""
        self._leaving = True
        self._queue.close()
        self._ending.discard()
        self._workspace.close()

    def _guarded(self, member: str, operation: Operation) -> Operation:
        """Run an operation; what is refused is a failure value, a line in the log, or the quirk that it provokes."""
        try:
            return (yield from operation)
        except (Refused, CreationFailed) as reason:
            if isinstance(reason, Provokes) and reason.quirk in self._quirks:
                if reason.quirk is not RT_PRIORITY:
                    self._crash(reason.quirk)
                yield FOREVER
            log.info("%s refused: %s", member, _short(reason))
            return METHODS[member].failure

    def _process_ended(self, container: Container, status: int) -> None:
        if not self._leaving:
            self._queue.submit(self._ending.reap(container, status), lambda _: None)

    def _list(self) -> Operation:
        yield 0
        return self._containers.listed()

    def _with_container(self, member: str, descriptor: Descriptor, *arguments: Any) -> Operation:
        container = self._containers.find(descriptor)
        if container is None:
            raise Refused(f"no container has the descriptor {descriptor}")
        return (yield from self._on_container[member](container, *arguments))

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


def _refusal(reason: str) -> Operation:
    yield 0
    raise Refused(reason)


def _short(reason: Exception) -> str:
    """Return a reason as the log has it: what a client sent may be long."""
    text = str(reason)
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + "…"
