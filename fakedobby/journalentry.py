"""Entries of the journal as readers get them: JSON, chosen by what they are about (no I/O)."""

import json
from collections.abc import Callable, Container, Iterable
from fnmatch import fnmatchcase
from typing import Any

from fakedobby.journal import Entry
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
    numbers: Container[int] | None = None,
) -> Callable[[Entry], bool]:
    """Return what tells whether an entry meets all that is asked for; `numbers` are those that may.

    `method` is a pattern, which is held against the whole name and against what stands behind its last dot.
    """
    wanted = None if kinds is None else set(kinds)

    def meets(entry: Entry) -> bool:
        if wanted is not None and entry.kind not in wanted:
            return False
        if method is not None and not _is_called(entry.facts.get("method"), method):
            return False
        return numbers is None or entry.number in numbers

    return meets


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
