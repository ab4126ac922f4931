"""The option --scenario, and how a scenario and the other options go together."""

import argparse
import pathlib
from typing import Any

from fakedobby.options import Default
from fakedobby.scenariofile import ScenarioFile

FROM_THE_FILE = ("profile", "flavour", "clock", "progression", "seed")
"""The options that a scenario can have, too; those on the command line win."""


def add_scenario(parser: argparse.ArgumentParser, what: str) -> None:
    """Add --scenario, which taken() reads."""
    parser.add_argument("--scenario", metavar="FILE", type=_file, help=f"a TOML file that describes {what}")


def open_to(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options that a scenario has a say in, since nobody has given them, with their defaults.

    To be asked for before taken() completes them.
    """
    values = {name: getattr(options, name, None) for name in FROM_THE_FILE}
    return {name: value for name, value in values.items() if value is None or isinstance(value, Default)}


def taken(options: argparse.Namespace) -> ScenarioFile | None:
    """Return the scenario that the options name, and complete them by it; raises BadScenario."""
    if options.scenario is None:
        return None
    file = ScenarioFile(options.scenario)
    for name in open_to(options):
        if name in file.document:
            setattr(options, name, file.document[name])
    return file


def _file(text: str) -> pathlib.Path:
    if not text:
        raise argparse.ArgumentTypeError("'' is no file")
    return pathlib.Path(text)
