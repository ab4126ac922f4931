"""A 32-bit number as Thunder reads it out of JSON text, one character after another.

The reader knows decimal numbers, and in quotes octal and hexadecimal ones, and null. Behind the first digit it lets hex
digits through in every base, and shifts by 16 there; what overflows is lost. Source of the rules: facts/thunder.md A.4.

    FIRST -- " --> QUOTE --- 0, - --> SIGN -- 0 --> ZERO        x: hexadecimal from here on
      |              |                  |            |          a digit: octal, behind a minus sign decimal
      |- digit, -    |- digit           |- digit, x  |- digit, x
      v              v                  v            v
     BODY <----------+------------------+------------+           FIRST -- n --> N -- u --> U -- l --> L -- l --> DONE
"""

import re
from enum import Enum, auto

_UINT32 = 2**32
_OCTAL, _DECIMAL, _HEXADECIMAL = 8, 10, 16
_DIGITS = frozenset(b"0123456789")
_HEX_LETTERS = frozenset(b"abcdefABCDEF")
_decimal_run = re.compile(rb"[0-9]{1,1000}").match
_ENDS = frozenset(b" \t\n\v\f\r\0,}]")
"""What ends a number without quotes, and does not belong to it."""
_QUOTE, _MINUS, _ZERO = b'"-0'
_LETTERS_X = frozenset(b"xX")


class NotNumber(ValueError):
    """Here stands nothing that Thunder would take for a number."""


class _State(Enum):
    FIRST = auto()
    QUOTE = auto()
    SIGN = auto()
    ZERO = auto()
    N = auto()
    U = auto()
    L = auto()
    BODY = auto()
    DONE = auto()


_NULL_LETTERS = {
    (_State.FIRST, ord("n")): _State.N,
    (_State.N, ord("u")): _State.U,
    (_State.U, ord("l")): _State.L,
    (_State.L, ord("l")): _State.DONE,
}


class Uint32Reader:
    """Reads one number, in as many pieces as it comes."""

    def __init__(self, *, wraps: bool) -> None:
        self.value = 0
        """The number; it counts once feed() has returned an end. null is 0."""
        self._wraps = wraps
        self._state = _State.FIRST
        self._quoted = False
        self._negative = False
        self._base = _DECIMAL

    def feed(self, data: bytes, at: int) -> int | None:
        """Read from `at` on; return where the number ends, None when `data` ends first; raises NotNumber."""
        position = at
        while position < len(data):
            if self._state is _State.BODY and (run := _decimal_run(data, position)):
                self._run(run[0])
                position = run.end()
                continue
            character = data[position]
            if self._state is _State.BODY and not self._quoted and character in _ENDS:
                return self._finish(position)
            if self._state is _State.BODY:
                self._body(character)
            else:
                self._preamble(character)
            if self._state is _State.DONE:
                return self._finish(position + 1)
            position += 1
        return None

    def _finish(self, end: int) -> int:
        if self._negative:
            self.value = -self.value % _UINT32
        return end

    def _preamble(self, character: int) -> None:
        state = self._state
        if following := _NULL_LETTERS.get((state, character)):
            self._state = following
        elif state is _State.FIRST and character == _QUOTE:
            self._quoted = True
            self._state = _State.QUOTE
        elif state in (_State.FIRST, _State.QUOTE) and character == _MINUS:
            self._negative = True
            self._state = _State.SIGN if self._quoted else _State.BODY
        elif state in (_State.QUOTE, _State.SIGN) and character == _ZERO:
            self._state = _State.SIGN if state is _State.QUOTE else _State.ZERO
        elif state in (_State.FIRST, _State.QUOTE, _State.SIGN, _State.ZERO) and character in _DIGITS:
            if state is _State.ZERO or (state is _State.SIGN and not self._negative):
                self._base = _OCTAL
            self.value = character - _ZERO
            self._state = _State.BODY
        elif state in (_State.SIGN, _State.ZERO) and character in _LETTERS_X:
            self._base = _HEXADECIMAL
            self._state = _State.BODY
        elif self._quoted and character == _QUOTE:
            self._state = _State.DONE
        else:
            raise NotNumber

    def _body(self, character: int) -> None:
        if character in _HEX_LETTERS:
            self._shift(_HEXADECIMAL, (character | 0x20) - ord("a") + 10)
        elif self._quoted and character == _QUOTE:
            self._state = _State.DONE
        else:
            raise NotNumber

    def _run(self, digits: bytes) -> None:
        if self._base == _DECIMAL:
            self._shift(_DECIMAL ** len(digits), int(digits))
        else:
            for digit in digits:
                self._shift(self._base, digit - _ZERO)

    def _shift(self, factor: int, number: int) -> None:
        value = self.value * factor + number
        if value >= _UINT32 and not self._wraps:
            raise NotNumber
        self.value = value % _UINT32
