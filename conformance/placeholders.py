"""The places that a document leaves for the reader's own values: found in commands, and filled."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from conformance.curl import PLACE, CurlCommand, split_url
from conformance.errors import BadCurl, BadSetting

_PLACE = re.compile(PLACE)
_DEFAULT = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*):?-(?P<default>.*)", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*', re.DOTALL)
_URL_SAFE = "!#$%&'()*+,/:;=?@~-._"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One place: ``text`` as it is written, ``name`` without its brackets, ``default`` as in ``${NAME:-default}``."""

    text: str
    name: str
    default: str | None = None

    @property
    def key(self) -> str:
        """What the place is looked up by: its name without blanks, dashes and underscores, in small letters."""
        return normal(self.name)


def normal(name: str) -> str:
    """Return ``name`` in the form in which two spellings of it are equal."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def settings(pairs: list[str]) -> dict[str, str]:
    """Return the values in ``NAME=VALUE`` pairs by normalised name. Raises BadSetting."""
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not normal(name):
            raise BadSetting(pair=pair, why="it is not NAME=VALUE")
        if values.setdefault(normal(name), value) != value:
            raise BadSetting(pair=pair, why="the name has another value already")
    return values


def places(command: CurlCommand, *, elsewhere: bool = False) -> list[Placeholder]:
    """Return the places in a command in their order, each once.

    ``elsewhere`` means that the command goes to another host than the documented one, whose name does not matter then.
    """
    _, host, rest = split_url(command.url)
    texts = [rest if elsewhere else f"{host}{rest}", *(value for _, value in command.headers), command.body]
    return list(dict.fromkeys(_placeholder(found[0]) for text in texts for found in _PLACE.finditer(text)))


def fill(command: CurlCommand, values: Mapping[str, str], source: str, *, elsewhere: bool = False) -> CurlCommand:
    """Return ``command`` with ``values``, which are by normalised name, in their places.

    A value is escaped for where it stands: in a string of JSON or in a URL. Raises BadCurl for one that cannot stand
    there.
    """

    def in_header(value: str, _before: str) -> str:
        if not re.fullmatch(r"[\t\x20-\x7e]*", value):
            raise BadCurl(source=source, line=command.line, why=f"the value {value!r} can't stand in a header")
        return value

    def in_url(value: str, _before: str) -> str:
        return quote(value, safe=_URL_SAFE, errors="surrogateescape")

    scheme, host, rest = split_url(command.url)
    return replace(
        command,
        url=f"{scheme}://{host if elsewhere else _filled(host, values, in_url)}{_filled(rest, values, in_url)}",
        headers=tuple((name, _filled(value, values, in_header)) for name, value in command.headers),
        body=_filled(command.body, values, _in_body),
    )


def _placeholder(text: str) -> Placeholder:
    if text.startswith("["):
        return Placeholder(text, text[2:-2].strip())
    if text.startswith("<"):
        return Placeholder(text, text[1:-1])
    if found := _DEFAULT.fullmatch(text[2:-1]):
        return Placeholder(text, found["name"], found["default"])
    return Placeholder(text, text[2:-1].strip())


def _filled(text: str, values: Mapping[str, str], escaped: Callable[[str, str], str]) -> str:
    """Put the values that there are into ``text``; ``escaped`` gets a value, and the text before its place."""
    return "".join(_pieces(text, values, escaped))


def _pieces(text: str, values: Mapping[str, str], escaped: Callable[[str, str], str]) -> Iterator[str]:
    end = 0
    for found in _PLACE.finditer(text):
        place = _placeholder(found[0])
        value = values.get(place.key, place.default)
        yield text[end : found.start()]
        yield found[0] if value is None else escaped(value, text[: found.start()])
        end = found.end()
    yield text[end:]


def _in_body(value: str, before: str) -> str:
    """Return ``value`` as it may stand in a body behind the text ``before``."""
    return json.dumps(value)[1:-1] if _open_string(before) else value


def _open_string(text: str) -> bool:
    """Tell whether JSON that begins with ``text`` is inside a string at its end."""
    at = 0
    while found := _STRING.search(text, at):
        if found.end() == len(text):
            return True
        at = found.end() + 1
    return False
