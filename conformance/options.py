"""The options of ``thunderoci check``: a table of them, and what argparse makes of it."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance import kinds
from conformance.kinds import Impossible, Kind
from conformance.settings import AUTO, LEVELS, PROFILES


@dataclass(frozen=True, slots=True)
class Option:
    """An option: the setting it is, its kind and help, and the ``short`` name under which it is also known.

    A ``local`` one is a path on this machine; what is ``secret`` is never shown.
    """

    name: str
    kind: Kind
    help: str
    metavar: str = ""
    short: str = ""
    local: bool = False
    secret: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names in configuration files and the environment, with underscores."""
        return (self.name, self.short) if self.short else (self.name,)

    @property
    def key(self) -> str:
        """The name in configuration files, as on the command line but plural for lists."""
        return (self.name if self.kind.split else self.short or self.name).replace("_", "-")

    @property
    def flag(self) -> str:
        """The name on the command line."""
        return f"--{(self.short or self.name).replace('_', '-')}"


_REPORT = "write {} to this file"
OPTIONS = (
    Option("urls", kinds.URLS, "host:port, http://host:port or a URL that ends in /jsonrpc", "URL", "url"),
    Option(
        "targets_file",
        kinds.PATH,
        "targets in a file: one URL a line, or TOML with [[target]] tables",
        "FILE",
        "targets",
        local=True,
    ),
    Option(
        "profile",
        kinds.choice((AUTO, *PROFILES)),
        f"the generation of the plugin's API; auto (default with a URL) asks the target; {PROFILES[0]} without a URL",
        "PROFILE",
    ),
    Option("select", kinds.PATTERNS, "run only the cases of this id or glob; repeatable", "ID"),
    Option("exclude", kinds.PATTERNS, "leave out the cases of this id or glob; repeatable", "ID"),
    Option("tags", kinds.TAGS, "run only cases with one of these tags, none with a tag after 'not-'", "TAG", "tag"),
    Option(
        "level",
        kinds.choice(LEVELS),
        "run no case below this level, and count no finding below it (MAY: all do)",
        "LEVEL",
    ),
    Option("strict", kinds.FLAG, "let a broken SHOULD count as a failure"),
    Option("read_only", kinds.FLAG, "run only the cases that change nothing on the target"),
    Option("hazardous", kinds.FLAG, "run the cases too that could crash or hang a real daemon"),
    Option("list", kinds.FLAG, "list the cases that would run, without a target"),
    Option("dry_run", kinds.FLAG, "say which cases would run and what they need, and send nothing"),
    Option("seed", kinds.count(0, 2**64 - 1), "make what is random the same in every run", "N"),
    Option("bundle_path", kinds.TEXT, "a bundle on the target, for the cases that start one", "PATH"),
    Option("bundle", kinds.PATH, "write the bundle that we bring to this directory, - prints it", "DIR", local=True),
    Option("timeout", kinds.SECONDS, "seconds that an answer may take (10)", "SECONDS"),
    Option("deadline", kinds.SECONDS, "seconds that the whole run may take (900)", "SECONDS"),
    Option("callsign", kinds.CALLSIGN, "what the plugin is called there (org.rdk.OCIContainer)", "NAME"),
    Option(
        "headers",
        kinds.HEADERS,
        "send this header with every request; repeatable",
        "'NAME: VALUE'",
        "header",
        secret=True,
    ),
    Option("token", kinds.TOKEN, "the security token; better in the environment, as THUNDER_TOKEN", "T", secret=True),
    Option("insecure", kinds.FLAG, "accept any certificate of an https target"),
    Option("waivers", kinds.PATH, "a TOML file with the failures that are known", "FILE", local=True),
    Option("clean", kinds.FLAG, "remove what runs of this machine that were killed have left on the target"),
    Option("model_steps", kinds.count(0, 1_000_000), "walk this many random calls and compare with a model (0)", "N"),
    Option(
        "jobs",
        kinds.count(0, 64),
        "processes over which several targets are spread (0: one a target, at most one a processor)",
        "N",
    ),
    Option("json", kinds.PATH, _REPORT.format("the report as JSON"), "FILE", local=True),
    Option("junit", kinds.PATH, _REPORT.format("the report as JUnit XML"), "FILE", local=True),
    Option("html", kinds.PATH, _REPORT.format("the report as one page of HTML"), "FILE", local=True),
    Option("markdown", kinds.PATH, _REPORT.format("the report as Markdown"), "FILE", local=True),
    Option("badge", kinds.PATH, _REPORT.format("a badge, an SVG image,"), "FILE", local=True),
    Option("config", kinds.PATH, "take the options from this file, not from ./conformance.toml", "FILE", local=True),
)
PRINT_CONFIG = "print_config"
"""What the namespace calls --print-config, which is no setting of a run."""


def add_check(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``thunderoci check``, with the default None: ``configuration.read`` knows the defaults."""
    for option in OPTIONS:
        read = _typed(option)
        if option.name == "urls":
            parser.add_argument("urls", nargs="*", type=read, metavar=option.metavar, help=option.help)
        elif option.kind is kinds.FLAG:
            parser.add_argument(
                option.flag, dest=option.name, action=argparse.BooleanOptionalAction, default=None, help=option.help
            )
        else:
            action = "append" if option.kind.split else "store"
            parser.add_argument(
                option.flag, dest=option.name, action=action, type=read, metavar=option.metavar, help=option.help
            )
    parser.add_argument(
        "--print-config", action="store_true", help="print the options that hold and where they come from, as TOML"
    )


def _typed(option: Option) -> Callable[[str], Any]:
    """Return what argparse takes as the type of an option."""

    def read(text: str) -> Any:
        try:
            return option.kind.read(text)
        except Impossible as problem:
            raise argparse.ArgumentTypeError(f"{problem}; give {option.kind.expected}") from None

    return read
