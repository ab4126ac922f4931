"""The order in which documented commands are sent, so that each finds what it needs."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.curl import CurlCommand
from conformance.documented import Documented, called

_RANKS = (
    ("activate", "install", "enable"),
    ("create",),
    ("start", "launch"),
    ("get", "list", "is", "has"),
    (),  # everything else
    ("pause", "suspend"),
    ("resume",),
    ("hibernate",),
    ("wakeup", "wake"),
    ("unmount", "remove", "unregister", "detach"),
    ("stop", "terminate", "kill"),
    ("delete", "destroy"),
    ("uninstall", "disable"),
    ("deactivate",),
)
"""The first words of methods' names, in the order in which a life goes; methods of one line keep their order."""
_OTHER = _RANKS.index(())
_START, _STOP = _RANKS.index(("start", "launch")), _RANKS.index(("stop", "terminate", "kill"))
_QUERIES = _RANKS.index(("get", "list", "is", "has"))
_FIRST_WORD = re.compile(r"[A-Z]*[a-z0-9]*")


@dataclass(frozen=True, slots=True)
class Step:
    """A command to be sent; ``why`` says why once more when it is not its own turn, "" when it is."""

    documented: Documented
    why: str = ""

    @property
    def changes(self) -> bool:
        """Whether the method is one that may change something."""
        return rank(self.documented.command) != _QUERIES


def steps(commands: Iterable[Documented], order: str) -> Iterator[Step]:
    """Yield the commands in ``order``, one of ORDERS.

    In the order of a lifecycle a thing that runs is stopped before it is started again, and one that was stopped is
    started before it is stopped again, with the document's first command for that.
    """
    if order == "document":
        yield from (Step(command) for command in commands)
        return
    ordered = sorted(commands, key=lambda found: rank(found.command))
    running: dict[str, bool] = {}
    for found in ordered:
        thing, starts = subject(found.command), rank(found.command) == _START
        if thing and (starts or rank(found.command) == _STOP):
            if running.get(thing, not starts) == starts and (
                opposite := _first(ordered, _STOP if starts else _START, thing)
            ):
                why = f"so that the next command can {'start' if starts else 'stop'} {json.dumps(thing)} again"
                yield Step(opposite, why)
            running[thing] = starts
        yield Step(found)


def rank(command: CurlCommand) -> int:
    """Return the place of a command in the order of a lifecycle."""
    name = called(command.body).rpartition(".")[2]
    found = _FIRST_WORD.match(name)
    word = found[0].lower() if found else ""
    return next((place for place, words in enumerate(_RANKS) if word in words), _OTHER)


def subject(command: CurlCommand) -> str:
    """Return the id of what a command is about: the first parameter whose name ends in "id", "" without one."""
    try:
        params = json.loads(command.body).get("params")
    except (ValueError, AttributeError, RecursionError):
        return ""
    ids = params.items() if isinstance(params, dict) else ()
    return next((value for name, value in ids if name.lower().endswith("id") and isinstance(value, str)), "")


def _first(commands: Sequence[Documented], wanted: int, thing: str) -> Documented | None:
    return next(
        (found for found in commands if rank(found.command) == wanted and subject(found.command) == thing), None
    )
