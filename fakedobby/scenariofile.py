"""Reads scenario files: TOML, held against the schema, with the line of everything that is wrong."""

import io
import pathlib
import tomllib
from collections.abc import Iterator
from math import isfinite
from typing import Any, NoReturn

from fakedobby.errors import BadScenario
from fakedobby.patientfile import PATIENCE, NeverEnds, read_whole
from fakedobby.scenarioschema import complaints
from fakedobby.schemasentences import Complaint, shown
from fakedobby.tomlkeys import MOST_PARTS, line_of_long_key
from fakedobby.tomllines import DEEPEST, Lines, Path

_THE_FILE = "the file"
_TOO_DEEP = "it is nested too deep"
_MOST = 4 * 2**20
"""Bytes; some 80,000 containers, and each million of them takes about a second."""
_INTEGERS = range(-(2**63), 2**63)


class ScenarioFile:
    """A scenario as it stands in a file, which fits the schema; raises BadScenario when it does not.

    A pipe has `patience` seconds to come to its end. `data` is what the file holds, if it was read before.
    """

    def __init__(self, file: pathlib.Path, patience: float = PATIENCE, *, data: bytes | None = None) -> None:
        self.file = file
        try:
            text = _decoded(read_whole(file, _MOST, patience) if data is None else data)
            self._check_keys(text)
            self.document: dict[str, Any] = tomllib.loads(text)
            self._lines = Lines(text)
        except OSError as problem:
            self._refuse_all(problem.strerror)
        except ValueError as problem:  # no UTF-8, or no TOML: the text says in which line
            self._refuse_all(problem)
        except RecursionError:
            self._refuse_all(_TOO_DEEP)
        except NeverEnds as problem:
            self._refuse_all(problem)
        found = list(_unusable(self.document)) or list(complaints(self.document))
        if found:
            self.refuse(*min(found, key=lambda one: (self._lines.of(one.path), len(one.path))))

    def _check_keys(self, text: str) -> None:
        """Refuse a key that would be read for hours."""
        line = line_of_long_key(text)
        if line is not None:
            reason = f"a key has more than {MOST_PARTS} parts between dots; write a shorter one"
            raise BadScenario(file=self.file, where=f"line {line}", reason=reason)

    def refuse(self, path: Path, reason: object) -> NoReturn:
        """Raise BadScenario about the value at a path."""
        where = ", ".join((f"line {self._lines.of(path)}", *_words(path)))
        raise BadScenario(file=self.file, where=where, reason=reason)

    def _refuse_all(self, reason: object) -> NoReturn:
        raise BadScenario(file=self.file, where=_THE_FILE, reason=reason) from None


def _decoded(data: bytes) -> str:
    return io.TextIOWrapper(io.BytesIO(data), "utf-8").read()  # ends of lines become \n


def _words(path: Path) -> Iterator[str]:
    """Say which value a path leads to: "container 2", "key 'program.memory'", "item 3"."""
    if path[1:] and isinstance(path[1], int):
        yield f"{path[0]} {path[1] + 1}"
        path = path[2:]
    keys: list[str] = []
    for key in path:
        if isinstance(key, str):
            keys.append(key)
            continue
        if keys:
            yield f"key {'.'.join(keys)!r}"
            keys = []
        yield f"item {key + 1}"
    if keys:
        yield f"key {'.'.join(keys)!r}"


def _unusable(value: Any, path: Path = ()) -> Iterator[Complaint]:
    """Give what TOML can say and JSON can't."""
    if len(path) > DEEPEST:
        yield Complaint(path[:3], _TOO_DEEP)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _unusable(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unusable(item, (*path, index))
    elif isinstance(value, int):
        if value not in _INTEGERS:
            yield Complaint(path, "an integer of at most 64 bits expected")
    elif not isinstance(value, str) and not (isinstance(value, float) and isfinite(value)):
        sentence = "tables, arrays, texts, numbers and booleans are all that a scenario is made of"
        yield Complaint(path, f"{sentence}, not {shown(value) if isinstance(value, float) else value}")
