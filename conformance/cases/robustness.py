"""What a target has to stand: very long and odd ids, large requests, many connections, and what spoils real devices."""

from conformance.cases import case
from conformance.cases.ready import ready
from conformance.containers import Container
from conformance.conversation import Conversation
from conformance.judge import text
from conformance.line import TRANSPORTS, say
from conformance.lives import FROM_SPEC

_HUGE = 100_000
_LARGE = 1_000_000
_CONNECTIONS = 50
_CALLS = 100
_ODD_IDS = (" ", "../conf", "a/b", "a\tb", ".", "-", "ключ", "0", "-1", "999999", "%s%n", "$(id)", "'; x")
"""No container has one of these: none is a name that begins as ours do, and none is a descriptor."""


@case("robustness/10", clause="robustness.long-id", title="an id of 64 characters lives", tags="robustness lifecycle")
async def longest(thunder: Conversation) -> None:
    """It is started, listed, asked for, paused, resumed and stopped under its whole id."""
    container = await thunder.start(container_id=thunder.run.containers.longest("long"))
    await thunder.expect_state("robustness.long-id", container, "Running")
    await thunder.ask("pauseContainer", containerId=container.id)
    await thunder.expect_state("robustness.long-id", container, "Paused")
    await thunder.ask("resumeContainer", containerId=container.id)
    await thunder.stop(container, "robustness.long-id")


@case(
    "robustness/{_n}",
    clause="robustness.huge-id",
    title="{method} gets an id of 100,000 characters",
    tags="robustness negative read-only",
    needs="nothing",
    over=[
        {"method": method, "_n": number}
        for number, method in enumerate(("getContainerState", "getContainerInfo", "stopContainer"), 11)
    ],
)
async def huge_id(thunder: Conversation, method: str) -> None:
    """It is refused as every other id that no container has."""
    answer = await thunder.call(method, {"containerId": f"{thunder.missing}{'x' * _HUGE}"})
    if not answer.refused:
        thunder.broken("robustness.huge-id", "$", "an error, or a success that is false", answer.message)


@case(
    "robustness/{_n}",
    clause="robustness.large-params",
    title="a request of a million bytes is answered over {transport}",
    tags="robustness read-only",
    over=[
        {"transport": transport, "_n": number, "_needs": need}
        for transport, number, need in (("HTTP", 14, "nothing"), ("WebSocket", 15, "websocket"))
    ],
)
async def large_params(thunder: Conversation, transport: str) -> None:
    """A member that the method does not have makes it large."""
    body = thunder.body("getContainerState", {"containerId": thunder.missing, "more": "x" * _LARGE}, 7).decode()
    reply = await say(thunder, transport, body)
    if reply.text is None:
        thunder.broken("robustness.large-params", "$", "an answer", reply.got)
    else:
        thunder.expect("robustness.large-params", "$.id", 7, reply.message.get("id"))


@case(
    "robustness/16",
    clause="robustness.unknown-id",
    title="odd ids harm no container",
    tags="robustness negative",
)
async def odd_ids(thunder: Conversation) -> None:
    """Each is refused by calls that would change something, and the container that is there runs on."""
    container = await thunder.container()
    for odd in _ODD_IDS:
        for method in ("pauseContainer", "stopContainer"):
            await thunder.refused(method, clause="robustness.unknown-id", containerId=odd)
    await thunder.expect_state("robustness.unknown-id", container, "Running")
    thunder.expect_listed("robustness.unknown-id", container, await thunder.listed())


@case(
    "robustness/17",
    clause="http.answer",
    title="fifty connections are open, and the last one is answered",
    tags="robustness read-only",
    needs="nothing",
)
async def many_connections(thunder: Conversation) -> None:
    """Each is asked, from the last to the first, and answers."""
    request = thunder.run.target.request(thunder.body("listContainers", None, 3))
    connections = [await thunder.connect() for _ in range(_CONNECTIONS)]
    for connection in reversed(connections):
        connection.send(thunder.run.target.raw(request))
        thunder.read(await thunder.answer(connection, request), 3)


@case(
    "robustness/18",
    clause="http.keep-alive",
    title="a hundred requests in a row are answered",
    tags="robustness read-only",
    needs="nothing",
)
async def many_calls(thunder: Conversation) -> None:
    """Each has its own id back."""
    for _ in range(_CALLS):
        await thunder.ask("listContainers")


@case(
    "robustness/30",
    clause="envelope.version",
    title='after "jsonrpc":null answers have their version still',
    tags="robustness hazardous",
    needs="nothing",
)
async def version_stays(thunder: Conversation) -> None:
    """Real devices write a number into later answers, every fifth or so, for as long as they run (T-version-number)."""
    body = thunder.body("listContainers", None, 3).replace(b'"2.0"', b"null", 1)
    await thunder.post(body)
    for _ in range(_CALLS):
        await thunder.ask("listContainers")


@case(
    "robustness/31",
    clause="envelope.object",
    title="after a message that is null answers are objects still",
    tags="robustness hazardous",
    needs="nothing",
)
async def answers_stay(thunder: Conversation) -> None:
    """Some devices answer null from then on, every fifth time or so, for as long as they run (T-null-answers)."""
    await say(thunder, TRANSPORTS[0], "null")
    for _ in range(_CALLS):
        await thunder.ask("listContainers")


@case(
    "robustness/32",
    clause="http.answer",
    title="figures of a container without any plugin are given or refused",
    tags="robustness hazardous",
)
async def without_plugins(thunder: Conversation) -> None:
    """The daemon of real devices crashes of it, and its containers are gone (D-crash-without-plugins)."""
    container_id = thunder.new_id("Bare")
    spec = {name: value for name, value in thunder.dobby_spec().items() if name not in {"console", "network"}}
    answer = await thunder.call(FROM_SPEC, {"containerId": container_id, "dobbySpec": spec})
    if answer.refused:
        thunder.cannot("the device does not start such a container")
    await thunder.call("getContainerInfo", {"containerId": container_id})
    listed = await thunder.listed()
    if container_id not in listed:
        thunder.broken("listContainers.containers", "$.result.containers[*].Id", text(container_id), sorted(listed))
    await thunder.run.containers.abandon(Container(container_id, FROM_SPEC, "Bare", 0.0), thunder.run)


@case(
    "robustness/33",
    clause="robustness.after-garbage",
    title="a call is answered after one that is nested a thousand times",
    tags="robustness hazardous",
    needs="nothing",
)
async def nested(thunder: Conversation) -> None:
    """Whether the nested one is answered is another case's business."""
    depth = 1000
    nest = '{"a":' * depth + "1" + "}" * depth
    body = thunder.body("getContainerState", None, 3).decode()[:-1] + f', "params": {nest}}}'
    await say(thunder, TRANSPORTS[0], body)
    call = await ready(thunder, "listContainers")
    await call.call(thunder)
