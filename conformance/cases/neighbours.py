"""Three containers side by side: a call reaches the one that it names, and no other.

The one in the middle is called on, so that neither "always the first" nor "always the last" goes unnoticed.
"""

from conformance.cases import case
from conformance.containers import Container
from conformance.conversation import Conversation


async def _three(thunder: Conversation, *, outer: str, inner: str) -> tuple[Container, Container, Container]:
    """Return three containers, the middle one in the state ``inner``, the others in ``outer``."""
    first = await thunder.container(name="First", state=outer)
    middle = await thunder.container(name="Middle", state=inner)
    third = await thunder.container(name="Third", state=outer)
    return first, middle, third


@case("getContainerState/4", clause="getContainerState.addressee", title="each container has its own state")
async def own_state(thunder: Conversation) -> None:
    """A paused container between two running ones is the only paused one."""
    first, middle, third = await _three(thunder, outer="Running", inner="Paused")
    for container, state in ((first, "Running"), (middle, "Paused"), (third, "Running")):
        await thunder.expect_state("getContainerState.addressee", container, state)


@case("getContainerInfo/4", clause="getContainerInfo.addressee", title="each container has its own figures")
async def own_figures(thunder: Conversation) -> None:
    """The figures of each container carry its id and its state."""
    first, middle, third = await _three(thunder, outer="Running", inner="Paused")
    for container, state in ((first, "running"), (middle, "paused"), (third, "running")):
        info = (await thunder.ask("getContainerInfo", containerId=container.id))["info"]
        thunder.expect("getContainerInfo.addressee", "$.result.info.id", container.id, info["id"])
        thunder.expect("getContainerInfo.addressee", "$.result.info.state", state, info["state"].casefold())


@case("executeCommand/4", clause="executeCommand.addressee", title="a command runs between two paused containers")
async def executes(thunder: Conversation) -> None:
    """The command is accepted, since the container that it is for is running."""
    _, middle, _ = await _three(thunder, outer="Paused", inner="Running")
    await thunder.ask("executeCommand", containerId=middle.id, options="", command="ls")


@case("resumeContainer/4", clause="resumeContainer.addressee", title="one of three paused containers goes on")
async def goes_on(thunder: Conversation) -> None:
    """The other two stay paused."""
    first, middle, third = await _three(thunder, outer="Paused", inner="Paused")
    await thunder.ask("resumeContainer", containerId=middle.id)
    for container, state in ((first, "Paused"), (middle, "Running"), (third, "Paused")):
        await thunder.expect_state("resumeContainer.addressee", container, state)
    middle.state = "Running"


@case("pauseContainer/4", clause="pauseContainer.addressee", title="one of three running containers is paused")
async def is_paused(thunder: Conversation) -> None:
    """The other two go on running."""
    first, middle, third = await _three(thunder, outer="Running", inner="Running")
    await thunder.ask("pauseContainer", containerId=middle.id)
    for container, state in ((first, "Running"), (middle, "Paused"), (third, "Running")):
        await thunder.expect_state("pauseContainer.addressee", container, state)
    middle.state = "Paused"


@case("stopContainer/4", clause="stopContainer.addressee", title="one of three running containers ends")
async def ends(thunder: Conversation) -> None:
    """The other two stay listed."""
    first, middle, third = await _three(thunder, outer="Running", inner="Running")
    listed = await thunder.stop(middle, "stopContainer.addressee")
    for container in (first, third):
        thunder.expect_listed("stopContainer.addressee", container, listed)
