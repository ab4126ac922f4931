"""The command line options of the fake daemon, for every program that has one inside."""

import argparse

from fakedobby.timings import PROGRESSIONS


def add_progression(parser: argparse.ArgumentParser) -> None:
    """Add the option that says how long a container's transitions take."""
    parser.add_argument(
        "--progression",
        choices=sorted(PROGRESSIONS, reverse=True),
        default="real",
        help="how long starting and stopping take: as long as on a real box, or no time at all (default: real)",
    )
