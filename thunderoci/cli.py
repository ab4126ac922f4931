"""The command `thunderoci`."""

import argparse
import dataclasses
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from conformance import compare_options, diff_options, replay_options
from conformance.options import add_check
from fakedobby.busaddress import HOSTED
from fakedobby.errors import MisplacedOption
from fakedobby.options import (
    Default,
    Parser,
    add_daemon,
    add_quirks,
    add_seed,
    add_until_eof,
    add_verbose,
    check_bus,
    log_level,
    refuse_misplaced,
)
from fakedobby.program import complain, print_out, standard_error
from fakedobby.quirks import CATALOGUE as DOBBYS_CATALOGUE
from fakedobby.scenariooptions import add_scenario
from thunderoci import __version__
from thunderoci.control.options import add_log, add_status, origin
from thunderoci.emulator import running_emulator
from thunderoci.errors import EmulatorFailed, UserError
from thunderoci.limits import Limits
from thunderoci.optionvalues import seconds
from thunderoci.profiles import FLAVOURS, PROFILES
from thunderoci.quirks import CATALOGUE
from thunderoci.recording import options as record_options
from thunderoci.replaying import options as replaying_options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    with standard_error():
        options = _parse(list(sys.argv[1:] if arguments is None else arguments))
        level = log_level(getattr(options, "verbose", 0))
        logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
        return int(options.run(options))


log = logging.getLogger(__name__)

_LIMITS = Limits()


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser(
        prog="thunderoci", description="Thunder's org.rdk.OCIContainer without a set-top box: emulator and judge."
    )
    parser.add_argument("--version", action="version", version=f"thunderoci {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="command")
    parsers = {
        "up": commands.add_parser("up", help="run a bus, a fake Dobby and the plugin host in one process"),
        "serve": commands.add_parser("serve", help="run the plugin host alone, on a Dobby that is there"),
        "check": commands.add_parser("check", help="judge an endpoint, or an emulator started for it"),
        "replay": commands.add_parser(
            "replay", help="send the curl commands of a document, and judge the answers by it"
        ),
        "compare": commands.add_parser("compare", help="say what changed between the reports of two checks"),
        "diff": commands.add_parser("diff", help="say what two endpoints, or recordings of them, do differently"),
        "record": commands.add_parser("record", help="stand between clients and a box, and write down what is said"),
        "log": commands.add_parser("log", help="show what an emulator has done, or with -f is doing"),
        "status": commands.add_parser("status", help="show what an emulator is up to"),
        "quirks": commands.add_parser("quirks", help="list the misbehaviour of a box that --quirk switches on"),
    }
    _add_up(parsers["up"])
    _add_serve(parsers["serve"])
    add_check(parsers["check"])
    parsers["check"].set_defaults(run=_check)
    replay_options.add(parsers["replay"])
    compare_options.add(parsers["compare"])
    diff_options.add(parsers["diff"])
    _add_address(parsers["record"])
    record_options.add(parsers["record"])
    parsers["record"].set_defaults(run=record_options.run)
    add_log(parsers["log"])
    add_status(parsers["status"])
    parsers["quirks"].set_defaults(run=_quirks)
    for name in ("up", "serve", "record"):
        add_verbose(parsers[name])
    if arguments and arguments[0] in parsers:
        try:
            refuse_misplaced(arguments[1:], f"thunderoci {arguments[0]}", {p.prog: p for p in parsers.values()})
        except MisplacedOption as problem:
            parser.error(str(problem))
    options = parser.parse_args(arguments)
    if options.command == "up":
        replaying_options.check(parsers["up"], options)
        check_bus(parsers["up"], options)
        if options.watch and options.scenario is None:
            parsers["up"].error("--watch needs something to watch: give --scenario FILE, too")
    return options


def _add_up(parser: argparse.ArgumentParser) -> None:
    _add_host_options(parser)
    add_daemon(parser, (*CATALOGUE, *DOBBYS_CATALOGUE))
    add_scenario(parser, "the box: its containers, programs, bundles, faults, and more plugins")
    parser.add_argument("--watch", action="store_true", help="take the scenario anew, from the start, when it changes")
    replaying_options.add(parser)
    parser.set_defaults(run=_up)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    _add_host_options(parser)
    add_scenario(parser, "faults of the plugin host, and more plugins")
    parser.add_argument(
        "--bus",
        required=True,
        type=_bus_that_is_there,
        metavar="ADDRESS",
        help="the message bus that Dobby is on: an address, session or system",
    )
    add_quirks(parser, CATALOGUE)
    add_seed(parser)
    add_until_eof(parser)
    parser.set_defaults(run=_serve)


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=9998, help="the port to listen on; 0 takes a free one (9998)")
    parser.add_argument("--host", type=_host, default="127.0.0.1", help="the address to listen on (127.0.0.1)")


def _add_host_options(parser: argparse.ArgumentParser) -> None:
    _add_address(parser)
    parser.add_argument(
        "--profile", choices=PROFILES, default=Default(PROFILES[0]), help="the generation of the plugin's API"
    )
    parser.add_argument(
        "--flavour", choices=list(FLAVOURS), default=Default(next(iter(FLAVOURS))), help="the Thunder around it"
    )
    parser.add_argument(
        "--require-token",
        type=_token,
        metavar="T",
        help="refuse requests without this token, as a box with a security agent does",
    )
    parser.add_argument(
        "--allow-origin",
        type=origin,
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let pages of this origin, like http://localhost:3000, use the control API; repeatable",
    )
    parser.add_argument(
        "--control-token",
        type=_token,
        metavar="T",
        help="have the control API, which is off when --host is no loopback address, and refuse requests to it without "
        "this token",
    )
    parser.add_argument(
        "--dobby-timeout", type=seconds, default=25.0, help="seconds that a call to Dobby may take (25)"
    )
    parser.add_argument(
        "--idle-time", type=seconds, default=_LIMITS.idle, help="seconds without traffic that end HTTP (180)"
    )
    parser.add_argument(
        "--max-head",
        type=_bytes,
        default=_LIMITS.head,
        metavar="BYTES",
        help="the most bytes of request line and headers (65536)",
    )
    parser.add_argument(
        "--max-message",
        type=_bytes,
        default=_LIMITS.message,
        metavar="BYTES",
        help="the most bytes of an HTTP body or a WebSocket message (16777216)",
    )
    parser.add_argument(
        "--max-unread",
        type=_bytes,
        default=_LIMITS.unread_events,
        metavar="BYTES",
        help="the most bytes of events that wait for a client which does not read: with more it is dropped (1048576)",
    )
    parser.add_argument(
        "--env",
        type=_variable,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an environment variable of the box, which the Controller tells everybody who asks; repeatable",
    )


def _port(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= number < 2**16:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give 0 to 65535")
    return number


def _bus_that_is_there(text: str) -> str:
    if text in HOSTED:
        raise argparse.ArgumentTypeError(
            f"'{text}' would be a bus without a Dobby: give one where a Dobby is, or run both with 'thunderoci up'"
        )
    return text


def _host(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("'' is no address: give one of this machine, or 0.0.0.0 for all")
    return text


def _token(text: str) -> str:
    if not text or text != text.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is no token: give one that is not empty, without blanks around it")
    return text


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is no variable: give NAME=VALUE")
    return name, value


def _bytes(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len("1000000000") else 0
    if not 0 < number <= 2**30:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: give 1 to {2**30} bytes")
    return number


def _up(options: argparse.Namespace) -> int:
    if options.replay is not None:
        return replaying_options.run(options)
    from thunderoci.app import Application  # noqa: PLC0415 (it loads Twisted, which --help and check do without)

    return Application(options).up()


def _serve(options: argparse.Namespace) -> int:
    from thunderoci.app import Application  # noqa: PLC0415 (as in _up)

    return Application(options).serve()


def _quirks(_options: argparse.Namespace) -> int:
    catalogue = (*CATALOGUE, *DOBBYS_CATALOGUE)
    width = max(len(quirk.id) for quirk in catalogue)
    return print_out("".join(f"{quirk.id:{width}}  {quirk.sentence}\n" for quirk in catalogue))


def _check(options: argparse.Namespace) -> int:
    # whichever signal ends it, what was started for it is ended too
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        return _judge(options)
    except UserError as problem:
        complain(f"thunderoci: {problem}\n")
        return 3
    except Exception:
        log.exception("the suite broke, so there is no verdict; please report it")
        return 3
    except KeyboardInterrupt:
        complain("thunderoci: interrupted\n")
        return 130


def _judge(options: argparse.Namespace) -> int:
    from conformance import bundle, command, runner  # noqa: PLC0415 (the suite is optional, and only its commands need it)

    settings = command.prepare(options)
    if isinstance(settings, int):
        return settings
    if settings.urls or settings.targets_file:
        return runner.run(settings)
    profile = settings.profile if settings.profile in PROFILES else PROFILES[0]
    os.environ["no_proxy"] = "*"  # what we judge is on this machine, and no proxy leads there
    try:
        scratch = tempfile.TemporaryDirectory(prefix="thunderoci-")
    except OSError as problem:  # no room
        raise EmulatorFailed(reason=problem.strerror) from None
    with scratch as directory, running_emulator(profile) as url:
        path = settings.bundle_path or str(bundle.write(Path(directory)))
        return runner.run(dataclasses.replace(settings, urls=(url,), profile=profile, bundle_path=path))
