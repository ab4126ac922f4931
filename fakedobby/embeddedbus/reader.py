"""Values in a message: reads them where the bus needs them, and checks them all.

A client library ends its connection when it gets an invalid message, so whatever the bus hands on must be valid in each
byte. txdbus's unmarshal can't be asked: it checks neither lengths nor types, and does not end on some input.
Rules: D-Bus specification, "Marshaling (Wire Format)".
"""

from typing import Any

from fakedobby.embeddedbus.grammar import Malformed, complete_types, is_path

_SIZES = {"y": 1, "b": 4, "n": 2, "q": 2, "i": 4, "u": 4, "x": 8, "t": 8, "d": 8, "h": 4}
_ALIGNMENTS = _SIZES | {"s": 4, "o": 4, "g": 1, "v": 1, "a": 4, "(": 8, "{": 8}
_MAXIMUM_ARRAY = 64 << 20
_MAXIMUM_DEPTH = 64
"""How deep containers may be nested, counting variants."""


class Reader:
    """Goes through `data` from `at`; every method raises Malformed for what is not D-Bus."""

    def __init__(self, data: bytes, *, little: bool, at: int = 0) -> None:
        self._data = data
        self._order = "little" if little else "big"
        self.at = at

    def read(self, complete_type: str, depth: int = 0) -> Any:
        """Check one value and go behind it; returns it if it is a byte, uint32, string, path or signature."""
        code = complete_type[0]
        self.align(_ALIGNMENTS[code])
        if code in _SIZES:
            return self._number(code)
        if code in "so":
            return self._string(code)
        if code == "g":
            return self._signature()
        if depth == _MAXIMUM_DEPTH:
            raise Malformed("values are nested too deeply")
        if code == "v":
            types = complete_types(self._signature())
            if len(types) != 1:
                raise Malformed("a variant holds not one value")
            return self.read(types[0], depth + 1)
        if code == "a":
            self._array(complete_type[1:], depth + 1)
        else:
            for member in complete_types(complete_type[1:-1]):
                self.read(member, depth + 1)
        return None

    def align(self, size: int) -> None:
        """Go over the padding to the next multiple of `size`."""
        padding = self._take(-self.at % size)
        if padding.strip(b"\0"):
            raise Malformed("padding is not zero")

    def array_end(self, alignment: int) -> int:
        """Go to the first element of an array whose elements have `alignment`; return where the last one ends."""
        length: int = self.read("u")
        if length > _MAXIMUM_ARRAY:
            raise Malformed("an array is too long")
        self.align(alignment)
        if self.at + length > len(self._data):
            raise Malformed("an array is longer than its message")
        return self.at + length

    def _take(self, length: int) -> bytes:
        taken = self._data[self.at : self.at + length]
        if len(taken) != length:
            raise Malformed("a value is longer than its message")
        self.at += length
        return taken

    def _number(self, code: str) -> int:
        number = int.from_bytes(self._take(_SIZES[code]), "little" if self._order == "little" else "big")
        if code == "b" and number > 1:
            raise Malformed("a boolean is neither 0 nor 1")
        return number

    def _string(self, code: str) -> str:
        text = self._text(self._number("u"))
        if code == "o" and not is_path(text):
            raise Malformed("an object path is invalid")
        return text

    def _signature(self) -> str:
        signature = self._text(self._number("y"))
        complete_types(signature)
        return signature

    def _text(self, length: int) -> str:
        taken = self._take(length + 1)
        if taken.find(b"\0") != length:
            raise Malformed("a string does not end where its NUL is")
        try:
            return taken[:-1].decode()
        except UnicodeDecodeError:
            raise Malformed("a string is not UTF-8") from None

    def _array(self, element: str, depth: int) -> None:
        code = element[0]
        end = self.array_end(_ALIGNMENTS[code])
        if code in _SIZES and code != "b":  # any bytes will do, so a large array costs nothing
            if (end - self.at) % _SIZES[code]:
                raise Malformed("an array ends inside an element")
            self.at = end
            return
        types = complete_types(element[1:-1]) if code == "{" else (element,)
        while self.at < end:
            self.align(_ALIGNMENTS[code])
            for member in types:
                self.read(member, depth + (code == "{"))
        if self.at != end:
            raise Malformed("an array ends inside an element")


def read_body(signature: str, body: bytes, *, little: bool) -> tuple[tuple[str, str] | None, ...]:
    """Check a whole body; return its arguments as type and text where they are strings or object paths, else None."""
    reader = Reader(body, little=little)
    arguments: list[tuple[str, str] | None] = []
    for complete_type in complete_types(signature):
        value = reader.read(complete_type)
        arguments.append((complete_type, value) if complete_type in {"s", "o"} else None)
    if reader.at != len(body):
        raise Malformed("the body is longer than its signature says")
    return tuple(arguments)
