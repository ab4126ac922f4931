"""WebSocket: its handshake, frames of all kinds, and what must not disturb the calls on it."""

from conformance.cases import case
from conformance.client import Client
from conformance.conversation import Conversation
from conformance.exchange import Step
from conformance.line import base_path, parsed_as
from conformance.verdict import Finding

_TWO_BYTES, _EIGHT_BYTES = 126, 65536
"""The payload sizes from which a frame gives its length in two bytes, and in eight."""
_LOOKS = 10
"""How many calls elsewhere are answered before a WebSocket counts as silent."""
_GRACE = 0.1
"""Seconds that it has on top."""


@case(
    "websocket/1",
    clause="websocket.handshake",
    title="a WebSocket opens and answers a call",
    tags="read-only",
    needs="websocket",
    also=("websocket.accept", "websocket.answer"),
)
async def opens(thunder: Conversation) -> None:
    """The handshake is answered as RFC 6455 asks, and a call on it has the same result as over HTTP."""
    client = await thunder.client()
    await client.ask("listContainers")


@case(
    "websocket/{_n}",
    clause="websocket.subprotocol",
    title="a WebSocket opens with {_shown}",
    tags="read-only",
    needs="websocket",
    over=(
        {"subprotocol": "json", "_shown": "the subprotocol json", "_n": 2},
        {"subprotocol": "jsonrpc", "_shown": "the subprotocol jsonrpc", "_n": 3},
        {"subprotocol": "", "_shown": "no subprotocol", "_n": 4},
    ),
)
async def subprotocol(thunder: Conversation, subprotocol: str) -> None:
    """Clients offer these, and what is chosen is one of those that were offered."""
    client = await thunder.client(subprotocol=subprotocol)
    await client.ask("listContainers")


@case(
    "websocket/{_n}",
    clause="websocket.answer",
    title="a message of {size} bytes is answered",
    tags="read-only",
    needs="websocket",
    over=[{"size": size, "_n": 5 + at} for at, size in enumerate((_TWO_BYTES - 1, _TWO_BYTES, _EIGHT_BYTES - 1))],
)
async def sizes(thunder: Conversation, size: int) -> None:
    """At these sizes a frame changes its form."""
    client = await thunder.client()
    await _answered(thunder, client, size=size)


@case(
    "websocket/8",
    clause="websocket.large",
    title="a message of 65,536 bytes is answered, and so is the next call",
    tags="read-only",
    needs="websocket",
)
async def large(thunder: Conversation) -> None:
    """The longest form of a frame's length does the connection no harm."""
    client = await thunder.client()
    for size in (_EIGHT_BYTES, 0):
        await _soon_answered(thunder, client, "websocket.large", size=size)


@case(
    "websocket/9",
    clause="websocket.answer",
    title="ten calls at once on one WebSocket are all answered",
    tags="read-only concurrency",
    needs="websocket",
    also=("concurrency.mixed",),
)
async def many_at_once(thunder: Conversation) -> None:
    """Each call gets the answer that belongs to it, in any order."""
    client = await thunder.client()
    methods = {thunder.next_id(): method for method in ("listContainers", "getContainerState") * 5}
    for number, method in methods.items():
        params = {"containerId": thunder.missing} if method == "getContainerState" else None
        client.send(thunder.body(method, params, number).decode(), asked=number)
    for number, method in methods.items():
        answer = await client.answer(number, method)
        if method == "listContainers":
            thunder.succeed(method, answer)
        else:
            thunder.refuse(method, answer, "concurrency.mixed")


@case(
    "websocket/10",
    clause="concurrency.mixed",
    title="two WebSockets that use the same ids get their own answers",
    tags="read-only concurrency",
    needs="websocket",
)
async def two_clients(thunder: Conversation) -> None:
    """Ids belong to their connection."""
    clients = (await thunder.client(), await thunder.client())
    number = thunder.next_id()
    calls = (("listContainers", None), ("getContainerState", {"containerId": thunder.missing}))
    for client, (method, params) in zip(clients, calls, strict=True):
        client.send(thunder.body(method, params, number).decode(), asked=number)
    thunder.succeed("listContainers", await clients[0].answer(number, "listContainers"))
    thunder.refuse("getContainerState", await clients[1].answer(number, "getContainerState"), "concurrency.mixed")


@case(
    "websocket/{_n}",
    clause="websocket.fragments",
    title="a call in fragments is answered{_shown}",
    tags="read-only",
    needs="websocket",
    over=(
        {"ping": None, "_shown": "", "_n": 11},
        {"ping": b"", "_shown": ", also with a ping between them", "_n": 12},
    ),
)
async def fragments(thunder: Conversation, ping: bytes | None) -> None:
    """A message may come in several frames, and a control frame between two of them."""
    client = await thunder.client()
    number = thunder.next_id()
    body = thunder.body("listContainers", None, number).decode()
    parts = [body[:10], "", body[10:40], body[40:]]
    step = thunder.told("sent", client.number, body)
    client.websocket.send_fragments(*parts, ping=ping)
    await client.until(lambda: client.has_stray or client.over)
    got = client.stray()
    if got is None:
        thunder.weigh([Finding("websocket.fragments", "$", "an answer", client.over or "nothing")], step)
    _succeeds(thunder, str(got), number, step)


@case(
    "websocket/{_n}",
    clause="{clause}",
    title="a ping is answered{_shown}",
    tags="read-only",
    needs="websocket",
    over=(
        {"clause": "websocket.ping", "payload": b"", "_shown": "", "_n": 13},
        {"clause": "websocket.pong", "payload": b"conformance", "_shown": " with the data that it carries", "_n": 14},
    ),
)
async def ping(thunder: Conversation, clause: str, payload: bytes) -> None:
    """The pong comes before the answer to a call that was sent behind the ping, or soon after it."""
    client = await thunder.client()
    thunder.told("sent", client.number, f"(a ping with {len(payload)} bytes)")
    client.websocket.ping(payload)
    if not await client.until(lambda: client.websocket.pongs or client.over) or not client.websocket.pongs:
        thunder.broken("websocket.ping", "$", "a pong", client.over or "nothing")
    if clause == "websocket.pong":
        thunder.expect(clause, "$", payload.decode(), client.websocket.pongs[0].decode("latin-1"))
    await client.ask("listContainers")


@case(
    "websocket/15",
    clause="websocket.close",
    title="a close frame is answered",
    tags="read-only",
    needs="websocket",
)
async def close(thunder: Conversation) -> None:
    """Whoever says goodbye hears it from the other side, too."""
    client = await thunder.client()
    await client.ask("listContainers")
    thunder.told("sent", client.number, "(a close frame)")
    client.websocket.close()
    await client.until(lambda: client.over)
    if not client.over.startswith("it closed"):
        thunder.broken("websocket.close", "$", "a close frame", client.over or "nothing")


@case(
    "websocket/{_n}",
    clause="{clause}",
    title="{_shown} does the connection no harm",
    tags="read-only negative robustness",
    needs="websocket",
    over=(
        {"clause": "websocket.binary", "message": b"\x00\xff\x80", "_shown": "a binary message", "_n": 16},
        {"clause": "robustness.after-garbage", "message": "rubbish", "_shown": "what is no JSON", "_n": 17},
        {"clause": "robustness.after-garbage", "message": "", "_shown": "an empty message", "_n": 18},
        {
            "clause": "robustness.after-garbage",
            "message": '{"jsonrpc":"2.0","id":',
            "_shown": "an unfinished object",
            "_n": 19,
        },
    ),
)
async def no_harm(thunder: Conversation, clause: str, message: str | bytes) -> None:
    """The next call is answered, or the connection is closed and another one answers."""
    client = await thunder.client()
    client.send(message)
    await _soon_answered(thunder, client, clause)
    client.leave()
    while client.has_stray:
        client.stray()  # what it says of the message is for the cases about the envelope
    await (await thunder.client()).ask("listContainers")


@case(
    "websocket/20",
    clause="events.message",
    title="answers and events on one WebSocket are told apart",
    tags="lifecycle events",
    needs="container websocket",
)
async def apart(thunder: Conversation) -> None:
    """While containers come and go, each call gets its own answer; an event has no id."""
    client = await thunder.client()
    await client.register("onContainerStarted")
    container = await thunder.start(name="Apart")
    numbers = [thunder.next_id() for _ in range(5)]
    for number in numbers:
        client.send(thunder.body("listContainers", None, number).decode(), asked=number)
    for number in numbers:
        thunder.succeed("listContainers", await client.answer(number, "listContainers"))
    await client.event("onContainerStarted.once", "onContainerStarted", container.id)
    await thunder.stop(container)


@case(
    "websocket/21",
    clause="websocket.answer",
    title="a client that goes without a word harms no other",
    tags="read-only robustness",
    needs="websocket",
)
async def gone(thunder: Conversation) -> None:
    """A connection that breaks with a call on it leaves the others alone."""
    stays, goes = await thunder.client(), await thunder.client()
    goes.send(thunder.body("listContainers", None, thunder.next_id()).decode())
    goes.leave()
    for _ in range(3):
        await stays.ask("listContainers")


@case(
    "websocket/22",
    clause="designator.path",
    title="a WebSocket opens at the path of the plugin, too",
    tags="read-only",
    needs="websocket",
)
async def own_path(thunder: Conversation) -> None:
    """A call at /jsonrpc/<callsign> is answered there as at /jsonrpc."""
    client = await thunder.client(path=f"{base_path(thunder)}/{thunder.callsign}")
    await client.ask("listContainers")


def _padded(thunder: Conversation, number: int, size: int) -> str:
    """Return a call that is ``size`` bytes long, or as long as it is when that is more."""
    body = thunder.body("listContainers", None, number).decode()
    return body[0] + " " * (size - len(body)) + body[1:]


def _succeeds(thunder: Conversation, came: str, number: int, step: Step) -> None:
    """Judge what came as the answer to the call ``number``."""
    step.answer = came
    judgement = thunder.judge.envelope(came, number)
    thunder.weigh(judgement.findings, step)
    thunder.succeed("listContainers", judgement)


async def _answered(thunder: Conversation, client: Client, size: int = 0) -> None:
    """Make sure that a call of this size is answered."""
    number = thunder.next_id()
    client.send(_padded(thunder, number, size), asked=number)
    thunder.succeed("listContainers", await client.answer(number, "listContainers"))


async def _soon_answered(thunder: Conversation, client: Client, clause: str, size: int = 0) -> None:
    """Make sure that a call is answered before long, or the connection is closed.

    Silence cannot be shown on the connection itself: it shows by calls elsewhere that are answered meanwhile.
    """
    number = thunder.next_id()
    client.send(_padded(thunder, number, size))
    step = thunder.steps[-1]
    answers: list[str] = []

    def seen() -> bool:
        while client.has_stray:
            came = client.stray()
            parsed = parsed_as(came or "")
            if isinstance(came, str) and isinstance(parsed, dict) and parsed.get("id") == number:
                answers.append(came)
        return bool(answers or client.over)

    for _ in range(_LOOKS):
        if seen():
            break
        await thunder.call("listContainers")
    if not await client.until(seen, within=_GRACE):
        thunder.weigh([Finding(clause, "$", "an answer, as the calls elsewhere had meanwhile", "nothing")], step)
    elif answers:
        _succeeds(thunder, answers[0], number, step)
