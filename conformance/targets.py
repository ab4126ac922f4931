"""Several targets in one run: a file that lists them, and the settings that hold for each."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance import kinds
from conformance.address import normalise
from conformance.errors import BadTargetLine, BadURL, NoTargets
from conformance.kinds import Impossible
from conformance.settings import AUTO, PROFILES, Settings, redacted_url
from conformance.tomlfile import TomlFile, read_text

_KINDS = {
    "url": dataclasses.replace(kinds.URLS, check=kinds.URLS.read, expected="host:port or a URL, as a text"),
    "name": kinds.TEXT,
    "profile": kinds.choice((AUTO, *PROFILES)),
    "bundle_path": kinds.TEXT,
    "token": kinds.TOKEN,
    "headers": kinds.HEADERS,
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One target: what reports call it, and the settings for it, which name no other target."""

    name: str
    settings: Settings


def endpoints(settings: Settings, cwd: Path) -> tuple[Endpoint, ...]:
    """Return the targets that settings name, each URL and then each target of the file, once each.

    A target of the file has the profile, bundle and token that it names itself, else those of the settings; its headers
    replace those of the same name. Raises UserError.
    """
    alone = dataclasses.replace(settings, urls=(), targets_file="", profile=settings.effective_profile)
    found = [_endpoint(alone, {"url": url}) for url in settings.urls]
    if settings.targets_file:
        found += [_endpoint(alone, target) for target in load(cwd / settings.targets_file)]
    return tuple(dict.fromkeys(found))


def load(path: Path) -> list[dict[str, Any]]:
    """Return the targets of a file, each with its url and what else the file says of it. Raises UserError."""
    text = read_text(path)
    lines = [(number, line.partition(" #")[0].strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if any(line.startswith("[[") or "=" in line.partition("?")[0] for _, line in lines) or path.suffix == ".toml":
        targets = _tables(TomlFile(path, text))
    else:
        targets = [{"url": _url(path, number, line)} for number, line in lines]
    if not targets:
        raise NoTargets(file=path)
    return targets


def _url(path: Path, number: int, line: str) -> str:
    """Return the URL that stands in a line of a plain file."""
    try:
        return normalise(line)
    except BadURL as problem:
        why = f"'{line}' is not a target: {problem.facts['why']}"
        raise BadTargetLine(file=path, line=number, why=why) from None


def _tables(file: TomlFile) -> list[dict[str, Any]]:
    """Return the [[target]] tables of a file, checked."""
    for key in file.table:
        if key != "target":
            raise file.unknown((key,), "only [[target]] tables have a place here")
    tables = file.table.get("target", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise file.bad(("target",), "it is no array of tables", "each target as a [[target]] table of its own")
    return [_target(file, number, table) for number, table in enumerate(tables)]


def _target(file: TomlFile, number: int, table: dict[str, Any]) -> dict[str, Any]:
    """Return one target, by the names of settings."""
    target: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        where = ("target", number, key)
        if name not in _KINDS:
            raise file.unknown(where, f"a target has {', '.join(known.replace('_', '-') for known in _KINDS)}")
        try:
            target[name] = _KINDS[name].check(value)
        except Impossible as problem:
            raise file.bad(where, str(problem), _KINDS[name].expected) from None
    if "url" not in target:
        raise file.bad(("target", number, "url"), "it is missing in this target", "host:port or a URL")
    return target


def _endpoint(settings: Settings, target: dict[str, Any]) -> Endpoint:
    """Return a target of the file with the settings that it does not override."""
    changes = {name: value for name, value in target.items() if name not in {"url", "name", "headers"}}
    own = target.get("headers", ())
    replaced = {name.lower() for name, _ in own}
    headers = (*(header for header in settings.headers if header[0].lower() not in replaced), *own)
    whole = dataclasses.replace(settings, urls=(target["url"],), headers=headers, **changes)
    return Endpoint(target.get("name", redacted_url(target["url"])), whole)
