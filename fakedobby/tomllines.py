"""In which line of a TOML document each of its values stands (no I/O).

tomllib reads documents and forgets where it found things. This scanner follows the structure alone, and leaves what a
value means to tomllib; it is made for documents that tomllib has accepted, and makes no promise about others.
"""

import re
import tomllib
from bisect import bisect_right

Path = tuple[str | int, ...]
"""The keys and indexes that lead to a value, from the document down."""

DEEPEST = 200
"""Levels of a document; those that are deeper are taken for parts of the one above them, and have no lines."""

_BLANK = re.compile(r"[ \t]*")
_EMPTY = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE = re.compile(r"[^\s.=\]\"'#,{}\[]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
# a text may end with one or two quotes of its own before the three that close it
_LONG_BASIC = re.compile(r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''(?:[^']|'{1,2}(?!'))*'{3,5}")
_TEXTS = (_LONG_BASIC, _LONG_LITERAL, _BASIC, _LITERAL)


class Lines:
    """The lines of one document's values: where the key of a value is written, or an item of an array begins."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        _Scanner(text.replace("\r\n", "\n"), self._lines).scan()

    def of(self, path: Path) -> int:
        """Return the line of a value, counted from 1; of what it is in when it is not there itself."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return 1


class _Scanner:
    """Goes through a document once, and notes the first line of each value."""

    def __init__(self, text: str, lines: dict[Path, int]) -> None:
        self._text = text
        self._at = 0
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._lines = lines
        self._tables: dict[Path, int] = {}
        """How many tables each array of tables has so far."""

    def scan(self) -> None:
        """Read all tables."""
        table: Path = ()
        self._skip(_EMPTY)
        while self._at < len(self._text):
            before = self._at
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_EMPTY)
            if self._at == before:  # no TOML: give up
                return

    def _header(self) -> Path:
        """Read [a.b] or [[a.b]]; return the path of the table that begins."""
        line = self._line()
        many = self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        *outer, last = self._key() or ("",)
        path: Path = ()
        for key in outer:
            path = self._note((*path, key), line)
            if path in self._tables:  # inside an array of tables, the last one is meant
                path = (*path, self._tables[path] - 1)
        path = self._note((*path, last), line)
        if many:
            self._tables[path] = self._tables.get(path, 0) + 1
            path = self._note((*path, self._tables[path] - 1), line)
        self._at += 2 if many else 1
        return path

    def _pair(self, table: Path) -> None:
        """Read a key and its value."""
        line = self._line()
        path = table
        for key in self._key():
            path = self._note((*path, key), line)
        self._at += 1  # =
        self._skip(_BLANK)
        self._value(path)

    def _key(self) -> list[str]:
        """Read a key, which dots may divide."""
        parts: list[str] = []
        while True:
            self._skip(_BLANK)
            if text := self._match(_BASIC) or self._match(_LITERAL):
                parts.append(tomllib.loads(f"key = {text}")["key"])
            elif text := self._match(_BARE):
                parts.append(text)
            self._skip(_BLANK)
            if self._text[self._at : self._at + 1] != ".":
                return parts
            self._at += 1

    def _value(self, path: Path) -> None:
        """Go past a value, and note what is in it."""
        match self._text[self._at : self._at + 1]:
            case "[":
                self._items(path)
            case "{":
                self._members(path)
            case '"' | "'":
                any(self._match(text) for text in _TEXTS)
            case _:
                self._skip(_SCALAR)

    def _items(self, path: Path) -> None:
        index = 0
        while self._goes_on("]"):
            self._value(self._note((*path, index), self._line()))
            index += 1

    def _members(self, path: Path) -> None:
        while self._goes_on("}"):
            self._pair(path)

    def _goes_on(self, closing: str) -> bool:
        """Go past what opens or divides a list, to its next part; False at its end, which is passed too."""
        self._skip(_EMPTY)
        if self._text[self._at : self._at + 1] != closing:
            self._at += 1  # what opens the list, or a comma
            self._skip(_EMPTY)
        if self._at >= len(self._text):
            return False
        if self._text[self._at] != closing:
            return True
        self._at += 1
        return False

    def _line(self) -> int:
        return bisect_right(self._starts, self._at)

    def _note(self, path: Path, line: int) -> Path:
        if len(path) > DEEPEST + 1:  # who says so in a document of tables in tables would need squared memory
            return path[:-1]
        self._lines.setdefault(path, line)
        return path

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._match(pattern)
