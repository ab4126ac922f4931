"""Random D-Bus signatures, and values for them as bytes.

txdbus can't write them: it chooses the types in variants by itself, and knows no values that only others would send.
"""

import struct

from hypothesis import strategies as st
from txdbus import marshal
from txdbus.message import MethodCallMessage

_FORMATS = {"y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d", "h": "I"}
_ALIGNMENTS = {code: struct.calcsize(form) for code, form in _FORMATS.items()} | {
    "s": 4,
    "o": 4,
    "g": 1,
    "v": 1,
    "a": 4,
    "(": 8,
    "{": 8,
}
BASIC = "ybnqiuxtdsogh"
_LONGEST_SIGNATURE = 255
_DEEPEST = 3
"""How deep variants hold each other."""

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_INTEGERS = {
    code: st.integers(0 if form.isupper() else -(1 << 8 * size - 1), (1 << 8 * size - form.islower()) - 1)
    for code, form in _FORMATS.items()
    if code not in "bd" and (size := struct.calcsize(form))
}


def _containers(types):
    return (
        types.map("a{}".format)
        | st.lists(types, min_size=1, max_size=3).map(lambda members: f"({''.join(members)})")
        | st.tuples(st.sampled_from(BASIC), types).map(lambda pair: f"a{{{pair[0]}{pair[1]}}}")
    )


TYPES = st.recursive(st.sampled_from(BASIC + "v"), _containers, max_leaves=6)
"""Complete types."""
SIGNATURES = st.lists(TYPES, max_size=7).map("".join).filter(lambda signature: len(signature) <= _LONGEST_SIGNATURE)


def types_in(signature):
    """Return the complete types in a signature."""
    return list(marshal.genCompleteTypes(signature))


_PATHS = st.lists(st.text("aZ_9", min_size=1, max_size=3), max_size=4).map(lambda parts: "/" + "/".join(parts))
_SIMPLE = _INTEGERS | {"b": st.integers(0, 1), "d": st.floats(), "s": TEXT, "o": _PATHS, "g": SIGNATURES}


@st.composite
def values(draw, complete_type, depth=0):
    """A value of a type: a number, a text, a list for containers, type and value for a variant."""
    code = complete_type[0]
    if code in _SIMPLE:
        return draw(_SIMPLE[code])
    if code == "v":
        inner = draw(TYPES if depth < _DEEPEST else st.sampled_from(BASIC))
        return inner, draw(values(inner, depth + 1))
    if code == "a":
        return draw(st.lists(values(complete_type[1:], depth), max_size=3))
    return [draw(values(member, depth)) for member in types_in(complete_type[1:-1])]


ARGUMENTS = SIGNATURES.flatmap(
    lambda signature: st.tuples(st.just(signature), st.tuples(*map(values, types_in(signature))))
)
"""A signature and values for it."""


class Writer:
    """Values as D-Bus writes them."""

    def __init__(self, *, little=True):
        self.data = bytearray()
        self._order = "<" if little else ">"

    def write(self, complete_type, value):
        code = complete_type[0]
        self._align(code)
        if code in _FORMATS:
            self._number(_FORMATS[code], value)
        elif code == "g":
            self.data += bytes([len(value)]) + value.encode() + b"\0"
        elif code in "so":
            self._number("I", len(value.encode()))
            self.data += value.encode() + b"\0"
        elif code == "v":
            self.write("g", value[0])
            self.write(*value)
        elif code == "a":
            self._array(complete_type[1:], value)
        else:
            for member, one in zip(types_in(complete_type[1:-1]), value, strict=True):
                self.write(member, one)

    def _array(self, element, members):
        place = len(self.data)
        self._number("I", 0)
        self._align(element[0])
        start = len(self.data)
        for member in members:
            self.write(element, member)
        self.data[place : place + 4] = struct.pack(self._order + "I", len(self.data) - start)

    def _align(self, code):
        self.data += bytes(-len(self.data) % _ALIGNMENTS[code])

    def _number(self, form, value):
        self.data += struct.pack(self._order + form, value)


def body_of(signature, arguments, *, little=True):
    """Return the body of a message."""
    writer = Writer(little=little)
    for complete_type, value in zip(types_in(signature), arguments, strict=True):
        writer.write(complete_type, value)
    return bytes(writer.data)


def call_of(path, interface, member, destination, signature="", body=b"", *, little=True):  # noqa: PLR0917 (a call has them)
    """Return a method call with a body that txdbus has not written."""
    call = MethodCallMessage(path, member, interface=interface, destination=destination)
    headers = [*call.headers, *([[8, marshal.Signature(signature)]] if signature else [])]
    fixed = [ord("l" if little else "B"), 1, 0, 1, len(body), call.serial, headers]
    header = b"".join(marshal.marshal("yyyyuua(yv)", fixed, lendian=little)[1])
    call.rawMessage = header + bytes(-len(header) % 8) + body
    return call
