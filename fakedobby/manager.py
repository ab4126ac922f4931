"""What each call of ctrl1 and debug1 does, one after another."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from fakedobby.clock import Clock
from fakedobby.containercalls import ContainerCalls
from fakedobby.containers import Container, Containers, Emit
from fakedobby.described import described
from fakedobby.ending import Ending
from fakedobby.errors import CreationFailed, Refused
from fakedobby.hibernation import Hibernation
from fakedobby.ids import check_id
from fakedobby.placing import Placing
from fakedobby.process import Process
from fakedobby.protocol import METHODS, Descriptor
from fakedobby.quirks import RT_PRIORITY, Provokes, Quirk
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
        self._quirks = settings.quirks
        self._crash = crash
        self._queue = WorkQueue(pace or clock)
        self.leaving = False
        """Whether the daemon is about to end."""
        self._calls = 0
        """How many are not answered yet."""
        self._containers = self.containers = Containers(emit)
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
        calls = ContainerCalls(clock, settings, self._containers, self._hibernation, uptime)
        self._on_container = {"Stop": self._ending.stop, **calls.by_member}

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
        self._queue.submit(
            self._guarded(member, operation),
            lambda answer: self._answered(reply, answer),
            what=f"{member} {self._named(member, arguments)}".rstrip(),
            dropped=([], []) if member == "List" else METHODS[member].failure,
        )

    def _named(self, member: str, arguments: list[Any]) -> str:
        """Return the id of the container that a call is about, or the descriptor if no container has it."""
        if member == "List" or member in self._by_id:
            return str(arguments[0]) if arguments and member != "List" else ""
        container = self._containers.find(arguments[0])
        return container.container_id if container else str(arguments[0])

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

    @property
    def next_descriptor(self) -> Descriptor:
        """The descriptor that comes next, were there no start under way."""
        return self._starting.under_way or self._containers.descriptors.next

    def use(self, scenario: Scenario) -> None:
        """Have the programs and bundles of another scenario for containers that are started from now on."""
        self._starting.scenario = scenario

    @property
    def scenario(self) -> Scenario:
        """What it knows of programs and bundles."""
        return self._starting.scenario

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
        self.leaving = True
        if self._queue.stuck:
            finished()
        else:
            self._queue.submit(self._ending.all(finished), lambda _: None, what="Shutdown")

    def close(self) -> None:
        """Leave nothing behind: no timer, no container, no file."""
        self.leaving = True
        self._queue.close()
        self._ending.discard()
        self._workspace.close()

    def clear(self) -> None:
        """Have no container any more, without a word on the bus; calls that are not answered yet have failed."""
        self._ending.discard()
        self._queue.clear()

    @property
    def waiting(self) -> list[str]:
        """What is under way, then what waits for its turn behind it."""
        memcr = [
            f"{container.state.info_name} {container.container_id}"
            for container in self._containers
            if container.hibernation is not None
        ]
        return self._queue.names + memcr

    def start(self, document: Mapping[str, Any], done: Callable[[Descriptor | Exception], None]) -> None:
        """Start a container as it is described, in its turn, and give `done` its descriptor or why it failed.

        That is Refused or CreationFailed.
        """
        container_id = document["id"]
        operation = self._starting.start(
            container_id, lambda: described(document, self.scenario), [], origin={**document}
        )
        gone = Refused("the daemon was reset before that")
        self._calls += 1
        self._queue.submit(
            _caught(operation),
            lambda answer: self._answered(done, answer),
            what=f"start of {container_id}",
            dropped=gone,
        )

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
        if not self.leaving:
            what = f"end of {container.container_id}"
            self._queue.submit(self._ending.reap(container, status), lambda _: None, what=what)

    def _list(self) -> Operation:
        yield from ()
        return self._containers.listed()

    def _with_container(self, member: str, descriptor: Descriptor, *arguments: Any) -> Operation:
        container = self._containers.find(descriptor)
        if container is None:
            raise Refused(f"no container has the descriptor {descriptor}")
        return (yield from self._on_container[member](container, *arguments))


def _caught(operation: Operation) -> Operation:
    try:
        return (yield from operation)
    except (Refused, CreationFailed) as reason:
        return reason


def _refusal(reason: str) -> Operation:
    yield 0
    raise Refused(reason)


def _short(reason: Exception) -> str:
    """Return a reason as the log has it: what a client sent may be long."""
    text = str(reason)
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + "…"
