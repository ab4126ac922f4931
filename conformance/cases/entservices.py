"""What only the newer profile has: hibernation, properties and mounts, each seen through other methods."""

from conformance.cases import case
from conformance.cases.ready import hibernated
from conformance.cases.starting import end, unchanged
from conformance.containers import Container
from conformance.conversation import Conversation
from conformance.verdict import CannotJudge

_ONLY = "entservices"
_AWAKE = "Running"
_ASLEEP = "Hibernated"


async def _asleep(thunder: Conversation, name: str = "Dozing") -> Container:
    """Return a container of the case's own that is hibernated. Raises CannotJudge where none can be."""
    container = await thunder.start(name=name)
    await hibernated(thunder, container)
    container.state = _ASLEEP
    return container


async def _awoken(thunder: Conversation, container: Container, clause: str = "wakeupContainer.effect") -> None:
    """Wake a container up, and make sure that it runs; it is given time to."""
    await thunder.ask("wakeupContainer", containerId=container.id)
    busy = {"awakening", "hibernated"}
    state = await thunder.settled(lambda: thunder.state(container), lambda now: now.casefold() not in busy)
    thunder.expect(clause, "$.result.state", _AWAKE.casefold(), state.casefold())
    container.state = _AWAKE


@case(
    "hibernateContainer/60",
    clause="hibernateContainer.effect",
    title="a hibernated container is listed",
    tags="lifecycle",
    needs="hibernation",
    profiles=_ONLY,
    also=("hibernateContainer.param.options",),
)
async def falls_asleep(thunder: Conversation) -> None:
    """Its state is hibernated, its descriptor is the one that it had, and its figures say the same."""
    container = await thunder.start(name="Dozing")
    await thunder.ask("hibernateContainer", containerId=container.id, options="")
    busy = {"hibernating"}
    state = await thunder.settled(lambda: thunder.state(container), lambda now: now.casefold() not in busy)
    if state.casefold() == _AWAKE.casefold():
        raise CannotJudge("the device does not hibernate: the container is running afterwards")
    thunder.expect("hibernateContainer.effect", "$.result.state", _ASLEEP.casefold(), state.casefold())
    thunder.expect_listed("hibernateContainer.effect", container, await thunder.listed())
    info = await thunder.info(container)
    thunder.expect("hibernateContainer.effect", "$.result.info.state", "hibernated", info["state"].casefold())
    await end(thunder, container)


@case(
    "hibernateContainer/61",
    clause="hibernateContainer.again",
    title="a hibernated container is hibernated",
    tags="lifecycle negative",
    needs="hibernation",
    profiles=_ONLY,
)
async def asleep_already(thunder: Conversation) -> None:
    """The call is refused, and the container stays hibernated."""
    container = await _asleep(thunder)
    await thunder.refused("hibernateContainer", clause="hibernateContainer.again", containerId=container.id)
    await unchanged(thunder, "hibernateContainer.again", container)
    await end(thunder, container)


@case(
    "hibernateContainer/62",
    clause="hibernateContainer.paused",
    title="a paused container is hibernated",
    tags="lifecycle negative",
    profiles=_ONLY,
)
async def paused(thunder: Conversation) -> None:
    """The call is refused, and the container stays paused."""
    container = await thunder.container(state="Paused")
    answer = await thunder.refused("hibernateContainer", clause="hibernateContainer.paused", containerId=container.id)
    if answer.refused:
        await unchanged(thunder, "hibernateContainer.paused", container)


@case(
    "{method}/66",
    clause="hibernateContainer.asleep",
    title="the container is hibernated",
    tags="lifecycle negative",
    needs="hibernation",
    profiles=_ONLY,
    over=[
        {"method": "pauseContainer"},
        {"method": "resumeContainer"},
        {"method": "executeCommand", "options": "", "command": "ls"},
    ],
)
async def not_while_asleep(thunder: Conversation, method: str, **params: str) -> None:
    """The call is refused, and the container stays hibernated."""
    container = await _asleep(thunder)
    await thunder.refused(method, clause="hibernateContainer.asleep", containerId=container.id, **params)
    await unchanged(thunder, "hibernateContainer.asleep", container)
    await end(thunder, container)


@case(
    "stopContainer/{_n}",
    clause="stopContainer.effect",
    title="a hibernated container is stopped {_how}",
    tags="lifecycle",
    needs="hibernation",
    profiles=_ONLY,
    over=[{"force": False, "_n": 71, "_how": "without force"}, {"force": True, "_n": 72, "_how": "with force"}],
)
async def stopped(thunder: Conversation, *, force: bool) -> None:
    """It leaves the list as any other."""
    await thunder.stop(await _asleep(thunder), force=force)


@case(
    "hibernateContainer/4",
    clause="hibernateContainer.addressee",
    title="one of three containers is hibernated",
    tags="lifecycle",
    needs="hibernation",
    profiles=_ONLY,
)
async def sleeps_alone(thunder: Conversation) -> None:
    """The other two run on."""
    first, third = await thunder.container(name="First"), await thunder.container(name="Third")
    middle = await _asleep(thunder, "Middling")
    for container in (first, middle, third):
        await thunder.expect_state("hibernateContainer.addressee", container, container.state)
    await end(thunder, middle)


@case(
    "wakeupContainer/60",
    clause="wakeupContainer.effect",
    title="a container that was woken up runs as before",
    tags="lifecycle",
    needs="hibernation",
    profiles=_ONLY,
)
async def wakes_up(thunder: Conversation) -> None:
    """It is running, has the descriptor that it had, and takes commands."""
    container = await _asleep(thunder)
    await _awoken(thunder, container)
    thunder.expect_listed("wakeupContainer.effect", container, await thunder.listed())
    await thunder.ask("executeCommand", containerId=container.id, options="", command="ls")
    await end(thunder, container)


@case(
    "wakeupContainer/{_n}",
    clause="wakeupContainer.running",
    title="a {_word} container is woken up",
    tags="lifecycle negative",
    profiles=_ONLY,
    over=[{"state": "Running", "_n": 61, "_word": "running"}, {"state": "Paused", "_n": 62, "_word": "paused"}],
)
async def awake_already(thunder: Conversation, state: str) -> None:
    """The call is refused, and the container stays as it is."""
    container = await thunder.container(state=state)
    answer = await thunder.refused("wakeupContainer", clause="wakeupContainer.running", containerId=container.id)
    if answer.refused:
        await unchanged(thunder, "wakeupContainer.running", container)


@case(
    "wakeupContainer/4",
    clause="wakeupContainer.addressee",
    title="one of three hibernated containers is woken up",
    tags="lifecycle",
    needs="hibernation",
    profiles=_ONLY,
)
async def wakes_alone(thunder: Conversation) -> None:
    """The other two stay hibernated."""
    first, middle, third = await _asleep(thunder), await _asleep(thunder), await _asleep(thunder)
    await _awoken(thunder, middle, "wakeupContainer.addressee")
    for container in (first, middle, third):
        await thunder.expect_state("wakeupContainer.addressee", container, container.state)
    await end(thunder, first, middle, third)
