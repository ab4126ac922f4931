"""The command `fakedobby`: the fake daemon alone, in place of DobbyDaemon."""

import argparse
import logging
import sys
from collections.abc import Sequence
from typing import Any

from fakedobby import __version__
from fakedobby.errors import MisplacedOption, UserError
from fakedobby.options import (
    Parser,
    add_daemon,
    add_verbose,
    check_bus,
    emulation_of,
    log_level,
    refuse_misplaced,
)
from fakedobby.policy import current_user, policy
from fakedobby.program import Program, complain, print_out, say_ready, standard_error
from fakedobby.protocol import BUS_NAME
from fakedobby.scenariooptions import add_scenario, taken

_DAEMON = "fakedobby"
_POLICY = "fakedobby policy"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 after SIGTERM or SIGINT, 1 for a failure, 2 for bad usage."""
    with standard_error():
        return _carry_out(list(sys.argv[1:] if arguments is None else arguments))


def _carry_out(words: list[str]) -> int:
    parsers = {_DAEMON: _daemon_parser(), _POLICY: _policy_parser()}
    command = _DAEMON
    if words[:1] == ["policy"]:
        command = _POLICY
        del words[0]
    parser = parsers[command]
    try:
        refuse_misplaced(words, command, parsers)
    except MisplacedOption as problem:
        parser.error(str(problem))
    options = parser.parse_args(words)
    if command == _POLICY:
        return print_out(policy(options.user))
    return _run(parser, options)


def _daemon_parser() -> Parser:
    parser = Parser(
        prog=_DAEMON,
        description="A Dobby daemon without containers, for clients of org.rdk.dobby on D-Bus.",
        epilog=f"'{_POLICY}' prints what a system bus must be told so that the fake can be on it.",
    )
    add_daemon(parser)
    add_scenario(parser, "containers, programs, bundles and faults")
    add_verbose(parser)
    parser.add_argument("-V", "--version", action="version", version=f"fakedobby {__version__}")
    _add_real_options(parser.add_argument_group("options of the real daemon"), parser)
    return parser


def _add_real_options(group: Any, parser: Parser) -> None:
    """Add what scripts may pass to DobbyDaemon (its daemon/process/source/Main.cpp)."""

    def add(*names: str, **details: Any) -> None:
        parser.options.update(names)
        group.add_argument(*names, **details)

    def ignore(*names: str, reason: str, **details: Any) -> None:
        add(*names, action=_Ignored, help=f"ignored: {reason}", **details)

    add("-a", "--dbus-address", metavar="ADDRESS", help="the same as --bus ADDRESS")
    add("-s", "--service", type=_service, metavar="NAME", help=f"accepted if it is {BUS_NAME}, the fake's only name")
    add("-n", "--nofork", action="store_true", help="accepted: the fake never forks, with or without it")
    ignore("-f", "--settings-file", metavar="FILE", reason="the fake is no platform that it could describe")
    ignore("-p", "--priority", metavar="N", reason="the fake has no real-time priority")
    ignore("-k", "--noconsole", nargs=0, reason="the fake says READY on standard output")
    ignore("-g", "--syslog", nargs=0, reason="the log goes to standard error")
    ignore("-j", "--journald", nargs=0, reason="the log goes to standard error, where journald finds it")


class _Ignored(argparse.Action):
    """An option of the real daemon that means nothing to the fake, which says so."""

    def __call__(self, parser: argparse.ArgumentParser, *_args: object) -> None:
        complain(f"{parser.prog}: {self.option_strings[-1]} is {self.help}.\n")


def _service(name: str) -> str:
    if name != BUS_NAME:
        raise argparse.ArgumentTypeError(f"the fake has no other name than {BUS_NAME}")
    return name


def _policy_parser() -> Parser:
    parser = Parser(
        prog=_POLICY,
        description=f"Print the policy that a system bus needs for the fake; save it as "
        f"/etc/dbus-1/system.d/{BUS_NAME}.conf.",
    )
    parser.add_argument(
        "--user", type=_user, default=current_user(), help="who runs the fake and its clients (default: %(default)s)"
    )
    return parser


def _user(name: str) -> str:
    if not name or not name.isprintable() or " " in name:
        raise argparse.ArgumentTypeError(f"{name!r} is no name of a user")
    return name


def _run(parser: Parser, options: argparse.Namespace) -> int:
    if options.dbus_address is not None:
        if options.bus is not None:
            parser.error("--bus and --dbus-address mean the same: give one of them")
        options.bus = options.dbus_address
    check_bus(parser, options)
    logging.basicConfig(level=log_level(options.verbose), format="%(levelname)s %(name)s: %(message)s")
    program = Program(_DAEMON)
    return program.run(lambda reactor: _serve(reactor, options, program), until_eof=options.until_eof)


async def _serve(reactor: Any, options: argparse.Namespace, program: Program) -> None:
    from fakedobby.daemon import Daemon  # noqa: PLC0415 (it loads Twisted and txdbus, which --help does not need)
    from fakedobby.daemoncontrol import DaemonControl  # noqa: PLC0415 (as above)
    from fakedobby.faults import DOBBY  # noqa: PLC0415 (as above)
    from fakedobby.operations.operations import Operations  # noqa: PLC0415 (as above)
    from fakedobby.scenario import NOTHING, put_in_force, scenario_of  # noqa: PLC0415 (as above)
    from fakedobby.settling import Settling  # noqa: PLC0415 (as above)

    def left(problem: UserError | None) -> None:
        if problem is None:
            program.end()
        else:
            program.fail(problem)

    file = taken(options)
    scenario = scenario_of(file) if file else NOTHING
    emulation = emulation_of(options, reactor)
    put_in_force(scenario, emulation.faults, DOBBY)
    daemon = Daemon(program, options, left, emulation, scenario)
    control = DaemonControl(daemon, emulation, Settling(lambda: daemon.connections, lambda: True))
    daemon.control.operations = Operations(emulation, reactor, options.progression, control).by_name()
    address = await daemon.start(reactor)
    program.before_ending(daemon.shutdown)
    say_ready(bus=address)
