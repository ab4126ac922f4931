"""The command `fakedobby`: the fake daemon alone, on a bus that is there."""

import argparse
import logging
import time
from collections.abc import Sequence
from typing import Any

from fakedobby import __version__
from fakedobby.options import add_progression
from fakedobby.program import Program, say_ready
from fakedobby.settings import Settings
from fakedobby.timings import PROGRESSIONS


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="fakedobby", description="A Dobby daemon without containers, for clients of org.rdk.dobby on D-Bus."
    )
    parser.add_argument("--version", action="version", version=f"fakedobby {__version__}")
    parser.add_argument(
        "--bus", required=True, metavar="ADDRESS", help="the message bus to serve on: an address, session or system"
    )
    add_progression(parser)
    parser.add_argument("-v", "--verbose", action="store_true", help="log every refusal with its rule")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 after SIGTERM or SIGINT, 1 for a failure, 2 for bad usage."""
    options = parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if options.verbose else logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    program = Program("fakedobby")
    return program.run(lambda reactor: _serve(reactor, options, program))


async def _serve(reactor: Any, options: argparse.Namespace, program: Program) -> None:
    from fakedobby.bus import connect, resolve  # noqa: PLC0415 (txdbus takes long to load, and --help does not need it)
    from fakedobby.service import DobbyService  # noqa: PLC0415

    connection = await connect(reactor, options.bus)
    service = DobbyService(
        connection, reactor, Settings(timings=PROGRESSIONS[options.progression]), uptime=time.monotonic()
    )
    await service.publish()
    program.needs(connection, resolve(options.bus))
    say_ready(bus=resolve(options.bus))
