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
from thunderoci.unread import UnreadReader

Members = dict[str, Raw]
"""An object's members in their order; of a name that comes twice, the last value counts."""

_NULL = b"null"
_QUOTE, _BACKSLASH, _COLON, _COMMA, _LETTER_U = b'"\\:,u'
_OPEN, _CLOSE = b"{}"
_blanks = re.compile(rb"\s*+").match
# possessive, so that megabytes keep no state for each character
_text_class, _ascii_class = rb'[^\x00-\x1f"\\]*+', rb'[^\x00-\x1f"\\\x80-\xff]*+'
_escapes_between = rb'(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})%b)*+'
_text = re.compile(_text_class + _escapes_between % _text_class).match
_ascii_text = re.compile(_ascii_class + _escapes_between % _ascii_class).match
_plain_member = re.compile(
    rb'\s*+"([^\x00-\x1f"\\\x80-\xff]*+)"\s*+:\s*+'
    rb'("[^\x00-\x1f"\\\x80-\xff]*+"|[^\s"\[\]{},:\x00]++)\s*+([,}])'
).match
"""A whole member whose value is a plain string or a word, and the mark behind it; most members of a message are."""
_ESCAPES = frozenset(b'"\\/btnfru')
_HEX = frozenset(b"0123456789abcdefABCDEF")
_FEW_DIGITS = 9
"""A decimal number of so many digits is below 2^32."""
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

    number: int | None = None
    """The value of the member that is a number, None when there is none."""
    is_null = False
    """Whether null stood where the object was expected."""
    _state = _State.START
    _commas = False
    _name: str | None = None
    _escape = 0
    """Characters of an escape that are still to come."""
    # each of these is there while a value of its kind is read
    _piece: bytearray
    _number: Uint32Reader
    _value: UnreadReader

    def __init__(self, dialect: Dialect = SANE, number: str | None = None, *, keeps_layout: bool = False) -> None:
        self.members: Members = {}
        """What was read so far; of a name that comes twice, the last value."""
        self._dialect = dialect
        self._number_name = number
        self._number_in_bytes = None if number is None else number.encode()
        self._keeps_layout = keeps_layout

    @property
    def begun(self) -> bool:
        """Whether the object's opening brace has come."""
        return self._state not in (_State.START, _State.NULL) and not self.is_null

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
            self.members[self._name] = _decoded(self._value.text)
        self._state = _State.DONE

    def _mark(self, data: bytes, at: int) -> int:
        """Take the character between two tokens."""
        mark, state = data[at], self._state
        if state is _State.START:
            if mark == _OPEN:
                return self._plain_members(data, at + 1)
            self._piece = bytearray()
            self._state = _State.NULL
            return at
        if mark == _CLOSE and (state is _State.AFTER or (state is _State.KEY and not self._commas)):
            self._state = _State.DONE
        elif state is _State.AFTER and mark == _COMMA:
            self._commas = True
            return self._plain_members(data, at + 1)
        elif state is _State.COLON and mark == _COLON:
            self._state = _State.VALUE
        elif state is _State.KEY and mark == _QUOTE:
            self._begin_string()
        elif state is _State.VALUE and mark not in (_CLOSE, _COMMA, _COLON):
            return self._begin_value(mark, at)
        else:
            raise NotJSON(f"{_EXPECTED[state]} is expected instead of {chr(mark)!r}")
        return at + 1

    def _plain_members(self, data: bytes, at: int) -> int:
        """Take the members that need no more than a glance, from where a name may begin; return where they end."""
        self._state = _State.KEY
        while member := _plain_member(data, at):
            name, value, mark = member.groups()
            if name == self._number_in_bytes:
                if not value.isdigit() or len(value) > _FEW_DIGITS:
                    break
                self.number = int(value)
            elif name == _NULL:
                break
            else:
                self.members[name.decode()] = value.decode("utf-8", "replace")
            at = member.end()
            if mark == b"}":
                self._state = _State.DONE
                break
            self._commas = True
        return at

    def _begin_value(self, mark: int, at: int) -> int:
        if self._name == self._number_name:
            self.number = None
            self._number = Uint32Reader(wraps=self._dialect.wraps_ids)
            self._state = _State.NUMBER
            return at
        if mark == _QUOTE:
            self._begin_string()
            return at + 1
        self._value = UnreadReader(
            any_quote_counts=self._dialect.any_quote_counts and not self._keeps_layout, keeps_layout=self._keeps_layout
        )
        self._state = _State.UNREAD
        return at

    def _begin_string(self) -> None:
        self._piece = bytearray(b'"')
        self._state = _State.STRING

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
        while self._escape and at < len(data):  # one that was cut, or is none
            self._escaped(data[at])
            at += 1
        text = _text if self._dialect.takes_raw_utf8 else _ascii_text
        end = text(data, at).end()  # type: ignore[union-attr]  # the pattern matches everywhere
        if end == len(data):
            self._piece += data[at:]
            return end
        mark = data[end]
        self._piece += data[at : end + 1]
        if mark == _QUOTE:
            self._token(bytes(self._piece))
        elif mark == _BACKSLASH:
            self._escape = _LETTER_NEXT
        else:
            raise NotJSON(f"a string holds the byte 0x{mark:02X} unescaped")
        return end + 1

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
        end = self._value.feed(data, at)
        if end is None:
            return len(data)
        self._token(self._value.text)
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

    def _token(self, token: bytes) -> None:
        """Take note of a string or value that is complete."""
        text = _decoded(token)
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
