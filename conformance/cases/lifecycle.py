"""The life of a container: pause, resume, commands and stop, each seen through the other methods."""

from typing import Any

from conformance.cases import case
from conformance.cases.starting import end, unchanged
from conformance.containers import Container
from conformance.conversation import Conversation
from conformance.lives import FROM_BUNDLE, FROM_SPEC
from conformance.verdict import CannotJudge

_STARTS = ({"start": FROM_BUNDLE, "_n": 60, "_needs": "bundle"}, {"start": FROM_SPEC, "_n": 61})
_BUSY = ["sh", "-c", "while :; do :; done"]


async def _change(thunder: Conversation, container: Container, state: str) -> None:
    """Bring a container of the case's own into another state."""
    method = "pauseContainer" if state == "Paused" else "resumeContainer"
    await thunder.ask(method, containerId=container.id)
    container.state = state


@case(
    "pauseContainer/{_n}",
    clause="pauseContainer.effect",
    title="a paused container is listed, and its figures say so",
    tags="lifecycle",
    also=("listContainers.paused",),
    over=_STARTS,
)
async def paused(thunder: Conversation, start: str) -> None:
    """The list has it with its descriptor, and the info's state is paused."""
    container = await thunder.container(start, state="Running")
    await _change(thunder, container, "Paused")
    thunder.expect_listed("listContainers.paused", container, await thunder.listed())
    info = await thunder.info(container)
    thunder.expect("pauseContainer.effect", "$.result.info.state", "paused", info["state"].casefold())


@case(
    "resumeContainer/{_n}",
    clause="resumeContainer.effect",
    title="a container that goes on is listed, and its figures say so",
    tags="lifecycle",
    over=_STARTS,
)
async def resumed(thunder: Conversation, start: str) -> None:
    """The list has it with its descriptor, and the info's state is running."""
    container = await thunder.container(start, state="Paused")
    await _change(thunder, container, "Running")
    thunder.expect_listed("resumeContainer.effect", container, await thunder.listed())
    info = await thunder.info(container)
    thunder.expect("resumeContainer.effect", "$.result.info.state", "running", info["state"].casefold())


@case(
    "pauseContainer/62",
    clause="pauseContainer.paused",
    title="a paused container is paused again",
    tags="lifecycle negative",
)
async def paused_twice(thunder: Conversation) -> None:
    """The call is refused, and the container stays paused."""
    container = await thunder.container(state="Paused")
    await thunder.refused("pauseContainer", clause="pauseContainer.paused", containerId=container.id)
    await unchanged(thunder, "pauseContainer.paused", container)


@case(
    "resumeContainer/62",
    clause="resumeContainer.running",
    title="a running container is resumed",
    tags="lifecycle negative",
)
async def resumed_twice(thunder: Conversation) -> None:
    """The call is refused, and the container runs on."""
    container = await thunder.container(state="Running")
    await thunder.refused("resumeContainer", clause="resumeContainer.running", containerId=container.id)
    await unchanged(thunder, "resumeContainer.running", container)


@case(
    "pauseContainer/63",
    clause="pauseContainer.effect",
    title="a container is paused and resumed three times",
    tags="lifecycle",
    also=("resumeContainer.effect",),
)
async def to_and_fro(thunder: Conversation) -> None:
    """Each time the state is the one that the last call brought about."""
    container = await thunder.container(state="Running")
    for _ in range(3):
        await _change(thunder, container, "Paused")
        await thunder.expect_state("pauseContainer.effect", container, "Paused")
        await _change(thunder, container, "Running")
        await thunder.expect_state("resumeContainer.effect", container, "Running")


async def _figures(thunder: Conversation, container: Container, *names: str) -> list[int]:
    """Return a figure of the info, by its path, as two looks one after the other found it. Raises CannotJudge."""
    found: list[int] = []
    for _ in range(2):
        figure: Any = await thunder.info(container)
        for name in names:
            figure = figure[name]
        if figure is None:
            raise CannotJudge(f"the device cannot tell: {'.'.join(names)} is null")
        found.append(figure)
        await thunder.expect_state("getContainerState.state", container, container.state)
    return found


@case(
    "getContainerInfo/60",
    clause="getContainerInfo.cpu.still",
    title="a paused container uses no processor time",
    tags="lifecycle",
)
async def stands_still(thunder: Conversation) -> None:
    """Two looks at a busy program, once it is paused, give the same total."""
    container = await thunder.start(FROM_SPEC, "Busy", args=_BUSY)
    await _change(thunder, container, "Paused")
    before, after = await _figures(thunder, container, "cpu", "usage", "total")
    thunder.expect("getContainerInfo.cpu.still", "$.result.info.cpu.usage.total", before, after)
    await end(thunder, container)


@case(
    "getContainerInfo/{_n}",
    clause="getContainerInfo.{figure}.grows",
    title="{figure} does not go down",
    over=({"figure": "cpu", "_n": 61}, {"figure": "timestamp", "_n": 62}),
)
async def grows(thunder: Conversation, figure: str) -> None:
    """Neither while the container runs, nor when it was paused meanwhile."""
    names = ("cpu", "usage", "total") if figure == "cpu" else (figure,)
    container = await thunder.container(state="Running")
    found = await _figures(thunder, container, *names)
    await _change(thunder, container, "Paused")
    found += await _figures(thunder, container, *names)
    await _change(thunder, container, "Running")
    found += await _figures(thunder, container, *names)
    thunder.expect(f"getContainerInfo.{figure}.grows", f"$.result.info.{'.'.join(names)}", sorted(found), found)


@case(
    "listContainers/60",
    clause="listContainers.Descriptor",
    title="the descriptor stays the same for life",
    tags="lifecycle",
    also=("executeCommand.effect",),
)
async def in_step(thunder: Conversation) -> None:
    """After each call the list has the container, with the descriptor that its start returned."""
    container = await thunder.container(state="Running")
    await thunder.ask("executeCommand", containerId=container.id, options="", command="true")
    thunder.expect_listed("executeCommand.effect", container, await thunder.listed())
    await _change(thunder, container, "Paused")
    thunder.expect_listed("pauseContainer.effect", container, await thunder.listed())
    await _change(thunder, container, "Running")
    thunder.expect_listed("resumeContainer.effect", container, await thunder.listed())


@case(
    "listContainers/61",
    clause="listContainers.containers",
    title="a container that has ended does not come back into the list",
    tags="lifecycle",
)
async def stays_away(thunder: Conversation) -> None:
    """Once it has left the list, the list is without it while others start and end."""
    container, other = await thunder.start(name="Leaving"), await thunder.start(name="Staying")
    await thunder.stop(container)
    thunder.expect_listed("listContainers.containers", other, await thunder.listed())
    listed = await thunder.stop(other)
    if container.id in listed:
        clause, path = "listContainers.containers", "$.result.containers[*].Id"
        thunder.broken(clause, path, f'no more "{container.id}"', sorted(listed))


@case(
    "listContainers/62",
    clause="listContainers.params",
    title="the list is asked for with params",
    tags="read-only",
    needs="nothing",
)
async def with_params(thunder: Conversation) -> None:
    """The answer is the same list."""
    variants: tuple[Any, ...] = ({}, {"containerId": thunder.missing}, [])
    for params in variants:
        answer = await thunder.call("listContainers", params)
        if answer.refused:
            thunder.broken("listContainers.params", "$", "a result with success true", answer.message)
        else:
            thunder.succeed("listContainers", answer)
