"""When events come: not before what they tell of is true, and in time."""

from conformance.cases import case
from conformance.cases.listening import STARTED, STOPPED, heard, listening, to_start
from conformance.cases.starting import end
from conformance.conversation import Conversation
from conformance.judge import text

_NEEDS = "container websocket"
_ONE, _TWO = "conformance.one", "conformance.2"
_LATE = 2.0
"""Seconds after which an event is late."""


@case(
    "events/26",
    clause="events.early",
    title="a container that is told of as started is listed",
    tags="events lifecycle",
    needs=_NEEDS,
)
async def started_already(thunder: Conversation) -> None:
    """One look at the list, as soon as the event has come, whether the start is answered or not."""
    client = await listening(thunder, STARTED)
    number = thunder.next_id()
    start, container, params = to_start(thunder, "Early")
    client.send(thunder.body(start, params, number).decode(), asked=number)
    await client.event("onContainerStarted.once", STARTED, container.id)
    listed = _ids(await client.ask("listContainers"))
    if container.id not in listed:
        thunder.broken("events.early", "$.result.containers[*].Id", f"{text(container.id)} among them", listed)
    await client.answer(number, start)
    await end(thunder, container)


@case(
    "events/{_n}",
    clause="events.early",
    title="a container that is told of as stopped {_how} is no longer listed",
    tags="events lifecycle",
    needs=_NEEDS,
    over=[{"force": False, "_n": 27, "_how": "when asked"}, {"force": True, "_n": 28, "_how": "by force"}],
)
async def stopped_already(thunder: Conversation, *, force: bool) -> None:
    """One look at the list, as soon as the event has come, whether the stop is answered or not."""
    client = await listening(thunder, STOPPED)
    container = await thunder.start(name="Early")
    number = thunder.next_id()
    params = {"containerId": container.id, "force": force}
    client.send(thunder.body("stopContainer", params, number).decode(), asked=number)
    await client.event("onContainerStopped.once", STOPPED, container.id)
    listed = _ids(await client.ask("listContainers"))
    if container.id in listed:
        thunder.broken("events.early", "$.result.containers[*].Id", f"no more {text(container.id)}", listed)
    await client.answer(number, "stopContainer")


def _ids(result: dict[str, list[dict[str, object]]]) -> list[object]:
    return [entry["Id"] for entry in result["containers"]]


@case(
    "events/{_n}",
    clause="events.late",
    title="{_what} is told of in time",
    tags="events latency",
    needs=_NEEDS,
    over=[{"event": STARTED, "_n": 29, "_what": "a start"}, {"event": STOPPED, "_n": 30, "_what": "an end"}],
)
async def in_time(thunder: Conversation, event: str) -> None:
    """The event comes within two seconds after the list shows what it tells of."""
    client = await listening(thunder, event)
    container = await thunder.start(name="Late")
    if event == STOPPED:
        await thunder.stop(container)

    def came() -> bool:
        return bool(heard(client, event, container))

    if not await client.until(came, within=_LATE):
        thunder.broken("events.late", "$", f"the event {event} within {_LATE:g} s", "it has not come by then")
    await end(thunder, container)
