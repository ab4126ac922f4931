"""The command line options of the fake daemon and its bus, for every program that has one inside."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, NoReturn

from fakedobby.busaddress import HOSTED, listening_path
from fakedobby.clock import Clock
from fakedobby.emulatedclock import EmulatedClock
from fakedobby.emulation import Emulation
from fakedobby.errors import MisplacedOption, UserError
from fakedobby.manualpace import ManualPace
from fakedobby.quirks import CATALOGUE, Quirk, chosen
from fakedobby.settings import Settings
from fakedobby.timings import PROGRESSIONS

_IDS = {quirk.id for quirk in CATALOGUE}
_SPEEDS = {"real": 1.0, "virtual": 0.0}
"""What `--clock` chooses from."""


class Default(str):
    """The value of an option that nobody has given: a scenario may have another one."""

    __slots__ = ()


class Parser(argparse.ArgumentParser):
    """A parser that can be asked which options it knows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.options: set[str] = set()
        super().__init__(*args, **kwargs)

    def add_argument(self, *args: Any, **kwargs: Any) -> argparse.Action:
        """Add an option, as argparse does."""
        action = super().add_argument(*args, **kwargs)
        self.options.update(action.option_strings)
        return action


def refuse_misplaced(arguments: list[str], command: str, parsers: dict[str, Parser]) -> None:
    """Raise MisplacedOption for the first option that `command` lacks and other commands have."""
    for argument in arguments:
        option = argument.partition("=")[0]
        owners = [f"'{name}'" for name, parser in parsers.items() if option in parser.options]
        if owners and option not in parsers[command].options:
            raise MisplacedOption(option=option, command=command, owners=" and ".join(owners))


def add_quirks(parser: argparse.ArgumentParser, catalogue: Sequence[Quirk]) -> None:
    """Add the options that choose among the quirks of a catalogue."""

    def known(text: str) -> str:
        try:
            chosen([text], catalogue=catalogue)
        except UserError as problem:
            _bad(problem)
        return text

    parser.add_argument(
        "--quirk",
        action="append",
        default=[],
        type=known,
        metavar="ID",
        help="misbehave as the real programs do, see 'thunderoci quirks'; repeatable",
    )
    parser.add_argument(
        "--no-quirk", action="append", default=[], type=known, metavar="ID", help="do without this quirk; repeatable"
    )
    parser.add_argument("--faithful", action="store_true", help="have every quirk that does not depend on chance")


def add_daemon(parser: argparse.ArgumentParser, catalogue: Sequence[Quirk] = CATALOGUE) -> None:
    """Add the options of a fake daemon and its bus; settings_of() and check_bus() read them.

    `catalogue` holds all quirks that the program has; the daemon takes those that are its own.
    """
    parser.add_argument(
        "--bus",
        metavar="BUS",
        help="the message bus to be on: private runs a dbus-daemon, embedded one inside this process, auto (default) "
        "the first of these that is possible; session, system or an address mean a bus that is there",
    )
    parser.add_argument(
        "--bus-listen",
        metavar="ADDRESS",
        type=_listen,
        help="unix:path=... where a bus that this program runs is to listen, instead of a path of its own choice; only "
        "processes of the same user and of root can connect (for others take a system bus and 'fakedobby policy')",
    )
    parser.add_argument(
        "--progression",
        choices=sorted(PROGRESSIONS, reverse=True),
        default=Default("real"),
        help="how long starting and stopping take: as long as on a real box, no time at all, or until they are stepped "
        "(default: real)",
    )
    parser.add_argument(
        "--clock",
        choices=list(_SPEEDS),
        default=Default("real"),
        help="what moves time, for containers and for calls that wait: real time, or nothing but your own word "
        "(default: real)",
    )
    parser.add_argument(
        "--no-memcr",
        action="store_false",
        dest="memcr",
        help="be a box without memcr, on which nothing can be hibernated",
    )
    add_quirks(parser, catalogue)
    parser.add_argument(
        "--workspace",
        type=_directory,
        metavar="DIR",
        help="where bundles made from Dobby specs are written; by default a temporary directory",
    )
    add_seed(parser)
    add_until_eof(parser)


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Add --seed, which random_of() reads."""
    parser.add_argument("--seed", type=int, metavar="N", help="make what is random the same in every run")


def random_of(options: argparse.Namespace) -> Random:
    """Return a source of chance that begins where --seed says."""
    return Random() if options.seed is None else Random(options.seed)  # noqa: S311 (nothing here is a secret)


def add_until_eof(parser: argparse.ArgumentParser) -> None:
    """Add --until-eof, by which a program does not outlive who started it, however that ended."""
    parser.add_argument(
        "--until-eof", action="store_true", help="end at the end of standard input, for programs that start this one"
    )


def add_verbose(parser: argparse.ArgumentParser) -> None:
    """Add -v, which log_level() reads."""
    parser.add_argument(
        "-v", "--verbose", action="count", default=0, help="log what is refused, and why; -vv logs more"
    )


def log_level(verbose: int) -> str:
    """Return the name of the level that so many -v mean."""
    return ("WARNING", "INFO", "DEBUG")[min(verbose, 2)]


def check_bus(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Complete the options of the bus, or end with the usage when they do not go together."""
    if options.bus is None:
        options.bus = "auto"
    if options.bus_listen is not None and options.bus not in HOSTED:
        parser.error("--bus-listen is for a bus that this program runs itself: --bus auto, private or embedded")


def emulation_of(options: argparse.Namespace, base: Clock) -> Emulation:
    """Return the clock, the pace and the chance that the options want; real time is that of `base`."""
    clock = EmulatedClock(base, _SPEEDS[options.clock])
    pace = ManualPace(clock) if options.progression == "manual" else clock
    return Emulation(clock, pace, random_of(options))


def settings_of(options: argparse.Namespace, random: Random | None = None) -> Settings:
    """Return what the options say about the fake daemon; `random` is its chance, if there is a source of it already."""
    return Settings(
        timings=PROGRESSIONS[options.progression],
        quirks=chosen(
            (quirk for quirk in options.quirk if quirk in _IDS),
            (quirk for quirk in options.no_quirk if quirk in _IDS),
            faithful=options.faithful,
        ),
        memcr=options.memcr,
        workspace=options.workspace,
        random=random or random_of(options),
    )


def _bad(problem: object) -> NoReturn:
    raise argparse.ArgumentTypeError(str(problem)) from None


def _listen(text: str) -> str:
    try:
        return listening_path(text)
    except UserError as problem:
        _bad(problem)


def _directory(text: str) -> Path:
    path = Path(text)
    if not text or not path.is_dir():
        _bad(f"'{text}' is no directory")
    return path.resolve()
