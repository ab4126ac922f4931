"""The commands that Exec has put into a container, as long as they live."""

from dataclasses import dataclass, field
from typing import NamedTuple

from fakedobby.command import program_of
from fakedobby.config import INIT, Config
from fakedobby.process import duration

_MOST = 64
"""So many are kept in sight; a real container's limit of processes keeps more from being made."""


class Command(NamedTuple):
    """A command line that runs in a container: the how manieth it is, and when it ends, in the container's own time."""

    number: int
    args: tuple[str, ...]
    ends: float


@dataclass(slots=True)
class Commands:
    """The commands of one container; their time is for how long its init has run, so they stand still with it."""

    made: int = 0
    _running: list[Command] = field(default_factory=list)

    def add(self, text: str, config: Config, now: float) -> None:
        """Run a command as crun does: DobbyInit with the text split at blanks (facts/dobby.md 5)."""
        args = (INIT, *text.split(" "))
        seconds, _ = duration(program_of(args, config.files, config.cwd, config.programs))
        self._running = [*self.running(now), Command(self.made, args, now + seconds)][-_MOST:]
        self.made += 1

    def running(self, now: float) -> tuple[Command, ...]:
        """Return those that have not ended."""
        return tuple(command for command in self._running if command.ends > now)
