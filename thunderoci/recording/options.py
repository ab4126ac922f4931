"""The options of `thunderoci record`, beside the address that it listens on."""

import argparse

from thunderoci.optionvalues import seconds

IDLE = 900
"""After how many seconds without traffic a connection is ended; boxes ping a silent WebSocket much sooner."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options to a parser."""
    parser.add_argument(
        "--upstream",
        required=True,
        metavar="URL",
        help="the box to hand everything on to: http://host:port or host:port",
    )
    parser.add_argument("--output", required=True, metavar="FILE", help="where to write what is said, as JSON lines")
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument("--force", action="store_true", help="replace FILE if it is there")
    existing.add_argument("--append", action="store_true", help="go on with FILE if it is there")
    parser.add_argument(
        "--redact",
        action="append",
        default=[],
        type=_name,
        metavar="NAME",
        help="leave out the values of members, query parameters and headers of this name; repeatable",
    )
    parser.add_argument(
        "--idle-time",
        type=seconds,
        default=IDLE,
        help=f"seconds without traffic that end a connection ({IDLE}); more than the box has",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from thunderoci.recording import recorder  # noqa: PLC0415 (it loads Twisted, which --help does without)

    return recorder.run(options)


def _name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is no name: give that of a member, a query parameter or a header")
    return text.strip()
