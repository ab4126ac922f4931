"""The event of the newer generation: changes of state, told of once each, in the order of a life."""

from conformance.cases import case
from conformance.cases.listening import (
    CHANGED,
    LIFE,
    STOPPED,
    heard,
    listening,
    lived,
    silent,
)
from conformance.cases.ready import hibernated
from conformance.cases.starting import end
from conformance.client import Client, Event, about
from conformance.containers import Container
from conformance.conversation import Conversation
from conformance.lives import FROM_BUNDLE, FROM_SPEC
from conformance.verdict import CannotJudge

_NEEDS = "container websocket"
_STARTS = ({"start": FROM_BUNDLE, "_n": 1, "_needs": "bundle websocket"}, {"start": FROM_SPEC, "_n": 2})
_FIRST = 10


async def _change(client: Client, clause: str, container: Container, state: str) -> None:
    """Wait for the event that tells of a state."""

    def tells(message: Event) -> bool:
        return str(message["params"].get("state")).casefold() == state

    await client.event(clause, CHANGED, container.id, more=tells)


def _states(client: Client, container: Container) -> list[str]:
    """Return the states that a container was told to be in, in their order."""
    return [str(message["params"].get("state")).casefold() for message in heard(client, CHANGED, container)]


@case(
    "onContainerStateChanged/{_n}",
    clause="{clause}",
    title="{_what} is told of as {_state}",
    tags="events lifecycle",
    needs=_NEEDS,
    profiles="entservices",
    over=[
        {"clause": f"{CHANGED}.started", "state": "running", "_n": 1, "_what": "a start", "_state": "RUNNING"},
        {"clause": f"{CHANGED}.stopped", "state": "stopped", "_n": 2, "_what": "an end", "_state": "STOPPED"},
    ],
)
async def changed(thunder: Conversation, clause: str, state: str) -> None:
    """The event comes with this state."""
    client = await listening(thunder, CHANGED)
    await _change(client, clause, await lived(thunder), state)


@case(
    "onContainerStateChanged/{_n}",
    clause="{clause}",
    title="{_what} is told of as {_state}",
    tags="events lifecycle",
    needs="hibernation websocket",
    profiles="entservices",
    over=[
        {"clause": f"{CHANGED}.hibernated", "_n": 3, "_what": "a hibernation", "_state": "HIBERNATED"},
        {"clause": f"{CHANGED}.awoken", "_n": 4, "_what": "a wake-up", "_state": "RUNNING"},
    ],
)
async def dozed(thunder: Conversation, clause: str) -> None:
    """The states come in the order of the life: running, hibernated, running, stopped."""
    client = await listening(thunder, CHANGED)
    container = await thunder.start(name="Dozing")
    await _change(client, f"{CHANGED}.started", container, "running")
    await hibernated(thunder, container)
    await _change(client, f"{CHANGED}.hibernated", container, "hibernated")
    if clause.endswith(".awoken"):
        await thunder.ask("wakeupContainer", containerId=container.id)
        await _change(client, clause, container, "running")
    await end(thunder, container)


@case(
    "onContainerStateChanged/{_n}",
    clause="{clause}",
    title="{_what}",
    tags="events lifecycle",
    needs=_NEEDS,
    profiles="entservices",
    over=[
        {"clause": f"{CHANGED}.once", "_n": 5, "_what": "a start and an end are told of once each"},
        {"clause": f"{CHANGED}.order", "_n": 6, "_what": "the start is told of before the end"},
        {"clause": f"{CHANGED}.transitions", "_n": 7, "_what": "pause, resume and commands are not told of"},
    ],
)
async def changes(thunder: Conversation, clause: str) -> None:
    """Behind a fence the states that were told of are running and stopped."""
    client = await listening(thunder, STOPPED, CHANGED)
    container = await thunder.start(name="Changing")
    if clause.endswith(".transitions"):
        for method in ("pauseContainer", "resumeContainer"):
            await thunder.ask(method, containerId=container.id)
        await thunder.ask("executeCommand", containerId=container.id, options="", command="ls")
    await thunder.stop(container)
    await client.fence(STOPPED)
    told = _states(client, container)
    if clause.endswith(".once"):
        thunder.expect(clause, "$.params.state", ["running", "stopped"], sorted(told))
    elif clause.endswith(".order"):
        thunder.expect(clause, "$.params.state", ["running", "stopped"], list(dict.fromkeys(told)))
    else:
        thunder.expect(clause, "$.params.state", ["running", "stopped"], sorted({*told}))


@case(
    "events/6",
    clause="events.quiet",
    title="calls that start and stop nothing are not told of",
    tags="events",
    needs=_NEEDS,
)
async def quiet_calls(thunder: Conversation) -> None:
    """Queries, pause, resume and a command bring no event about their container."""
    container = await thunder.container(state="Running")
    client = await listening(thunder, *LIFE)
    await thunder.info(container)
    for method in ("pauseContainer", "resumeContainer"):
        await thunder.ask(method, containerId=container.id)
    await thunder.ask("executeCommand", containerId=container.id, options="", command="ls")
    await client.fence(*LIFE)
    silent(thunder, "events.quiet", client, lambda message: about(message) == container.id)


@case(
    "events/7",
    clause="events.quiet",
    title="calls that are refused are not told of",
    tags="events negative",
    needs=_NEEDS,
)
async def quiet_refusals(thunder: Conversation) -> None:
    """Neither a start that cannot be done, nor a start or a stop of the wrong container brings an event."""
    container = await thunder.container(state="Paused")
    client = await listening(thunder, *LIFE)
    other = thunder.new_id("Refused")
    params = thunder.start_params(container.start, container.id)
    refusals = [
        await thunder.call(FROM_SPEC, {"containerId": other, "dobbySpec": "{}"}),
        await thunder.call(container.start, params),
        await thunder.call("stopContainer", {"containerId": container.id}),
        await thunder.call("stopContainer", {"containerId": other}),
    ]
    if not all(answer.refused for answer in refusals):
        raise CannotJudge("the device does not refuse such calls")
    await client.fence(*LIFE)
    silent(thunder, "events.quiet", client, lambda message: about(message) in {container.id, other})
