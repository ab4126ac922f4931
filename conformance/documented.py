"""The answers that a document gives, and which of them belongs to a command."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.curl import CurlCommand
from conformance.markdown import Block, Title

_ANSWER = re.compile(r"(?:[\w-]+ ){0,2}(?:response|result|output|answer|reply|returns?|returned)s?\b", re.IGNORECASE)
_JSON = frozenset({"json", "json5", "jsonc", "javascript", "js"})
_CURL = re.compile(r"^\W*curl\s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is documented, at ``line``; ``problem`` says why it is no JSON, "" when it is."""

    line: int
    value: Any
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Documented:
    """A command, and the answer that the document gives for it, if any."""

    command: CurlCommand
    answer: Answer | None


class Answers:
    """The answers in the blocks of a document."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._by_method: dict[str, Answer] = {}
        for block in blocks:
            answer = _answer(block)
            for title in block.titles if answer else ():
                if answer and (name := _method_name(title.text)):
                    self._by_method.setdefault(name, answer)

    def of(self, command: CurlCommand, place: int, *, last: bool) -> Answer | None:
        """Return the answer to ``command``, which stands in the block with the index ``place``.

        It is the next one in the same section if no other command comes between; ``last`` tells that none does in the
        block. Else it is the one in the section of the method that is called.
        """
        beside = next(self._beside(place), None) if last else None
        name = called(command.body).rpartition(".")[2]
        return beside or (self._by_method.get(name.lower()) if name else None)

    def _beside(self, place: int) -> Iterator[Answer]:
        """Yield the answers behind a block in the same section."""
        titles = self._blocks[place].titles
        for block in self._blocks[place + 1 :]:
            if _CURL.search(block.text) or not _same_section(titles, block.titles):
                return
            if answer := _answer(block):
                yield answer


def called(body: str) -> str:
    """Return the name of the method that a JSON-RPC request calls, "" where there is none."""
    message = _loaded(body)
    method = message.get("method") if isinstance(message, dict) else None
    return method if isinstance(method, str) else ""


def answer_in(text: str, line: int) -> tuple[Answer, int] | None:
    """Return the JSON object that ``text`` begins with, as an answer, and where it ends; None when there is none.

    ``line`` is that of the text's begin.
    """
    start = len(text) - len(text.lstrip())
    if not text.startswith("{", start):
        return None
    try:
        value, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return (Answer(line + text.count("\n", 0, start), value), end) if _is_answer(value) else None


def _same_section(command: tuple[Title, ...], answer: tuple[Title, ...]) -> bool:
    """Tell whether an answer below the titles ``answer`` stands below the ``command``'s, or beside its last one."""
    if answer[: len(command)] == command:
        return True
    above = command[:-1]
    return answer[: len(above)] == above and all(_ANSWER.match(title.text) for title in answer[len(above) :])


def _answer(block: Block) -> Answer | None:
    """Return the answer that a block is, None when it is something else."""
    text = block.text.strip()
    if block.language not in _JSON and not (block.language in {"", "console", "text"} and text.startswith("{")):
        return None
    announced = _ANSWER.match(block.title) is not None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Answer(block.line, None, f"it is no JSON: {error}") if announced else None
    if _is_answer(value) or (announced and not (isinstance(value, dict) and "method" in value)):
        return Answer(block.line, value)
    return None


def _is_answer(value: object) -> bool:
    return isinstance(value, dict) and bool(value.keys() & {"result", "error"}) and "method" not in value


def _method_name(title: str) -> str:
    """Return the name of the method that a title may be, in small letters."""
    words = title.split()
    return words[0].partition("(")[0].rpartition(".")[2].lower() if words else ""


def _loaded(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
