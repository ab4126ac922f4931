"""The journal, as the control API shows it."""

from typing import Any

from twisted.internet.defer import Deferred

from fakedobby.errors import NotNow
from fakedobby.journal import Entry, Journal
from fakedobby.journalcontainers import Containers
from fakedobby.journalentry import as_json, as_line, chooser
from fakedobby.operations.writing import Told, written
from fakedobby.turns import Turns, Work

WAITING = 128
"""How many queries may wait for an entry at a time: each of them looks at every entry that comes."""


class JournalSide:
    """The operations about the journal; `clock` is the real one, by which a request waits for an entry."""

    def __init__(self, journal: Journal, clock: Any, turns: Turns) -> None:
        self._journal = journal
        self._clock = clock
        self._turns = turns
        self._containers = Containers(journal)
        self._waiting = 0

    async def query_journal(self, arguments: dict[str, Any]) -> Any:
        """Return entries, or wait for the first one."""
        journal = self._journal
        deadline = self._clock.seconds() + arguments.get("wait", 0)
        since = int(arguments.get("since", 0))
        page = await self._page(arguments, since)
        while not page["entries"].elements and (left := deadline - self._clock.seconds()) > 0:
            cleared = page["cleared"]
            if (journal.last, journal.cleared) == (page["last"], cleared):
                await self._next(left)
            # a journal that was cleared is told at once: who follows it has to begin again
            is_cleared = journal.cleared != cleared
            page = await self._page(arguments, since if is_cleared else max(since, page["last"]))
            if is_cleared:
                break
        return page

    async def clear_journal(self, _: dict[str, Any]) -> None:
        """Forget what happened."""
        self._journal.clear()

    async def export_journal(self, _: dict[str, Any]) -> Told:
        """Return all of it as JSON lines."""
        return Told(list(self._journal), as_line)

    async def _page(self, arguments: dict[str, Any], since: int) -> dict[str, Any]:
        """Return what a query asks for: the first entries behind `since`, or the latest ones if it does not say it.

        All that it tells is of one moment, though what comes meanwhile gets its turns.
        """
        work = self._turns.work()
        try:
            return await self._looked_up(arguments, since, work)
        finally:
            work.end()

    async def _looked_up(self, arguments: dict[str, Any], since: int, work: Work) -> dict[str, Any]:
        journal = self._journal
        kinds, container = arguments.get("kind"), arguments.get("container")
        numbers = None
        if container is not None:
            for entry in self._containers.reading():
                await work.done(entry.size)
            numbers = self._containers.about(container)
        meets = chooser(kinds=kinds and kinds.split(","), method=arguments.get("method"), numbers=numbers)
        told = {"last": journal.last, "dropped": journal.dropped, "cleared": journal.cleared}
        limit = int(arguments.get("limit", journal.capacity))
        latest_first = "since" not in arguments
        entries: list[Entry] = []
        for entry in journal.since(since, latest_first=latest_first):
            if meets(entry):
                entries.append(entry)
                if len(entries) == limit:
                    break
            await work.done()
        if latest_first:
            entries.reverse()
        return {"entries": Told(entries, _in_page), **told}

    async def _next(self, seconds: float) -> None:
        """Wait for the next entry, so many seconds at most; raises NotNow when too many wait."""
        if self._waiting >= WAITING:
            raise NotNow(
                problem=f"{WAITING} queries wait for an entry already, which is all that may. Ask without wait"
            )
        self._waiting += 1
        try:
            await self._noted(seconds)
        finally:
            self._waiting -= 1

    def _noted(self, seconds: float) -> Deferred[None]:
        """Return what fires after the next entry, or when so many seconds have passed."""
        woken: Deferred[None] = Deferred()

        def wake() -> None:
            # not at once: whoever writes an entry is in the middle of something
            if not woken.called and not timer.active():
                woken.callback(None)

        def noted() -> None:
            if timer.active():
                timer.reset(0)

        forget = self._journal.when_noted(noted)
        timer = self._clock.callLater(seconds, wake)

        def done(result: Any) -> Any:
            forget()
            if timer.active():
                timer.cancel()
            return result

        return woken.addBoth(done)


def _in_page(entry: Entry) -> str:
    return written(as_json(entry))
