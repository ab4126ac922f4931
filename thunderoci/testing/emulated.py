"""What a test can do with every emulator, be it Thunder and Dobby or a Dobby alone."""

from typing import Any

from thunderoci.emulator import ChildProgram
from thunderoci.testing.control import Control
from thunderoci.testing.controls import Clock, Containers, Faults
from thunderoci.testing.errors import TestingError, is_told
from thunderoci.testing.expectation import Expectation
from thunderoci.testing.journal import Journal

__tracebackhide__ = is_told

PATIENCE = 2.0
"""Seconds in which an emulator that is all right answers between two tests."""


class Emulated:
    """The parts of an emulator by its control API; `program` is its process, when it is ours.

    `url` is where it answers JSON-RPC, if it does.
    """

    def __init__(self, control: Control, program: ChildProgram | None = None, url: str = "") -> None:
        self._program = program
        self.control = control
        """The control API: `do(operation, **members)`."""
        self.containers = Containers(control)
        self.faults = Faults(control)
        self.clock = Clock(control)
        self.journal = Journal(control, url)

    def state(self) -> dict[str, Any]:
        """Return containers and plugins as `set_state()` takes them."""
        state: dict[str, Any] = self.control.do("getState")
        return state

    def set_state(self, state: dict[str, Any]) -> None:
        """Drop what is there without a sound, and put this there. Raises ControlFailed."""
        self.control.do("setState", **state)

    def snapshot(self) -> dict[str, Any]:
        """Return all that `restore()` needs to go on from here."""
        snapshot: dict[str, Any] = self.control.do("snapshotState")
        return snapshot

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to where a snapshot was taken. Raises ControlFailed."""
        self.control.do("restoreState", **snapshot)

    def reset(self, timeout: float | None = None) -> None:
        """Be as after the start: containers, descriptors, faults, journal, clock; subscriptions end.

        `timeout` is in seconds of real time.
        """
        self.hang_up()
        self.control.do("resetState", timeout)

    def waiting(self) -> list[str]:
        """Return what waits to be stepped, with manual progression."""
        waiting: list[str] = self.control.do("getProgression")["waiting"]
        return waiting

    def step(self, steps: int = 1) -> dict[str, Any]:
        """Let so many transitions happen, with manual progression; until then the calls that led to them wait.

        Raises ControlFailed.
        """
        progression: dict[str, Any] = self.control.do("stepProgression", steps=steps)
        return progression

    def hang_up(self) -> None:
        """End what was opened for one test."""

    def assert_dobby_called(
        self, member: str, /, *arguments: Any, times: int | None = None, within: float = 0
    ) -> list[dict[str, Any]]:
        """Claim that somebody called a method of Dobby, with these first arguments; return the journal's entries.

        `times` is how often (at least once without it), `within` how many real seconds it may still take. Raises
        AssertionError, which shows the calls that came nearest.
        """
        return self.journal.expect(Expectation("call", member, {}, arguments, times), within)

    def testimony(self, said: int = 0) -> list[tuple[str, str]]:
        """Return what there is to tell of a test that failed, each text with a title; `said` as in program.log()."""
        program = self._program
        told = []
        try:
            told.append(("thunderoci journal", self.journal.text(PATIENCE) or "nothing happened"))
        except TestingError as problem:
            if program is None or program.running:
                told.append(("thunderoci", f"the emulator does not answer: {problem}"))
        if program is not None:
            if not program.running:
                told.append(("thunderoci", "the emulator has ended"))
            if log := program.log(said):
                told.append(("thunderoci log", log))
        return told
