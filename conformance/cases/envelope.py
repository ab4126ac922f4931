"""The JSON-RPC envelope, over HTTP and over WebSocket: ids, what is no request, notifications, and errors."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.cases import case
from conformance.conversation import Conversation
from conformance.judge import same, text
from conformance.line import TRANSPORTS, complain, judged, parsed_as, say

_PER_TRANSPORT = 60
"""The numbers of the cases over WebSocket are greater by this than those of the same over HTTP."""
_PARSE_ERROR, _INVALID_REQUEST, _METHOD_NOT_FOUND = -32700, -32600, -32601
_IDS = (0, 1, 7, 2**31, 2**32 - 1)
_OTHER_IDS = ("7", "abc", -1, None, 1.5, 2**32, 10**30)
_NO_IDS: tuple[object, ...] = (True, [], {})


def over_both(families: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each mapping once a transport; ``_n`` is numbered on, and WebSocket is needed for the second."""
    return [
        {
            **family,
            "transport": transport,
            "_n": family["_n"] + _PER_TRANSPORT * later,
            "_needs": "websocket" if later else "nothing",
        }
        for later, transport in enumerate(TRANSPORTS)
        for family in families
    ]


def _numbered(first: int, values: Iterable[object]) -> list[dict[str, Any]]:
    """Return a mapping for each id that is tried."""
    return [{"asked": value, "_shown": text(value), "_n": first + at} for at, value in enumerate(values)]


def request_text(thunder: Conversation, **members: object) -> str:
    """Return a good request with other members; what is Ellipsis is left out."""
    request = {"jsonrpc": "2.0", "id": thunder.next_id(), "method": thunder.designator("listContainers"), **members}
    return json.dumps({name: value for name, value in request.items() if value is not ...})


@case(
    "envelope/{_n}",
    clause="envelope.id",
    title="the id {_shown} comes back over {transport}",
    tags="read-only",
    also=("envelope.json", "envelope.object", "envelope.version", "envelope.outcome", "envelope.closed"),
    over=over_both(_numbered(1, _IDS)),
)
async def plain_id(thunder: Conversation, transport: str, asked: int) -> None:
    """The call is carried out, and its answer has the same number."""
    reply = await say(thunder, transport, request_text(thunder, id=asked))
    if reply.text is None:
        complain(thunder, "http.answer" if transport == "HTTP" else "websocket.answer", "an answer", reply)
    thunder.succeed("listContainers", judged(thunder, reply, asked))


@case(
    "envelope/{_n}",
    clause="envelope.id-any",
    title="the id {_shown} comes back over {transport}",
    tags="read-only negative",
    over=over_both(_numbered(6, _OTHER_IDS)),
)
async def other_id(thunder: Conversation, transport: str, asked: object) -> None:
    """JSON-RPC knows texts, all numbers and null as ids."""
    reply = await say(thunder, transport, request_text(thunder, id=asked))
    if reply.text is None:
        complain(thunder, "envelope.id-any", f"an answer with the id {text(asked)}", reply)
        return
    judged(thunder, reply, asked)


@case(
    "envelope/{_n}",
    clause="envelope.invalid-request",
    title="{_shown} is no id, over {transport}",
    tags="read-only negative",
    over=over_both(_numbered(13, _NO_IDS)),
)
async def no_id(thunder: Conversation, transport: str, asked: object) -> None:
    """An id is a text, a number or null; anything else makes the request invalid."""
    await _expect_code(
        thunder, transport, request_text(thunder, id=asked), "envelope.invalid-request", _INVALID_REQUEST
    )


@case(
    "envelope/{_n}",
    clause="{clause}",
    title="a request with {_shown} as its version is answered over {transport}",
    tags="read-only negative",
    over=over_both(
        (
            {"version": ..., "clause": "params.jsonrpc", "_shown": "nothing", "_n": 16},
            {"version": "1.0", "clause": "envelope.version-any", "_shown": '"1.0"', "_n": 17},
            {"version": 2, "clause": "envelope.version-any", "_shown": "2", "_n": 18},
        )
    ),
)
async def other_version(thunder: Conversation, transport: str, version: object, clause: str) -> None:
    """Old clients leave the version out; another one may be refused, but not be met with silence."""
    number = thunder.next_id()
    reply = await say(thunder, transport, request_text(thunder, jsonrpc=version, id=number))
    if reply.text is None or (clause == "params.jsonrpc" and "result" not in reply.message):
        complain(thunder, clause, "an answer", reply)
        return
    refused = reply.code == _INVALID_REQUEST and reply.message.get("id") is None
    judged(thunder, reply, None if refused else number)


@case(
    "envelope/{_n}",
    clause="envelope.parse-error",
    title="{_shown} is answered by a parse error over {transport}",
    tags="read-only negative robustness",
    over=over_both(
        (
            {"message": "hello", "_shown": "a word", "_n": 19},
            {"message": "{'jsonrpc':'2.0'}", "_shown": "an object in single quotes", "_n": 20},
            {"message": '{"jsonrpc":"2.0","id":1,}', "_shown": "an object with a comma too many", "_n": 21},
        )
    ),
)
async def no_json(thunder: Conversation, transport: str, message: str) -> None:
    """The answer is the error -32700 with the id null."""
    await _expect_code(thunder, transport, message, "envelope.parse-error", _PARSE_ERROR)


@case(
    "envelope/{_n}",
    clause="envelope.parse-error",
    title="a request {_shown} is answered by a parse error over HTTP",
    tags="read-only negative robustness",
    needs="nothing",
    over=(
        {"cut": 1, "more": "", "_shown": "without its last brace", "_n": 22},
        {"cut": 0, "more": "rubbish", "_shown": "with rubbish behind it", "_n": 23},
    ),
)
async def nearly_json(thunder: Conversation, cut: int, more: str) -> None:
    """A body is one JSON text, whole and with nothing behind it."""
    request = request_text(thunder)
    message = request[: len(request) - cut] + more
    await _expect_code(thunder, "HTTP", message, "envelope.parse-error", _PARSE_ERROR)


@case(
    "envelope/{_n}",
    clause="envelope.invalid-request",
    title="{_shown} is answered as an invalid request over {transport}",
    tags="read-only negative",
    over=over_both(
        (
            {"message": "[]", "_shown": "an empty batch", "_n": 24},
            {"message": "42", "_shown": "a number", "_n": 25},
            {"message": '"listContainers"', "_shown": "a text", "_n": 26},
            {"message": "true", "_shown": "true", "_n": 27},
        )
    ),
)
async def no_request(thunder: Conversation, transport: str, message: str) -> None:
    """The answer is the error -32600 with the id null."""
    await _expect_code(thunder, transport, message, "envelope.invalid-request", _INVALID_REQUEST)


@case(
    "envelope/{_n}",
    clause="envelope.batch",
    title="a batch of two calls and a notification gets two answers over {transport}",
    tags="read-only negative",
    over=over_both([{"_n": 28}]),
)
async def batch(thunder: Conversation, transport: str) -> None:
    """The answers are in an array, in any order; an error -32600 says that there are no batches here."""
    first, second = thunder.next_id(), thunder.next_id()
    calls = [request_text(thunder, id=first), request_text(thunder, id=second), request_text(thunder, id=...)]
    reply = await say(thunder, transport, f"[{','.join(calls)}]")
    answers = parsed_as(reply.text or "")
    ids = [one.get("id") if isinstance(one, dict) else None for one in answers] if isinstance(answers, list) else None
    if ids is None or sorted(map(text, ids)) != sorted(map(text, (first, second))):
        complain(thunder, "envelope.batch", f"an array of two answers, with the ids {first} and {second}", reply)
        return
    for answer, number in zip(answers, ids, strict=True):
        thunder.weigh(thunder.judge.envelope(json.dumps(answer), number).findings, reply.step)


@case(
    "envelope/{_n}",
    clause="envelope.notification",
    title="a notification gets no answer over {transport}",
    tags="read-only",
    also=("envelope.notification.http",),
    over=over_both([{"_n": 29}]),
)
async def notification(thunder: Conversation, transport: str) -> None:
    """Over HTTP the exchange ends with an empty body; over WebSocket nothing comes."""
    reply = await say(thunder, transport, request_text(thunder, id=...))
    if reply.text:
        complain(thunder, "envelope.notification", "no answer, since the request has no id", reply)
    if reply.text is None and transport == "HTTP":
        complain(thunder, "envelope.notification.http", "an HTTP answer without a body", reply)


@case(
    "envelope/{_n}",
    clause="envelope.notification.done",
    title="a notification over {transport} is carried out",
    tags="lifecycle",
    over=[{**facts, "_needs": f"container {facts['_needs']}"} for facts in over_both([{"_n": 30}])],
)
async def notification_done(thunder: Conversation, transport: str) -> None:
    """A container that is paused by a notification is paused afterwards."""
    container = await thunder.container()
    method, params = thunder.designator("pauseContainer"), {"containerId": container.id}
    await say(thunder, transport, request_text(thunder, id=..., method=method, params=params))
    state = await thunder.settled(lambda: thunder.state(container), lambda now: now.casefold() == "paused")
    if state.casefold() != "paused":
        thunder.broken("envelope.notification.done", "$.result.state", '"Paused"', state)
    container.state = "Paused"


_UNKNOWN = {"clause": "envelope.unknown-method"}


@case(
    "envelope/{_n}",
    clause="{clause}",
    title="{_shown} is answered by an error over {transport}",
    tags="read-only negative",
    also=("envelope.error", "envelope.code", "envelope.message"),
    over=over_both(
        (
            {**_UNKNOWN, "method": "CALLSIGN.1.unheardOf", "_shown": "a method that does not exist", "_n": 31},
            {**_UNKNOWN, "method": ..., "_shown": "a request without a method", "_n": 32},
            {**_UNKNOWN, "method": 5, "_shown": "a method that is a number", "_n": 33},
            {**_UNKNOWN, "method": "", "_shown": "an empty method", "_n": 34},
            {
                "clause": "envelope.unknown-callsign",
                "method": "unheard.of.1.listContainers",
                "_shown": "a plugin that does not exist",
                "_n": 35,
            },
        )
    ),
)
async def unknown(thunder: Conversation, transport: str, method: Any, clause: str) -> None:
    """Nothing but the documented methods of plugins that are there can be called."""
    if isinstance(method, str):
        method = method.replace("CALLSIGN", thunder.callsign)
    number = thunder.next_id()
    reply = await say(thunder, transport, request_text(thunder, id=number, method=method))
    if "error" not in reply.message:
        complain(thunder, clause, "an error", reply)
        return
    # what is no request at all may be answered as such, and then the id is null
    judged(thunder, reply, None if reply.code == _INVALID_REQUEST and reply.message.get("id") is None else number)


@case(
    "envelope/{_n}",
    clause="envelope.unknown-method.code",
    title="a method that does not exist has the code -32601 over {transport}",
    tags="read-only negative",
    also=("envelope.code", "envelope.message"),
    over=over_both([{"_n": 36}]),
)
async def unknown_code(thunder: Conversation, transport: str) -> None:
    """The error says which one it is by the code that JSON-RPC has for it."""
    number = thunder.next_id()
    reply = await say(thunder, transport, request_text(thunder, id=number, method=thunder.designator("unheardOf")))
    judged(thunder, reply, number)
    if not same(reply.code, _METHOD_NOT_FOUND):
        complain(thunder, "envelope.unknown-method.code", str(_METHOD_NOT_FOUND), reply, "$.error.code")


async def _expect_code(thunder: Conversation, transport: str, message: str, clause: str, code: int) -> None:
    """Send what is no request, and make sure that the answer is an error with this code and the id null."""
    reply = await say(thunder, transport, message)
    if not same(reply.code, code):
        complain(thunder, clause, f"an error with the code {code}", reply, "$.error.code")
        return
    if reply.message.get("id", ...) is not None:
        complain(thunder, clause, "the id null", reply, "$.id")
        return
    judged(thunder, reply, None)
