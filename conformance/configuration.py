"""Where the settings of a run come from: the command line, the environment, a configuration file, the defaults."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.errors import BadVariable, Contradiction, SameOption, UnknownVariable
from conformance.kinds import Impossible
from conformance.options import OPTIONS, Option
from conformance.settings import REDACTED, REPORTS, Settings, redacted_url
from conformance.tomlfile import TomlFile, read_text

FILE = "conformance.toml"
"""The configuration file that is read when the current directory has it and --config names no other."""
_PREFIX = "THUNDER_CONFORMANCE_"
_SHORT = {"THUNDER_URL": "urls", "THUNDER_TOKEN": "token"}
"""Variables that other programs of this project may understand too; the suite's own go before them."""
_WHICH_TARGETS = frozenset({"urls", "targets_file"})
_BY_NAME = {option.name: option for option in OPTIONS}
_BY_ANY_NAME = {name: option for option in OPTIONS for name in option.names}
_IN_FILES = {name: option for name, option in _BY_ANY_NAME.items() if option.name != "config"}

Layer = dict[str, tuple[Any, str]]
"""Values by the names of settings, each with the place it comes from."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings of a run, and by their names where those that are no defaults come from."""

    settings: Settings
    sources: dict[str, str]

    def as_toml(self) -> str:
        """Return the configuration as a file that ``--config`` takes, secrets redacted."""
        lines, tables = [], []
        for option in OPTIONS:
            value, source = getattr(self.settings, option.name), self.sources.get(option.name, "default")
            if option.name == "config":
                continue
            if value in ("", None):
                lines.append(f"# {option.key} is not given")
            elif option.name == "headers":
                tables += [f"[headers]  # {source}"] if value else []
                tables += [f"{_toml(name)} = {_toml(REDACTED)}" for name, _ in value]
            else:
                lines.append(f"{option.key} = {_toml(_public(option, value))}  # {source}")
        return "\n".join([*lines, *tables]) + "\n"


def resolve(namespace: argparse.Namespace, environ: Mapping[str, str], cwd: Path) -> Settings:
    """Return the settings of a run, as ``read`` finds them. Raises UserError."""
    return read(namespace, environ, cwd).settings


def read(namespace: argparse.Namespace, environ: Mapping[str, str], cwd: Path) -> Configuration:
    """Return the configuration that command line, environment, configuration file and defaults make, in this order.

    Which targets there are is one question: who names URLs or a file of targets on one level, overrides both of the
    levels below. Raises UserError.
    """
    layers = [_flags(namespace), _environment(environ)]
    given = next((layer["config"][0] for layer in layers if "config" in layer), None)
    if given is not None:
        layers.append(_file(cwd / given, str(given)))
    elif (cwd / FILE).exists():
        layers.append(_file(cwd / FILE, FILE))
    merged: Layer = {}
    for layer in layers:
        targets_known = not _WHICH_TARGETS.isdisjoint(merged)
        merged.update(
            (name, value)
            for name, value in layer.items()
            if name not in merged and not (targets_known and name in _WHICH_TARGETS)
        )
    settings = Settings(**{name: value for name, (value, _) in merged.items()})
    _refuse_contradictions(settings)
    return Configuration(settings, {name: source for name, (_, source) in merged.items()})


def _flags(namespace: argparse.Namespace) -> Layer:
    """Return what the command line says; argparse has checked it."""
    layer: Layer = {}
    for option in OPTIONS:
        value = getattr(namespace, option.name, None)
        if value is None or value == []:
            continue
        source = "command line" if option.name == "urls" else option.flag
        layer[option.name] = (tuple(value) if option.kind.split else value, source)
    return layer


def _environment(environ: Mapping[str, str]) -> Layer:
    """Return what environment variables say; an empty one says nothing."""
    layer: Layer = {}
    variables = {variable: _BY_NAME[name] for variable, name in _SHORT.items()}
    for variable in environ:
        if variable.startswith(_PREFIX):
            option = _BY_ANY_NAME.get(variable.removeprefix(_PREFIX).lower())
            if option is None:
                known = ", ".join(sorted(_PREFIX + option.name.upper() for option in OPTIONS))
                raise UnknownVariable(name=variable, known=f"these there are: {known}")
            variables[variable] = option
    for variable, option in variables.items():
        text = environ.get(variable, "")
        if not text.strip():
            continue
        try:
            layer[option.name] = (option.kind.read_whole(text), f"environment variable {variable}")
        except Impossible as problem:
            raise BadVariable(name=variable, why=problem, expected=option.kind.expected) from None
    return layer


def _file(path: Path, shown_as: str) -> Layer:
    """Return what a configuration file says. Raises UserError."""
    return _layer_of(TomlFile(shown_as, read_text(path, shown_as)), shown_as)


def _layer_of(file: TomlFile, shown_as: str) -> Layer:
    """Return what a parsed configuration file says; its relative paths begin where it stands."""
    layer: Layer = {}
    first: dict[str, str] = {}
    for key, value in file.table.items():
        option = _IN_FILES.get(key.replace("-", "_"))
        if option is None:
            raise file.unknown((key,), f"these there are: {', '.join(option.key for option in OPTIONS[:-1])}")
        if option.name in first:
            raise SameOption(file=file.path, line=file.line(key), key=key, other=first[option.name])
        first[option.name] = key
        try:
            checked = option.kind.check(value)
        except Impossible as problem:
            raise file.bad((key,), str(problem), option.kind.expected) from None
        if option.local and checked != "-":
            checked = str(Path(shown_as).parent / checked)
        layer[option.name] = (checked, f"{shown_as}, line {file.line(key)}")
    return layer


def _refuse_contradictions(settings: Settings) -> None:
    """Raise Contradiction for settings that cannot both be meant."""
    if settings.read_only and settings.clean:
        raise Contradiction(one="--read-only", other="--clean", why="one touches nothing, the other removes containers")
    if settings.read_only and settings.model_steps:
        raise Contradiction(one="--read-only", other="--model-steps", why="the model starts and stops containers")
    written: dict[str, str] = {}
    for name in REPORTS:
        path = getattr(settings, name)
        if path and path in written:
            raise Contradiction(one=written[path], other=f"--{name}", why=f"both would be written to {path}")
        written[path] = f"--{name}"


def _public(option: Option, value: Any) -> Any:
    """Return a value as everybody may read it."""
    if option.secret:
        return REDACTED
    return tuple(map(redacted_url, value)) if option.name == "urls" else value


def _toml(value: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(
        value, str
    ):  # JSON's texts are TOML's, but for one control character that TOML does not take as it is
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
