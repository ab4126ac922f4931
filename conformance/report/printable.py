"""Text of a target that is safe to show: whoever answers must not steer the terminal or the document that shows it."""

import re
import unicodedata

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of characters that steer, reorder or do not show: controls, formats, surrogates, separators."""
_PLAIN = re.compile(r"[\x20-\x7e]*")


def printable(text: str, keep: str = "") -> str:
    r"""Return ``text`` with each character that does not print as ``\x1b`` or ``\u202e``, except those in ``keep``."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(
        character if character in keep or unicodedata.category(character) not in _UNSAFE else escaped(character)
        for character in text
    )


def escaped(character: str) -> str:
    r"""Return a character as Python writes it: ``\n``, ``\x1b``, ``\u2028``, ``\ud800``."""
    return ascii(character)[1:-1]
