"""The options of `thunderoci replay`."""

import argparse
from importlib.util import find_spec

from conformance.errors import MissingPackages, tell
from conformance.settings import ORDERS

PROFILES = ("auto", "rdkservices", "entservices")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to ``parser``."""
    parser.add_argument(
        "document",
        metavar="DOC.md",
        help="a Markdown file with curl commands; rdkservices or entservices without such a file: the documentation of "
        "org.rdk.OCIContainer that comes with this program",
    )
    parser.add_argument(
        "url", nargs="?", default="", metavar="URL", help="where they go, as for check (where the document says)"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="NAME=VALUE",
        help="the value of a place that the document leaves open, [-NAME-], ${NAME}, $NAME or <NAME>; repeatable",
    )
    parser.add_argument("--bundle-path", metavar="PATH", help="the value of every place that asks for a bundle path")
    parser.add_argument(
        "--skip-unset", action="store_true", help="do not count commands that lack a value as differences"
    )
    parser.add_argument(
        "--order", choices=ORDERS, default=ORDERS[0], help="starts first and stops last, or as they are documented"
    )
    parser.add_argument(
        "--profile", choices=PROFILES, default=PROFILES[0], help="the generation of the plugin's API (auto)"
    )
    parser.add_argument(
        "--strict", action="store_true", help="members that are not documented, and broken SHOULDs, are differences too"
    )
    parser.add_argument("--timeout", type=_above_zero, default=10.0, help="seconds that an answer may take (10)")
    parser.add_argument(
        "--settle",
        type=_not_below_zero,
        default=2.0,
        metavar="SECONDS",
        help="how long a refused command is tried again after one that changed something (2)",
    )
    parser.add_argument(
        "--header", action="append", default=[], dest="headers", metavar="HEADER", help="'Name: value'; repeatable"
    )
    parser.add_argument("--token", metavar="T", help="a security token, sent with each command")
    parser.add_argument("--json", metavar="FILE", help="write the results to this file as JSON too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    if find_spec("jsonschema") is None:
        tell(MissingPackages(names="jsonschema"))
        return 2
    from conformance import replay  # noqa: PLC0415 (it loads Twisted and jsonschema, which --help does without)

    return replay.run(options)


def _above_zero(text: str) -> float:
    seconds = _not_below_zero(text)
    if seconds == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: give seconds above 0")
    return seconds


def _not_below_zero(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time: give seconds")
    return seconds
