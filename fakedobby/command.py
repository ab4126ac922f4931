"""What the command lines do that test containers run."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from fakedobby.config import INIT, Config
from fakedobby.filesystem import FileSystem
from fakedobby.process import Behaviour, OnTerm, Program, Run, status_of_exit
from fakedobby.scripted import NO_PROGRAMS, Programs
from fakedobby.shell import Shell

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_TIME = re.compile(r"(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?)([smhd]?)", re.ASCII | re.IGNORECASE)
_FAILED = Program(0, status_of_exit(1))
_ENDS_AT_ONCE = {
    "true",
    "echo",
    "printf",
    "test",
    "ls",
    "cat",
    "date",
    "pwd",
    "id",
    "env",
    "hostname",
    "uname",
    "whoami",
    "mkdir",
    "rmdir",
    "touch",
    "rm",
    "cp",
    "mv",
    "ln",
    "chmod",
    "chown",
}
_WRAPPERS = {"env", "nohup", "setsid"}
_SHELLS = {"sh", "bash", "dash", "ash"}


def init_of(config: Config) -> Behaviour:
    """Return the behaviour of a container's init."""
    if config.program is not None:
        return config.program.behaviour
    return program_of(config.args, config.files, config.cwd, config.programs)


def program_of(
    args: tuple[str, ...], files: FileSystem | None = None, cwd: str = "/", programs: Programs = NO_PROGRAMS
) -> Behaviour:
    """Return the behaviour of a command line, with or without DobbyInit before it.

    `sleep`, `echo` and their like do what they do, `sh -c` is read, what we don't know runs until it is stopped. A
    program that isn't there (the rule: filesystem.py) and an empty command line end at once with status 256
    (facts/dobby.md 2). DobbyInit passes signals on; without it the program is the first process of the container,
    which the kernel keeps from a SIGTERM that it does not handle. What `programs` describe goes before all that we
    know, and needs no file.
    """
    files = files or FileSystem()
    if args[:1] == (INIT,):
        return _find(args[1:], files, cwd, programs, pid="2") or _FAILED
    program = _find(args, files, cwd, programs, pid="1")
    return _FirstProcess(program) if program else _FAILED


def _find(args: tuple[str, ...], files: FileSystem, cwd: str, programs: Programs, pid: str) -> Behaviour | None:
    if scripted := _scripted(args, programs):
        return scripted
    if not args or not files.has_program(args[0], cwd):
        return None
    name = args[0].rpartition("/")[2]
    while name in _WRAPPERS and (rest := _wrapped(args[1:])):
        args = rest
        name = args[0].rpartition("/")[2]
        if not files.has_program(args[0], cwd):
            return Program(0, status_of_exit(127))
    if name in _SHELLS:
        return _shell(args[1:], partial(_find, files=files, cwd=cwd, programs=programs, pid=pid), pid)
    if simple := _PROGRAMS.get(name):
        return simple(args[1:])
    return Program(0) if name in _ENDS_AT_ONCE else Program(None)


def _scripted(args: tuple[str, ...], programs: Programs) -> Behaviour | None:
    """Return the behaviour of a command line that somebody has described, or of one inside it."""
    if programs:
        while args:
            if found := programs.find(args):
                return found.behaviour
            args = _wrapped(args[1:]) if args[0].rpartition("/")[2] in _WRAPPERS else ()
    return None


def _wrapped(args: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command line inside another one: what follows its options and variables."""
    for index, arg in enumerate(args):
        if not arg.startswith("-") and "=" not in arg:
            return args[index:]
    return ()


def _shell(args: tuple[str, ...], find: Callable[[tuple[str, ...]], Behaviour | None], pid: str) -> Behaviour:
    for index, arg in enumerate(args):
        if not arg.startswith("-"):
            break
        if "c" in arg and not arg.startswith("--"):
            text, *positional = args[index + 1 :] or ("",)
            return Shell(text, find, pid, tuple(positional))
    # an interactive shell, or a script that we would have to read from the container
    return Program(None)


def _sleep(times: tuple[str, ...]) -> Program:
    seconds = 0.0
    for time in times:
        found = _TIME.fullmatch(time)
        if not found:
            return _FAILED
        seconds += float(found[1]) * _UNITS[found[2].lower()]
    if not times:
        return _FAILED
    return Program(seconds if seconds != float("inf") else None)


_PROGRAMS: dict[str, Callable[[tuple[str, ...]], Program]] = {
    "sleep": _sleep,
    "false": lambda _: _FAILED,
}


@dataclass(frozen=True, slots=True)
class _FirstProcess:
    """A program as the first process of a container: a signal that it doesn't handle never reaches it."""

    program: Behaviour

    def run(self) -> Run:
        run = self.program.run()
        signal = None
        while True:
            try:
                wait = run.send(signal)
            except StopIteration as end:
                return int(end.value)
            signal = yield wait._replace(on_term=OnTerm.IGNORES) if wait.on_term is OnTerm.DIES else wait
