"""What the emulator wrote down, and what tests claim about it."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

from thunderoci.control.shown import entry_lines
from thunderoci.testing.control import Control
from thunderoci.testing.errors import is_told
from thunderoci.testing.expectation import Expectation

__tracebackhide__ = is_told

_SHOWN = 200
"""How many of the latest entries a failing test shows."""
_LONGEST_WAIT = 50.0
"""Seconds that one query waits; the control API waits no longer than a minute."""
_HELD_UP = (
    "The event loop of this thread stood still meanwhile, and an app in it too; "
    "it goes on while such a claim is made with await asyncio.to_thread(...)."
)


class Journal:
    """The journal of an emulator; entries are JSON objects as the control API has them.

    `url` is where requests can be sent again.
    """

    def __init__(self, control: Control, url: str = "") -> None:
        self._control = control
        self._url = url

    def entries(
        self, kind: str | None = None, *, method: str | None = None, container: str | None = None, since: int = 0
    ) -> list[dict[str, Any]]:
        """Return the entries behind the number `since` of one kind (or several, with commas between), oldest first.

        `method` and `container` are patterns; that of a method may leave out what stands before the last dot.
        """
        return self._query(kind, method, container, since)[0]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.entries())

    @property
    def last(self) -> int:
        """The number of the last entry; 0 when there is none."""
        last: int = self._control.do("queryJournal", limit=1)["last"]
        return last

    def clear(self) -> None:
        """Forget all, and count from 1 again."""
        self._control.do("clearJournal")

    def text(self, timeout: float | None = None) -> str:
        """Return the latest entries for people, as `thunderoci log` shows them; `timeout` is in seconds."""
        entries = self._query(None, None, None, 0, timeout)[0]
        lines = [line for entry in entries[-_SHOWN:] for line in entry_lines(entry, self._url)]
        if len(entries) > _SHOWN:
            lines.insert(0, f"... {len(entries) - _SHOWN} entries before these")
        return "\n".join(lines)

    def expect(self, wanted: Expectation, within: float, hint: Callable[[], str] = str) -> list[dict[str, Any]]:
        """Return the entries that meet an expectation; wait for them `within` real seconds.

        Other threads can use the emulator meanwhile. Raises AssertionError, which says what came nearest and what else
        `hint` knows.
        """
        deadline = time.monotonic() + within
        seen = 0
        met: list[dict[str, Any]] = []
        apart: Control | None = None
        with ExitStack() as opened:
            while True:
                entries, seen = self._query(wanted.kind, None, None, seen)
                met += [entry for entry in entries if wanted.meets(entry)]
                if wanted.satisfied(len(met)):
                    return met
                left = deadline - time.monotonic()
                if left <= 0 or wanted.exceeded(len(met)):
                    hints = [hint(), _HELD_UP if within > 0 and _holds_up_a_loop() else ""]
                    told = "\n".join(filter(None, hints))
                    raise AssertionError(wanted.complaint(met, self.entries(wanted.kind), told))
                if apart is None:
                    apart = opened.enter_context(closing(self._control.apart()))
                wait = min(left, _LONGEST_WAIT)
                apart.do("queryJournal", wait + _LONGEST_WAIT, kind=wanted.kind, since=seen, wait=wait, limit=1)

    def _query(
        self,
        kind: str | None,
        method: str | None,
        container: str | None,
        since: int,
        timeout: float | None = None,
    ) -> tuple[list[dict[str, Any]], int]:
        """Return all entries behind `since` that are asked for, and the number of the last entry of all."""
        asked = {"kind": kind, "method": method, "container": container}
        chosen = {name: value for name, value in asked.items() if value is not None}
        entries: list[dict[str, Any]] = []
        while True:
            page = self._control.do("queryJournal", timeout, since=since, **chosen)
            entries += page["entries"]
            if not page["entries"] or page["entries"][-1]["number"] >= page["last"]:
                return entries, page["last"]
            since = page["entries"][-1]["number"]


def _holds_up_a_loop() -> bool:
    """Tell whether an event loop of asyncio runs in this thread, which waits for us; asyncio is not loaded for that."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
