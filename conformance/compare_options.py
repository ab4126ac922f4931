"""The options of `thunderoci compare`."""

import argparse
from collections.abc import Callable


def add(parser: argparse.ArgumentParser, print_out: Callable[[str], int]) -> None:
    """Add the arguments of the command to ``parser``; ``print_out`` prints a text, and returns 0 when it could."""
    parser.add_argument("before", metavar="A.json", help="the JSON report of the earlier check, a baseline")
    parser.add_argument("after", metavar="B.json", help="that of the later one")
    parser.add_argument(
        "--by", choices=("position", "url"), default="position", help="what makes two targets the same (position)"
    )
    parser.add_argument("--markdown", action="store_true", help="write Markdown, for a pull request")
    parser.add_argument("--ignore-latency", action="store_true", help="leave out how answering times changed")
    parser.add_argument("--regressions", action="store_true", help="show, and exit with 1 for, only what became worse")
    parser.set_defaults(run=run, print_out=print_out)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from conformance import compare  # noqa: PLC0415 (only this command needs it)

    return compare.run(
        options.before,
        options.after,
        options.print_out,
        by=options.by,
        as_markdown=options.markdown,
        ignore_latency=options.ignore_latency,
        regressions=options.regressions,
    )
