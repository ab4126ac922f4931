"""Markdown as far as code blocks go: its headings, and its blocks with the lines that they come from.

Lenient where authors are: a fence may be indented as it likes, in lists and block quotes too. Source of the rules:
CommonMark 0.31, 4.2 to 4.5, 5.1 and 5.2.
"""

import html
import re
from dataclasses import dataclass

_QUOTE = re.compile(r"(?: {0,3}> ?)++")
_FENCE = re.compile(r"(?P<indent>\s*+(?:(?:[-*+]|\d{1,9}[.)])\s++)*+)(?P<fence>`{3,}|~{3,})(?P<info>.*)")
_HEADING = re.compile(r" {0,3}(?:[-*+]\s+)?(?P<level>#{1,6})(?:\s+(?P<text>.*?))?(?:\s+#+)?\s*")
_SETEXT = re.compile(r" {0,3}(?P<line>=+|-+)\s*")
_BOLD = re.compile(r"\s*(?:[-*+]\s+)?(?:\*\*(?P<stars>[^*]+)\*\*|__(?P<lines>[^_]+)__)\s*:?\s*")
_ANNOUNCED = re.compile(
    r"\s*(?:[-*+]\s+)?(?P<text>(?:[A-Za-z]+ ){0,3}(?:response|result|output|answer|reply|request)s?)\s*:\s*",
    re.IGNORECASE,
)
_INDENTED = re.compile(r"(?: {4}|\t| {1,3}\t)\s*\S")
_PRE = re.compile(r"\s*<pre\b[^>]*>(?:\s*<code\b[^>]*>)?", re.IGNORECASE)
_PRE_END = re.compile(r"(?:</code>\s*)?</pre>", re.IGNORECASE)
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
BOLD_LEVEL = 7
"""The level of a title that is no heading: below every heading."""


@dataclass(frozen=True, slots=True)
class Title:
    """A heading, or a line that serves as one; ``line`` counts from 1."""

    level: int
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: ``language`` is "" where none is said; ``line`` is that of its first line of text."""

    language: str
    text: str
    line: int
    titles: tuple[Title, ...]
    """The titles above it, from the document's down to the nearest."""

    @property
    def title(self) -> str:
        """The nearest title, "" where there is none."""
        return self.titles[-1].text if self.titles else ""


def blocks(markdown: str) -> list[Block]:
    """Return the blocks of code in ``markdown``, in their order. It raises nothing: every text is Markdown."""
    return _Reader(re.split(r"\r\n|\r|\n", markdown)).blocks


class _Reader:
    """Goes through the lines once."""

    def __init__(self, lines: list[str]) -> None:
        self.blocks: list[Block] = []
        self._lines = lines
        self._at = 0
        self._titles: list[Title] = []
        self._paragraph = ""
        """The line above, where it is one of a paragraph."""
        while self._at < len(lines):
            self._step()

    def _step(self) -> None:
        """Read what begins at the line."""
        bare = _QUOTE.sub("", self._lines[self._at], count=1) if self._quoted() else self._lines[self._at]
        if found := _fence(bare):
            self._fenced(found)
        elif found := _PRE.match(bare):
            self._preformatted(bare[found.end() :])
        elif bare.lstrip().startswith("<!--"):
            self._comment()
        elif not self._paragraph and _INDENTED.match(bare):
            self._indented()
        else:
            self._title(bare)
            self._at += 1

    def _quoted(self) -> bool:
        return _QUOTE.match(self._lines[self._at]) is not None

    def _fenced(self, opening: re.Match[str]) -> None:
        """Read a fenced block: up to a fence as long, the end of its block quote, or the end of the document."""
        fence, first, quoted = opening["fence"], self._at + 1, self._quoted()
        indent = len(re.sub(r"\S", " ", opening["indent"]).expandtabs(4))
        closing = re.compile(rf"\s*{re.escape(fence[0])}{{{len(fence)},}}\s*")
        taken: list[str] = []
        self._at = first
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if quoted:
                if not self._quoted():
                    break
                line = _QUOTE.sub("", line, count=1)
            self._at += 1
            if closing.fullmatch(line):
                break
            taken.append(_dedented(line, indent))
        words = re.split(r"[\s{,]", opening["info"].strip().lstrip("{."), maxsplit=1)
        self._add(words[0].lower(), taken, first)

    def _preformatted(self, rest: str) -> None:
        """Read an HTML block up to the end of its element."""
        first, taken = self._at, []
        while True:
            end = _PRE_END.search(rest)
            taken.append(html.unescape(rest[: end.start()] if end else rest))
            self._at += 1
            if end or self._at >= len(self._lines):
                break
            rest = self._lines[self._at]
        self._add("", taken, first)

    def _comment(self) -> None:
        """Skip an HTML comment, which no reader sees."""
        rest = self._lines[self._at].partition("<!--")[2]
        while "-->" not in rest and self._at + 1 < len(self._lines):
            self._at += 1
            rest = self._lines[self._at]
        self._at += 1

    def _indented(self) -> None:
        """Read an indented block; a blank line ends it only when what follows is not indented."""
        first, quoted = self._at, self._quoted()
        taken: list[str] = []
        while self._at < len(self._lines) and self._quoted() == quoted:
            line = _QUOTE.sub("", self._lines[self._at], count=1) if quoted else self._lines[self._at]
            if (line.strip() and not _INDENTED.match(line)) or _fence(line):
                break
            taken.append(line)
            self._at += 1
        columns = [len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip()) for line in taken if line.strip()]
        least = min(columns, default=0)
        self._add("", [_dedented(line, least) for line in taken], first)

    def _add(self, language: str, lines: list[str], first: int) -> None:
        self._paragraph = ""
        self.blocks.append(Block(language, "\n".join(lines), first + 1, tuple(self._titles)))

    def _title(self, line: str) -> None:
        """Take note of a title, if the line is one, or makes one of the line above."""
        if found := _HEADING.fullmatch(line):
            self._entitle(len(found["level"]), found["text"] or "")
        elif self._paragraph and (found := _SETEXT.fullmatch(line)):
            self._entitle(1 if found["line"].startswith("=") else 2, self._paragraph)
        elif found := _BOLD.fullmatch(line):
            self._entitle(BOLD_LEVEL, found["stars"] or found["lines"])
        elif found := _ANNOUNCED.fullmatch(line):
            self._entitle(BOLD_LEVEL, found["text"])
        else:
            self._paragraph = "" if _ITEM.match(line) or line.lstrip().startswith("|") else line.strip()

    def _entitle(self, level: int, text: str) -> None:
        self._paragraph = ""
        while self._titles and self._titles[-1].level >= level:
            self._titles.pop()
        self._titles.append(Title(level, plain(text), self._at + 1))


def _fence(line: str) -> re.Match[str] | None:
    """Return a line that opens a fenced block; one with backticks behind backticks is code in a line of text."""
    found = _FENCE.fullmatch(line)
    return None if found is None or (found["fence"][0] == "`" and "`" in found["info"]) else found


def plain(text: str) -> str:
    """Return a title without its markup."""
    text = re.sub(r"<[^<>]*>", "", text)
    text = re.sub(r"!?\[([^][]*)\](?:\([^()]*\)|\[[^][]*\])?", r"\1", text)
    return " ".join(re.sub(r"[*`]|(?<!\w)_|_(?!\w)", "", html.unescape(text)).split()).removesuffix(":")


def _dedented(line: str, columns: int) -> str:
    """Return ``line`` without up to ``columns`` columns of blanks at its begin."""
    blanks = line[: len(line) - len(line.lstrip(" \t"))]
    if "\t" not in blanks[: columns + 1]:
        return line[min(len(blanks), columns) :]
    width = len(blanks.expandtabs(4))
    return " " * max(0, width - columns) + line[len(blanks) :]
