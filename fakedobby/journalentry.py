"""Entries of the journal as readers get them: JSON, chosen by what they are about (no I/O)."""

import json
import math
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from fakedobby.journal import Entry, Journal

_BODY = "body"
"""The fact that holds a whole JSON-RPC answer: its result or error is shown."""
_STARTS = ("StartFromBundle", "StartFromSpec")


def as_json(entry: Entry) -> dict[str, Any]:
    """Return an entry as one flat JSON object; JSON text in it is decoded, or a string where it is no JSON."""
    document: dict[str, Any] = {
        "number": entry.number,
        "at": round(entry.at, 6),
        "kind": entry.kind,
        "cause": entry.cause,
    }
    for name, value in entry.facts.items():
        decoded = _decoded(value)
        if name == _BODY:
            document |= _outcome(decoded)
        else:
            document[name] = decoded
    return document


def as_line(entry: Entry) -> str:
    """Return an entry as one line of a JSON lines document."""
    return json.dumps(as_json(entry), separators=(",", ":")) + "\n"


def chosen(
    journal: Journal,
    *,
    since: int = 0,
    kinds: Iterable[str] | None = None,
    method: str | None = None,
    container: str | None = None,
) -> Iterator[Entry]:
    """Yield the entries behind `since` that meet all that is asked for, the oldest first.

    `method` and `container` are patterns; that of a method is held against the whole name and against what stands
    behind its last dot. An entry is about the container that it names; one that names none, about that of its cause.
    """
    wanted = None if kinds is None else set(kinds)
    about = None if container is None else _Containers(journal, container)
    for entry in journal.since(since):
        if wanted is not None and entry.kind not in wanted:
            continue
        if method is not None and not _is_called(entry.facts.get("method"), method):
            continue
        if about is None or about.meets(entry):
            yield entry


def _is_called(name: Any, pattern: str) -> bool:
    if not isinstance(name, str):
        return False
    return fnmatchcase(name, pattern) or fnmatchcase(name.rpartition(".")[2], pattern)


class _Containers:
    """Tells which entries are about the containers of a pattern."""

    def __init__(self, journal: Journal, pattern: str) -> None:
        self._pattern = pattern
        self._ids: dict[int, str] = {}
        """By descriptor, as far as we have read."""
        self._found: dict[int, bool] = {}
        for entry in journal:
            ids = list(self._named(entry))
            inherited = self._found.get(entry.cause or 0, False)
            self._found[entry.number] = any(fnmatchcase(one, pattern) for one in ids) if ids else inherited

    def meets(self, entry: Entry) -> bool:
        return self._found[entry.number]

    def _named(self, entry: Entry) -> Iterator[str]:
        """Yield the ids that an entry itself tells of."""
        facts = entry.facts
        match entry.kind:
            case "call":
                arguments = facts.get("arguments") or [None]
                first = arguments[0]
                if isinstance(first, str) and facts.get("method") in _STARTS:
                    yield first
                elif isinstance(first, int) and first in self._ids:
                    yield self._ids[first]
            case "signal":
                match facts.get("arguments"):
                    case [int(descriptor), str(name), *_]:
                        self._ids[descriptor] = name
                        yield name
            case "reply":
                self._learn(entry)
            case "request" | "event" | "control" | "fault":
                for name in ("params", "arguments"):
                    yield from _ids_in(_decoded(facts.get(name)))
                if isinstance(facts.get("container"), str):
                    yield facts["container"]

    def _learn(self, entry: Entry) -> None:
        """Learn descriptors from the list of containers."""
        match entry.facts.get("values"):
            case [list(descriptors), list(ids)] if len(descriptors) == len(ids):
                self._ids |= dict(zip(descriptors, ids, strict=True))


def _ids_in(params: Any) -> Iterator[str]:
    if isinstance(params, dict):
        for name in ("containerId", "id", "container"):
            if isinstance(params.get(name), str):
                yield params[name]


def _plain(value: Any) -> Any:
    """Return what D-Bus or JSON can hold as JSON can: bytes as a text, no infinity."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, bytes | bytearray):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _decoded(value: Any) -> Any:
    if not isinstance(value, bytes):
        return _plain(value)
    try:
        return json.loads(value, parse_float=_number, parse_constant=str)
    except (RecursionError, ValueError):
        return value.decode("utf-8", "replace")


def _number(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _outcome(answer: Any) -> dict[str, Any]:
    """Return the member of an answer that tells how the call went; all of it as `text` when it has none."""
    if isinstance(answer, dict):
        for name in ("error", "result"):
            if name in answer:
                return {name: answer[name]}
    return {"text": answer if isinstance(answer, str) else json.dumps(answer)}
