"""The options of `thunderoci compare`."""

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to ``parser``."""
    parser.add_argument("before", metavar="A.json", help="the JSON report of the earlier check, a baseline")
    parser.add_argument("after", metavar="B.json", help="that of the later one")
    parser.add_argument(
        "--by", choices=("position", "url"), default="position", help="what makes two targets the same (position)"
    )
    parser.add_argument("--markdown", action="store_true", help="write Markdown, for a pull request")
    parser.add_argument("--ignore-latency", action="store_true", help="leave out how answering times changed")
    parser.add_argument("--regressions", action="store_true", help="show, and exit with 1 for, only what became worse")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from conformance import compare  # noqa: PLC0415 (only this command needs it)

    return compare.run(
        options.before,
        options.after,
        by=options.by,
        as_markdown=options.markdown,
        ignore_latency=options.ignore_latency,
        regressions=options.regressions,
    )
