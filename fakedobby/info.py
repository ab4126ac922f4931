"""The document that GetInfo answers, letter by letter as jsoncpp writes it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from fakedobby.commands import Command
from fakedobby.config import INIT, Config
from fakedobby.protocol import Descriptor

_NANO = 1_000_000_000
_START_COST = 11_000_000
"""CPU nanoseconds that a container has used when it begins to run."""
_IDLE_LOAD = 0.002
"""The share of a CPU that a running container uses."""
_PAGE = 4096
_RESIDENT = 1_032_192
"""Bytes that a container holds when it begins to run."""
_GROWTH = 64 * _PAGE
"""Bytes that it takes in addition, half of them in its first seconds."""
_HALF_GROWN = 5.0
_SPARE = 262_144
"""By how much its peak was above what it holds now."""
_UNLIMITED = 9_223_372_036_854_771_712
"""What cgroup v1 reports where there is no memory limit."""
_FIRST_PID = 10_000
_CPUS = 2
_PIDS = 2048
"""How many process ids the inits of all containers have together, two each."""


class Snapshot(NamedTuple):
    """A container at the moment of the question."""

    container_id: str
    descriptor: int
    config: Config
    state: str
    active_seconds: float
    uptime: float
    """Seconds on the machine's monotonic clock."""
    annotations: Mapping[str, str] = {}
    commands: Sequence[Command] = ()
    """What Exec has put into it and has not ended."""


def document(snapshot: Snapshot) -> str:
    """Return the GetInfo text: keys sorted, one space a level, integers for everything (facts/dobby.md 4).

    Annotations are there only when there are any. CPU time and memory change with the active seconds and with nothing
    else, so that a frozen container's stand still.
    """
    cpu_total = _START_COST + int(_busy_seconds(snapshot) * _NANO)
    first = cpu_total * 55 // 100
    processes = _processes(snapshot)
    annotations = dict(sorted(snapshot.annotations.items(), key=lambda item: item[0].encode()))
    usage, peak = _memory(snapshot)
    return styled(
        {
            **({"annotations": annotations} if annotations else {}),
            "cpu": {"usage": {"percpu": [first, cpu_total - first], "total": cpu_total}},
            "id": snapshot.container_id,
            "memory": {
                "user": {
                    "failcnt": 0,
                    "limit": snapshot.config.memory_limit or _UNLIMITED,
                    "max": peak,
                    "usage": usage,
                }
            },
            "pids": [process["pid"] for process in processes],
            "processes": processes,
            "state": snapshot.state,
            "timestamp": int(snapshot.uptime * _NANO),
        }
    )


def _memory(snapshot: Snapshot) -> tuple[int, int]:
    """Return the bytes in use and the most there were, both within the limit."""
    limit = snapshot.config.memory_limit or _UNLIMITED
    scripted = snapshot.config.scripted
    if scripted and scripted.memory:
        curve, now = scripted.memory, snapshot.active_seconds
        return min(int(curve.at(now)), limit), min(int(curve.peak(now)), limit)
    grown = snapshot.active_seconds / (snapshot.active_seconds + _HALF_GROWN)
    usage = _RESIDENT + int(grown * _GROWTH) // _PAGE * _PAGE
    return min(usage, limit), min(usage + _SPARE, limit)


def _busy_seconds(snapshot: Snapshot) -> float:
    """Return the seconds that CPUs have worked for a container since it began to run."""
    scripted = snapshot.config.scripted
    if scripted and scripted.cpu:
        return scripted.cpu.area(snapshot.active_seconds)
    return snapshot.active_seconds * _IDLE_LOAD


def first_pid(descriptor: Descriptor) -> int:
    """Return the process id of a container's init."""
    return _FIRST_PID + 2 * descriptor


def process_count(config: Config) -> int:
    """Return how many processes a container has."""
    return len(_command_lines(config.args))


def _command_lines(args: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the command lines of the processes that one command line makes: DobbyInit has a child."""
    return [args, args[1:]] if args[:1] == (INIT,) and len(args) > 1 else [args]


def _processes(snapshot: Snapshot) -> list[dict[str, Any]]:
    first = first_pid(snapshot.descriptor)
    lines = list(enumerate(_command_lines(snapshot.config.args)))
    for command in snapshot.commands:
        # two ids each, which neither another command nor the init of another container has
        lines += enumerate(_command_lines(command.args), _PIDS * (command.number + 1))
    return [
        # the kernel separates the arguments by NULs, Dobby turns each into a space, the last one too
        {
            "cmdline": "".join(f"{arg} " for arg in command),
            "executable": command[0] if command else "",
            "nsPid": _ns_pid(index),
            "pid": first + index,
        }
        for index, command in lines
    ]


def _ns_pid(index: int) -> int:
    """Return the process id that a container sees: 1 and 2 are its init and that one's child, the next are commands."""
    command, which = divmod(index, _PIDS)
    return 2 * command + which + 1


def styled(value: Any, indent: int = 0) -> str:
    """Return JSON text in the layout of jsoncpp's writer with an indentation of one space."""
    if isinstance(value, dict) and value:
        lines = (f"{' ' * (indent + 1)}{json.dumps(key)} : {_below(item, indent + 1)}" for key, item in value.items())
        return _enclose("{", lines, "}", indent)
    if isinstance(value, list) and value:
        return _enclose("[", (" " * (indent + 1) + styled(item, indent + 1) for item in value), "]", indent)
    return json.dumps(value)


def _below(value: Any, indent: int) -> str:
    # jsoncpp opens a filled object or array on a line of its own
    text = styled(value, indent)
    return f"\n{' ' * indent}{text}" if value and isinstance(value, (dict, list)) else text


def _enclose(opening: str, lines: Iterable[str], closing: str, indent: int) -> str:
    return opening + "\n" + ",\n".join(lines) + "\n" + " " * indent + closing
