"""curl command lines: read out of Markdown as a shell would read them, and written so that a shell reads them back."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.errors import BadCurl
from conformance.exchange import Request

DEFAULT_HEADERS = (("Accept", "*/*"), ("Content-Type", "application/x-www-form-urlencoded"))
"""What curl sends beside its own name when it is given ``-d``."""

_FENCE = re.compile(r"\s*(```|~~~)")
_TITLE = re.compile(r"\s*(?:\*\*(?P<bold>.+?)\*\*|#+\s+(?P<heading>.+?))\s*$")
_COMMAND = re.compile(r"\s*(?:\$\s+)?(?P<line>curl\s.*)")
_SILENT = frozenset({"-s", "--silent", "-S", "--show-error", "-sS", "-i", "--include", "-v", "--verbose"})
_DATA = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii"})


@dataclass(frozen=True, slots=True)
class CurlCommand:
    """A documented request: ``title`` is the bold line or heading above it, ``line`` counts from 1."""

    title: str
    line: int
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str


def commands(markdown: str, source: str) -> Iterator[CurlCommand]:
    """Yield the curl commands in the fenced blocks of ``markdown``; ``source`` names the document in errors.

    Raises BadCurl for a command without an end or with an option that is not understood.
    """
    lines = iter(enumerate(markdown.splitlines(), start=1))
    title, fenced = "", False
    for number, line in lines:
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced and (found := _COMMAND.match(line)):
            yield _parse(_complete(found["line"], lines, source, number), title, source, number)
        elif not fenced and (found := _TITLE.match(line)):
            title = found["bold"] or found["heading"]


def render(request: Request) -> str:
    """Return a shell command line that sends ``request`` again."""
    words = ["curl", "-X", "POST", request.url]
    for header in request.headers:
        if header not in DEFAULT_HEADERS:
            words += ["-H", ": ".join(header)]
    return shlex.join([*words, "-d", request.body.decode()])


def _complete(text: str, lines: Iterator[tuple[int, str]], source: str, number: int) -> list[str]:
    """Return the words of the command that ``text`` begins, taking more lines while a quote or backslash is open."""
    while True:
        continued = text.endswith("\\")
        try:
            words = shlex.split(text[:-1] if continued else text)
        except ValueError:
            joint = "\n"
        else:
            if not continued:
                return words
            text, joint = text[:-1], " "
        _, more = next(lines, (0, None))
        if more is None or (_FENCE.match(more) and joint == " "):
            raise BadCurl(source=source, line=number, why="it has no end")
        text += joint + more


def _parse(words: list[str], title: str, source: str, number: int) -> CurlCommand:
    """Return the command that ``words`` are."""
    method, url, headers, body = "", "", list(DEFAULT_HEADERS), None
    rest = iter(words[1:])
    for word in rest:
        if word in _SILENT:
            continue
        if word in _DATA or word in {"-X", "--request", "-H", "--header"}:
            value = next(rest, None)
            if value is None:
                raise BadCurl(source=source, line=number, why=f"{word} lacks its value")
            if word in _DATA:
                body = value if body is None else f"{body}&{value}"
            elif word in {"-H", "--header"}:
                name, _, content = value.partition(":")
                headers = [header for header in headers if header[0].lower() != name.strip().lower()]
                headers.append((name.strip(), content.strip()))
            else:
                method = value
        elif word.startswith("-"):
            raise BadCurl(source=source, line=number, why=f"option {word} is not understood")
        else:
            url = word
    if not url or body is None:
        raise BadCurl(source=source, line=number, why="it needs a URL and a body (-d)")
    return CurlCommand(title, number, method or "POST", url, tuple(headers), body)
