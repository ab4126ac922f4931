"""Entries of the journal as readers get them: JSON, chosen by what they are about (no I/O)."""

import json
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from fakedobby.journal import Entry, Journal
from fakedobby.journalcontainers import Containers
from fakedobby.journalvalue import decoded

_BODY = "body"
"""The fact that holds a whole JSON-RPC answer: its result or error is shown."""


def as_json(entry: Entry) -> dict[str, Any]:
    """Return an entry as one flat JSON object; JSON text in it is decoded, or a string where it is no JSON."""
    document: dict[str, Any] = {
        "number": entry.number,
        "at": round(entry.at, 6),
        "kind": entry.kind,
        "cause": entry.cause,
    }
    for name, value in entry.facts.items():
        if name == _BODY:
            document |= _outcome(decoded(value))
        else:
            document[name] = decoded(value)
    return document


def as_line(entry: Entry) -> str:
    """Return an entry as one line of a JSON lines document."""
    return json.dumps(as_json(entry), separators=(",", ":")) + "\n"


def chooser(
    *,
    kinds: Iterable[str] | None = None,
    method: str | None = None,
    container: str | None = None,
    containers: Containers,
) -> Callable[[Entry], bool]:
    """Return what tells whether an entry meets all that is asked for; `containers` has read it if `container` is.

    `method` and `container` are patterns; that of a method is held against the whole name and against what stands
    behind its last dot.
    """
    wanted = None if kinds is None else set(kinds)

    def meets(entry: Entry) -> bool:
        if wanted is not None and entry.kind not in wanted:
            return False
        if method is not None and not _is_called(entry.facts.get("method"), method):
            return False
        return container is None or containers.meets(entry, container)

    return meets


def chosen(
    journal: Journal,
    *,
    since: int = 0,
    kinds: Iterable[str] | None = None,
    method: str | None = None,
    container: str | None = None,
    containers: Containers | None = None,
) -> Iterator[Entry]:
    """Return the entries behind `since` that meet all that is asked for, as chooser() says it, the oldest first.

    `containers` tells which entries are about a container: whoever asks often keeps it.
    """
    containers = containers or Containers(journal)
    if container is not None:
        containers.read()
    meets = chooser(kinds=kinds, method=method, container=container, containers=containers)
    return filter(meets, journal.since(since))


def _is_called(name: Any, pattern: str) -> bool:
    if not isinstance(name, str):
        return False
    return fnmatchcase(name, pattern) or fnmatchcase(name.rpartition(".")[2], pattern)


def _outcome(answer: Any) -> dict[str, Any]:
    """Return the member of an answer that tells how the call went; all of it as `text` when it has none."""
    if isinstance(answer, dict):
        for name in ("error", "result"):
            if name in answer:
                return {name: answer[name]}
    return {"text": answer if isinstance(answer, str) else json.dumps(answer)}
