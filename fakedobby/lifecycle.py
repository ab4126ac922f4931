"""The life of a container, in one table.

A container is STARTING from the moment that its bundle or spec was accepted until crun has made it run. From then on it
lives until its init process has ended and everything is torn down; then it is gone. The bus is told of the start, twice
of the end, and of the two moments at which hibernation is complete and over.

Four things surprise newcomers, and all come from the real daemon (facts/dobby.md 2):

* Being asked to stop is not a state. A container that was sent SIGTERM is RUNNING until its process is reaped, so
  clients see RUNNING between the reply to Stop and the Stopped signal. Interrupted hibernation becomes STOPPING.
* A frozen process can't take a signal. SIGTERM is therefore refused while PAUSED; SIGKILL thaws the container first.
  memcr's freezing is another one: a HIBERNATED container takes both signals.
* Hibernate and Wakeup are answered when their work begins. A failure of it is told to nobody: the state falls back.
* Wakeup in the middle of hibernating turns it round: Awoken comes, and no Hibernated before it.

    STARTING --created--> RUNNING <---pause/resume---> PAUSED
        |                  |  ^  ^                        |
      failed         hibernate |  '---kill (thaws)--------'
        v                  v   |
      GONE        HIBERNATING --failed--> RUNNING     STOPPING <--stop-- HIBERNATING, AWAKENING
                     |     '---wakeup---.                 |
                checkpointed            v               reaped
                     v                AWAKENING           v
                 HIBERNATED --wakeup--> |               GONE <--reaped-- RUNNING and all that hibernates
                                      restored
                                        v
                                     RUNNING

What the table does not list is refused: the D-Bus method answers its failure value and nothing changes.
"""

from enum import Enum
from typing import NamedTuple

from fakedobby.protocol import WireState


class State(Enum):
    """Where a container is in its life; the value is what GetState answers."""

    STARTING = WireState.STARTING
    RUNNING = WireState.RUNNING
    STOPPING = WireState.STOPPING
    PAUSED = WireState.PAUSED
    HIBERNATING = WireState.HIBERNATING
    HIBERNATED = WireState.HIBERNATED
    AWAKENING = WireState.AWAKENING
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
    HIBERNATE = "Hibernate was called"
    CHECKPOINTED = "memcr has all processes"
    NOT_CHECKPOINTED = "memcr could not take the processes"
    WAKEUP = "Wakeup was called"
    RESTORED = "memcr has given all processes back"
    TERMINATE = "Stop was called without force"
    KILL = "Stop was called with force"
    EXEC = "Exec was called"
    REAPED = "the init process ended and the container is torn down"
    CRASHED = "the same, by a crash after which Dobby starts the container again"
    CRASHED_TWICE = "the same, as the real daemon does it with the quirk D-double-restart: it tells of the end later"


class Transition(NamedTuple):
    """Where an input leads, and the signals that tell the bus, in their order."""

    state: State
    signals: tuple[str, ...] = ()


_END = ("StoppedWithStatus", "Stopped")

TRANSITIONS: dict[tuple[State, Input], Transition] = {
    (State.STARTING, Input.CREATED): Transition(State.RUNNING, ("Started",)),
    (State.STARTING, Input.FAILED): Transition(State.GONE),
    (State.RUNNING, Input.PAUSE): Transition(State.PAUSED),
    (State.PAUSED, Input.RESUME): Transition(State.RUNNING),
    (State.RUNNING, Input.HIBERNATE): Transition(State.HIBERNATING),
    (State.HIBERNATING, Input.CHECKPOINTED): Transition(State.HIBERNATED, ("Hibernated",)),
    (State.HIBERNATING, Input.NOT_CHECKPOINTED): Transition(State.RUNNING),
    (State.HIBERNATING, Input.WAKEUP): Transition(State.AWAKENING),
    (State.HIBERNATED, Input.WAKEUP): Transition(State.AWAKENING),
    (State.AWAKENING, Input.RESTORED): Transition(State.RUNNING, ("Awoken",)),
    (State.RUNNING, Input.TERMINATE): Transition(State.RUNNING),
    (State.RUNNING, Input.KILL): Transition(State.RUNNING),
    (State.PAUSED, Input.KILL): Transition(State.RUNNING),
    (State.HIBERNATED, Input.TERMINATE): Transition(State.HIBERNATED),
    (State.HIBERNATED, Input.KILL): Transition(State.HIBERNATED),
    (State.HIBERNATING, Input.TERMINATE): Transition(State.STOPPING),
    (State.HIBERNATING, Input.KILL): Transition(State.STOPPING),
    # nobody was seen to stop a container in the tenth of a millisecond that AWAKENING lasts; taken as HIBERNATING is
    (State.AWAKENING, Input.TERMINATE): Transition(State.STOPPING),
    (State.AWAKENING, Input.KILL): Transition(State.STOPPING),
    (State.STOPPING, Input.TERMINATE): Transition(State.STOPPING),
    (State.STOPPING, Input.KILL): Transition(State.STOPPING),
    (State.RUNNING, Input.EXEC): Transition(State.RUNNING),
    (State.RUNNING, Input.REAPED): Transition(State.GONE, _END),
    (State.STOPPING, Input.REAPED): Transition(State.GONE, _END),
    (State.HIBERNATING, Input.REAPED): Transition(State.GONE, _END),
    (State.HIBERNATED, Input.REAPED): Transition(State.GONE, _END),
    (State.AWAKENING, Input.REAPED): Transition(State.GONE, _END),
    (State.RUNNING, Input.CRASHED): Transition(State.STARTING, _END),
    (State.HIBERNATING, Input.CRASHED): Transition(State.STARTING, _END),
    (State.AWAKENING, Input.CRASHED): Transition(State.STARTING, _END),
    (State.RUNNING, Input.CRASHED_TWICE): Transition(State.RUNNING, ("Started", "Started")),
    (State.HIBERNATING, Input.CRASHED_TWICE): Transition(State.RUNNING, ("Started", "Started")),
    (State.AWAKENING, Input.CRASHED_TWICE): Transition(State.RUNNING, ("Started", "Started")),
}


def advance(state: State, event: Input) -> Transition | None:
    """Return where `event` takes a container in `state`; None when the daemon refuses it."""
    return TRANSITIONS.get((state, event))
