"""Starts: what comes of the id, the program and the descriptor, and which starts have to be refused."""

from conformance.cases import case
from conformance.containers import Container
from conformance.conversation import Conversation
from conformance.lives import FROM_BUNDLE, FROM_SPEC

_STARTS = ({"start": FROM_BUNDLE, "_needs": "bundle"}, {"start": FROM_SPEC})
_OTHER = {FROM_BUNDLE: FROM_SPEC, FROM_SPEC: FROM_BUNDLE}
_NO_NAMES = ("a b", "a/b", "a:b", "a..b", "a" * 200)
"""What follows our prefix in ids that are no names for containers."""
_ODD_NAME = "Az-_.9"
_NOWHERE = "/nowhere/at/all"


async def end(thunder: Conversation, *containers: Container) -> None:
    """End containers that the case needs no more; how that goes is another case's business."""
    for container in containers:
        await thunder.run.containers.abandon(container, thunder.run)


async def unchanged(thunder: Conversation, clause: str, container: Container) -> None:
    """Make sure that a container is listed as before, and in the state that it was brought to."""
    thunder.expect_listed(clause, container, await thunder.listed())
    await thunder.expect_state(clause, container, container.state)


@case(
    "{start}/60",
    clause="{start}.duplicate",
    title="the same id is started twice by the same method",
    tags="lifecycle negative",
    over=_STARTS,
)
async def twice(thunder: Conversation, start: str) -> None:
    """The second start is refused; the first container keeps its descriptor, and runs on."""
    container = await thunder.container(start)
    answer = await thunder.refused(start, clause=f"{start}.duplicate", **thunder.start_params(start, container.id))
    if answer.refused:
        await unchanged(thunder, f"{start}.duplicate", container)


@case(
    "{start}/61",
    clause="{start}.duplicate",
    title="an id is started that the other method has started",
    tags="lifecycle negative",
    needs="bundle",
    over=[{"start": start} for start in _OTHER],
)
async def twice_by_both(thunder: Conversation, start: str) -> None:
    """The second start is refused; the first container keeps its descriptor, and stays paused."""
    container = await thunder.container(_OTHER[start], state="Paused")
    answer = await thunder.refused(start, clause=f"{start}.duplicate", **thunder.start_params(start, container.id))
    if answer.refused:
        await unchanged(thunder, f"{start}.duplicate", container)


async def _start_again(thunder: Conversation, start: str, container: Container) -> None:
    """Start a container that has ended once more, and end it."""
    answer = await thunder.call(start, thunder.start_params(start, container.id))
    if answer.refused:
        thunder.broken(f"{start}.again", "$", "a result with success true", answer.message)
    container.descriptor = thunder.succeed(start, answer)["descriptor"]
    await unchanged(thunder, f"{start}.again", container)
    await thunder.stop(container)


@case(
    "{start}/62",
    clause="{start}.again",
    title="an id is started again after it was stopped",
    tags="lifecycle",
    over=_STARTS,
)
async def again(thunder: Conversation, start: str) -> None:
    """Once the list no longer has the id it is free, and the new container is a whole one."""
    container = await thunder.start(start, "Again")
    await thunder.stop(container)
    await _start_again(thunder, start, container)


@case(
    "{start}/72",
    clause="{start}.again",
    title="an id is started again after its container ended by itself",
    tags="lifecycle",
    over=_STARTS,
)
async def again_by_itself(thunder: Conversation, start: str) -> None:
    """As after a stop."""
    container = await thunder.start(start, "Again", command="true")
    await thunder.gone(container, f"{start}.command")
    await _start_again(thunder, start, container)


@case(
    "{start}/63",
    clause="{start}.command",
    title="a command replaces the program",
    tags="lifecycle",
    also=("{start}.param.command",),
    over=_STARTS,
)
async def command(thunder: Conversation, start: str) -> None:
    """The documented program would run for a minute, the command ends at once: the container leaves the list."""
    container = await thunder.start(start, "Command", command="true")
    await thunder.gone(container, f"{start}.param.command")


@case(
    "startContainer/64",
    clause="startContainer.param.bundlePath",
    title="the bundle is not there",
    tags="negative",
    needs="bundle",
    also=("startContainer.refusal",),
)
async def no_bundle(thunder: Conversation) -> None:
    """A start that would do with a bundle that is there is refused with a path that leads nowhere."""
    container = await thunder.container(FROM_BUNDLE)
    params = {"containerId": thunder.new_id("NoBundle"), "bundlePath": f"{_NOWHERE}/{container.id}"}
    await thunder.refused(FROM_BUNDLE, clause="startContainer.param.bundlePath", **params)


@case(
    "startContainerFromDobbySpec/64",
    clause="startContainerFromDobbySpec.param.dobbySpec",
    title="the program of the Dobby spec runs",
    tags="lifecycle",
)
async def program(thunder: Conversation) -> None:
    """A Dobby spec whose program ends at once makes a container that leaves the list."""
    container = await thunder.start(FROM_SPEC, "Program", args=["true"])
    await thunder.gone(container, "startContainerFromDobbySpec.param.dobbySpec")


@case(
    "{start}/65",
    clause="{start}.refusal",
    title="a start that is refused leaves nothing behind",
    tags="negative",
    needs="nothing",
    over=({"start": FROM_BUNDLE, "bundlePath": _NOWHERE}, {"start": FROM_SPEC, "dobbySpec": "{}"}),
)
async def leaves_nothing(thunder: Conversation, start: str, **params: str) -> None:
    """No container is listed under the id, and none has a state."""
    container_id = thunder.new_id("Refused")
    await thunder.refused(start, clause=f"{start}.refusal", containerId=container_id, **params)
    if container_id in (listed := await thunder.listed()):
        thunder.broken(f"{start}.refusal", "$.result.containers[*].Id", f'no "{container_id}"', sorted(listed))
    await thunder.refused("getContainerState", containerId=container_id)


@case(
    "{start}/66",
    clause="{start}.bad-id",
    title="an id is no name for a container",
    tags="negative",
    over=_STARTS,
)
async def bad_id(thunder: Conversation, start: str) -> None:
    """Blanks, slashes, colons, two dots and 200 characters are refused."""
    for name in _NO_NAMES:
        container_id = thunder.new_id(name)
        answer = await thunder.refused(start, clause=f"{start}.bad-id", **thunder.start_params(start, container_id))
        if not answer.refused:
            await thunder.run.quietly("stopContainer", containerId=container_id, force=True)


@case(
    "{start}/67",
    clause="{start}.descriptor.new",
    title="each container has a descriptor of its own",
    tags="lifecycle",
    over=_STARTS,
)
async def descriptors(thunder: Conversation, start: str) -> None:
    """No descriptor is listed twice, neither at first nor when one container was replaced by another."""
    first, second = await thunder.start(start, "Own"), await thunder.start(start, "Own")
    await _distinct(thunder, start)
    await thunder.stop(first)
    third = await thunder.start(start, "Own")
    await _distinct(thunder, start)
    await end(thunder, second, third)


async def _distinct(thunder: Conversation, start: str) -> None:
    """Make sure that no two listed containers have the same descriptor."""
    found = sorted((await thunder.listed()).values())
    thunder.expect(f"{start}.descriptor.new", "$.result.containers[*].Descriptor", sorted(set(found)), found)


@case(
    "{start}/68",
    clause="{start}.param.containerId",
    title="letters, digits, dot, hyphen and underscore make an id",
    tags="lifecycle",
    over=_STARTS,
)
async def odd_id(thunder: Conversation, start: str) -> None:
    """The container is listed under exactly this id."""
    container = await thunder.start(start, _ODD_NAME)
    thunder.expect_listed(f"{start}.param.containerId", container, await thunder.listed())
    await end(thunder, container)


@case(
    "{start}/69",
    clause="{start}.no-program",
    title="the program is not there",
    tags="lifecycle negative",
    over=_STARTS,
)
async def no_program(thunder: Conversation, start: str) -> None:
    """The start is refused, or the container ends at once: it does not stay in the list."""
    container = thunder.run.containers.new(start, "NoProgram", thunder.run.target.clock.seconds())
    await thunder.call(start, {**thunder.start_params(start, container.id), "command": _NOWHERE})
    await thunder.gone(container, f"{start}.no-program")


@case(
    "{start}/70",
    clause="{start}.param.westerosSocket",
    title="the westeros socket is not there",
    tags="negative {_tags}",
    over=({**_STARTS[0], "_tags": "hazardous"}, {**_STARTS[1], "_tags": ""}),
)
async def no_socket(thunder: Conversation, start: str) -> None:
    """What is not there cannot be mounted: the start is refused.

    The daemon is known to crash when a mount of the bundle has no source, and the bundle may be anybody's.
    """
    container_id = thunder.new_id("NoSocket")
    params = {**thunder.start_params(start, container_id), "westerosSocket": _NOWHERE}
    answer = await thunder.refused(start, clause=f"{start}.param.westerosSocket", **params)
    if not answer.refused:
        await thunder.run.quietly("stopContainer", containerId=container_id, force=True)


@case(
    "{start}/71",
    clause="{start}.descriptor.fresh",
    title="the descriptor of a container that has ended is not used at once",
    tags="lifecycle",
    over=_STARTS,
)
async def fresh(thunder: Conversation, start: str) -> None:
    """Whoever still holds the old descriptor does not meet another container."""
    first = await thunder.start(start, "Old")
    await thunder.stop(first)
    second = await thunder.start(start, "New")
    if first.descriptor == second.descriptor:
        clause, path = f"{start}.descriptor.fresh", "$.result.containers[*].Descriptor"
        thunder.broken(clause, path, f"another than {first.descriptor}", second.descriptor)
    await end(thunder, second)
