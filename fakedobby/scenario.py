"""The daemon's side of a scenario: programs, bundles that are known, containers at the start, faults (no I/O)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fakedobby.bundle import KnownBundles, normal
from fakedobby.config import Config
from fakedobby.errors import BadFault, CreationFailed, Refused
from fakedobby.faults import Fault, FaultBook
from fakedobby.ids import check_id, check_runtime_id
from fakedobby.jsontext import compact
from fakedobby.knownbundle import known_bundle
from fakedobby.scenariofile import ScenarioFile
from fakedobby.scripted import NO_PROGRAMS, BadProgram, Programs, ScriptedProgram
from fakedobby.spec import read_spec
from fakedobby.tomllines import Path

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a scenario says about the daemon; the default says nothing."""

    programs: Programs = NO_PROGRAMS
    bundles: KnownBundles = field(default_factory=dict)
    containers: Sequence[Document] = ()
    """Those at the start, as the control API describes containers: `id`, `state`, `annotations`, and one of `bundle`,
    `spec` and `program`, the last one always as a table."""
    faults: Sequence[Document] = ()
    """Those that are in force from the start, at every place."""
    file: ScenarioFile | None = None
    """Where it stands."""

    def populate(self, place: Callable[[Document], object]) -> None:
        """Have `place` make the containers at the start; raises BadScenario when one can't be."""
        for index, document in enumerate(self.containers):
            try:
                place(document)
            except (Refused, CreationFailed) as problem:
                if self.file is None:
                    raise
                self.file.refuse(("container", index), problem)


NOTHING = Scenario()


def scenario_of(file: ScenarioFile) -> Scenario:
    """Return the daemon's side of a scenario; raises BadScenario."""
    return _Reader(file).scenario()


def put_in_force(scenario: Scenario, book: FaultBook, *places: str) -> None:
    """Put the scenario's faults at these places in force, as if none had met anything yet."""
    for document in scenario.faults:
        if document["place"] in places:
            book.add(Fault.of(document))


class _Reader:
    """Makes one file's tables into what they mean."""

    def __init__(self, file: ScenarioFile) -> None:
        self._file = file
        self._document = file.document
        self._programs = NO_PROGRAMS

    def scenario(self) -> Scenario:
        self._no_twins("program", "name")
        self._no_twins("container", "id")
        self._no_twins("fault", "id")
        self._programs = Programs(self._program(*entry) for entry in self._tables("program"))
        bundles: dict[str, Config] = {}
        for path, document in self._tables("bundle"):
            where = normal(document["path"])
            if where in bundles:
                self._file.refuse((*path, "path"), f"there is a bundle {where} already; give another path")
            bundles[where] = self._bundle(path, document)
        return Scenario(
            self._programs,
            bundles,
            tuple(self._container(*entry) for entry in self._tables("container")),
            tuple(self._fault(*entry) for entry in self._tables("fault")),
            self._file,
        )

    def _tables(self, name: str) -> Iterator[tuple[Path, Document]]:
        for index, table in enumerate(self._document.get(name, ())):
            yield (name, index), table

    def _no_twins(self, name: str, key: str) -> None:
        seen = set()
        for path, table in self._tables(name):
            value = table.get(key)
            if value in seen:
                self._file.refuse((*path, key), f"there is a {name} {value} already; give another {key}")
            if value is not None:
                seen.add(value)

    def _program(self, path: Path, document: Document) -> ScriptedProgram:
        try:
            return ScriptedProgram.of(document)
        except BadProgram as problem:
            self._file.refuse((*path, *problem.path), problem)

    def _named_program(self, path: Path, value: str | Document | None) -> ScriptedProgram | None:
        if isinstance(value, Mapping):
            return self._program(path, value)
        if value is None:
            return None
        program = self._programs.named(value)
        if program is None:
            known = ", ".join(one.name for one in self._programs) or "none"
            self._file.refuse(path, f"there is no [[program]] {value!r}; these there are: {known}")
        return program

    def _bundle(self, path: Path, document: Document) -> Config:
        program = self._named_program((*path, "program"), document.get("program"))
        try:
            return known_bundle(document, program)
        except Refused as problem:
            self._file.refuse(path, problem)

    def _container(self, path: Path, document: Document) -> Document:
        try:
            check_id(document["id"])
            check_runtime_id(document["id"])
        except (Refused, CreationFailed) as problem:
            self._file.refuse((*path, "id"), problem)
        if "spec" in document:
            try:
                read_spec(compact(document["spec"]))
            except Refused as problem:
                self._file.refuse((*path, "spec"), problem)
        program = self._named_program((*path, "program"), document.get("program"))
        return {**document, "program": program.document} if program else document

    def _fault(self, path: Path, document: Document) -> Document:
        try:
            Fault.of(document)
        except BadFault as problem:
            self._file.refuse((*path, problem.where), problem.reason)
        return document
