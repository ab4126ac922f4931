"""The same request spelt in other ways: white space, more members, another order, a member twice."""

import json

from conformance.cases import case
from conformance.cases.envelope import over_both, request_text
from conformance.conversation import Conversation
from conformance.line import complain, judged, say

_PER_TRANSPORT = 60
"""The numbers of the cases over WebSocket are greater by this than those of the same over HTTP."""
_PARSE_ERROR, _INVALID_REQUEST, _METHOD_NOT_FOUND = -32700, -32600, -32601
_IDS = (0, 1, 7, 2**31, 2**32 - 1)
_OTHER_IDS = ("7", "abc", -1, None, 1.5, 2**32, 10**30)
_NO_IDS: tuple[object, ...] = (True, [], {})


@case(
    "envelope/{_n}",
    clause="params.whitespace",
    title="white space around and in a request does not matter over {transport}",
    tags="read-only",
    over=over_both([{"_n": 37}]),
)
async def white_space(thunder: Conversation, transport: str) -> None:
    """A request is answered with line feeds, tabs and blanks at all places where JSON allows them."""
    number = thunder.next_id()
    spread = json.dumps(json.loads(request_text(thunder, id=number)), indent="\t", separators=(" ,\r\n", " :\n "))
    reply = await say(thunder, transport, f" \r\n\t{spread}\n ")
    if "result" not in reply.message:
        complain(thunder, "params.whitespace", "the same answer as without white space", reply)
    thunder.succeed("listContainers", judged(thunder, reply, number))


@case(
    "envelope/{_n}",
    clause="envelope.extra",
    title="members that a request does not have are ignored over {transport}",
    tags="read-only",
    over=over_both([{"_n": 38}]),
)
async def extra(thunder: Conversation, transport: str) -> None:
    """A request is answered though it has members that nobody knows."""
    number = thunder.next_id()
    reply = await say(thunder, transport, request_text(thunder, id=number, note={"by": ["conformance", 1]}, trace="7"))
    if "result" not in reply.message:
        complain(thunder, "envelope.extra", "the same answer as without them", reply)
        return
    thunder.succeed("listContainers", judged(thunder, reply, number))


@case(
    "envelope/{_n}",
    clause="envelope.order",
    title="the members of a request may come in any order over {transport}",
    tags="read-only",
    over=over_both([{"_n": 39}]),
)
async def order(thunder: Conversation, transport: str) -> None:
    """A request that has its id last is answered like any other."""
    number = thunder.next_id()
    members = json.loads(request_text(thunder, id=number, params={}))
    reply = await say(thunder, transport, json.dumps(dict(reversed(members.items()))))
    if "result" not in reply.message:
        complain(thunder, "envelope.order", "the same answer as in the usual order", reply)
    thunder.succeed("listContainers", judged(thunder, reply, number))


@case(
    "envelope/{_n}",
    clause="envelope.twice",
    title="a request that has a member twice is answered over {transport}",
    tags="read-only negative",
    over=over_both([{"_n": 40}]),
)
async def twice(thunder: Conversation, transport: str) -> None:
    """JSON leaves open which of the two counts; the request may be refused as well."""
    first, second = thunder.next_id(), thunder.next_id()
    request = request_text(thunder, id=second)
    reply = await say(thunder, transport, f'{{"id":{first},{request[1:]}')
    if reply.message.get("id") not in (first, second) and reply.code not in (_PARSE_ERROR, _INVALID_REQUEST):
        complain(thunder, "envelope.twice", f"an answer with the id {first} or {second}, or an error", reply)
