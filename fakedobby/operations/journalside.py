"""The journal, as the control API shows it."""

from typing import Any

from twisted.internet.defer import Deferred

from fakedobby.journal import Entry, Journal
from fakedobby.journalcontainers import Containers
from fakedobby.journalentry import as_json, as_line, chosen


class JournalSide:
    """The operations about the journal; `clock` is the real one, by which a request waits for an entry."""

    def __init__(self, journal: Journal, clock: Any) -> None:
        self._journal = journal
        self._clock = clock
        self._containers = Containers(journal)

    async def query_journal(self, arguments: dict[str, Any]) -> Any:
        """Return entries, or wait for the first one."""
        deadline = self._clock.seconds() + arguments.get("wait", 0)
        since = int(arguments.get("since", 0))
        entries = self._chosen(arguments, since)
        while not entries and (left := deadline - self._clock.seconds()) > 0:
            # a journal that was cleared is told at once: who follows it has to begin again
            cleared, seen = self._journal.cleared, self._journal.last
            await self._next(left)
            entries = self._chosen(arguments, max(since, seen) if self._journal.cleared == cleared else since)
            if self._journal.cleared != cleared:
                break
        return {
            "entries": [as_json(entry) for entry in entries],
            "last": self._journal.last,
            "dropped": self._journal.dropped,
            "cleared": self._journal.cleared,
        }

    async def clear_journal(self, _: dict[str, Any]) -> None:
        """Forget what happened."""
        self._journal.clear()

    async def export_journal(self, _: dict[str, Any]) -> str:
        """Return all of it as JSON lines."""
        return "".join(map(as_line, self._journal))

    def _chosen(self, arguments: dict[str, Any], since: int) -> list[Entry]:
        """Return what a query asks for: the first ones behind `since`, or the latest ones if it does not say it."""
        kinds = arguments.get("kind")
        entries = list(
            chosen(
                self._journal,
                since=since,
                kinds=kinds and kinds.split(","),
                method=arguments.get("method"),
                container=arguments.get("container"),
                containers=self._containers,
            )
        )
        limit = int(arguments.get("limit", self._journal.capacity))
        return entries[:limit] if "since" in arguments else entries[-limit:]

    def _next(self, seconds: float) -> Deferred[None]:
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
        woken.addBoth(lambda _: forget())
        return woken
