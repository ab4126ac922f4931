"""Reads the JSON object that describes a fault, and says what is wrong with a bad one (no I/O)."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from reprlib import Repr
from typing import Any, NoReturn

from fakedobby.errors import BadFault
from fakedobby.faultkinds import KINDS, MOST, OPTIONS, Kind, Option, is_number, is_text, is_whole

ALWAYS, ONCE = "always", "once"
_TIMES = {ALWAYS: None, ONCE: 1}
_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
_SEED = 2**63

_LONGEST_PATTERN = 256

_pattern = Option(
    f"a pattern like start* of 1 to {_LONGEST_PATTERN} characters",
    lambda value: is_text(value) and 0 < len(value) <= _LONGEST_PATTERN,
)
_count = Option("a whole number, 0 or more", lambda value: is_whole(value, 0, MOST))
_COMMON: Mapping[str, Option] = {
    "id": Option(
        "1 to 64 of the characters A-Z a-z 0-9 . _ -, the first one no dot",
        lambda value: isinstance(value, str) and (value == "" or _ID.fullmatch(value) is not None),
    ),
    "method": _pattern,
    "container": _pattern,
    "nth": Option("a whole number, 1 or more", lambda value: is_whole(value, 1, MOST)),
    "times": Option(
        f'a whole number, 1 or more, or "{ONCE}" or "{ALWAYS}"',
        lambda value: value in _TIMES if isinstance(value, str) else is_whole(value, 1, MOST),
    ),
    "probability": Option("a number from 0 to 1", lambda value: is_number(value) and 0 <= value <= 1),
    "seed": Option("a whole number of 64 bits", lambda value: is_whole(value, -_SEED, _SEED - 1)),
    "seen": _count,
    "struck": _count,
}
_KEYS = ("place", "kind", *_COMMON)

_short = Repr()
_short.maxstring = _short.maxother = 80


class Reader:
    """Reads one document; everything raises BadFault."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def fault(self) -> dict[str, Any]:
        """Return the fault's attributes that the document gives."""
        document = self._document
        if not isinstance(document, Mapping):
            _expect("", "an object", document)
        place = self._choice("place", KINDS)
        kind = self._choice("kind", KINDS[place])
        what = KINDS[place][kind]
        allowed = (*what.needs, *what.takes)
        for key in document:
            if key not in _KEYS and key not in allowed:
                shown = key if is_text(key) else _short.repr(key)
                raise BadFault(where=shown, reason=f"a fault '{place} {kind}' takes {_listed((*_KEYS, *allowed))} only")
        for key in what.needs:
            if key not in document:
                raise BadFault(where=key, reason=f"a fault '{place} {kind}' needs it: {OPTIONS[key].expected}")
        self._check(_COMMON)
        self._check({key: OPTIONS[key] for key in allowed})
        self._check_names(what)
        given = {key: document[key] for key in _COMMON if key in document}
        if isinstance(given.get("times"), str):
            given["times"] = _TIMES[given["times"]]
        options = {key: document[key] for key in allowed if key in document}
        return {"place": place, "kind": kind, **given, "options": options}

    def _choice(self, key: str, among: Iterable[str]) -> str:
        if key not in self._document:
            raise BadFault(where=key, reason=f"it must be there, one of {_listed(among)}")
        value = self._document[key]
        if not isinstance(value, str) or value not in among:
            _expect(key, f"one of {_listed(among)}", value)
        return value

    def _check(self, options: Mapping[str, Option]) -> None:
        for key, option in options.items():
            if key in self._document and not option.fits(self._document[key]):
                _expect(key, option.expected, self._document[key])

    def _check_names(self, what: Kind) -> None:
        """Refuse a pattern that nothing which the daemon has could ever fit."""
        pattern = self._document.get("method", "*")
        if what.methods is not None and not any(fnmatchcase(name, pattern) for name in what.methods):
            _expect("method", f"a pattern for one of {_listed(sorted(what.methods))}", pattern)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _expect(where: str, expected: str, found: Any) -> NoReturn:
    raise BadFault(where=where, reason=f"expected {expected}, not {_short.repr(found)}")
