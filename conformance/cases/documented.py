"""The documented commands, told as two stories: a container from a bundle, and one from a Dobby spec."""

from conformance.cases import case
from conformance.conversation import Conversation
from conformance.lives import FROM_BUNDLE, FROM_SPEC

_STORIES = (
    {"start": FROM_BUNDLE, "_n": 1, "_listing": 2, "_needs": "bundle"},
    {"start": FROM_SPEC, "_n": 2, "_listing": 3},
)


@case(
    "listContainers/1",
    clause="listContainers.containers",
    title="the containers are listed",
    tags="documented read-only",
    needs="nothing",
)
async def lists(thunder: Conversation) -> None:
    """The list is well-formed, whatever runs on the target."""
    await thunder.listed()


@case(
    "{start}/1",
    clause="{start}.effect",
    title="a container starts, is listed and runs",
    tags="documented lifecycle",
    also=("{start}.descriptor", "{start}.success"),
    over=_STORIES,
)
async def starts(thunder: Conversation, start: str) -> None:
    """The new container is there with its descriptor, and is running."""
    container = await thunder.start(start)
    await thunder.expect_state(f"{start}.effect", container, "Running")


@case(
    "listContainers/{_listing}",
    clause="listContainers.Id",
    title="a running container is listed",
    tags="documented",
    also=("listContainers.Descriptor",),
    over=_STORIES,
)
async def is_listed(thunder: Conversation, start: str) -> None:
    """The container is listed under its id, with the descriptor that its start returned."""
    container = await thunder.container(start)
    thunder.expect_listed("listContainers.Id", container, await thunder.listed())


@case(
    "getContainerState/{_n}",
    clause="getContainerState.state",
    title="a running container is Running",
    tags="documented",
    over=_STORIES,
)
async def has_a_state(thunder: Conversation, start: str) -> None:
    """The answer names the state that the container is in."""
    container = await thunder.container(start)
    await thunder.expect_state("getContainerState.state", container, "Running")


@case(
    "getContainerInfo/{_n}",
    clause="getContainerInfo.info",
    title="a running container has figures",
    tags="documented",
    over=_STORIES,
)
async def has_figures(thunder: Conversation, start: str) -> None:
    """The figures are complete and belong to the container."""
    container = await thunder.container(start)
    info = await thunder.info(container)
    thunder.expect("getContainerInfo.state", "$.result.info.state", "running", info["state"].casefold())


@case(
    "pauseContainer/{_n}",
    clause="pauseContainer.effect",
    title="a running container is paused",
    tags="documented lifecycle",
    over=_STORIES,
)
async def is_paused(thunder: Conversation, start: str) -> None:
    """The container is paused afterwards."""
    container = await thunder.container(start)
    await thunder.ask("pauseContainer", containerId=container.id)
    await thunder.expect_state("pauseContainer.effect", container, "Paused")
    container.state = "Paused"


@case(
    "resumeContainer/{_n}",
    clause="resumeContainer.effect",
    title="a paused container goes on",
    tags="documented lifecycle",
    over=_STORIES,
)
async def goes_on(thunder: Conversation, start: str) -> None:
    """The container is running afterwards."""
    container = await thunder.container(start, state="Paused")
    await thunder.ask("resumeContainer", containerId=container.id)
    await thunder.expect_state("resumeContainer.effect", container, "Running")
    container.state = "Running"


@case(
    "executeCommand/{_n}",
    clause="executeCommand.effect",
    title="a command runs in a running container",
    tags="documented",
    over=_STORIES,
)
async def executes(thunder: Conversation, start: str) -> None:
    """The command is accepted, and the container goes on as before."""
    container = await thunder.container(start)
    await thunder.ask("executeCommand", containerId=container.id, options="", command="ls")
    await thunder.expect_state("executeCommand.effect", container, "Running")


@case(
    "stopContainer/{_n}",
    clause="stopContainer.effect",
    title="a running container ends",
    tags="documented lifecycle",
    over=_STORIES,
)
async def ends(thunder: Conversation, start: str) -> None:
    """The container leaves the list."""
    await thunder.stop(await thunder.container(start))
