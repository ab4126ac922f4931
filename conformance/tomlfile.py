"""A TOML file of the user's: its values, and in which line each of them stands."""

import re
import tomllib
from pathlib import Path
from typing import Any

from conformance.errors import BadValue, LongKey, NotTOML, UnknownKey, UnreadableFile
from conformance.tomlstatements import MOST_PARTS, line_of_long_key, statements

_MOST_BYTES = 1024 * 1024
_DEEPEST = 50
"""Tables in a value for which lines are known; the settings of a run have three."""
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_LONGEST_VALUE = 80

Where = tuple[str | int, ...]
"""A way to a value: keys, and numbers from 0 in arrays of tables."""


class TomlFile:
    """The file at ``path``, or the ``text`` that it holds. Raises UnreadableFile, LongKey and NotTOML."""

    def __init__(self, path: Path | str, text: str | None = None) -> None:
        self.path = path
        self._text = read_text(path) if text is None else text
        long = line_of_long_key(self._text)
        if long is not None:
            raise LongKey(file=path, line=long, most=MOST_PARTS)
        try:
            self.table: dict[str, Any] = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as problem:
            at = _AT_LINE.search(str(problem))
            line = int(at.group(1)) if at else max(1, len(self._text.splitlines()))
            why = _AT_LINE.sub("", str(problem)).replace("(at end of document)", "").strip()
            raise NotTOML(file=path, line=line, why=why) from None
        except ValueError as problem:  # a number with thousands of digits, say
            raise NotTOML(file=path, line=1, why=problem) from None
        except RecursionError:
            raise NotTOML(file=path, line=1, why="it is nested too deep") from None
        self._lines: dict[Where, int] | None = None

    def line(self, *where: str | int) -> int:
        """Return the line in which the value at ``where`` begins, or else the nearest table around it."""
        if self._lines is None:
            self._lines = _lines(self._text)
        while where and where not in self._lines:
            where = where[:-1]
        return self._lines.get(where, 1)

    def unknown(self, where: Where, known: str) -> UnknownKey:
        """Return the error that says that a key does not exist, and which there are."""
        return UnknownKey(file=self.path, line=self.line(*where), key=where[-1], known=known)

    def bad(self, where: Where, why: str, expected: str) -> BadValue:
        """Return the error that says why a value is not possible, and what would be."""
        return BadValue(file=self.path, line=self.line(*where), key=where[-1], why=why, expected=expected)


def read_text(path: Path | str, shown_as: str = "") -> str:
    """Return what a small UTF-8 text file holds, which errors call ``shown_as``. Raises UnreadableFile."""
    name = shown_as or path
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise UnreadableFile(file=name, why=f"it is longer than {_MOST_BYTES} bytes")
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as problem:
        raise UnreadableFile(file=name, why=problem.strerror) from None
    except UnicodeDecodeError as problem:
        raise UnreadableFile(file=name, why=f"it is not UTF-8 at byte {problem.start}") from None
    except ValueError:
        raise UnreadableFile(file=name, why="no file has such a name") from None


def shown(value: object) -> str:
    """Return a value as errors show it, cut when it is long."""
    text = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else None
    text = text or (str(value) if hasattr(value, "isoformat") else repr(value))
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _lines(text: str) -> dict[Where, int]:
    """Return in which line each key and each table of a valid TOML text begins."""
    found: dict[Where, int] = {}
    table: Where = ()
    counts: dict[Where, int] = {}
    for line, statement in statements(text):
        begun = statement.lstrip()
        read = tomllib.loads(statement)
        if begun.startswith("["):
            table = _enter(read, counts, doubled=begun.startswith("[["))
            for length in range(1, len(table) + 1):
                found.setdefault(table[:length], line)
        else:
            for way in _ways(read, _DEEPEST):
                found.setdefault((*table, *way), line)
    return found


def _enter(header: dict[str, Any], counts: dict[Where, int], *, doubled: bool) -> Where:
    """Return the way to the table that a header opens, and count it when it is one of an array."""
    way: Where = ()
    while header:
        name, inner = next(iter(header.items()))
        way = (*way, name)
        last = not (inner[0] if isinstance(inner, list) else inner)
        if last and doubled:
            counts[way] = counts.get(way, -1) + 1
        if way in counts:
            way = (*way, counts[way])
        header = inner[0] if isinstance(inner, list) else inner
    return way


def _ways(statement: dict[str, Any], levels: int) -> list[Where]:
    """Return the ways to all keys of a statement over so many levels, those of inline tables too."""
    ways: list[Where] = []
    for name, value in statement.items():
        ways.append((name,))
        entries = enumerate(value) if isinstance(value, list) else [(None, value)]
        for number, entry in entries:
            if isinstance(entry, dict) and levels:
                prefix: Where = (name,) if number is None else (name, number)
                ways += [(*prefix, *way) for way in _ways(entry, levels - 1)]
    return ways
