"""Programs that a scenario describes: how long they run, how they end, and what they take of the machine (no I/O)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from signal import Signals
from typing import Any

from fakedobby.curve import Curve
from fakedobby.process import Ending, OnTerm, Program, status_of_exit, status_of_signal
from fakedobby.tomllines import Path

_TERM = {"dies": OnTerm.DIES, "ignores": OnTerm.IGNORES}


class BadProgram(Exception):
    """A description fits the schema and says nothing all the same; `path` leads to the value that is wrong."""

    def __init__(self, path: Path, reason: object) -> None:
        super().__init__(str(reason))
        self.path = path


@dataclass(frozen=True, slots=True)
class ScriptedProgram:
    """A program whose behaviour somebody has written down."""

    behaviour: Program
    name: str = ""
    match: str | None = None
    """A pattern of the command lines that run it; None matches none."""
    memory: Curve | None = None
    """Bytes over active seconds; None is as every program without a description."""
    cpu: Curve | None = None
    """CPUs that are kept busy, over active seconds."""
    document: Mapping[str, Any] = field(default_factory=dict)
    """What it was made of."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "ScriptedProgram":
        """Return the program that a table describes, which fits `program` of the schema; raises BadProgram."""
        runtime = document.get("runtime")
        signal = document.get("signal")
        return cls(
            Program(
                None if runtime is None else float(runtime),
                status_of_signal(Signals[signal]) if signal else status_of_exit(int(document.get("exit", 0))),
                _on_term(document.get("term", "dies")),
            ),
            document.get("name", ""),
            document.get("match"),
            _curve(document, "memory"),
            _curve(document, "cpu"),
            document,
        )

    def matches(self, args: tuple[str, ...]) -> bool:
        """Tell whether a command line, without DobbyInit, runs this program."""
        if self.match is None or not args:
            return False
        names = (args[0], args[0].rpartition("/")[2], " ".join(args))
        return any(fnmatchcase(name, self.match) for name in names)


def _on_term(term: str | Mapping[str, Any]) -> OnTerm | Ending:
    if isinstance(term, str):
        return _TERM[term]
    return Ending(float(term.get("after", 0)), status_of_exit(int(term.get("exit", 0))))


def _curve(document: Mapping[str, Any], key: str) -> Curve | None:
    try:
        return Curve(document[key]) if key in document else None
    except ValueError as problem:
        raise BadProgram((key,), problem) from None


class Programs:
    """The programs that have a description, in the order in which they are looked at."""

    __slots__ = ("_programs",)

    def __init__(self, programs: Iterable[ScriptedProgram] = ()) -> None:
        self._programs = tuple(programs)

    def __bool__(self) -> bool:
        return bool(self._programs)

    def __iter__(self) -> Iterator[ScriptedProgram]:
        return iter(self._programs)

    def named(self, name: str) -> ScriptedProgram | None:
        """Return the program of a name."""
        return next((program for program in self._programs if program.name == name), None)

    def find(self, args: tuple[str, ...]) -> ScriptedProgram | None:
        """Return the first program that a command line, without DobbyInit, runs."""
        return next((program for program in self._programs if program.matches(args)), None)


NO_PROGRAMS = Programs()
