r"""Reads one JSON object as Thunder's streaming parser does: piece by piece, one level deep, tolerant in its own way.

A string is checked and kept. Any other value is passed on unread: only its brackets and quotes are followed, to find
where it ends, and the white space outside its strings is dropped. So a bare word is a value as good as true, what is
wrong inside an object shows only when a plugin looks into it, and no depth of nesting costs a stack.

    START -- { --> KEY -- name --> COLON -- : --> VALUE -- value --> AFTER -- } --> DONE
                    ^                                                 |
                    +------------------------ , ----------------------+

Every byte is looked at once, so any input costs linear time. Source of the rules: facts/thunder.md A.4.
"""

import re
from enum import Enum, auto

from thunderoci.dialect import SANE, Dialect, TextNull
from thunderoci.jsonstrings import NotJSON, Raw, decode_string
from thunderoci.uint32 import NotNumber, Uint32Reader

Members = dict[str, Raw]
"""An object's members in their order; of a name that comes twice, the last value counts."""

MAX_DEPTH = 31
"""How deep Thunder lets objects and arrays nest in a value (facts/thunder.md A.4)."""

_NULL = b"null"
_QUOTE, _BACKSLASH, _COLON, _COMMA, _LETTER_U = b'"\\:,u'
_OPEN, _CLOSE = b"{}"
_CLOSES = {ord("}"): ord("{"), ord("]"): ord("[")}
_blanks = re.compile(rb"\s*+").match
# possessive, so that megabytes keep no state for each character
_text = re.compile(rb"[^\x00-\x1f\"\\]*+").match
_ascii_text = re.compile(rb"[^\x00-\x1f\"\\\x80-\xff]*+").match
_rest_of_string = re.compile(
    rb'[^\x00-\x1f"\\\x80-\xff]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^\x00-\x1f"\\\x80-\xff]*+)*+"'
).match
_member = re.compile(
    rb'"([^\x00-\x1f"\\\x80-\xff]*+)"\s*+:\s*+("[^\x00-\x1f"\\\x80-\xff]*+"|[^\s"\[\]{},:\x00]++)(?=\s*+[,}])'
).match
"""A whole member whose value is a plain string or a word; most members of a message are."""
_string_inside = re.compile(rb"[^\"\\]*+(?:\\.[^\"\\]*+)*+", re.DOTALL).match
_plain_inside = re.compile(rb"[^\s\"\[\]{}]++").match
_flat = rb'[^\s"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_run_inside = re.compile(rb"(?:%b|\[(?:%b)*+\]|\{(?:%b)*+\})++" % (_flat, _flat, _flat), re.DOTALL).match
"""As far as it goes without white space and without more than one bracket in another."""
_plain_outside = re.compile(rb"[^\s\"\[\]{},\x00]++").match
_ESCAPES = frozenset(b'"\\/btnfru')
_HEX = frozenset(b"0123456789abcdefABCDEF")
_LETTER_NEXT = 5
"""What is missing of an escape directly behind its backslash: at most the u and four digits."""


class NoNumber(NotJSON):
    """The member that has to be a number is none, though it may be JSON."""


class _State(Enum):
    START = auto()
    NULL = auto()
    KEY = auto()
    COLON = auto()
    VALUE = auto()
    AFTER = auto()
    STRING = auto()
    UNREAD = auto()
    NUMBER = auto()
    DONE = auto()


class ObjectReader:
    """One object, or null, in as many pieces as it comes.

    `number` names the member that must be a 32-bit number. With `keeps_layout` nested values keep their white space.
    """

    def __init__(self, dialect: Dialect = SANE, number: str | None = None, *, keeps_layout: bool = False) -> None:
        self.members: Members = {}
        """What was read so far; of a name that comes twice, the last value."""
        self.number: int | None = None
        """The value of the member that is a number, None when there is none."""
        self.is_null = False
        """Whether null stood where the object was expected."""
        self._dialect = dialect
        self._number_name = number
        self._special = (_NULL, b"" if number is None else number.encode())
        """Names of members that take more than a glance."""
        self._number = Uint32Reader(wraps=dialect.wraps_ids)
        self._state = _State.START
        self._keeps_layout = keeps_layout
        self._any_quote_counts = dialect.any_quote_counts and not keeps_layout
        self._text = _text if dialect.takes_raw_utf8 else _ascii_text
        self._commas = False
        self._name: str | None = None
        self._piece = bytearray()
        self._brackets = bytearray()
        self._in_string = False
        self._escape = 0
        """Characters of an escape that are still to come."""

    @property
    def begun(self) -> bool:
        """Whether anything but white space has come."""
        return self._state is not _State.START

    @property
    def done(self) -> bool:
        """Whether the object is complete."""
        return self._state is _State.DONE

    def feed(self, data: bytes) -> int:
        """Read on; return how much was read, which is less than all only behind a complete object; raises NotJSON."""
        at = 0
        while at < len(data) and self._state is not _State.DONE:
            if self._state is _State.STRING:
                at = self._string(data, at)
            elif self._state is _State.UNREAD:
                at = self._unread(data, at)
            elif self._state is _State.NUMBER:
                at = self._read_number(data, at)
            elif self._state is _State.NULL:
                at = self._null(data, at)
            else:
                at = _blanks(data, at).end()  # type: ignore[union-attr]  # the pattern matches everywhere
                if at < len(data):
                    at = self._mark(data, at)
        return at

    def cut(self) -> None:
        """Take the end of the text for the end of the object.

        A value that is not complete counts for nothing, or replaces another of its name as far as it came.
        """
        if self._name in self.members and self._state is _State.STRING:
            whole = self._piece[: self._piece.rindex(b"\\")] if self._escape else self._piece
            self.members[self._name] = _decoded(whole + b'"')
        elif self._name in self.members and self._state is _State.UNREAD:
            self.members[self._name] = _decoded(self._piece)
        self._state = _State.DONE

    def _mark(self, data: bytes, at: int) -> int:
        """Take the character between two tokens."""
        mark, state = data[at], self._state
        if state is _State.START:
            if mark == _OPEN:
                self._state = _State.KEY
                return at + 1
            self._state = _State.NULL
            return at
        if mark == _CLOSE and (state is _State.AFTER or (state is _State.KEY and not self._commas)):
            self._state = _State.DONE
        elif state is _State.AFTER and mark == _COMMA:
            self._commas = True
            self._state = _State.KEY
        elif state is _State.COLON and mark == _COLON:
            self._state = _State.VALUE
        elif state is _State.KEY and (member := _member(data, at)) and member[1] not in self._special:
            self.members[member[1].decode()] = member[2].decode()
            self._state = _State.AFTER
            return member.end()
        elif state is _State.KEY and mark == _QUOTE:
            self._begin(_State.STRING)
        elif state is _State.VALUE and mark not in (_CLOSE, _COMMA, _COLON):
            return self._value(mark, at)
        else:
            raise NotJSON(f"{_EXPECTED[state]} is expected instead of {chr(mark)!r}")
        return at + 1

    def _value(self, mark: int, at: int) -> int:
        if self._name == self._number_name:
            self.number = None
            self._number = Uint32Reader(wraps=self._dialect.wraps_ids)
            self._state = _State.NUMBER
            return at
        self._begin(_State.STRING if mark == _QUOTE else _State.UNREAD)
        return at + 1 if mark == _QUOTE else at

    def _begin(self, state: _State) -> None:
        self._piece = bytearray(b'"' if state is _State.STRING else b"")
        self._state = state

    def _null(self, data: bytes, at: int) -> int:
        end = min(at + len(_NULL) - len(self._piece), len(data))
        self._piece += data[at:end]
        if not _NULL.startswith(self._piece):
            raise NotJSON("it does not begin with a brace")
        if len(self._piece) == len(_NULL):
            self.is_null = True
            self._state = _State.DONE
        return end

    def _string(self, data: bytes, at: int) -> int:
        while at < len(data):
            if self._escape:
                self._escaped(data[at])
                at += 1
                continue
            if rest := _rest_of_string(data, at):
                self._piece += rest[0]
                self._token()
                return rest.end()
            end = self._text(data, at).end()  # type: ignore[union-attr]  # the pattern matches everywhere
            self._piece += data[at:end]
            if end == len(data):
                return end
            mark = data[end]
            self._piece.append(mark)
            at = end + 1
            if mark == _QUOTE:
                self._token()
                return at
            if mark != _BACKSLASH:
                raise NotJSON(f"a string holds the byte 0x{mark:02X} unescaped")
            self._escape = _LETTER_NEXT
        return at

    def _escaped(self, mark: int) -> None:
        self._piece.append(mark)
        if self._escape < _LETTER_NEXT:
            if mark not in _HEX:
                raise NotJSON("a string holds a \\u without four hexadecimal digits")
            self._escape -= 1
        elif mark not in _ESCAPES:
            raise NotJSON(f"a string holds the unknown escape \\{chr(mark)}")
        else:
            self._escape = _LETTER_NEXT - 1 if mark == _LETTER_U else 0

    def _unread(self, data: bytes, at: int) -> int:
        while at < len(data) and self._state is _State.UNREAD:
            if self._in_string:
                at = self._inside_string(data, at)
            elif plain := self._plain(data, at):
                self._piece += plain[0]
                at = plain.end()
            elif data[at] == _QUOTE:
                self._piece.append(_QUOTE)
                self._in_string = True
                at += 1
            else:
                at = self._unread_mark(data, at)
        return at

    def _plain(self, data: bytes, at: int) -> re.Match[bytes] | None:
        """Return what needs no look at its single characters."""
        if not self._brackets:
            return _plain_outside(data, at)
        if self._any_quote_counts or len(self._brackets) == MAX_DEPTH:
            return _plain_inside(data, at)
        return _run_inside(data, at)

    def _unread_mark(self, data: bytes, at: int) -> int:
        """Take a bracket, white space, or a mark that belongs to the object around."""
        mark = data[at]
        if mark in b"{[":
            if len(self._brackets) == MAX_DEPTH or (self._piece and not self._brackets):
                raise NotJSON(f"a value is nested deeper than {MAX_DEPTH} levels, or has a bracket in its middle")
            self._piece.append(mark)
            self._brackets.append(mark)
        elif not self._brackets:
            self._token()
            return at
        elif mark not in _CLOSES:
            end = _blanks(data, at).end()  # type: ignore[union-attr]  # the pattern matches everywhere
            self._piece += data[at:end] if self._keeps_layout else b""
            return end
        elif self._brackets.pop() != _CLOSES[mark]:
            raise NotJSON(f"{chr(mark)!r} closes a bracket of the other kind")
        else:
            self._piece.append(mark)
            if not self._brackets:
                self._token()
        return at + 1

    def _inside_string(self, data: bytes, at: int) -> int:
        """Read on inside a string of a value that is passed on unread."""
        if self._escape:
            self._escape = 0
            self._piece.append(data[at])
            return at + 1
        if self._any_quote_counts:
            end = data.find(b'"', at)
            end = len(data) if end < 0 else end
        else:
            end = _string_inside(data, at).end()  # type: ignore[union-attr]  # the pattern matches everywhere
        self._piece += data[at:end]
        if end < len(data):  # a quote, or the last byte, which is a backslash
            self._piece.append(data[end])
            self._in_string = data[end] != _QUOTE
            self._escape = int(self._in_string)
            end += 1
        return end

    def _read_number(self, data: bytes, at: int) -> int:
        try:
            end = self._number.feed(data, at)
        except NotNumber:
            raise NoNumber(f"the {self._number_name} is no number that Thunder takes") from None
        if end is None:
            return len(data)
        self.number = self._number.value
        self._name = None
        self._state = _State.AFTER
        return end

    def _token(self) -> None:
        """Take note of a string or value that is complete."""
        text = _decoded(self._piece)
        if self._name is None:
            self._name = decode_string(text)
            if self._name == "null" and self._dialect.text_null is TextNull.NULL:
                raise NotJSON('a member is named "null"')
            self._state = _State.COLON
            return
        self.members[self._name] = text
        self._name = None
        self._state = _State.AFTER


_EXPECTED = {
    _State.KEY: "a member name in quotes",
    _State.COLON: "a colon",
    _State.VALUE: "a value",
    _State.AFTER: "a comma or a closing brace",
}


def _decoded(piece: bytes | bytearray) -> str:
    return piece.decode("utf-8", "replace")
