"""Who hears which events under which name, with several subscriptions side by side."""

from conformance.cases import case
from conformance.cases.listening import LIFE, STARTED, listening, lived
from conformance.client import Client, about, named
from conformance.conversation import Conversation

_NEEDS = "container websocket"
_ONE, _TWO = "conformance.one", "conformance.2"


def _methods(client: Client, container_id: str) -> list[str]:
    """Return the methods of all events that came about a container, sorted: their order is no matter here."""
    return sorted(
        str(message["method"])
        for message in client.arrived
        if about(message) == container_id and named(message) in LIFE
    )


@case(
    "events/40",
    clause="events.register",
    title="a connection that never subscribed hears nothing",
    tags="events",
    needs=_NEEDS,
)
async def never_subscribed(thunder: Conversation) -> None:
    """Another connection that did subscribe hears all."""
    bystander = await thunder.client()
    listener = await listening(thunder, *LIFE)
    container = await lived(thunder)
    await listener.fence(*LIFE)
    await bystander.drained()
    thunder.expect("events.register", "$.method", [], _methods(bystander, container.id))


@case(
    "events/41",
    clause="events.subscribers",
    title="one connection has two subscriptions to one event",
    tags="events",
    needs=_NEEDS,
)
async def two_ids(thunder: Conversation) -> None:
    """Each event comes under both ids, once each."""
    client = await listening(thunder, *LIFE, client=_ONE)
    await client.register(STARTED, _TWO)
    container = await lived(thunder)
    await client.fence(*LIFE)
    await client.drained()
    expected = sorted([*(f"{_ONE}.{event}" for event in LIFE), f"{_TWO}.{STARTED}"])
    thunder.expect("events.subscribers", "$.method", expected, _methods(client, container.id))


@case(
    "events/42",
    clause="events.subscribers",
    title="two connections subscribe under different ids",
    tags="events",
    needs=_NEEDS,
    also=("events.register.id",),
)
async def own_ids(thunder: Conversation) -> None:
    """Each gets the events under its own id, and none under the other's."""
    clients = [(await listening(thunder, *LIFE, client=name), name) for name in (_ONE, _TWO)]
    container = await lived(thunder)
    for client, name in clients:
        await client.fence(*LIFE)
        await client.drained()
        expected = sorted(f"{name}.{event}" for event in LIFE)
        thunder.expect("events.subscribers", "$.method", expected, _methods(client, container.id))
