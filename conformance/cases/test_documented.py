"""The documented commands, told as two stories: a container from a bundle, and one from a Dobby spec."""

from conformance.cases import case
from conformance.conversation import Conversation


@case("listContainers/1", clause="listContainers.containers", title="the containers are listed")
async def test_list(thunder: Conversation) -> None:
    """The list is well-formed, whatever runs on the target."""
    await thunder.listed()


class Story:
    """A container's life in documented commands, each in a place where it makes sense."""

    start: str
    """The method that begins the story."""

    @case("{start}/1", clause="{start}.effect", title="a container starts, is listed and runs")
    async def test_start(self, thunder: Conversation) -> None:
        """The new container is there with its descriptor, and is running."""
        container = await thunder.start(self.start)
        await thunder.expect_state(f"{self.start}.effect", container, "Running")

    @case("listContainers/{listing}", clause="listContainers.Id", title="a running container is listed")
    async def test_list(self, thunder: Conversation) -> None:
        """The container is listed under its id, with the descriptor that its start returned."""
        container = await thunder.container(self.start)
        thunder.expect_listed("listContainers.Id", container, await thunder.listed())

    @case("getContainerState/{story}", clause="getContainerState.state", title="a running container is Running")
    async def test_state(self, thunder: Conversation) -> None:
        """The answer names the container and the state it is in."""
        container = await thunder.container(self.start)
        await thunder.expect_state("getContainerState.state", container, "Running")

    @case("getContainerInfo/{story}", clause="getContainerInfo.info", title="a running container has figures")
    async def test_info(self, thunder: Conversation) -> None:
        """The figures are complete and belong to the container."""
        container = await thunder.container(self.start)
        info = (await thunder.ask("getContainerInfo", container.id))["info"]
        thunder.expect("getContainerInfo.id", "$.result.info.id", container.id, info["id"])
        thunder.expect("getContainerInfo.state", "$.result.info.state", "running", info["state"])

    @case("pauseContainer/{story}", clause="pauseContainer.effect", title="a running container is paused")
    async def test_pause(self, thunder: Conversation) -> None:
        """The container is paused afterwards."""
        container = await thunder.container(self.start)
        await thunder.ask("pauseContainer", container.id)
        await thunder.expect_state("pauseContainer.effect", container, "Paused")
        container.state = "Paused"

    @case("resumeContainer/{story}", clause="resumeContainer.effect", title="a paused container goes on")
    async def test_resume(self, thunder: Conversation) -> None:
        """The container is running afterwards."""
        container = await thunder.container(self.start, state="Paused")
        await thunder.ask("resumeContainer", container.id)
        await thunder.expect_state("resumeContainer.effect", container, "Running")
        container.state = "Running"

    @case("executeCommand/{story}", clause="executeCommand.effect", title="a command runs in a running container")
    async def test_execute(self, thunder: Conversation) -> None:
        """The command is accepted, and the container goes on as before."""
        container = await thunder.container(self.start)
        await thunder.ask("executeCommand", container.id)
        await thunder.expect_state("executeCommand.effect", container, "Running")

    @case("stopContainer/{story}", clause="stopContainer.effect", title="a running container ends")
    async def test_stop(self, thunder: Conversation) -> None:
        """The container leaves the list."""
        container = await thunder.container(self.start)
        await thunder.stop(container)


class TestBundle(Story):
    """The story of a container from an OCI bundle."""

    start = "startContainer"
    story = 1
    listing = 2


class TestDobbySpec(Story):
    """The story of a container from a Dobby spec."""

    start = "startContainerFromDobbySpec"
    story = 2
    listing = 3
