"""The events of a container's life: each once, with the right content, and in the order of the life."""

from collections.abc import Iterator
from typing import Any

from conformance import spec
from conformance.cases import case
from conformance.cases.listening import (
    FAILED,
    LIFE,
    STARTED,
    STOPPED,
    ended,
    first_words,
    listening,
    lived,
    once,
)
from conformance.cases.starting import end
from conformance.client import Client, Event, about, named
from conformance.containers import Container
from conformance.conversation import Conversation
from conformance.lives import FROM_BUNDLE, FROM_SPEC
from conformance.verdict import CannotJudge

_NEEDS = "container websocket"
_STARTS = ({"start": FROM_BUNDLE, "_n": 1, "_needs": "bundle websocket"}, {"start": FROM_SPEC, "_n": 2})
_FIRST = 10


@case(
    "onContainerStarted/{_n}",
    clause="onContainerStarted.once",
    title="a start is told of exactly once",
    tags="events lifecycle",
    needs=_NEEDS,
    also=("onContainerStarted.payload",),
    over=_STARTS,
)
async def started(thunder: Conversation, start: str) -> None:
    """Behind the events of another container there is one event about the first."""
    client = await listening(thunder, *LIFE)
    container = await thunder.start(start, "Told")
    await _has_descriptor(
        thunder, STARTED, container, await client.event("onContainerStarted.once", STARTED, container.id)
    )
    await client.fence(*LIFE)
    once(thunder, client, STARTED, container)
    await end(thunder, container)


@case(
    "onContainerStopped/{_n}",
    clause="onContainerStopped.once",
    title="a stop is told of exactly once",
    tags="events lifecycle",
    needs=_NEEDS,
    also=("onContainerStopped.payload",),
    over=_STARTS,
)
async def stopped(thunder: Conversation, start: str) -> None:
    """Behind the events of another container there is one event about the first."""
    client = await listening(thunder, *LIFE)
    container = await lived(thunder, start, "Told")
    await _has_descriptor(
        thunder, STOPPED, container, await client.event("onContainerStopped.once", STOPPED, container.id)
    )
    await client.fence(*LIFE)
    once(thunder, client, STOPPED, container)


async def _has_descriptor(thunder: Conversation, event: str, container: Container, message: Event) -> None:
    """Make sure that an event which gives a descriptor gives the one that the start returned."""
    if f"{event}.descriptor" in thunder.spec.clauses:
        expected, got = str(container.descriptor), message["params"].get("descriptor")
        thunder.expect(f"{event}.descriptor", "$.params.descriptor", expected, got)


@case(
    "onContainerStopped/{_n}",
    clause="onContainerStopped.once",
    title="the end of a container that was {_how} is told of exactly once",
    tags="events lifecycle",
    needs=_NEEDS,
    over=[{"pause": False, "_n": 3, "_how": "forced"}, {"pause": True, "_n": 4, "_how": "paused and forced"}],
)
async def forced(thunder: Conversation, *, pause: bool) -> None:
    """As after a stop without force."""
    client = await listening(thunder, *LIFE)
    container = await thunder.start(name="Told")
    if pause:
        await thunder.ask("pauseContainer", containerId=container.id)
    answer = await thunder.call("stopContainer", {"containerId": container.id, "force": True})
    if answer.refused:
        raise CannotJudge("the device does not stop such a container: the call is refused")
    await client.event("onContainerStopped.once", STOPPED, container.id)
    await client.fence(*LIFE)
    once(thunder, client, STOPPED, container)


@case(
    "onContainerStarted/3",
    clause="onContainerStarted.order",
    title="a container is told of as started before it is told of as stopped",
    tags="events lifecycle",
    needs=_NEEDS,
    also=("events.order",),
)
async def in_order(thunder: Conversation) -> None:
    """Also where two containers live one after the other."""
    client = await listening(thunder, *LIFE)
    for container in (await lived(thunder), await lived(thunder)):
        await client.event("onContainerStopped.once", STOPPED, container.id)
        _expect_order(thunder, f"{STARTED}.order", client, container, STARTED, STOPPED)


@case(
    "onContainerStopped/5",
    clause="onContainerStopped.order",
    title="a container that lives twice is told of in the order of its lives",
    tags="events lifecycle",
    needs=_NEEDS,
    also=("onContainerStarted.order",),
)
async def two_lives(thunder: Conversation) -> None:
    """Under one id the events are started, stopped, started, stopped."""
    client = await listening(thunder, *LIFE)
    container = await lived(thunder)
    answer = await thunder.call(container.start, thunder.start_params(container.start, container.id))
    if answer.refused:
        raise CannotJudge("the device does not start the same id again")
    await thunder.stop(container)
    await client.fence(*LIFE)
    _expect_order(thunder, f"{STOPPED}.order", client, container, STARTED, STOPPED, STARTED, STOPPED)


def _expect_order(thunder: Conversation, clause: str, client: Client, container: Container, *names: str) -> None:
    """Make sure that the starts and stops about a container that have come are these."""
    thunder.expect(clause, "$.method", list(names), [name for name in client.about(container.id) if name in LIFE])


@case(
    "events/1",
    clause="events.order",
    title="two containers that live at the same time are each told of in order",
    tags="events lifecycle",
    needs=_NEEDS,
)
async def interleaved(thunder: Conversation) -> None:
    """The second starts before the first ends, and ends before it."""
    client = await listening(thunder, *LIFE)
    outer = await thunder.start(name="Outer")
    inner = await lived(thunder, name="Inner")
    await thunder.stop(outer)
    await client.fence(*LIFE)
    for container in (outer, inner):
        _expect_order(thunder, "events.order", client, container, STARTED, STOPPED)


@case(
    "events/{_n}",
    clause="events.self-exit",
    title="a container that ends by itself is told of: {_how}",
    tags="events lifecycle",
    needs=_NEEDS,
    over=[
        {"start": FROM_BUNDLE, "params": {"command": "true"}, "_n": 2, "_how": "bundle", "_needs": "bundle websocket"},
        {"start": FROM_SPEC, "params": {"command": "true"}, "_n": 3, "_how": "command and Dobby spec"},
        {"start": FROM_SPEC, "params": {"args": ["true"]}, "_n": 4, "_how": "Dobby spec"},
    ],
)
async def by_itself(thunder: Conversation, start: str, params: dict[str, Any]) -> None:
    """It is told of as started, then as stopped, each once, with its descriptor."""
    client = await listening(thunder, *LIFE)
    container = await thunder.start(start, "Brief", **params)
    message = await client.event("events.self-exit", STOPPED, container.id)
    await _has_descriptor(thunder, STOPPED, container, message)
    await client.fence(*LIFE)
    _expect_order(thunder, "events.self-exit", client, container, STARTED, STOPPED)


def _members() -> Iterator[dict[str, Any]]:
    """Yield a mapping for each clause about the content of an event, in the order of the documents."""
    found: dict[tuple[str, str], list[str]] = {}
    for profile in spec.PROFILES:
        specification = spec.load(profile)
        for event in specification.events.values():
            for _, clause in specification.annotations(event.params, event.name):
                if event.name != FAILED:
                    found.setdefault((event.name, clause), []).append(profile)
    numbers: dict[str, int] = {}
    for (event_name, clause), profiles in found.items():
        numbers[event_name] = numbers.get(event_name, _FIRST - 1) + 1
        yield {
            "event": event_name,
            "clause": clause,
            "_n": numbers[event_name],
            "_member": clause.removeprefix(f"{event_name}."),
            "_profiles": " ".join(dict.fromkeys(profiles)),
        }


@case(
    "{event}/{_n}",
    clause="{clause}",
    title="the event's {_member} is right",
    tags="events",
    needs=_NEEDS,
    over=list(_members()),
)
async def member(thunder: Conversation, event: str, clause: str) -> None:
    """An event has this as the specification says; its other members are other cases' business."""
    client = await listening(thunder, event)
    container = await thunder.start(name="Told")
    if event == STOPPED:
        await thunder.stop(container)
    message = await first_words(thunder, client, event, container)
    findings = thunder.judge.event(event, message)
    thunder.weigh([finding for finding in findings if finding.clause == clause])
    values = {"descriptor": str(container.descriptor), "containerId": container.id, "name": container.id}
    name = clause.rpartition(".")[2]
    params = message.get("params")
    if not findings and name in values and isinstance(params, dict):
        thunder.expect(clause, f"$.params.{name}", values[name], params.get(name))


@case(
    "events/5",
    clause="events.message",
    title="an event is a notification",
    tags="events",
    needs=_NEEDS,
)
async def is_a_message(thunder: Conversation) -> None:
    """It has jsonrpc, method and params, and no id."""
    client = await listening(thunder, STARTED)
    container = await thunder.start(name="Told")
    message = await first_words(thunder, client, STARTED, container)
    findings = thunder.judge.event(STARTED, message)
    thunder.weigh([finding for finding in findings if finding.clause == "events.message"])


@case(
    "onContainerFailed/1",
    clause="onContainerFailed.quiet",
    title="nothing fails when containers start and end",
    tags="events lifecycle",
    needs=_NEEDS,
    also=[f"onContainerFailed.{name}" for name in ("payload", "name", "closed")]
    + [f"onContainerFailed.{name}" for name in ("descriptor", "errorCode", "containerId", "error")],
)
async def nothing_failed(thunder: Conversation) -> None:
    """Neither a stop, nor an end by itself, nor a start that is refused is a failure; one that comes is judged."""
    client = await listening(thunder, STOPPED, FAILED)
    await lived(thunder)
    await ended(thunder)
    await thunder.call(FROM_SPEC, {"containerId": thunder.new_id("Refused"), "dobbySpec": "{}"})
    await client.fence(STOPPED)
    for message in client.arrived:
        if named(message) == FAILED and str(about(message)).startswith(f"conf-{thunder.run.id}-"):
            thunder.gather(thunder.judge.event(FAILED, message))
            thunder.broken("onContainerFailed.quiet", "$", "no such event", {FAILED: message.get("params")})
