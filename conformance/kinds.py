"""The kinds of values that options have: what a text means, and what a TOML file may say instead."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from conformance.address import normalise
from conformance.errors import BadURL
from conformance.tomlfile import shown

_WEEK = 7 * 24 * 3600
_TRUTHS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_CALLSIGN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_TOKEN = re.compile(r"[!-~]+")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[ -~\t\xa0-\xff]*")
_OWN_HEADERS = ("connection", "content-length", "host", "transfer-encoding", "upgrade")
"""Headers on which the suite's own clients depend, beside those of the WebSocket handshake."""
_SEPARATORS = re.compile(r"[\s,]+")


class Impossible(Exception):
    """A value that an option cannot have; the message says why."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value, ``expected`` in words.

    ``read`` takes a text of the command line or the environment, ``check`` a value as TOML has it; both return the
    value of the setting, or raise Impossible. A kind with ``split`` is a list: its ``read`` takes one item, its
    ``split`` a whole environment variable.
    """

    expected: str
    read: Callable[[str], Any]
    check: Callable[[Any], Any]
    split: Callable[[str], list[str]] | None = None

    def read_whole(self, text: str) -> Any:
        """Return the value that an environment variable means. Raises Impossible."""
        return self.read(text) if self.split is None else tuple(map(self.read, self.split(text)))


def _impossible(value: object) -> Impossible:
    return Impossible(f"{shown(value)} is not possible")


def _text(value: object) -> str:
    """Check a text that is not empty, has no control characters, and can be written as UTF-8."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise _impossible(value)
    return value


def _number(text: str) -> Any:
    """Return the number that a text is; a text that is none stays one, which its check refuses."""
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _WEEK:
        raise _impossible(value)
    return float(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _impossible(value)
    return value


def _truth(text: str) -> bool:
    try:
        return _TRUTHS[text.strip().lower()]
    except KeyError:
        raise _impossible(text) from None


def _pattern(value: object) -> str:
    if not isinstance(value, str) or not value or _SEPARATORS.search(value) or not value.isprintable():
        raise _impossible(value)
    return value


def _url(value: object) -> str:
    try:
        return normalise(_text(value))
    except BadURL as problem:
        raise Impossible(f"{shown(value)} is not a target: {problem.facts['why']}") from None


def _callsign(value: object) -> str:
    if not isinstance(value, str) or not _CALLSIGN.fullmatch(value):
        raise _impossible(value)
    return value


def _token(value: object) -> str:
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise Impossible("this is no token")  # and is not shown, for it may be one that was mistyped
    return value


def _header(name: object, value: object) -> tuple[str, str]:
    if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
        raise Impossible(f"{shown(name)} is no name of a header")
    if name.lower() in _OWN_HEADERS or name.lower().startswith("sec-websocket-"):
        raise Impossible(f"the suite writes the header {name} itself")
    if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value.strip()):
        raise Impossible(f"the header {name} cannot have this value")
    return name, value.strip()


def _header_line(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise Impossible("there is no colon in this header")
    return _header(name.strip(), value)


def _header_table(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise _impossible(value)
    return tuple(_header(name, text) for name, text in value.items())


def _words(text: str) -> list[str]:
    return [word for word in _SEPARATORS.split(text) if word]


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _list(check: Callable[[Any], str], expected: str, split: Callable[[str], list[str]] = _words) -> Kind:
    """Return the kind of a list whose items pass ``check``."""

    def check_all(value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise _impossible(value)
        return tuple(map(check, value))

    return Kind(expected, check, check_all, split)


def choice(values: Iterable[str]) -> Kind:
    """Return the kind of an option that has one of a few values."""
    allowed = tuple(values)

    def check(value: object) -> str:
        if value not in allowed:
            raise _impossible(value)
        return str(value)

    return Kind(f"one of {', '.join(allowed)}", check, check)


def count(least: int, most: int) -> Kind:
    """Return the kind of a whole number within bounds."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _impossible(value)
        return value

    return Kind(f"a whole number from {least} to {most}", lambda text: check(_number(text)), check)


TEXT = Kind("a text that is not empty", _text, _text)
PATH = Kind("a path that is not empty", _text, _text)
SECONDS = Kind(f"seconds above 0, at most {_WEEK}", lambda text: _seconds(_number(text)), _seconds)
FLAG = Kind("true or false", _truth, _flag)
PATTERNS = _list(_pattern, "a list of ids or globs without blanks and commas")
TAGS = _list(_pattern, "a list of tags, 'not-' before those to leave out")
URLS = _list(
    _url, "a list of targets: host:port, http://host:port or http://host:port/jsonrpc", lambda text: text.split()
)
CALLSIGN = Kind("a callsign without version, like org.rdk.OCIContainer", _callsign, _callsign)
TOKEN = Kind("visible ASCII characters without blanks", _token, _token)
HEADERS = Kind(
    "'Name: value', in TOML a table of texts, no header that HTTP itself needs", _header_line, _header_table, _lines
)
