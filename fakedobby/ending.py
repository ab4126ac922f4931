"""How a container ends: Stop, its own exit, a crash, and the end of the daemon (facts/dobby.md 2)."""

import logging
from collections.abc import Callable
from signal import SIGKILL, SIGTERM

from fakedobby.clock import Clock
from fakedobby.containers import Container, Containers, need_process
from fakedobby.hibernation import Hibernation
from fakedobby.lifecycle import Input, State
from fakedobby.process import Process
from fakedobby.quirks import DOUBLE_RESTART
from fakedobby.settings import Settings
from fakedobby.starting import Starting
from fakedobby.workqueue import Operation

log = logging.getLogger(__name__)

_TERM_POLLS = 10


class Ending:
    """Stops containers, and tears down those whose process has ended."""

    def __init__(
        self,
        containers: Containers,
        clock: Clock,
        settings: Settings,
        starting: Starting,
        hibernation: Hibernation,
    ) -> None:
        self._containers = containers
        self._clock = clock
        self._timings = settings.timings
        self._twice = DOUBLE_RESTART in settings.quirks
        self._starting = starting
        self._hibernation = hibernation

    def stop(self, container: Container, force: bool) -> Operation:
        """Send SIGTERM, and SIGKILL when that does not help; with `force` SIGKILL at once. Return whether it did."""
        if not self._containers.move(container, Input.KILL if force else Input.TERMINATE):
            return False
        container.restarts = None
        self._hibernation.abort(container)
        yield self._timings.deliver_signal
        need_process(container)
        yield from self._kill(container, force=force)
        return True

    def _kill(self, container: Container, *, force: bool) -> Operation:
        process = container.process
        # a checkpointed process is brought back to die
        process.thaw()
        process.kill(SIGKILL if force else SIGTERM)
        for _ in range(_TERM_POLLS):
            if not process.alive:
                return
            yield self._timings.poll
        process.kill(SIGKILL)

    def reap(self, container: Container, status: int) -> Operation:
        """Tear down a container whose process ended with a raw wait status, or start it again after a crash."""
        yield self._timings.tear_down
        self._hibernation.abort(container)
        if status and container.restarts and container.restarts.take(self._clock.seconds(), 2 if self._twice else 1):
            log.info("%s crashed and is started again", container.container_id)
            yield from self._starting.again(container, status, twice=self._twice)
            if self._twice:
                self._clock.callLater(0, self._tell_ends, container, container.process)
            return
        self._forget(container)
        self._containers.tell_ends(container)
        self._containers.move(container, Input.REAPED, status)

    def _tell_ends(self, container: Container, run: Process) -> None:
        """Tell of the ends before a run; when that is over already, the start of the next one comes first."""
        if container.process is run and run.alive:
            self._containers.tell_ends(container)

    def all(self, finished: Callable[[], None]) -> Operation:
        """Stop all containers in the order of their ids, without a signal on the bus; then call `finished`.

        Paused ones are left alone. To be run when nobody reaps any more.
        """
        yield self._timings.leave
        for container in self._containers:
            if container.state is not State.PAUSED:
                self._hibernation.abort(container)
                yield self._timings.deliver_signal
                yield from self._kill(container, force=False)
                yield self._timings.tear_down
            self._forget(container)
        finished()

    def discard(self) -> None:
        """Forget all containers at once, as when the daemon dies."""
        for container in self._containers:
            self._hibernation.abort(container)
            container.process.discard()
            self._forget(container)

    def _forget(self, container: Container) -> None:
        self._containers.remove(container)
        self._starting.clean_up(container)
