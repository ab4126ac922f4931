"""Compares the form of two JSON values: the names of members and the types, not what is in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.judge import text


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an answer is not as it should be: JSON path, both sides as text, and the clause that it breaks, if any.

    One that does not ``count`` is worth knowing, but no fault.
    """

    path: str
    expected: str
    got: str
    clause: str = ""
    counts: bool = True


def differences(documented: Any, answered: Any, path: str = "$", *, strict: bool = False) -> Iterator[Difference]:
    """Yield where ``answered`` has another form than ``documented``.

    Null has every form, and so has what an empty array could hold. The documented first element of an array stands for
    all of its elements. Members that are not documented count only when ``strict``.
    """
    if documented is None or answered is None:
        return
    wanted, given = _kind(documented), _kind(answered)
    if wanted != given:
        yield Difference(path, f"{wanted}, as in {text(documented)}", f"{given} {text(answered)}")
    elif isinstance(documented, dict):
        for name, value in documented.items():
            if name in answered:
                yield from differences(value, answered[name], _member(path, name), strict=strict)
            else:
                yield Difference(path, f"a member {text(name)}", f"the members {text(list(answered))}")
        for name in answered.keys() - documented.keys():
            yield Difference(_member(path, name), "no such member", text(answered[name]), counts=strict)
    elif isinstance(documented, list) and documented:
        for number, element in enumerate(answered):
            yield from differences(documented[0], element, f"{path}[{number}]", strict=strict)


def _kind(value: object) -> str:
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "an array"
        case _:
            return "an object"


def _member(path: str, name: str) -> str:
    return f"{path}.{name}" if name.isidentifier() else f"{path}[{text(name)}]"
