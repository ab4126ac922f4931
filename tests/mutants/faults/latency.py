"""How long things take."""

from functools import partial

from mutation.mutant import Mutant, add, mutant, pause

from .events import STARTED, STOPPED, name_of


class Slow(Mutant):
    """Answers to some methods take longer than they should."""

    def __init__(self, seconds, *methods):
        self._seconds = seconds
        self._methods = methods

    async def answer(self, call, message):
        if not self._methods or call.method in self._methods:
            await pause(self._seconds)
        return message


add(
    "latency.answers",
    "Queries are answered after more than a second",
    "?",
    "latency.answer",
    partial(Slow, 1.1, "listContainers", "getContainerState"),
    timeout=4.0,
)


@mutant("latency.events", "?", "latency.event", timeout=5.0)
class SlowEvents(Mutant):
    """Starts and ends are told of after more than two seconds"""

    async def event(self, _link, message):
        if name_of(message) in {STARTED, STOPPED}:
            await pause(2.1)
        return [message]
