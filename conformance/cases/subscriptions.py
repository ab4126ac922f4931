"""Subscriptions: who gets which events, from when on, and until when; and how soon events come."""

from conformance.cases import case
from conformance.cases.listening import LIFE, STARTED, STOPPED, heard, listening, lived, once, silent
from conformance.cases.starting import end
from conformance.client import Client, Event, about, named
from conformance.conversation import Conversation
from conformance.errors import TargetError

_NEEDS = "container websocket"
_ONE, _TWO = "conformance.one", "conformance.2"
_LATE = 2.0
"""Seconds after which an event is late."""


def _methods(client: Client, container_id: str) -> list[str]:
    """Return the methods of all events that came about a container."""
    return [str(message["method"]) for message in client.arrived if about(message) == container_id]


@case(
    "events/10",
    clause="events.register",
    title="register answers 0, and the event comes",
    tags="events",
    needs=_NEEDS,
)
async def registered(thunder: Conversation) -> None:
    """For each event of the profile; those of the life come."""
    client = await listening(thunder, *thunder.spec.events)
    container = await lived(thunder)
    for event in LIFE:
        await client.event("events.register", event, container.id)


@case(
    "events/11",
    clause="events.register.again",
    title="the same subscription a second time",
    tags="events negative",
    needs=_NEEDS,
)
async def registered_twice(thunder: Conversation) -> None:
    """It is refused, and the event comes once."""
    client = await listening(thunder, *LIFE)
    answer = await client.call("register", {"event": STARTED, "id": f"client.{thunder.callsign}.events"})
    if answer.error is None:
        thunder.broken("events.register.again", "$", "a JSON-RPC error", answer.message)
    container = await thunder.start(name="Told")
    await client.fence(*LIFE)
    came = len(heard(client, STARTED, container))
    thunder.expect("events.register.again", "$.method", 1, came)
    await end(thunder, container)


@case(
    "events/{_n}",
    clause="events.register.event",
    title="only {event} comes where only that was subscribed to",
    tags="events",
    needs=_NEEDS,
    over=[{"event": STARTED, "_n": 12}, {"event": STOPPED, "_n": 13}],
)
async def only_that_event(thunder: Conversation, event: str) -> None:
    """The life of a container brings the one event, and nothing else."""
    client = await listening(thunder, event)
    container = await lived(thunder)
    await client.fence(event)
    thunder.expect("events.register.event", "$.method", [event], client.about(container.id))
    silent(thunder, "events.register.event", client, lambda message: named(message) != event)


@case(
    "events/14",
    clause="events.register.id",
    title="the event comes under each id that was given",
    tags="events",
    needs=_NEEDS,
    also=("events.subscribers",),
)
async def under_each_id(thunder: Conversation) -> None:
    """Two ids on one connection: one message under each."""
    client = await listening(thunder, *LIFE)
    names = sorted([await client.register(STARTED, _ONE), await client.register(STARTED, _TWO)])
    container = await thunder.start(name="Told")
    await client.fence(*LIFE)
    came = sorted(name for name in _methods(client, container.id) if name.startswith("conformance."))
    thunder.expect("events.register.id", "$.method", names, came)
    await end(thunder, container)


@case(
    "events/15",
    clause="events.unregister",
    title="after unregister the event does not come any more",
    tags="events",
    needs=_NEEDS,
    also=("events.unregister.event",),
)
async def unregistered(thunder: Conversation) -> None:
    """What is still subscribed to comes, and what no longer is does not."""
    client = await listening(thunder, *LIFE)
    await client.unregister(STARTED)
    container = await lived(thunder)
    await client.event("events.unregister.event", STOPPED, container.id)
    await client.fence(STOPPED)
    silent(thunder, "events.unregister", client, lambda message: named(message) == STARTED)


@case(
    "events/16",
    clause="events.unregister.event",
    title="unregister ends the subscription to the one event",
    tags="events",
    needs=_NEEDS,
)
async def unregistered_the_other(thunder: Conversation) -> None:
    """The subscription to the other event goes on."""
    client = await listening(thunder, *LIFE)
    await client.unregister(STOPPED)
    container = await lived(thunder)
    await client.event("events.unregister.event", STARTED, container.id)
    await client.fence(STARTED)
    silent(thunder, "events.unregister", client, lambda message: named(message) == STOPPED)


@case(
    "events/17",
    clause="events.unregister.id",
    title="unregister ends the subscription under the one id",
    tags="events",
    needs=_NEEDS,
)
async def unregistered_one_id(thunder: Conversation) -> None:
    """The subscription under the other id goes on."""
    client = await listening(thunder, STARTED, client=_ONE)
    other = await client.register(STARTED, _TWO)
    await client.unregister(STARTED, _ONE)
    container = await thunder.start(name="Told")
    await client.fence(STARTED)
    thunder.expect("events.unregister.id", "$.method", [other], _methods(client, container.id))
    await end(thunder, container)


@case(
    "events/{_n}",
    clause="events.unregister.again",
    title="the end of a subscription that {_what}",
    tags="events negative read-only",
    needs="websocket",
    over=[
        {"event": STARTED, "before": True, "_n": 18, "_what": "has ended"},
        {"event": STARTED, "before": False, "_n": 19, "_what": "never was"},
    ],
)
async def unregistered_twice(thunder: Conversation, event: str, *, before: bool) -> None:
    """It is refused."""
    client = await listening(thunder, *[event] if before else [])
    if before:
        await client.unregister(event)
    answer = await client.call("unregister", {"event": event, "id": f"client.{thunder.callsign}.events"})
    if answer.error is None:
        thunder.broken("events.unregister.again", "$", "a JSON-RPC error", answer.message)


@case(
    "events/20",
    clause="events.subscribers",
    title="three subscribers get each event once",
    tags="events",
    needs=_NEEDS,
)
async def three_subscribers(thunder: Conversation) -> None:
    """Each on a connection of its own, two of them under the same id."""
    clients = [await listening(thunder, *LIFE, client=name) for name in (_ONE, _TWO, _ONE)]
    container = await lived(thunder)
    for client in clients:
        for event in LIFE:
            await client.event("events.subscribers", event, container.id)
    await clients[0].fence(*LIFE)
    for client in clients:
        await client.drained()
        thunder.expect("events.subscribers", "$.method", list(LIFE), client.about(container.id))


@case(
    "events/21",
    clause="events.register",
    title="a subscription belongs to its connection",
    tags="events",
    needs=_NEEDS,
)
async def own_connection(thunder: Conversation) -> None:
    """Two connections under one id, each subscribed to another event: each gets its own."""
    clients = [(await listening(thunder, event, client=_ONE), event) for event in LIFE]
    container = await lived(thunder)
    for client, event in clients:
        await client.event("events.register", event, container.id)
        await client.fence(event)
        thunder.expect("events.register", "$.method", [event], client.about(container.id))


@case(
    "events/22",
    clause="events.unregister",
    title="unregister does not reach other connections",
    tags="events",
    needs=_NEEDS,
    also=("events.unregister.id",),
)
async def others_stay(thunder: Conversation) -> None:
    """The same event under the same id on another connection still comes."""
    kept = await listening(thunder, STARTED, client=_ONE)
    client = await listening(thunder, STARTED, client=_ONE)
    await client.unregister(STARTED, _ONE)
    container = await thunder.start(name="Told")
    await kept.event("events.unregister.id", STARTED, container.id)
    await end(thunder, container)


@case(
    "events/23",
    clause="events.disconnect",
    title="a subscription ends with its connection",
    tags="events",
    needs=_NEEDS,
)
async def disconnected(thunder: Conversation) -> None:
    """A new connection under the same id gets only what it subscribed to itself."""
    gone = await listening(thunder, *LIFE, client=_ONE)
    gone.leave()
    await gone.until(lambda: gone.over)
    client = await listening(thunder, STOPPED, client=_ONE)
    container = await lived(thunder)
    await client.event("events.disconnect", STOPPED, container.id)
    await client.fence(STOPPED)
    thunder.expect("events.disconnect", "$.method", [STOPPED], client.about(container.id))


@case(
    "events/24",
    clause="events.disconnect",
    title="other subscribers go on when one is gone",
    tags="events",
    needs=_NEEDS,
)
async def others_go_on(thunder: Conversation) -> None:
    """The one that stays gets each event once, also while the other has just gone."""
    kept, gone = await listening(thunder, *LIFE), await listening(thunder, *LIFE)
    container = await thunder.start(name="Told")
    gone.leave()
    await thunder.stop(container)
    for event in LIFE:
        await kept.event("events.disconnect", event, container.id)
    await kept.fence(*LIFE)
    for event in LIFE:
        once(thunder, kept, event, container)


@case(
    "events/25",
    clause="events.register",
    title="what was before the subscription is not told of",
    tags="events",
    needs=_NEEDS,
)
async def from_now_on(thunder: Conversation) -> None:
    """Of a container that was started before, only the end comes."""
    container = await thunder.start(name="Earlier")
    before = await listening(thunder, *LIFE)
    await before.fence(*LIFE)  # the event about the start has come and gone by now
    client = await listening(thunder, *LIFE)
    await thunder.stop(container)
    await client.event("onContainerStopped.once", STOPPED, container.id)
    thunder.expect("events.register", "$.method", [STOPPED], client.about(container.id))


@case(
    "events/31",
    clause="events.register.http",
    title="a subscription by HTTP",
    tags="events",
    needs="container",
)
async def by_http(thunder: Conversation) -> None:
    """It may be refused; where it is accepted, the event comes on that connection."""
    connection = await thunder.connect()
    number = thunder.next_id()
    body = thunder.body("register", {"event": STARTED, "id": _ONE}, number)
    request = thunder.run.target.request(body)
    connection.send(thunder.run.target.raw(request))
    try:
        answer = thunder.read(await thunder.answer(connection, request), number)
        if answer.refused:
            return
        thunder.expect("events.register.http", "$.result", 0, answer.message.get("result"))
        container = await thunder.start(name="Told")
        message: Event = {}
        while about(message) != container.id or named(message) != STARTED:
            if connection.lost:
                return  # and with it the subscription
            try:
                pushed = await thunder.run.target.answer(connection, request)
            except TargetError as problem:
                thunder.broken("events.register.http", "$", f"the event {STARTED}", str(problem))
                return
            message = thunder.judge.envelope(pushed.body, None).message
        thunder.weigh(thunder.judge.event(STARTED, message))
        await end(thunder, container)
    finally:
        thunder.run.target.drop(connection)
