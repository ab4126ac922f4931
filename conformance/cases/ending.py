"""Ends: how a stop takes a container out of everything, with and without force; and commands in a container."""

from typing import Any

from conformance.cases import case
from conformance.cases.starting import end, unchanged
from conformance.conversation import Conversation
from conformance.lives import FROM_BUNDLE, FROM_SPEC
from conformance.verdict import CannotJudge

_STARTS = ({"start": FROM_BUNDLE, "_n": 60, "_needs": "bundle"}, {"start": FROM_SPEC, "_n": 61})
DEAF = ["sh", "-c", "trap '' TERM; sleep 60"]
"""A program that does not end when it is asked to."""
_POLITE = ["sh", "-c", "trap 'exit 0' TERM; sleep 60"]
_NO_FORCE: tuple[dict[str, Any], ...] = ({}, {"force": False})
_OVER = {"running", "paused"}


@case(
    "getContainerState/{_n}",
    clause="getContainerState.stopped",
    title="a container that was stopped neither runs nor is paused",
    tags="lifecycle",
    over=_STARTS,
)
async def no_state(thunder: Conversation, start: str) -> None:
    """Its state is refused, or is another."""
    container = await thunder.start(start, "Ended")
    await thunder.stop(container)
    answer = await thunder.call("getContainerState", {"containerId": container.id})
    if not answer.refused:
        state = str(thunder.succeed("getContainerState", answer)["state"])
        if state.casefold() in _OVER:
            thunder.broken("getContainerState.stopped", "$.result.state", "neither Running nor Paused", state)


@case(
    "{method}/{_n}",
    clause="{method}.refusal",
    title="the container was stopped",
    tags="lifecycle negative",
    over=[
        {"method": "getContainerInfo", "_n": 64},
        {"method": "pauseContainer", "_n": 64},
        {"method": "resumeContainer", "_n": 64},
        {"method": "executeCommand", "_n": 64, "options": "", "command": "ls"},
    ],
)
async def refused_afterwards(thunder: Conversation, method: str, **params: str) -> None:
    """A container that has ended is like one that never was."""
    container = await thunder.start(name="Ended")
    await thunder.stop(container)
    await thunder.refused(method, clause=f"{method}.refusal", containerId=container.id, **params)


@case(
    "stopContainer/{_n}",
    clause="stopContainer.again",
    title="a container that was stopped is stopped again",
    tags="lifecycle negative",
    over=_STARTS,
)
async def stopped_twice(thunder: Conversation, start: str) -> None:
    """Once the container has left the list the call is refused, with and without force."""
    container = await thunder.start(start, "Ended")
    await thunder.stop(container)
    for force in (False, True):
        await thunder.refused("stopContainer", clause="stopContainer.again", containerId=container.id, force=force)


@case(
    "stopContainer/62",
    clause="stopContainer.again",
    title="a container that ended by itself is stopped",
    tags="lifecycle negative",
)
async def stopped_too_late(thunder: Conversation) -> None:
    """Once the container has left the list the call is refused."""
    container = await thunder.start(FROM_SPEC, "Ended", args=["true"])
    await thunder.gone(container, "startContainerFromDobbySpec.param.dobbySpec")
    await thunder.refused("stopContainer", clause="stopContainer.again", containerId=container.id)


@case(
    "stopContainer/{_n}",
    clause="stopContainer.paused",
    title="a paused container is stopped {_how}",
    tags="lifecycle negative",
    over=[{"which": 0, "_n": 63, "_how": "without force"}, {"which": 1, "_n": 64, "_how": "with force false"}],
)
async def not_while_paused(thunder: Conversation, which: int) -> None:
    """The call is refused, and the container stays paused."""
    container = await thunder.container(state="Paused")
    params = {"containerId": container.id, **_NO_FORCE[which]}
    answer = await thunder.refused("stopContainer", clause="stopContainer.paused", **params)
    if answer.refused:
        await unchanged(thunder, "stopContainer.paused", container)


@case(
    "stopContainer/65",
    clause="stopContainer.paused.force",
    title="a paused container is stopped with force",
    tags="lifecycle",
    also=("stopContainer.param.force",),
)
async def while_paused(thunder: Conversation) -> None:
    """The container leaves the list."""
    container = await thunder.start(name="Frozen")
    await thunder.ask("pauseContainer", containerId=container.id)
    answer = await thunder.call("stopContainer", {"containerId": container.id, "force": True})
    if answer.refused:
        thunder.broken("stopContainer.paused.force", "$", "a result with success true", answer.message)
        return
    thunder.succeed("stopContainer", answer)
    await thunder.gone(container, "stopContainer.paused.force")


@case(
    "stopContainer/66",
    clause="stopContainer.force",
    title="a program that ignores SIGTERM is stopped with force",
    tags="lifecycle",
    also=("stopContainer.param.force",),
)
async def forced(thunder: Conversation) -> None:
    """The container leaves the list."""
    container = await thunder.start(FROM_SPEC, "Deaf", args=DEAF)
    await thunder.stop(container, "stopContainer.force", force=True)


@case(
    "stopContainer/67",
    clause="stopContainer.force",
    title="a program that ignores SIGTERM is stopped without force, then with force",
    tags="lifecycle",
)
async def asked_then_forced(thunder: Conversation) -> None:
    """Whatever becomes of the first call, the container leaves the list after the second."""
    container = await thunder.start(FROM_SPEC, "Deaf", args=DEAF)
    await thunder.call("stopContainer", {"containerId": container.id})
    await thunder.call("stopContainer", {"containerId": container.id, "force": True})
    await thunder.gone(container, "stopContainer.force")


@case(
    "stopContainer/{_n}",
    clause="{clause}",
    title="a running container is stopped with force {_force}",
    tags="lifecycle",
    over=[
        {"force": True, "clause": "stopContainer.force", "_n": 68, "_force": "true"},
        {"force": False, "clause": "stopContainer.param.force", "_n": 69, "_force": "false"},
    ],
)
async def stopped(thunder: Conversation, clause: str, *, force: bool) -> None:
    """The container leaves the list either way."""
    await thunder.stop(await thunder.start(name="Ended"), clause, force=force)


@case(
    "stopContainer/70",
    clause="stopContainer.effect",
    title="a program that takes SIGTERM as it likes is stopped",
    tags="lifecycle",
)
async def polite(thunder: Conversation) -> None:
    """It ends when it is asked to, and leaves the list."""
    await thunder.stop(await thunder.start(FROM_SPEC, "Polite", args=_POLITE))


@case(
    "executeCommand/60",
    clause="executeCommand.paused",
    title="a command for a paused container",
    tags="lifecycle negative",
)
async def not_in_a_paused_one(thunder: Conversation) -> None:
    """The call is refused, and the container stays paused."""
    container = await thunder.container(state="Paused")
    params = {"containerId": container.id, "options": "", "command": "ls"}
    await thunder.refused("executeCommand", clause="executeCommand.paused", **params)
    await unchanged(thunder, "executeCommand.paused", container)


@case(
    "executeCommand/61",
    clause="executeCommand.no-program",
    title="a command whose program is not there",
    also=("executeCommand.effect",),
)
async def no_program(thunder: Conversation) -> None:
    """The call may be refused or not; the container runs on."""
    container = await thunder.container(state="Running")
    await thunder.call("executeCommand", {"containerId": container.id, "options": "", "command": "/nowhere/at/all"})
    await unchanged(thunder, "executeCommand.effect", container)


@case(
    "executeCommand/62",
    clause="executeCommand.param.options",
    title="options that crun does not know",
    tags="negative",
)
async def unknown_options(thunder: Conversation) -> None:
    """The call is refused, and the container runs on."""
    container = await thunder.container(state="Running")
    params = {"containerId": container.id, "options": "--unheard-of", "command": "ls"}
    await thunder.refused("executeCommand", clause="executeCommand.param.options", **params)
    await unchanged(thunder, "executeCommand.effect", container)


@case(
    "executeCommand/63",
    clause="executeCommand.param.command",
    title="a command that lives is a process of the container",
)
async def a_process(thunder: Conversation) -> None:
    """The figures list a process more, and the processes that were there before are still there."""
    container = await thunder.start(name="Host")
    before = (await thunder.info(container))["pids"]
    if not before:
        raise CannotJudge("the device cannot tell: it lists no processes")
    await thunder.ask("executeCommand", containerId=container.id, options="", command="sleep 30")
    after = await thunder.settled(lambda: _pids(thunder, container), lambda now: len(now) > len(before))
    thunder.expect("executeCommand.effect", "$.result.info.pids", sorted(before), sorted({*before} & {*after}))
    if not {*after} - {*before}:
        thunder.broken("executeCommand.param.command", "$.result.info.pids", f"more than {before}", after)
    await end(thunder, container)


async def _pids(thunder: Conversation, container: Any) -> list[int]:
    found: list[int] = (await thunder.info(container))["pids"]
    return found
