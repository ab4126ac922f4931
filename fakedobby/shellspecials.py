"""What the shell does by itself and may take time, or end the shell: exit, exec, eval, trap, kill, wait."""

import re
from collections.abc import Callable, Generator
from signal import SIGTERM, Signals
from typing import TYPE_CHECKING, Any

from fakedobby.process import Wait, status_of_exit, status_of_signal
from fakedobby.shellbuiltins import kill_arguments, signal_number

if TYPE_CHECKING:  # the shell runs these commands, so it can't be loaded before them
    from fakedobby.shell import Execution

Step = Generator[Wait, Signals | None, Any]
"""A part of a shell's run."""

NOT_FOUND = 127
SYNTAX = 2
_UNHARMFUL = {0, Signals.SIGCHLD, Signals.SIGCONT, Signals.SIGURG, Signals.SIGWINCH}


class Exit(Exception):
    """The shell is over, with this raw wait status."""

    def __init__(self, status: int) -> None:
        self.status = status


def _exit(shell: "Execution", args: tuple[str, ...]) -> Step:
    """End the shell: `exit [n]`."""
    yield from ()
    if args and not re.fullmatch(r"\d+", args[0]):
        raise Exit(status_of_exit(SYNTAX))
    raise Exit(status_of_exit(int(args[0][-9:]) % 256 if args else shell.code))


def _exec(shell: "Execution", args: tuple[str, ...]) -> Step:
    """Replace the shell by a program, whose traps are gone but which still ignores what the shell ignored."""
    if not args:
        return
    program = shell.shell.find(args)
    if program is None:
        raise Exit(status_of_exit(NOT_FOUND))
    shell.trap = "" if shell.trap == "" else None
    raise Exit((yield from shell.drive(program)))


def _eval(shell: "Execution", args: tuple[str, ...]) -> Step:
    """Run the arguments as a text."""
    yield from shell.evaluate(" ".join(args))


def _trap(shell: "Execution", args: tuple[str, ...]) -> Step:
    """Set what signals do; only SIGTERM's matters here."""
    yield from ()
    action, names = (args[0], args[1:]) if len(args) > 1 else ("-", args)
    if any(signal_number(name) == SIGTERM for name in names):
        shell.trap = None if action == "-" else action
    shell.code = 0


def _kill(shell: "Execution", args: tuple[str, ...]) -> Step:
    """Send a signal to this shell or to one of its jobs."""
    number, targets = kill_arguments(args)
    shell.code = 0
    for target in targets:
        if target == shell.shell.pid:
            yield from _signal_self(shell, number)
        elif number in _UNHARMFUL or shell.jobs.pop(target, None) is None:
            shell.code = int(target not in shell.jobs)


def _signal_self(shell: "Execution", number: int) -> Step:
    if number in _UNHARMFUL or (number == SIGTERM and shell.trap == ""):
        return
    if number == SIGTERM and shell.trap:
        yield from shell.terminated()
    elif shell.shell.pid != "1":  # the kernel keeps the first process of a container from what it does not handle
        raise Exit(status_of_signal(number))


def _wait(shell: "Execution", args: tuple[str, ...]) -> Step:
    """Wait for jobs: all of them, or those named."""
    jobs = [shell.jobs[pid] for pid in args or tuple(shell.jobs) if pid in shell.jobs]
    left = max((end for end, _ in jobs), default=shell.now) - shell.now
    shell.code = jobs[-1][1] if args and jobs else NOT_FOUND if args else 0
    if left > 0:
        yield from shell.pause(left)


SPECIALS: dict[str, Callable[["Execution", tuple[str, ...]], Step]] = {
    "exit": _exit,
    "exec": _exec,
    "eval": _eval,
    "trap": _trap,
    "kill": _kill,
    "wait": _wait,
}
