"""The options of curl: which there are, which of them have a value, and what each word of a command line means.

Source of the rules: curl's manual page, and curl 7.88 where that is silent.
"""

from collections.abc import Iterator, Sequence

_FLAGS = {
    **{f"-{letter}": "" for letter in "sSivkLfN#046q"},
    **dict.fromkeys(
        [
            "--silent",
            "--show-error",
            "--include",
            "--verbose",
            "--insecure",
            "--location",
            "--fail",
            "--fail-with-body",
            "--no-buffer",
            "--compressed",
            "--progress-bar",
            "--no-progress-meter",
            "--ipv4",
            "--ipv6",
            "--http1.0",
            "--http1.1",
            "--disable",
        ],
        "",
    ),
    "-G": "get",
    "--get": "get",
    "-g": "globoff",
    "--globoff": "globoff",
}
"""The options without a value; those that do not change what is sent mean nothing here."""
_VALUED = {
    "-X": "method",
    "--request": "method",
    "-H": "header",
    "--header": "header",
    "--url": "url",
    "-A": "agent",
    "--user-agent": "agent",
    **dict.fromkeys(["-d", "--data", "--data-ascii", "--data-binary"], "data"),
    "--data-raw": "raw",
    "--json": "json",
    **dict.fromkeys(
        [
            "-o",
            "--output",
            "-m",
            "--max-time",
            "--connect-timeout",
            "-w",
            "--write-out",
            "--retry",
            "--retry-delay",
            "--retry-max-time",
            "-D",
            "--dump-header",
            "--keepalive-time",
        ],
        "ignored",
    ),
}
"""The options that take a value, and what it is."""
_REFUSED = {
    **dict.fromkeys(("-u", "--user"), "a name and password ({}) are not sent; give --header or --token to replay"),
    **dict.fromkeys(("-F", "--form", "-T", "--upload-file"), "{} sends files; put the request itself behind -d"),
    "--data-urlencode": "{} is not understood; write the encoded text behind -d",
    **dict.fromkeys(("-I", "--head"), "an answer without a body ({}) cannot be judged; leave the option out"),
    **dict.fromkeys(("-K", "--config", "-n", "--netrc"), "{} reads a file of options; write them out"),
}


class Wrong(Exception):
    """Why the command can't be replayed; the message has no full stop."""


def meant(words: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield what each word behind curl's name means, the option as it is written, and its value; raises Wrong."""
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            yield "url", word, word
        elif word == "--":
            yield from (("url", other, other) for other in rest)
        elif word.startswith("--"):
            name, equals, value = word.partition("=")
            if name in _VALUED:
                yield _VALUED[name], name, value if equals else _value(name, rest)
            else:
                yield _flag(name), name, ""
        else:
            yield from _short(word, rest)


def _short(word: str, rest: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the options in a word of one-letter options; the value of the last may be glued to it."""
    for place, letter in enumerate(word[1:], start=2):
        name = f"-{letter}"
        if name in _VALUED:
            yield _VALUED[name], name, word[place:] or _value(name, rest)
            return
        yield _flag(name), name, ""


def _value(name: str, rest: Iterator[str]) -> str:
    value = next(rest, None)
    if value is None:
        raise Wrong(f"{name} lacks its value")
    return value


def _flag(name: str) -> str:
    if name in _REFUSED:
        raise Wrong(_REFUSED[name].format(name))
    if name not in _FLAGS:
        raise Wrong(f"option {name} is not understood; leave it out if the request does not need it")
    return _FLAGS[name]
