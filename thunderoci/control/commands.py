"""The commands that look into an emulator from outside: `thunderoci log` and `thunderoci status`."""

import json
from collections.abc import Iterable
from typing import Any

from fakedobby.program import complain, print_out
from thunderoci.control.reader import ControlReader
from thunderoci.control.shown import entry_lines, status_lines
from thunderoci.errors import NoEmulator, UserError

UNREACHABLE = 3
_WAIT = 30.0
"""Seconds for which one request of ours waits for an entry."""
_PAGE = 1000


def status(url: str, *, token: str | None = None, as_json: bool = False) -> int:
    """Print what an emulator is up to; return the exit status."""
    try:
        with ControlReader(url, token) as emulator:
            facts = emulator.get("/status")
            lines = [json.dumps(facts)] if as_json else status_lines(emulator.get("/health"), facts)
    except UserError as problem:
        return _complain(problem)
    return print_out("".join(f"{line}\n" for line in lines))


def show_log(url: str, *, token: str | None = None, as_json: bool = False, follow: bool = False, **query: Any) -> int:
    """Print the journal of an emulator, or with `follow` all that comes, until the emulator ends or somebody stops us.

    `query` are parameters of queryJournal. Returns the exit status.
    """
    try:
        with ControlReader(url, token) as emulator:
            return _Log(emulator, as_json=as_json, query=query).show(follow=follow)
    except UserError as problem:
        return _complain(problem)
    except KeyboardInterrupt:
        return 0


class _Log:
    """Prints entries as they come."""

    def __init__(self, emulator: ControlReader, *, as_json: bool, query: dict[str, Any]) -> None:
        self._emulator = emulator
        self._as_json = as_json
        self._query = {name: value for name, value in query.items() if value is not None}
        self._since = self._query.pop("since", 0)
        self._cleared: int | None = None
        self._url = emulator.get("/status")["url"]

    def show(self, *, follow: bool) -> int:
        while True:
            try:
                page = self._page(_WAIT if follow else 0)
            except NoEmulator:
                if self._cleared is None or not follow:
                    raise
                return 0  # it ended, and so do we
            if page["cleared"] == self._cleared or self._cleared is None:
                status, done = self._print(page), not follow and not page["entries"]
            else:  # what it holds comes before and behind what we have seen: all of it is asked for anew
                status, done = self._begin_again(page["cleared"]), False
            if status or done:
                return status

    def _page(self, wait: float) -> Any:
        return self._emulator.get("/journal", wait, since=self._since, limit=_PAGE, **self._query)

    def _print(self, page: Any) -> int:
        lines: list[str] = []
        if self._cleared is None and page["dropped"] > self._since:
            lines += self._remark(f"{page['dropped']} older entries were dropped")
        # a page that is not full has all that there was to say until its last entry
        full = len(page["entries"]) == _PAGE
        self._since = page["entries"][-1]["number"] if full else page["last"]
        self._cleared = page["cleared"]
        for entry in page["entries"]:
            lines += [json.dumps(entry)] if self._as_json else entry_lines(entry, self._url)
        return self._written(lines)

    def _begin_again(self, cleared: int) -> int:
        self._cleared = cleared
        self._since = 0
        return self._written(self._remark("the journal was cleared"))

    def _written(self, lines: Iterable[str]) -> int:
        text = "".join(f"{line}\n" for line in lines)
        return print_out(text) if text else 0

    def _remark(self, text: str) -> Iterable[str]:
        return [] if self._as_json else [f"-- {text} --"]


def _complain(problem: UserError) -> int:
    complain(f"thunderoci: {problem}\n")
    return UNREACHABLE
