"""The curl commands in a document, with the answers that it gives for them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance import curl
from conformance.curl import CurlCommand
from conformance.documented import Answer, Answers, Documented, answer_in
from conformance.errors import BadCurl
from conformance.markdown import Block, blocks
from conformance.shellwords import NeedsShell, Unfinished, simple_command

_LEADING = frozenset(
    ["sudo", "time", "exec", "command", "env", "nohup", "!", "do", "then", "else", "if", "elif", "while", "until", "{"]
)
"""What may stand before a command without changing what it is."""
_SAYING = frozenset({"echo", "printf"})
_CURL = r"(?:[^\s'\"=]*/)?curl(?:\.exe)?(?=\s|\\?$)"
_PROMPT = re.compile(rf"[ \t]*(?:[^\s'\"|;&<>$#%]*[$%>][ \t]+|[^\s'\"|;&<>$#%]*#[ \t]+(?={_CURL}))?", re.MULTILINE)
_MENTION = re.compile(r"(?<![\w-])curl(?:\.exe)?(?![\w-])")
_COMMAND = re.compile(
    rf"\s*(?:(?:{'|'.join(map(re.escape, sorted(_LEADING)))}|[A-Za-z_]\w*=\S*)\s+)*{_CURL}", re.MULTILINE
)
_REQUEST = re.compile(r"(?:^|[\s('\"`;&|])curl\s.*(?:https?://|/jsonrpc)")
_GENERAL = re.compile(r"(?:(?:curl|sample|example|examples|request|command|commands|usage)\s*)+", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_LIKE_A_URL = re.compile(rf"://|localhost|[\w.-]:\d|/|{curl.PLACE}")


@dataclass(slots=True)
class Document:
    """What is to be replayed, in the document's order, and what cannot be."""

    commands: list[Documented] = field(default_factory=list)
    problems: list[BadCurl] = field(default_factory=list)


def commands(markdown: str, source: str) -> Iterator[CurlCommand]:
    """Yield the curl commands in ``markdown``; ``source`` names the document in errors.

    Raises BadCurl for the first command that cannot be replayed.
    """
    document = read(markdown, source)
    if document.problems:
        raise document.problems[0]
    yield from (found.command for found in document.commands)


def read(markdown: str, source: str) -> Document:
    """Return the commands in ``markdown`` with the answers that it gives for them. It raises nothing."""
    found = blocks(markdown)
    document, answers = Document(), Answers(found)
    for place, block in enumerate(found):
        reader = _BlockReader(block, source)
        document.problems += reader.problems
        for number, (command, own) in enumerate(reader.found, start=1):
            answer = own or answers.of(command, place, last=number == len(reader.found))
            document.commands.append(Documented(command, answer))
    return document


def _title(block: Block) -> str:
    """Return the nearest title that says more than that a command stands there."""
    telling = (title.text for title in reversed(block.titles) if not _GENERAL.fullmatch(title.text))
    return next(telling, block.title)


class _BlockReader:
    """Finds the curl commands in one block of code, each with the answer that is printed behind it."""

    def __init__(self, block: Block, source: str) -> None:
        self.found: list[tuple[CurlCommand, Answer | None]] = []
        self.problems: list[BadCurl] = []
        self._block, self._source, self._text = block, source, block.text
        at = 0
        while at < len(self._text):
            if _MENTION.search(self._text, at, self._line_end(at)):
                at = self._list(at)
                at = self._printed(at)
            else:
                at = self._line_end(at) + 1

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return end if end >= 0 else len(self._text)

    def _number(self, at: int) -> int:
        """Return the document's line of a place in the block."""
        return self._block.line + self._text.count("\n", 0, at)

    def _list(self, start: int) -> int:
        """Read the commands of a line, which operators join, and return where they end."""
        prompt = _PROMPT.match(self._text, start)
        at = prompt.end() if prompt else start
        joined = False
        while True:
            at += len(self._text[at:]) - len(self._text[at:].lstrip(" \t"))
            try:
                simple = simple_command(self._text, at)
            except Unfinished:
                self._problem(at, "it has no end; close the quote, or go on behind the backslash")
                return self._line_end(at) + 1
            except NeedsShell as unknown:
                self._problem(at, f"only a running shell knows what {unknown} becomes; write out what it stands for")
                return self._line_end(at) + 1
            problems = len(self.problems)
            self._command(simple.words, at)
            if len(self.problems) > problems and "\n" in self._text[at : simple.end - 1]:
                return self._line_end(at) + 1  # a quote that is closed too late may have hidden the next command
            at = simple.end
            if simple.operator == "" or (simple.operator == "\n" and not (joined and not simple.words)):
                return at
            joined = simple.operator in {"&&", "||", "|", "|&"} or (joined and not simple.words)

    def _problem(self, at: int, why: str) -> None:
        """Report what cannot be read, where it is a curl command and not a word of a text."""
        end = self._line_end(at)
        if _COMMAND.match(self._text, at) or _REQUEST.search(self._text[at:end]):
            self.problems.append(BadCurl(source=self._source, line=self._number(at), why=why))

    def _command(self, words: list[str], at: int) -> None:
        """Take a command if it is one of curl's."""
        while words and (words[0] in _LEADING or _ASSIGNMENT.fullmatch(words[0])):
            words = words[1:]
        if not words:
            return
        if words[0].rpartition("/")[2] not in {"curl", "curl.exe"}:
            if _REQUEST.search(" ".join(words).replace("\n", " ")) and words[0] not in _SAYING:
                self._problem(at, f"'{words[0]}' runs it; write the curl command by itself")
            return
        if not any(word.startswith("-") or _LIKE_A_URL.search(word) for word in words[1:]):
            return  # a sentence that begins with the name
        try:
            command = curl.parse(words, _title(self._block), self._source, self._number(at))
        except BadCurl as problem:
            self.problems.append(problem)
        else:
            if command is not None:
                self.found.append((command, None))

    def _printed(self, at: int) -> int:
        """Take the answer that is printed behind the last command, and return where it ends."""
        printed = answer_in(self._text[at:], self._number(at)) if self.found else None
        if printed is None:
            return at
        command, _ = self.found[-1]
        self.found[-1] = (command, printed[0])
        return at + printed[1]
