"""What a replay is going to do: the document's commands, with their places filled, in the order of sending."""

import argparse
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance import commands, spec
from conformance.address import normalise
from conformance.documented import Documented
from conformance.errors import BadCurl, BadDocument, BadHeader, BadSetting, NothingToReplay, say
from conformance.placeholders import Placeholder, fill, normal, places, settings
from conformance.replay_order import Step, steps

_BUNDLE_PATH = "bundlepath"


@dataclass(slots=True)
class Plan:
    """What is sent, to ``url`` ("" means where each command says), and what cannot be."""

    source: str
    url: str
    steps: list[Step]
    problems: list[BadCurl]
    unset: list[tuple[Documented, list[Placeholder]]] = field(default_factory=list)
    """The commands that lack a value, and the places that do."""


def plan(options: argparse.Namespace) -> Plan:
    """Read the document and fill in the values, asking for those that are not given when somebody is there to ask.

    Raises UserError.
    """
    source = options.document
    url = normalise(options.url) if options.url else ""
    document = commands.read(_text(source), source)
    if not document.commands and not document.problems:
        raise NothingToReplay(source=source)
    open_places = {
        place.key: place for found in document.commands for place in places(found.command, elsewhere=bool(url))
    }
    values = _values(options, open_places, known=_all_keys(document.commands))
    _ask([place for key, place in open_places.items() if key not in values and place.default is None], values)
    result = Plan(source, url, [], list(document.problems))
    ready = []
    for found in document.commands:
        lacking = [
            place
            for place in places(found.command, elsewhere=bool(url))
            if place.key not in values and place.default is None
        ]
        if lacking:
            result.unset.append((found, lacking))
            continue
        try:
            ready.append(replace(found, command=fill(found.command, values, source, elsewhere=bool(url))))
        except BadCurl as problem:
            result.problems.append(problem)
    result.steps = list(steps(ready, options.order))
    return result


def headers(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return the headers that ``--header`` gives. Raises BadHeader."""
    found = []
    for text in texts:
        match = re.fullmatch(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e]*?)[ \t]*", text)
        if match is None:
            raise BadHeader(header=text)
        found.append((match[1], match[2]))
    return found


def _text(source: str) -> str:
    """Return the document of a file, or the one that we bring by the name of its profile. Raises BadDocument."""
    if source in spec.PROFILES and not Path(source).exists():
        return spec.text(f"{source}.md")
    try:
        return Path(source).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadDocument(source=source, why=error.strerror or str(error)) from None
    except ValueError as error:
        raise BadDocument(source=source, why=f"it is no text in UTF-8, {error}") from None


def _all_keys(found: Iterable[Documented]) -> set[str]:
    return {place.key for one in found for place in places(one.command)}


def _values(options: argparse.Namespace, open_places: dict[str, Placeholder], known: set[str]) -> dict[str, str]:
    """Return the given values by the key of their places. Raises BadSetting for one that has no place."""
    values = settings(options.settings)
    for pair in options.settings:
        if normal(pair.partition("=")[0]) not in known:
            names = ", ".join(sorted(place.name for place in open_places.values())) or "none"
            raise BadSetting(pair=pair, why=f"the document has no place with this name; it has {names}")
    if options.bundle_path is not None:
        for key in open_places:
            if _BUNDLE_PATH in key:
                values.setdefault(key, options.bundle_path)
    return values


def _ask(lacking: list[Placeholder], values: dict[str, str]) -> None:
    """Ask for values on the terminal, if there is one; an empty answer leaves the place open."""
    if sys.stdin is None or not sys.stdin.isatty():  # None: it was closed before we were started
        return
    for place in lacking:
        say(f"value of {place.text}: ")
        line = sys.stdin.readline()
        if not line:
            return
        if value := line.rstrip("\n"):
            values[place.key] = value
