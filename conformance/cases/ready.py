"""Calls that have to succeed: each method with a container that it can be tried on, and what undoes it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from conformance.containers import Container
from conformance.conversation import Conversation
from conformance.exchange import Step
from conformance.judge import Judgement
from conformance.lives import STARTS
from conformance.verdict import CannotJudge, Nonconformance

HIBERNATION = ("hibernateContainer", "wakeupContainer")
MOUNTS = ("mount", "unmount")
"""What real devices always refuse: the plugin hands Dobby no flags."""
KEY, VALUE = "conformance", "a text"

Undo = Callable[[], Awaitable[Any]]


@dataclass(slots=True)
class Ready:
    """A call that has to succeed: its params, the container that it acts on (None where there is none), its undoing."""

    method: str
    params: dict[str, Any]
    container: Container | None = None
    undo: Undo | None = None
    own: bool = False
    """Whether the container is there for this call alone, so that it is ended whatever the answer was."""
    step: Step | None = field(default=None)
    """The step of the call, once it was made."""

    async def call(self, thunder: Conversation, params: dict[str, Any] | None = None) -> Judgement:
        """Make the call, with its own params or others, and undo what it did."""
        answer = await thunder.call(self.method, (self.params if params is None else params) or None)
        self.step = thunder.steps[-1]
        if self.own or not answer.refused:
            await self.leave(thunder)
        return answer

    async def leave(self, thunder: Conversation) -> None:
        """Undo what the call did; how that goes is another case's business."""
        if self.undo is not None:
            breaches = list(thunder.breaches)
            try:
                await self.undo()
            except Nonconformance:
                if self.container is not None:
                    await thunder.run.containers.abandon(self.container, thunder.run)
            thunder.breaches = breaches


async def ready(thunder: Conversation, method: str) -> Ready:
    """Return a call of ``method`` that has to succeed. Raises CannotJudge when its set-up fails."""
    breaches = list(thunder.breaches)
    try:
        return await _ready(thunder, method)
    except Nonconformance as breach:
        thunder.breaches = breaches
        raise CannotJudge(f"no container to try it on: its set-up failed ({breach})") from breach


async def _ready(thunder: Conversation, method: str) -> Ready:  # noqa: C901 - a method a branch, nothing nested
    run = thunder.run
    if method == "listContainers":
        return Ready(method, {})
    if method in STARTS:
        container = run.containers.new(method, "Started", run.target.clock.seconds())
        return Ready(
            method,
            thunder.start_params(method, container.id),
            container,
            lambda: run.containers.abandon(container, run),
            own=True,
        )
    if method == "stopContainer":
        container = await thunder.start(name="Stopped")
        params = {"containerId": container.id}
        return Ready(method, params, container, lambda: run.containers.abandon(container, run), own=True)
    if method in HIBERNATION:
        return await _hibernation(thunder, method)
    container = await thunder.container(state="Paused" if method == "resumeContainer" else "Running")
    call = Ready(method, {"containerId": container.id}, container)
    match method:
        case "pauseContainer":
            call.undo = lambda: thunder.ask("resumeContainer", containerId=container.id)
        case "resumeContainer":
            call.undo = lambda: _runs(container)
        case "executeCommand":
            call.params |= {"options": "", "command": "ls"}
        case "annotate":
            call.params |= {"key": KEY, "value": VALUE}
            call.undo = lambda: thunder.ask("removeAnnotation", containerId=container.id, key=KEY)
        case "removeAnnotation":
            await thunder.ask("annotate", containerId=container.id, key=KEY, value=VALUE)
            call.params |= {"key": KEY}
        case "mount":
            call.params |= {"source": "/tmp", "target": "/mnt", "type": "bind", "options": "ro"}  # noqa: S108 - on the target
            call.undo = lambda: run.quietly("unmount", containerId=container.id, target="/mnt")
        case "unmount":
            call.params |= {"target": "/mnt"}
    return call


async def _runs(container: Container) -> None:
    """Note that a container goes on."""
    container.state = "Running"


async def _hibernation(thunder: Conversation, method: str) -> Ready:
    """Return a call that hibernates a container of its own, or wakes it up; CannotJudge where memcr does not work."""
    run = thunder.run
    container = await thunder.start(name="Asleep")
    if method == "wakeupContainer":
        await hibernated(thunder, container)
    params = {"containerId": container.id}
    return Ready(method, params, container, lambda: run.containers.abandon(container, run), own=True)


async def hibernated(thunder: Conversation, container: Container) -> None:
    """Bring a container to hibernation. Raises CannotJudge where the device does not hibernate at all."""
    await thunder.ask("hibernateContainer", containerId=container.id)
    busy = {"hibernating"}
    state = await thunder.settled(lambda: thunder.state(container), lambda now: now.casefold() not in busy)
    if state.casefold() != "hibernated":
        raise CannotJudge(f"the device does not hibernate: the container is {state} afterwards")
