"""How a method is addressed: callsign, version, method, and the path of the request."""

from conformance.cases import case
from conformance.conversation import Conversation
from conformance.line import Reply, base_path, complain, judged, say


@case(
    "designator/{_n}",
    clause="{clause}",
    title="{_shown} reaches the method",
    tags="read-only",
    needs="nothing",
    over=(
        {
            "clause": "designator.version",
            "designator": "CALLSIGN.1.listContainers",
            "_shown": "<callsign>.1.<method>",
            "_n": 1,
        },
        {
            "clause": "designator.unversioned",
            "designator": "CALLSIGN.listContainers",
            "_shown": "<callsign>.<method>",
            "_n": 2,
        },
        {
            "clause": "designator.path",
            "designator": "CALLSIGN.1.listContainers",
            "below": "/CALLSIGN",
            "_shown": "the whole designator at the path of the plugin",
            "_n": 3,
        },
        {
            "clause": "designator.path-bare",
            "designator": "listContainers",
            "below": "/CALLSIGN",
            "_shown": "the bare method at the path of the plugin",
            "_n": 4,
        },
        {
            "clause": "designator.path-bare",
            "designator": "listContainers",
            "below": "/CALLSIGN.1",
            "_shown": "the bare method at the path of the plugin and its version",
            "_n": 5,
        },
    ),
)
async def reaches(thunder: Conversation, clause: str, designator: str, below: str = "") -> None:
    """The call is carried out."""
    number = thunder.next_id()
    reply = await _called(thunder, designator, number, below)
    if "result" not in reply.message:
        complain(thunder, clause, "the result of the call", reply)
        return
    thunder.succeed("listContainers", judged(thunder, reply, number))


@case(
    "designator/{_n}",
    clause="{clause}",
    title="{_shown} reaches nothing",
    tags="read-only negative",
    needs="nothing",
    also=("envelope.message",),
    over=(
        *(
            {
                "clause": "designator.version.unsupported",
                "designator": f"CALLSIGN.{version}.listContainers",
                "_shown": f"the version {version}",
                "_n": 6 + at,
            }
            for at, version in enumerate(("2", "99", "0", "latest"))
        ),
        {
            "clause": "designator.case",
            "designator": "CALLSIGN.1.ListContainers",
            "_shown": "a method with a capital",
            "_n": 10,
        },
        {
            "clause": "designator.case",
            "designator": "CALLSIGN.1.listcontainers",
            "_shown": "a method in small letters",
            "_n": 11,
        },
        {
            "clause": "designator.case",
            "designator": "LOWERED.1.listContainers",
            "_shown": "a callsign in small letters",
            "_n": 12,
        },
        {
            "clause": "envelope.unknown-method",
            "designator": "CALLSIGN.1.listContainers ",
            "_shown": "a method with a blank behind it",
            "_n": 13,
        },
        {
            "clause": "envelope.unknown-method",
            "designator": "listContainers",
            "_shown": "a method without a callsign",
            "_n": 14,
        },
        {
            "clause": "envelope.unknown-callsign",
            "designator": "LAST.1.listContainers",
            "_shown": "the last part of the callsign",
            "_n": 15,
        },
        {
            "clause": "envelope.unknown-method",
            "designator": "CALLSIGN",
            "_shown": "a callsign without a method",
            "_n": 16,
        },
    ),
)
async def reaches_nothing(thunder: Conversation, clause: str, designator: str) -> None:
    """The call is answered by an error."""
    number = thunder.next_id()
    reply = await _called(thunder, designator, number)
    if "error" not in reply.message:
        complain(thunder, clause, "an error", reply)
        return
    judged(thunder, reply, number)


@case(
    "designator/17",
    clause="designator.version.unsupported",
    title="a call of a version that does not exist has no effect",
    tags="negative",
)
async def no_effect(thunder: Conversation) -> None:
    """A container that such a call would pause goes on running."""
    container = await thunder.container()
    unsupported = f"{thunder.callsign}.99.pauseContainer"
    await thunder.call("pauseContainer", {"containerId": container.id}, designator=unsupported)
    await thunder.expect_state("designator.version.unsupported", container, "Running")


async def _called(thunder: Conversation, designator: str, number: int, below: str = "") -> Reply:
    """Call by a designator at a path below that of JSON-RPC; some words in both stand for the callsign's parts."""
    callsign = thunder.callsign
    words = {"CALLSIGN": callsign, "LOWERED": callsign.lower(), "LAST": callsign.rpartition(".")[2]}
    for word, meant in words.items():
        designator, below = designator.replace(word, meant), below.replace(word, meant)
    body = thunder.body("listContainers", None, number, designator=designator)
    path = base_path(thunder) + below
    return await say(thunder, "HTTP", body, request=thunder.run.target.request(body, path))
