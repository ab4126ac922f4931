"""What the method member of a request names: `callsign.version.method@index`.

Source of the rules: facts/thunder.md B.
"""

from functools import lru_cache
from typing import NamedTuple

_MOST_KNOWN, _LONGEST_KNOWN = 256, 256
"""How many texts are remembered, those that have no more characters than that: clients send few, over and over."""
_VERSIONS = 255
"""Thunder keeps a version in 8 bits; a number from here on means any version."""


class Designator(NamedTuple):
    """A method text taken apart; `version` is None when any will do."""

    callsign: str | None
    """None when the text names no plugin: the path of the request decides then."""
    version: int | None
    method: str
    instance: str
    """What follows the @; the Controller's properties take a callsign there."""


def parse_designator(text: str) -> Designator:
    """Take a method text apart; nothing is refused here."""
    return _known(text) if len(text) <= _LONGEST_KNOWN else _taken_apart(text)


def _taken_apart(text: str) -> Designator:
    head, at_sign, instance = text.rpartition("@")
    if not at_sign:
        head, instance = instance, ""
    prefix, _, method = head.rpartition(".")
    if not prefix or is_number(prefix):
        return Designator(None, version_of(prefix), method, instance)
    callsign, dot, version = prefix.rpartition(".")
    if dot and (not version or is_number(version)):
        return Designator(callsign, version_of(version), method, instance)
    return Designator(prefix, None, method, instance)


_known = lru_cache(_MOST_KNOWN)(_taken_apart)


def is_number(text: str) -> bool:
    """Tell whether a text is made of decimal digits only."""
    return text.isascii() and text.isdigit()


def version_of(digits: str) -> int | None:
    """Return the version that a text of digits stands for; None, which is any, for none and for 255 upwards."""
    significant = digits.lstrip("0")
    if not digits or len(significant) > len(str(_VERSIONS)):
        return None
    number = int(significant or "0")
    return number if number < _VERSIONS else None
