"""The containers of one daemon: their ids, descriptors and order, and what each call does to them."""

import logging
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass
from signal import SIGKILL, SIGTERM
from typing import Any

from fakedobby.bundle import read_bundle
from fakedobby.bundlefiles import remove_running, rewrite_bundle, write_running
from fakedobby.clock import Clock
from fakedobby.command import program_of
from fakedobby.config import Config
from fakedobby.crun import check_exec_options
from fakedobby.descriptors import DescriptorSequence
from fakedobby.errors import CreationFailed, Refused
from fakedobby.ids import check_id, check_runtime_id
from fakedobby.info import Snapshot, document, first_pid
from fakedobby.lifecycle import Input, State, advance
from fakedobby.overrides import Overrides, overridden
from fakedobby.process import Process
from fakedobby.protocol import Descriptor
from fakedobby.runtime import check_runtime_config
from fakedobby.spec import read_spec
from fakedobby.timings import Timings
from fakedobby.workqueue import Operation, WorkQueue

log = logging.getLogger(__name__)

_TERM_POLLS = 10
_NO_DESCRIPTOR = -1

Emit = Callable[[str, tuple[Any, ...]], None]
"""Takes the name of a signal and its values."""


@dataclass(slots=True)
class Container:
    """A container and where it is in its life."""

    container_id: str
    descriptor: Descriptor
    config: Config
    process: Process
    state: State = State.STARTING


class Manager:
    """Does what ctrl1 asks for, one call after another, and tells `emit` what happens to containers.

    `clock` moves everything; `uptime` is the machine's monotonic time in seconds at this moment, for GetInfo.
    """

    def __init__(self, clock: Clock, emit: Emit, *, timings: Timings | None = None, uptime: float = 0.0) -> None:
        self._clock = clock
        self._emit = emit
        self._timings = timings or Timings()
        self._booted = clock.seconds() - uptime
        self._queue = WorkQueue(clock)
        self._descriptors = DescriptorSequence()
        self._by_id: dict[str, Container] = {}
        self._by_descriptor: dict[Descriptor, Container] = {}
        # Dobby lists its containers by id, byte by byte; ids are ASCII, so str order is byte order
        self._ids: list[str] = []
        self._starts: dict[str, Callable[..., Operation]] = {
            "StartFromSpec": self._start_from_spec,
            "StartFromBundle": self._start_from_bundle,
        }
        self._operations: dict[str, tuple[Callable[..., Operation], Any]] = {
            # what does it to a container, and the answer for a descriptor that nobody has (facts/dobby.md 1)
            "Stop": (self._stop, False),
            "Pause": (self._pause, False),
            "Resume": (self._resume, False),
            "Exec": (self._exec, False),
            "GetState": (self._state, int(State.GONE.value)),
            "GetInfo": (self._info, ""),
        }

    def call(self, member: str, arguments: list[Any], reply: Callable[[Any], None]) -> None:
        """Carry out a control method whose argument types fit, then call `reply` with its answer.

        The answer is the one value of the method's reply; List answers its two lists. A bad container id is answered at
        once, everything else when its turn has come and the operation is over (facts/dobby.md 0). None means that the
        operation broke, which is a defect of ours.
        """
        if start := self._starts.get(member):
            try:
                check_id(arguments[0])
            except Refused as reason:
                log.info("%s refused: %s", member, reason)
                reply(_NO_DESCRIPTOR)
                return
            self._queue.submit(start(*arguments), reply)
        elif member == "List":
            self._queue.submit(self._list(), reply)
        else:
            self._queue.submit(self._on_container(member, *arguments), reply)

    def _list(self) -> Operation:
        yield 0
        return [self._by_id[container_id].descriptor for container_id in self._ids], list(self._ids)

    def _on_container(self, member: str, descriptor: Descriptor, *arguments: Any) -> Operation:
        operation, unknown = self._operations[member]
        container = self._by_descriptor.get(descriptor)
        if container is None:
            log.info("%s refused: no container has the descriptor %d", member, descriptor)
            return unknown
        return (yield from operation(container, *arguments))

    def _start_from_spec(self, container_id: str, spec: str, *options: Any) -> Operation:
        return self._start(container_id, lambda: read_spec(spec), *options)

    def _start_from_bundle(self, container_id: str, path: str, *options: Any) -> Operation:
        return self._start(container_id, lambda: read_bundle(path), *options)

    def _start(self, container_id: str, read: Callable[[], Config], _fds: object, *options: Any) -> Operation:
        overrides = Overrides(*options)
        try:
            self._check_free(container_id)
            accepted = read()
            config = overridden(accepted, overrides).named(container_id)
        except Refused as reason:
            log.info("start of %s refused: %s", container_id, reason)
            return _NO_DESCRIPTOR
        descriptor = self._descriptors.take(self._by_descriptor)
        if descriptor is None:
            log.info("start of %s refused: all 1023 descriptors are in use", container_id)
            return _NO_DESCRIPTOR
        rewrite_bundle(accepted, container_id)
        program = program_of(config.args, config.files, config.cwd)
        process = Process(program, self._clock, lambda status: self._process_ended(container, status))
        container = Container(container_id, descriptor, config, process)
        yield self._timings.create
        try:
            check_runtime_id(container_id)
            check_runtime_config(config)
        except CreationFailed as reason:
            log.info("start of %s failed: %s", container_id, reason)
            self._apply(container, Input.FAILED)
            remove_running(config, descriptor)
            return _NO_DESCRIPTOR
        write_running(config, descriptor, first_pid(descriptor), overridden=overrides.written)
        self._add(container)
        self._apply(container, Input.CREATED)
        process.start()
        return descriptor

    def _check_free(self, container_id: str) -> None:
        if container_id in self._by_id:
            raise Refused("a container of this id is there already")

    def _process_ended(self, container: Container, status: int) -> None:
        self._queue.submit(self._reap(container, status), lambda _: None)

    def _reap(self, container: Container, status: int) -> Operation:
        yield self._timings.tear_down
        self._remove(container)
        remove_running(container.config, container.descriptor)
        self._apply(container, Input.REAPED, status)

    def _stop(self, container: Container, force: bool) -> Operation:
        if not self._apply(container, Input.KILL if force else Input.TERMINATE):
            return False
        yield self._timings.deliver_signal
        process = container.process
        if not process.alive:
            log.info("Stop refused: the process of %s has ended already", container.container_id)
            return False
        process.kill(SIGKILL if force else SIGTERM)
        for _ in range(_TERM_POLLS):
            if not process.alive:
                return True
            yield self._timings.poll
        process.kill(SIGKILL)
        return True

    def _pause(self, container: Container) -> Operation:
        yield self._timings.freeze
        if not container.process.alive or not self._apply(container, Input.PAUSE):
            return False
        container.process.freeze()
        return True

    def _resume(self, container: Container) -> Operation:
        yield self._timings.freeze
        if not self._apply(container, Input.RESUME):
            return False
        container.process.start()
        return True

    def _exec(self, container: Container, options: str, _command: str) -> Operation:
        # crun makes the process and does not look further: a command that isn't there is a success (facts/dobby.md 5)
        yield self._timings.exec
        try:
            check_exec_options(options)
        except Refused as reason:
            log.info("Exec refused: %s", reason)
            return False
        return self._apply(container, Input.EXEC)

    def _state(self, container: Container) -> Operation:
        yield 0
        return int(container.state.value)

    def _info(self, container: Container) -> Operation:
        yield 0
        return document(
            Snapshot(
                container_id=container.container_id,
                descriptor=container.descriptor,
                config=container.config,
                state=container.state.info_name,
                active_seconds=container.process.active_seconds,
                uptime=self._clock.seconds() - self._booted,
            )
        )

    def _apply(self, container: Container, event: Input, *status: int) -> bool:
        """Move a container by the transition table and tell the bus; False when the table refuses."""
        transition = advance(container.state, event)
        if transition is None:
            log.info("%s refused: %s is %s", event.name.capitalize(), container.container_id, container.state.info_name)
            return False
        container.state = transition.state
        for signal in transition.signals:
            identity = (container.descriptor, container.container_id)
            self._emit(signal, (*identity, *status) if signal == "StoppedWithStatus" else identity)
        return True

    def _add(self, container: Container) -> None:
        self._by_id[container.container_id] = container
        self._by_descriptor[container.descriptor] = container
        insort(self._ids, container.container_id)

    def _remove(self, container: Container) -> None:
        del self._by_id[container.container_id]
        del self._by_descriptor[container.descriptor]
        self._ids.remove(container.container_id)
