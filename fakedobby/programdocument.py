"""Programs as users describe them in JSON: how long they run, how they end, how they take SIGTERM (no I/O)."""

from collections.abc import Collection, Mapping
from math import isfinite
from signal import SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH, Signals
from typing import Any

from fakedobby.config import INIT, Config
from fakedobby.errors import BadInput
from fakedobby.process import Behaviour, Ending, OnTerm, Program, status_of_exit, status_of_signal

_HARMLESS = {SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH}
_MOST_SECONDS = 1e9
_UID = 1000


def read_program(document: Any, where: str = "program") -> Program:
    """Return the behaviour that a JSON object describes; raises BadInput, whose `where` is the JSON path."""
    members = an_object(document, where, {"runtime", "exit", "signal", "term"})
    if "exit" in members and "signal" in members:
        raise BadInput(where=where, problem="a program ends in one way", expected="either 'exit' or 'signal'")
    runtime = members.get("runtime")
    return Program(
        None if runtime is None else seconds(runtime, f"{where}.runtime"),
        _status(members, where),
        _on_term(members["term"], f"{where}.term") if "term" in members else OnTerm.DIES,
    )


def config_of(container_id: str, program: Behaviour) -> Config:
    """Return what a container is like that has a program and nothing else: no bundle, no limits, no mounts."""
    args = (INIT, "program")
    oci = {
        "ociVersion": "1.0.2",
        "process": {"terminal": True, "user": {"uid": _UID, "gid": _UID}, "args": [*args], "env": [], "cwd": "/"},
        "root": {"path": "rootfs", "readonly": False},
        "hostname": container_id,
        "mounts": [],
        "linux": {},
    }
    return Config(args=args, cwd="/", memory_limit=None, oci=oci, program=program)


def an_object(document: Any, where: str, known: Collection[str]) -> Mapping[str, Any]:
    """Return a JSON object whose keys are all known; raises BadInput."""
    if not isinstance(document, dict):
        raise BadInput(where=where, problem="this is no object", expected="a JSON object")
    for key in document:
        if key not in known:
            names = ", ".join(sorted(known))
            raise BadInput(where=f"{where}.{key}", problem="there is no such member", expected=f"some of: {names}")
    return document


def seconds(value: Any, where: str) -> float:
    """Return a time in seconds; raises BadInput."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BadInput(where=where, problem=f"{value!r} is no time", expected="a number of seconds")
    if not 0 <= value <= _MOST_SECONDS:
        raise BadInput(where=where, problem=f"{value!r} is out of range", expected=f"0 to {_MOST_SECONDS:g} seconds")
    return float(value)


def exit_status(value: Any, where: str) -> int:
    """Return the raw wait status of an exit with a status of 0 to 255; raises BadInput."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 255:  # noqa: PLR2004 (a byte)
        raise BadInput(where=where, problem=f"{value!r} is no exit status", expected="a whole number from 0 to 255")
    return status_of_exit(value)


def signal_status(value: Any, where: str) -> int:
    """Return the raw wait status of an end by a signal, which its name says; raises BadInput."""
    signal = Signals.__members__.get(value) if isinstance(value, str) else None
    if signal is None or signal in _HARMLESS:
        raise BadInput(
            where=where, problem=f"{value!r} is no signal that ends a process", expected="a name like 'SIGSEGV'"
        )
    return status_of_signal(signal.value)


def _status(members: Mapping[str, Any], where: str) -> int:
    if "signal" in members:
        return signal_status(members["signal"], f"{where}.signal")
    return exit_status(members.get("exit", 0), f"{where}.exit")


def _on_term(value: Any, where: str) -> OnTerm | Ending:
    match value:
        case "dies":
            return OnTerm.DIES
        case "ignores":
            return OnTerm.IGNORES
        case dict():
            members = an_object(value, where, {"after", "exit"})
            delay = seconds(members.get("after", 0), f"{where}.after")
            return Ending(delay, exit_status(members.get("exit", 0), f"{where}.exit"))
    expected = "'dies', 'ignores', or an object with 'after' and 'exit'"
    raise BadInput(where=where, problem=f"{value!r} says not how SIGTERM is taken", expected=expected)
