"""What the specification says of a container's life: its states, and how each call has to go in each of them."""

from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """What a container is; ABSENT before its start and after its end, UNKNOWN when nobody can tell any more."""

    ABSENT = "absent"
    RUNNING = "running"
    PAUSED = "paused"
    HIBERNATED = "hibernated"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Life:
    """What the model knows of the container ``id``; ``since`` is when it was started, in seconds of the target's clock.

    ``effect`` is the clause that says why it is in its state.
    """

    id: str
    state: State = State.ABSENT
    descriptor: int = 0
    since: float = 0.0
    effect: str = ""
    started: bool = False
    """Whether there ever was a container of this id."""
    properties: set[str] = field(default_factory=set)
    """The annotations that it has."""
    removed: set[str] = field(default_factory=set)
    """The annotations that it had."""

    @property
    def living(self) -> bool:
        """Whether the container is there, as far as one can tell."""
        return self.state not in {State.ABSENT, State.UNKNOWN}

    def born(self, method: str, descriptor: int, now: float) -> None:
        """Note that ``method`` has started the container."""
        self.state, self.descriptor, self.since, self.effect = State.RUNNING, descriptor, now, f"{method}.effect"
        self.started = True
        self.properties, self.removed = set(), set()


@dataclass(frozen=True, slots=True)
class Expected:
    """How a call has to go, by ``clause``: ``accepted`` None leaves it open, ``then`` is the state after success."""

    accepted: bool | None
    clause: str
    why: str
    then: State | None = None


_OPEN = Expected(None, "", "success or a refusal: nothing says which")
_BY_STATE = {
    ("pauseContainer", State.RUNNING): Expected(True, "pauseContainer.success", "success: it is running", State.PAUSED),
    ("pauseContainer", State.PAUSED): Expected(False, "pauseContainer.paused", "a refusal: it is paused already"),
    ("resumeContainer", State.PAUSED): Expected(
        True, "resumeContainer.success", "success: it is paused", State.RUNNING
    ),
    ("resumeContainer", State.RUNNING): Expected(False, "resumeContainer.running", "a refusal: it is not paused"),
    ("resumeContainer", State.HIBERNATED): Expected(False, "resumeContainer.running", "a refusal: it is not paused"),
    ("executeCommand", State.RUNNING): Expected(True, "executeCommand.success", "success: it is running"),
    ("executeCommand", State.PAUSED): Expected(False, "executeCommand.paused", "a refusal: it is paused"),
    ("hibernateContainer", State.RUNNING): Expected(
        True, "hibernateContainer.success", "success: it is running", State.HIBERNATED
    ),
    ("hibernateContainer", State.HIBERNATED): Expected(
        False, "hibernateContainer.again", "a refusal: it is hibernated already"
    ),
    ("wakeupContainer", State.HIBERNATED): Expected(
        True, "wakeupContainer.success", "success: it is hibernated", State.RUNNING
    ),
    ("wakeupContainer", State.RUNNING): Expected(False, "wakeupContainer.running", "a refusal: it is not hibernated"),
    ("wakeupContainer", State.PAUSED): Expected(False, "wakeupContainer.running", "a refusal: it is not hibernated"),
}


def start(method: str, life: Life) -> Expected:
    """Return how a start of ``life`` has to go, by one of the two methods that start."""
    if life.living:
        return Expected(False, f"{method}.duplicate", "a refusal: there is a container of this id")
    if life.started:
        return Expected(True, f"{method}.again", "success: the container of this id has ended", State.RUNNING)
    return Expected(True, f"{method}.success", "success: there is no container of this id", State.RUNNING)


def call(method: str, life: Life, *, force: bool = False, key: str = "") -> Expected:
    """Return how a call of ``method`` for ``life`` has to go; ``key`` is the property that it is about."""
    if not life.living:
        return _of_absent(method, life)
    match method:
        case "stopContainer":
            return _stop(life, force=force)
        case "getContainerState" | "getContainerInfo" | "annotate":
            return Expected(True, f"{method}.success", "success: the container is there")
        case "removeAnnotation":
            return _removal(life, key)
        case _:
            return _BY_STATE.get((method, life.state), _OPEN)


def without(method: str, parameter: str, fault: str) -> Expected:
    """Return how a call has to go whose ``parameter`` has a ``fault``: "missing", or "type" for another type."""
    what = {"missing": "is missing", "type": "has another type"}[fault]
    return Expected(False, f"{method}.param.{parameter}.{fault}", f"a refusal: {parameter} {what}")


def _of_absent(method: str, life: Life) -> Expected:
    """Return how a call for a container has to go that is not there."""
    if not life.started:
        return Expected(False, f"{method}.refusal", "a refusal: there is no such container")
    ended = "the container of this id has ended"
    if method == "getContainerState":
        return Expected(None, "getContainerState.stopped", f"a refusal, or neither running nor paused: {ended}")
    clause = "stopContainer.again" if method == "stopContainer" else f"{method}.refusal"
    return Expected(False, clause, f"a refusal: {ended}")


def _stop(life: Life, *, force: bool) -> Expected:
    """Return how the stop of a living container has to go."""
    match life.state, force:
        case State.RUNNING, _:
            return Expected(True, "stopContainer.success", "success: it is running", State.ABSENT)
        case State.PAUSED, True:
            return Expected(True, "stopContainer.paused.force", "success: force ends a paused one, too", State.ABSENT)
        case State.PAUSED, False:
            return Expected(False, "stopContainer.paused", "a refusal: it is paused")
        case _:
            return _OPEN


def _removal(life: Life, key: str) -> Expected:
    """Return how the removal of an annotation has to go."""
    if key in life.properties:
        return Expected(True, "annotate.effect", "success: it has this property")
    if key in life.removed:
        return Expected(False, "removeAnnotation.effect", "a refusal: the property was removed")
    return Expected(False, "removeAnnotation.unknown-key", "a refusal: it has no such property")
