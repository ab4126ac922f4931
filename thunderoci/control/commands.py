"""The commands that look into an emulator from outside: `thunderoci log` and `thunderoci status`."""

import json
import sys
from collections.abc import Iterable
from typing import Any, Self
from urllib.parse import urlsplit

from fakedobby.program import print_out
from thunderoci.control.shown import entry_lines, status_lines
from thunderoci.errors import BadURL, NoControl, NoEmulator, UserError
from thunderoci.testing.control import HTTPControl
from thunderoci.testing.errors import ControlFailed, NoAnswer

UNREACHABLE = 3
_PATIENCE = 10.0
"""Seconds that an answer may take."""
_WAIT = 30.0
"""Seconds for which one request of ours waits for an entry."""
_PAGE = 1000
_NOT_FOUND = "Not Found"


def base_of(url: str) -> str:
    """Return where the control API of an emulator is, of which any URL or host:port is given; raises BadURL."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme != "http":
        raise BadURL(url=url)
    return f"http://{f'[{host}]' if ':' in host else host}:{port or 80}/emulator/"


def status(url: str, *, token: str | None = None, as_json: bool = False) -> int:
    """Print what an emulator is up to; return the exit status."""
    try:
        with Emulator(url, token) as emulator:
            facts = emulator.ask("getStatus")
            lines = [json.dumps(facts)] if as_json else status_lines(emulator.ask("getHealth"), facts)
    except UserError as problem:
        return _complain(problem)
    return print_out("".join(f"{line}\n" for line in lines))


def show_log(url: str, *, token: str | None = None, as_json: bool = False, follow: bool = False, **query: Any) -> int:
    """Print the journal of an emulator, or with `follow` all that comes, until the emulator ends or somebody stops us.

    `query` are parameters of queryJournal. Returns the exit status.
    """
    try:
        with Emulator(url, token) as emulator:
            return _Log(emulator, as_json=as_json, query=query).show(follow=follow)
    except UserError as problem:
        return _complain(problem)
    except KeyboardInterrupt:
        return 0


class Emulator:
    """The control API of an emulator; its errors are UserErrors."""

    def __init__(self, url: str, token: str | None) -> None:
        self._base = base_of(url)
        self._control = HTTPControl(self._base, _PATIENCE, token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()

    def ask(self, operation: str, timeout: float | None = None, /, **members: Any) -> Any:
        """Return the result of an operation; raises NoEmulator and NoControl."""
        try:
            return self._control.do(operation, timeout, **members)
        except NoAnswer as problem:
            raise NoEmulator(url=self._base, reason=problem.__context__ or problem) from None
        except ControlFailed as problem:
            reason = "it has no control API" if problem.kind == _NOT_FOUND else problem
            raise NoControl(url=self._base, reason=str(reason).removesuffix(".")) from None
        except ValueError:
            raise NoControl(url=self._base, reason="what it answers is no JSON") from None


class _Log:
    """Prints entries as they come."""

    def __init__(self, emulator: Emulator, *, as_json: bool, query: dict[str, Any]) -> None:
        self._emulator = emulator
        self._as_json = as_json
        self._query = {name: value for name, value in query.items() if value is not None}
        self._since = self._query.pop("since", 0)
        self._cleared: int | None = None
        self._url = emulator.ask("getStatus")["url"]

    def show(self, *, follow: bool) -> int:
        while True:
            try:
                page = self._page(_WAIT if follow else 0)
            except NoEmulator:
                if self._cleared is None or not follow:
                    raise
                return 0  # it ended, and so do we
            if status := self._print(page):
                return status
            if not follow and not page["entries"]:
                return 0

    def _page(self, wait: float) -> Any:
        return self._emulator.ask(
            "queryJournal", wait + _PATIENCE, since=self._since, limit=_PAGE, wait=wait, **self._query
        )

    def _print(self, page: Any) -> int:
        lines: list[str] = []
        if self._cleared not in (None, page["cleared"]):
            lines += self._remark("the journal was cleared")
            self._since = 0
        elif page["entries"]:
            self._since = page["entries"][-1]["number"]
        if self._cleared is None and page["dropped"] > self._since:
            lines += self._remark(f"{page['dropped']} older entries were dropped")
        self._cleared = page["cleared"]
        for entry in page["entries"]:
            lines += [json.dumps(entry)] if self._as_json else entry_lines(entry, self._url)
        return print_out("".join(f"{line}\n" for line in lines)) if lines else 0

    def _remark(self, text: str) -> Iterable[str]:
        return [] if self._as_json else [f"-- {text} --"]


def _complain(problem: UserError) -> int:
    sys.stderr.write(f"thunderoci: {problem}\n")
    return UNREACHABLE
