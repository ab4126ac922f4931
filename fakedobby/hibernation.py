"""What memcr does: it takes the processes of a container off the machine and brings them back.

The real daemon does this on a thread beside its work queue; here it is a timer of the one clock (facts/dobby.md 2).
"""

from collections.abc import Callable

from fakedobby.clock import Clock
from fakedobby.containers import Container, Containers
from fakedobby.info import process_count
from fakedobby.lifecycle import Input
from fakedobby.settings import Settings


class Hibernation:
    """Hibernates and wakes containers, one process after another."""

    def __init__(self, containers: Containers, clock: Clock, settings: Settings) -> None:
        self._containers = containers
        self._clock = clock
        self._timings = settings.timings
        self._memcr = settings.memcr

    def hibernate(self, container: Container) -> bool:
        """Begin to hibernate a container; False when it can't be now.

        Without memcr that fails later, and nobody is told.
        """
        if not self._containers.move(container, Input.HIBERNATE):
            return False
        seconds = self._timings.checkpoint * (process_count(container.config) if self._memcr else 1)
        self._schedule(container, seconds, self._checkpointed if self._memcr else self._failed)
        return True

    def wake(self, container: Container) -> bool:
        """Begin to wake a container, also one that is still being hibernated; False when it is neither."""
        if not self._containers.move(container, Input.WAKEUP):
            return False
        self.abort(container)
        self._schedule(container, self._timings.restore * process_count(container.config), self._restored)
        return True

    def abort(self, container: Container) -> None:
        """Stop what memcr is doing to a container."""
        if container.hibernation is not None:
            container.hibernation.cancel()
            container.hibernation = None

    def _schedule(self, container: Container, seconds: float, step: Callable[[Container], None]) -> None:
        container.hibernation = self._clock.callLater(seconds, self._run, container, step)

    def _run(self, container: Container, step: Callable[[Container], None]) -> None:
        container.hibernation = None
        # a process that ended meanwhile is about to be reaped, whatever memcr thinks
        if container.process.alive:
            step(container)

    def _checkpointed(self, container: Container) -> None:
        container.process.freeze()
        self._containers.move(container, Input.CHECKPOINTED)

    def _failed(self, container: Container) -> None:
        self._containers.move(container, Input.NOT_CHECKPOINTED)

    def _restored(self, container: Container) -> None:
        container.process.thaw()
        self._containers.move(container, Input.RESTORED)
