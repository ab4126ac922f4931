"""The words of a shell command, split as a shell splits them, without running one.

What only a running shell can know (``$(...)``, backquotes, positional parameters) raises NeedsShell. A variable is
kept as ``${NAME}``, and so are ``<word>`` and ``[-words-]``: documents write them where the reader puts a value in.
Source of the rules: POSIX.1-2024, Shell Command Language, 2.2 and 2.3, and bash's ``$'...'``.
"""

import re
from dataclasses import dataclass
from functools import cached_property

_ESCAPE = re.compile(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9A-Fa-f]{1,2})|u(?P<short>[0-9A-Fa-f]{1,4})"
    r"|U(?P<long>[0-9A-Fa-f]{1,8})|c(?P<control>[\x00-\x7f])|(?P<plain>[abeEfnrtv\\'\"?]))",
    re.DOTALL,
)
_PLAIN = dict(zip("abeEfnrtv\\'\"?", "\a\b\x1b\x1b\f\n\r\t\v\\'\"?", strict=True))
_QUOTED_ESCAPES = '$`"\\'
"""What a backslash takes the meaning from between double quotes."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED = re.compile(r"\{[^{}\n]*\}")
_SPECIAL = frozenset("0123456789?!$@*#-")
_REDIRECTION = re.compile(r"&>>?|<<<|<<-?|<>|<&|>&|>>|>\||<|>")
_OPERATOR = re.compile(r"&&|\|\||\|&|;;|[;&|()\n]")
_LITERAL = re.compile(r"<[A-Za-z_](?:[^<>'\"\n]*[^\s<>'\"])?(?<!\s\d)>(?![&>])|\[-[^\]\n'\"]*-\]")
"""A place for a value that stands outside quotes, where its characters would mean something to the shell."""


class Unfinished(Exception):
    """A quote, or a line that ends in a backslash, goes on behind the end of the text."""


class NeedsShell(Exception):
    """What is written at this place is known to a running shell alone; the message quotes it."""


@dataclass(frozen=True, slots=True)
class Simple:
    """One simple command: its words without redirections, the operator behind it ("" at the end), where that ends."""

    words: list[str]
    operator: str
    end: int


def simple_command(text: str, start: int = 0) -> Simple:
    """Return the simple command that begins at ``start``. Raises Unfinished and NeedsShell."""
    return _Reader(text, start).command()


class _Reader:
    """Reads one simple command."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._at = start
        self._words: list[str] = []
        self._word: list[str] | None = None
        """The pieces of the word that is being read; None between words, which an empty word is not."""
        self._bare = True
        """Whether nothing of the word is quoted."""
        self._redirected = False
        """Whether the next word says where to redirect."""

    def command(self) -> Simple:
        """Read up to the operator, or to the end of the text."""
        text = self._text
        while self._at < len(text):
            character = text[self._at]
            if character in " \t":
                self._end_word()
                self._at += 1
            elif character == "#" and self._word is None:
                newline = text.find("\n", self._at)
                self._at = newline if newline >= 0 else len(text)
            elif found := _LITERAL.match(text, self._at):
                self._take(found[0], found.end())
            elif found := _REDIRECTION.match(text, self._at):
                self._redirect(found[0])
            elif found := _OPERATOR.match(text, self._at):
                if found[0] == "(" and (self._word is not None or self._words):
                    raise NeedsShell("(")
                self._end_word()
                return Simple(self._words, found[0], found.end())
            else:
                self._piece(character)
        self._end_word()
        return Simple(self._words, "", len(text))

    @cached_property
    def _end(self) -> int:
        """Where nothing but ends of lines follows."""
        end = len(self._text)
        while end and self._text[end - 1] == "\n":
            end -= 1
        return end

    def _piece(self, character: str) -> None:
        """Read one quoted or unquoted piece of a word."""
        text, at = self._text, self._at
        if character == "\\":
            if at + 1 >= self._end:
                raise Unfinished
            if text[at + 1] == "\n":
                self._at += 2
            else:
                self._take(text[at + 1], at + 2, bare=False)
        elif character == "'":
            close = text.find("'", at + 1)
            if close < 0:
                raise Unfinished
            self._take(text[at + 1 : close], close + 1, bare=False)
        elif character == '"':
            self._double_quoted(at + 1)
        elif character == "`":
            raise NeedsShell("`")
        elif character == "$":
            self._dollar(quoted=False)
        else:
            self._take(character, at + 1)

    def _double_quoted(self, at: int) -> None:
        """Read on from behind a double quote to behind the next one."""
        text = self._text
        self._take("", at, bare=False)
        while self._at < len(text):
            character = text[self._at]
            following = text[self._at + 1 : self._at + 2]
            if character == '"':
                self._at += 1
                return
            if character == "\\" and following == "\n":
                self._at += 2
            elif character == "\\" and following and following in _QUOTED_ESCAPES:
                self._take(following, self._at + 2, bare=False)
            elif character == "`":
                raise NeedsShell("`")
            elif character == "$":
                self._dollar(quoted=True)
            else:
                self._take(character, self._at + 1, bare=False)
        raise Unfinished

    def _dollar(self, *, quoted: bool) -> None:
        """Read what a dollar sign begins."""
        text, behind = self._text, self._at + 1
        following = text[behind : behind + 1]
        if following == "'" and not quoted:
            self._ansi(behind + 1)
        elif following == '"' and not quoted:
            self._double_quoted(behind + 1)
        elif found := _BRACED.match(text, behind):
            self._take(f"${found[0]}", found.end(), bare=False)
        elif found := _NAME.match(text, behind):
            self._take(f"${{{found[0]}}}", found.end(), bare=False)
        elif following and (following in "({" or following in _SPECIAL):
            raise NeedsShell(f"${following}")
        else:
            self._take("$", behind, bare=False)

    def _ansi(self, at: int) -> None:
        """Read on from behind ``$'`` to behind the closing quote."""
        text = self._text
        content = bytearray()
        while at < len(text):
            if text[at] == "'":
                whole = bytes(content).partition(b"\0")[0]  # a shell's words end at a NUL
                self._take(whole.decode("utf-8", "surrogateescape"), at + 1, bare=False)
                return
            if found := _ESCAPE.match(text, at):
                content += _escaped(found)
                at = found.end()
            else:
                content += text[at].encode("utf-8", "surrogatepass")
                at += 1
        raise Unfinished

    def _redirect(self, operator: str) -> None:
        """Take note of a redirection; the number before it is no word of the command."""
        if self._text.startswith("(", self._at + len(operator)):
            raise NeedsShell(f"{operator}(")
        if self._word is not None and self._bare and "".join(self._word).isdigit() and not operator.startswith("&"):
            self._word = None
        self._end_word()
        self._redirected = True
        self._at += len(operator)

    def _take(self, piece: str, end: int, *, bare: bool = True) -> None:
        """Add a piece to the word, and go on at ``end``."""
        if self._word is None:
            self._word, self._bare = [], True
        self._word.append(piece)
        self._bare = self._bare and bare
        self._at = end

    def _end_word(self) -> None:
        """End the word, if one is being read."""
        if self._word is None:
            return
        if self._redirected:
            self._redirected = False
        else:
            self._words.append("".join(self._word))
        self._word = None


def _escaped(found: re.Match[str]) -> bytes:
    """Return the bytes that an escape between ``$'`` and ``'`` stands for."""
    if found["octal"]:
        return bytes([int(found["octal"], 8) & 0xFF])
    if found["hex"]:
        return bytes([int(found["hex"], 16)])
    if found["control"]:
        return bytes([ord(found["control"].upper()) ^ 0x40 if found["control"] != "?" else 0x7F])
    if found["plain"]:
        return _PLAIN[found["plain"]].encode()
    number = int(found["short"] or found["long"], 16)
    if number > 0x10FFFF or 0xD800 <= number < 0xE000:  # noqa: PLR2004 - the end of Unicode, and its surrogates
        raise NeedsShell(found[0])
    return chr(number).encode()
