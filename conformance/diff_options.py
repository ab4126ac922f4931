"""The options of `thunderoci diff`."""

import argparse

from conformance.errors import UserError, tell
from conformance.packages import demand_packages


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to ``parser``."""
    parser.add_argument("before", metavar="A", help="an endpoint, as for check, or what 'thunderoci record' wrote")
    parser.add_argument("after", metavar="B", help="another one; where one is a recording, its calls are made")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument(
        "--ignore-profiles",
        action="store_true",
        help="leave out what is known to differ between the profiles of two endpoints",
    )
    parser.add_argument(
        "--bundle-path", default="", metavar="PATH", help="a bundle that both have at this path, to be started as well"
    )
    parser.add_argument("--timeout", type=_above_zero, default=10.0, help="seconds that an answer may take (10)")
    parser.add_argument(
        "--callsign", default="org.rdk.OCIContainer", help="what the plugin is called (org.rdk.OCIContainer)"
    )
    parser.add_argument(
        "--header", action="append", default=[], dest="headers", metavar="HEADER", help="'Name: value'; repeatable"
    )
    parser.add_argument("--token", default="", metavar="T", help="a security token, sent with each request")
    parser.add_argument("--insecure", action="store_true", help="accept any certificate")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    try:
        demand_packages()
    except UserError as problem:
        tell(problem)
        return 2
    from conformance import diff  # noqa: PLC0415 (it loads Twisted and jsonschema, which --help does without)

    return diff.run(options)


def _above_zero(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time: give seconds above 0")
    return seconds
