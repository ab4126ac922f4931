"""The life of a container, in one table.

A container is STARTING from the moment that its bundle or spec was accepted until crun has made it run. From then on it
is RUNNING or PAUSED until its init process has ended and everything is torn down; then it is gone. Only three moments
are told to the bus: the start, and twice the end.

Two things surprise newcomers, and both come from the real daemon (facts/dobby.md 2):

* Being asked to stop is not a state. A container that was sent SIGTERM is RUNNING until its process is reaped, so
  clients see RUNNING between the reply to Stop and the Stopped signal.
* A frozen process can't take a signal. SIGTERM is therefore refused while PAUSED; SIGKILL thaws the container first.

    STARTING --created--> RUNNING <--pause/resume--> PAUSED
        |                    |                         |
      failed              reaped                     kill (thaws, to RUNNING)
        v                    v
      GONE                 GONE

What the table does not list is refused: the D-Bus method answers its failure value and nothing changes.
"""

from enum import Enum
from typing import NamedTuple

from fakedobby.protocol import WireState


class State(Enum):
    """Where a container is in its life; the value is what GetState answers."""

    STARTING = WireState.STARTING
    RUNNING = WireState.RUNNING
    PAUSED = WireState.PAUSED
    GONE = WireState.INVALID

    @property
    def info_name(self) -> str:
        """The word for this state in the GetInfo document (facts/dobby.md 4)."""
        return self.name.lower()


class Input(Enum):
    """What happens to a container."""

    CREATED = "crun made the container run"
    FAILED = "crun could not make the container run"
    PAUSE = "Pause was called"
    RESUME = "Resume was called"
    TERMINATE = "Stop was called without force"
    KILL = "Stop was called with force"
    EXEC = "Exec was called"
    REAPED = "the init process ended and the container is torn down"


class Transition(NamedTuple):
    """Where an input leads, and the signals that tell the bus, in their order."""

    state: State
    signals: tuple[str, ...] = ()


TRANSITIONS: dict[tuple[State, Input], Transition] = {
    (State.STARTING, Input.CREATED): Transition(State.RUNNING, ("Started",)),
    (State.STARTING, Input.FAILED): Transition(State.GONE),
    (State.RUNNING, Input.PAUSE): Transition(State.PAUSED),
    (State.PAUSED, Input.RESUME): Transition(State.RUNNING),
    (State.RUNNING, Input.TERMINATE): Transition(State.RUNNING),
    (State.RUNNING, Input.KILL): Transition(State.RUNNING),
    (State.PAUSED, Input.KILL): Transition(State.RUNNING),
    (State.RUNNING, Input.EXEC): Transition(State.RUNNING),
    (State.RUNNING, Input.REAPED): Transition(State.GONE, ("StoppedWithStatus", "Stopped")),
}


def advance(state: State, event: Input) -> Transition | None:
    """Return where `event` takes a container in `state`; None when the daemon refuses it."""
    return TRANSITIONS.get((state, event))
