"""The variables of a simulated shell, and the words that they make; both are bounded, as a kernel's arguments are."""

import re
from collections.abc import Mapping

from fakedobby.shellwords import NotUnderstood, Word

_VARIABLE = re.compile(r"\$(?:([$?!#]|\d|[A-Za-z_]\w*)|\{([$?!#]|\w+)\})")
_LONGEST_WORD = 128 * 1024
"""Bytes that Linux takes for one argument, here characters."""
_MOST = 2 * 2**20
"""What all words of one command, and all variables, may have together; what Linux takes for a command line."""


class Variables(dict[str, str]):
    """Names and values; raises NotUnderstood when they grow beyond what a real shell could hand on."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        super().__init__(values or {})
        self._size = sum(map(len, self.values()))

    def __setitem__(self, name: str, value: str) -> None:
        self._size += len(value) - len(self.get(name, ""))
        if self._size > _MOST:
            raise NotUnderstood("variables of this size")
        super().__setitem__(name, value)


def expanded(words: tuple[Word, ...], known: Mapping[str, str]) -> tuple[str, ...]:
    """Return the arguments that words stand for; raises NotUnderstood for what is too long or has operators in it."""
    arguments: list[str] = []
    size = 0
    for word in words:
        text = "".join(_substituted(piece, known) if expands else piece for piece, expands in word.pieces)
        size += len(text)
        if len(text) > _LONGEST_WORD or size > _MOST:
            raise NotUnderstood("words of this length")
        arguments.extend(text.split() if word.bare and text != word.keyword else [text])
    return tuple(arguments)


def _substituted(text: str, known: Mapping[str, str]) -> str:
    if "${" in _VARIABLE.sub("", text):
        raise NotUnderstood("an expansion with an operator")
    parts: list[str] = []
    size = at = 0
    for found in _VARIABLE.finditer(text):
        value = known.get(found[1] or found[2], "")
        size += len(value)
        if size > _LONGEST_WORD:
            raise NotUnderstood("words of this length")
        parts += (text[at : found.start()], value)
        at = found.end()
    return "".join((*parts, text[at:]))
