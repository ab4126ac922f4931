"""The words and operators of a shell text."""

import re
from dataclasses import dataclass

_OPERATORS = re.compile(r"&&|\|\||;;|[;&|()\n]")
_REDIRECTION = re.compile(r"\d*(?:>>|>\||<>|>&|<&|>|<)[ \t]*")


class SyntaxFault(Exception):
    """A real shell would refuse the text with exit code 2."""


class NotUnderstood(Exception):
    """A real shell would run the text, but this reader doesn't know how."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word before expansion: pieces of text, each with whether variables in it expand; bare if nothing was quoted."""

    pieces: tuple[tuple[str, bool], ...]
    bare: bool = True

    @property
    def keyword(self) -> str:
        """The text when it may be a reserved word or an operator, else ""."""
        return "".join(text for text, _ in self.pieces) if self.bare else ""


def tokens_of(text: str) -> list[Word | str]:
    """Return the words and operators of a shell text, operators as plain strings; redirections are left out."""
    tokens: list[Word | str] = []
    at = 0
    while at < len(text):
        if text[at] in " \t\r" or text.startswith("\\\n", at):
            at += 1 if text[at] != "\\" else 2
        elif text[at] == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif operator := _OPERATORS.match(text, at):
            tokens.append(operator.group())
            at = operator.end()
        elif redirection := _REDIRECTION.match(text, at):
            if text.startswith("<", redirection.end()):
                raise NotUnderstood("a here-document")
            _, at = _word(text, redirection.end())
        else:
            word, at = _word(text, at)
            tokens.append(word)
    return tokens


def _word(text: str, at: int) -> tuple[Word, int]:
    pieces: list[tuple[str, bool]] = []
    begin = at
    bare = True
    while at < len(text) and not (text[at] in " \t\r<>" or _OPERATORS.match(text, at)):
        quote = text[at]
        if quote == "'":
            end = text.find("'", at + 1)
            if end < 0:
                raise SyntaxFault("unterminated quoted string")
            pieces.append((text[at + 1 : end], False))
            at, bare = end + 1, False
        elif quote == '"':
            at = _double_quoted(text, at + 1, pieces)
            bare = False
        elif quote == "\\":
            pieces.append((text[at + 1 : at + 2], False))
            at, bare = at + 2, False
        else:
            _reject_substitution(text, at)
            pieces.append((quote, True))
            at += 1
    if at == begin:
        raise SyntaxFault("a word is missing")
    return Word(_joined(pieces), bare), at


def _double_quoted(text: str, at: int, pieces: list[tuple[str, bool]]) -> int:
    pieces.append(("", True))
    while text[at : at + 1] != '"':
        if at >= len(text):
            raise SyntaxFault("unterminated quoted string")
        if text[at] == "\\" and text[at + 1 : at + 2] in {"$", "`", '"', "\\"}:
            pieces.append((text[at + 1], False))
            at += 2
        else:
            _reject_substitution(text, at)
            pieces.append((text[at], True))
            at += 1
    return at + 1


def _reject_substitution(text: str, at: int) -> None:
    if text[at] == "`" or text.startswith("$(", at):
        raise NotUnderstood("a command substitution")


def _joined(pieces: list[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    # a variable's name must be in one piece to be found
    joined: list[tuple[str, bool]] = []
    for text, expands in pieces:
        if joined and joined[-1][1] == expands:
            joined[-1] = (joined[-1][0] + text, expands)
        else:
            joined.append((text, expands))
    return tuple(joined)
