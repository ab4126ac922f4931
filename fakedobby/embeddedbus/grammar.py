"""What names, paths and signatures look like (D-Bus specification, "Type System" and "Message Protocol")."""

import re
from functools import lru_cache

MAXIMUM_NAME = 255
_MAXIMUM_SIGNATURE = 255
_MAXIMUM_DEPTH = 32
"""How deep arrays may be nested, and structs."""

_ELEMENT = "[A-Za-z_][A-Za-z0-9_]*"
_BUS_ELEMENT = "[A-Za-z_-][A-Za-z0-9_-]*"
_INTERFACE = re.compile(rf"{_ELEMENT}(\.{_ELEMENT})+")
_MEMBER = re.compile(_ELEMENT)
_PATH = re.compile(r"/|(/[A-Za-z0-9_]+)+")
_WELL_KNOWN_NAME = re.compile(rf"{_BUS_ELEMENT}(\.{_BUS_ELEMENT})+")
_NAMESPACE = re.compile(rf"{_BUS_ELEMENT}(\.{_BUS_ELEMENT})*")
_UNIQUE_NAME = re.compile(r":[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_BASIC_TYPES = "ybnqiuxtdsogh"


class Malformed(Exception):
    """Bytes that are not D-Bus; whoever sent them is disconnected."""


def is_path(text: str) -> bool:
    """Whether `text` is an object path."""
    return _PATH.fullmatch(text) is not None


def is_interface(text: str) -> bool:
    """Whether `text` is an interface name, which is also what error names look like."""
    return len(text) <= MAXIMUM_NAME and _INTERFACE.fullmatch(text) is not None


def is_member(text: str) -> bool:
    """Whether `text` is the name of a method or signal."""
    return len(text) <= MAXIMUM_NAME and _MEMBER.fullmatch(text) is not None


def is_bus_name(text: str) -> bool:
    """Whether `text` is a unique or a well-known bus name."""
    pattern = _UNIQUE_NAME if text.startswith(":") else _WELL_KNOWN_NAME
    return len(text) <= MAXIMUM_NAME and pattern.fullmatch(text) is not None


def is_namespace(text: str) -> bool:
    """Whether `text` is a well-known bus name or its first elements."""
    return len(text) <= MAXIMUM_NAME and _NAMESPACE.fullmatch(text) is not None


@lru_cache(maxsize=512)
def complete_types(signature: str) -> tuple[str, ...]:
    """Return the single complete types that `signature` consists of; raises Malformed."""
    if len(signature) > _MAXIMUM_SIGNATURE:
        raise Malformed("a signature is too long")
    types = []
    start = 0
    while start < len(signature):
        end = _end_of_type(signature, start, arrays=0, structs=0)
        types.append(signature[start:end])
        start = end
    return tuple(types)


def _end_of_type(signature: str, at: int, *, arrays: int, structs: int) -> int:
    """Return where the type ends that starts at `at`, in as many arrays and structs as given."""
    code = signature[at : at + 1]
    if code and code in _BASIC_TYPES + "v":
        return at + 1
    if code == "a" and arrays < _MAXIMUM_DEPTH:
        if signature[at + 1 : at + 2] == "{":
            return _end_of_dict_entry(signature, at + 1, arrays=arrays + 1, structs=structs)
        return _end_of_type(signature, at + 1, arrays=arrays + 1, structs=structs)
    if code == "(" and structs < _MAXIMUM_DEPTH:
        end = _end_of_type(signature, at + 1, arrays=arrays, structs=structs + 1)  # an empty struct is no type
        while signature[end : end + 1] != ")":
            end = _end_of_type(signature, end, arrays=arrays, structs=structs + 1)
        return end + 1
    raise Malformed("a signature is invalid")


def _end_of_dict_entry(signature: str, at: int, *, arrays: int, structs: int) -> int:
    key = signature[at + 1 : at + 2]
    if not key or key not in _BASIC_TYPES or structs >= _MAXIMUM_DEPTH:
        raise Malformed("a signature has an invalid dict entry")
    end = _end_of_type(signature, at + 2, arrays=arrays, structs=structs + 1)
    if signature[end : end + 1] != "}":
        raise Malformed("a signature has an invalid dict entry")
    return end + 1
