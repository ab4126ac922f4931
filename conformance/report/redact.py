"""Secrets of the user's, taken out of everything that is written: tokens, and the values of headers."""

import re
from collections.abc import Iterable
from typing import Any

REDACTED = "<redacted>"
_SHORT = 4
"""A value with fewer characters is redacted only where it is all of a value: it would take apart other words."""
_SCHEME = re.compile(r"(?:Bearer|Basic|Token|Digest)\s+(?=\S)", re.IGNORECASE)
_OURS = frozenset(
    {
        *("format", "suite", "started", "profile", "run"),
        *("id", "title", "clause", "level", "tags", "verdict", "quirks", "expires"),
        *("requirement", "source", "quirk", "kind", "call"),
    }
)
"""Members that the suite fills with words of its own, which a secret that is a common word must not change."""


class Redactor:
    """Replaces ``secrets`` wherever they are found, plain, URL-encoded, in JSON's escapes or in a shell's quotes.

    It has to see a text before it is cut: the first half of a secret is not recognised.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        values = {value for secret in secrets for value in (secret, _SCHEME.sub("", secret, count=1)) if value.strip()}
        ordered = sorted(values, key=len, reverse=True)  # a secret that contains another goes first
        self._whole = frozenset(ordered)
        long = [_pattern(value) for value in ordered if len(value) >= _SHORT]
        short = [rf"(?<=[?&]token=){_pattern(value)}(?=[&#'\"\s]|$)" for value in ordered if len(value) < _SHORT]
        self._pattern = re.compile("|".join([*long, *short]) or r"(?!)")

    def text(self, text: str) -> str:
        """Return ``text`` without the secrets."""
        return REDACTED if text in self._whole else self._pattern.sub(REDACTED, text)

    def value(self, value: Any) -> Any:
        """Return a JSON value without the secrets in its texts; members that hold the suite's own words remain."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {name: member if name in _OURS else self.value(member) for name, member in value.items()}
        return value


def redact(report: dict[str, Any], secrets: Iterable[str]) -> dict[str, Any]:
    """Return a report in which each of ``secrets`` is ``<redacted>``."""
    cleaned: dict[str, Any] = Redactor(secrets).value(report)
    return cleaned


def _pattern(secret: str) -> str:
    """Return a regular expression for ``secret`` in which each character may be encoded in its own way."""
    return "".join(_character(character) for character in secret)


def _character(character: str) -> str:
    """Return a regular expression for all the ways in which ``character`` is written in URLs, JSON and shells."""
    octets = character.encode("utf-8", "surrogatepass")
    ways = [
        rf"\\{{0,4}}{re.escape(character)}",  # JSON and shells put backslashes before quotes, slashes and backslashes
        _any_case("%", octets.hex()),
        *(rf"\\{{1,4}}{_any_case('u', unit)}" for unit in [_utf16(character)]),
    ]
    if len(octets) > 1:
        ways.append(_any_case(r"\\{1,4}x", octets.hex()))
    if character == " ":
        ways.append(r"\+")
    if character == "'":
        ways.append(re.escape("'\"'\"'"))
        ways.append(re.escape("'\\''"))
    if character in "\b\f\n\r\t":
        ways.append(r"\\{1,4}" + {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}[character])
    return f"(?:{'|'.join(reversed(ways))})"


def _utf16(character: str) -> str:
    """Return the hex digits of a character in JSON's escapes: four, or eight for a pair."""
    return character.encode("utf-16-be", "surrogatepass").hex()


def _any_case(prefix: str, digits: str) -> str:
    """Return a regular expression for ``digits``, hex in either case, with ``prefix`` before each two, for u four."""
    size = 4 if prefix == "u" else 2
    joint = r"\\{1,4}u" if prefix == "u" else prefix
    parts = [digits[start : start + size] for start in range(0, len(digits), size)]
    folded = ["".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in part) for part in parts]
    return prefix + joint.join(folded)
