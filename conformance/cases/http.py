"""HTTP as clients speak it: headers, connections, ways of sending a body, verbs and paths."""

import re
from typing import Any

from conformance.cases import case
from conformance.conversation import Conversation
from conformance.curl import DEFAULT_HEADERS
from conformance.errors import TargetError
from conformance.http import HTTPConnection
from conformance.line import base_path, complain, judged, say

_SUCCESS = range(200, 300)
_OK = 200
_CLIENT_ERROR = 400
_MANY = 100
_REFUSAL = re.compile(rb"HTTP/1\.[01] [45]\d\d")


@case(
    "http/{_n}",
    clause="http.content-type",
    title="a call with {_shown} is answered",
    tags="read-only",
    needs="nothing",
    over=(
        {"headers": (("Content-Type", "application/json"),), "_shown": "the type application/json", "_n": 1},
        {
            "headers": (("Content-Type", "application/json; charset=utf-8"),),
            "_shown": "the type application/json and a charset",
            "_n": 2,
        },
        {"headers": (("content-type", "text/plain;"),), "_shown": "the type text/plain", "_n": 3},
        {"headers": (("Content-Type", "application/json-rpc"),), "_shown": "the type application/json-rpc", "_n": 4},
        {"headers": (), "_shown": "no type", "_n": 5},
    ),
)
async def content_type(thunder: Conversation, headers: Any) -> None:
    """The documented calls are sent with several types, and clients use others."""
    await _answered(thunder, "http.content-type", headers)


@case(
    "http/{_n}",
    clause="http.headers",
    title="a call with {_shown} is answered",
    tags="read-only",
    needs="nothing",
    over=(
        {"headers": [(f"X-Note-{n}", "n" * 40) for n in range(_MANY)], "_shown": "a hundred more headers", "_n": 6},
        {"headers": [("X-Note", "n" * 4000)], "_shown": "a header of four thousand characters", "_n": 7},
        {"headers": [("Origin", "http://conformance.example")], "_shown": "the origin of a web page", "_n": 8},
        {"headers": [("Accept", "text/html"), ("Accept-Encoding", "gzip")], "_shown": "the wish for HTML", "_n": 9},
        {"headers": [("Expect", "100-continue")], "_shown": "the expectation of a 100", "_n": 10},
    ),
)
async def headers(thunder: Conversation, headers: Any) -> None:
    """Headers that say nothing about the call do not change its answer."""
    await _answered(thunder, "http.headers", (*DEFAULT_HEADERS, *headers))


@case(
    "http/11",
    clause="http.status",
    title="a call that succeeds has the status 200",
    tags="read-only",
    needs="nothing",
    also=("http.answer", "http.length"),
)
async def status(thunder: Conversation) -> None:
    """The answer is 200, and its body is as long as its header says."""
    exchange = await thunder.post(thunder.body("listContainers", None, number := thunder.next_id()))
    thunder.succeed("listContainers", thunder.read(exchange, number))
    thunder.expect("http.status", "$", _OK, exchange.status)
    length = exchange.header("Content-Length")
    if length is not None:
        thunder.expect("http.length", "$", length, str(len(exchange.body)))


@case(
    "http/12",
    clause="http.status",
    title="a call that is refused has a status from 200 to 299",
    tags="read-only negative",
    needs="nothing",
)
async def status_of_error(thunder: Conversation) -> None:
    """A JSON-RPC error is no HTTP error: a browser's client would not show its body."""
    exchange = await thunder.post(thunder.body(f"unheardOf{thunder.run.id}", None, number := thunder.next_id()))
    thunder.read(exchange, number)
    if exchange.status not in _SUCCESS:
        thunder.broken("http.status", "$", "a status from 200 to 299", str(exchange.status))


@case(
    "http/13",
    clause="http.keep-alive",
    title="a connection serves five calls, each with one answer",
    tags="read-only",
    needs="nothing",
    also=("http.one-answer",),
)
async def keep_alive(thunder: Conversation) -> None:
    """Each call on the one connection gets its own answer, and nothing else comes."""
    connection = await thunder.connect()
    for _ in range(5):
        if connection.lost:
            thunder.broken("http.keep-alive", "$", "a connection that stays", "a connection that was closed")
            return
        await _call_on(thunder, connection)
        await thunder.ask("listContainers")  # meanwhile a connection that ends behind its answer has ended
    if connection.unasked:
        thunder.broken("http.one-answer", "$", "one answer to a request", f"then {connection.unasked!r}")
    thunder.run.target.drop(connection)


@case(
    "http/14",
    clause="http.close",
    title="Connection: close is answered, and then the connection is closed",
    tags="read-only",
    needs="nothing",
)
async def close(thunder: Conversation) -> None:
    """What is sent behind such a request is answered no more."""
    connection = await thunder.connect()
    await _call_on(thunder, connection, (*DEFAULT_HEADERS, ("Connection", "close")))
    request = thunder.run.target.request(thunder.body("listContainers", None, thunder.next_id()))
    connection.send(thunder.run.target.raw(request))
    try:
        exchange = await thunder.run.target.answer(connection, request)
    except TargetError:
        return
    thunder.came(thunder.sent(request), exchange)
    thunder.broken("http.close", "$", "a connection that is closed", f"an answer with the status {exchange.status}")


@case(
    "http/19",
    clause="http.preflight",
    title="a browser's preflight is answered",
    tags="read-only",
    needs="nothing",
)
async def preflight(thunder: Conversation) -> None:
    """Before a page of another origin may call, its browser asks by OPTIONS."""
    asked = (
        ("Origin", "http://conformance.example"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "content-type"),
    )
    exchange = await thunder.post(b"", verb="OPTIONS", headers=asked)
    if exchange.status not in _SUCCESS:
        thunder.broken("http.preflight", "$", "a status from 200 to 299", f"{exchange.status} {exchange.reason}")


@case(
    "http/{_n}",
    clause="http.verb",
    title="a call that is sent by {verb} is not carried out",
    tags="negative",
    over=[{"verb": verb, "_n": 20 + at} for at, verb in enumerate(("GET", "PUT", "DELETE"))],
)
async def verbs(thunder: Conversation, verb: str) -> None:
    """A container that such a request would pause goes on running."""
    container = await thunder.container()
    body = thunder.body("pauseContainer", {"containerId": container.id}, thunder.next_id())
    reply = await say(thunder, "HTTP", body, request=thunder.run.target.request(body, method=verb))
    state = await thunder.state(container)
    if "result" in reply.message or state.casefold() != "running":
        complain(thunder, "http.verb", "a container that goes on running, and no result", reply)


@case(
    "http/{_n}",
    clause="designator.path",
    title="a call is taken at the path /jsonrpc{_shown}",
    tags="read-only",
    needs="nothing",
    over=(
        {"below": "", "_shown": "", "_n": 23},
        {"below": "/", "_shown": "/", "_n": 24},
        {"below": "/CALLSIGN", "_shown": "/<callsign>", "_n": 25},
    ),
)
async def paths(thunder: Conversation, below: str) -> None:
    """All of these reach the plugin."""
    path = f"{base_path(thunder)}{below.replace('CALLSIGN', thunder.callsign)}"
    await _answered(thunder, "designator.path", DEFAULT_HEADERS, path)


@case(
    "http/{_n}",
    clause="http.unknown-path",
    title="a call at the path {_shown} has no result",
    tags="read-only negative",
    needs="nothing",
    over=(
        {"path": "/unheard-of", "_shown": "/unheard-of", "_n": 26},
        {"path": "BASE/unheard.of", "_shown": "/jsonrpc/unheard.of", "_n": 27},
    ),
)
async def unknown_path(thunder: Conversation, path: str) -> None:
    """What is served elsewhere is not this plugin."""
    body = thunder.body("listContainers", None, thunder.next_id())
    request = thunder.run.target.request(body, path.replace("BASE", base_path(thunder)))
    reply = await say(thunder, "HTTP", body, request=request)
    status = reply.exchange.status if reply.exchange else _CLIENT_ERROR
    if "result" in reply.message or (status < _CLIENT_ERROR and "error" not in reply.message):
        complain(thunder, "http.unknown-path", "a status from 400, or an error", reply)


async def _answered(thunder: Conversation, clause: str, headers: Any, path: str | None = None) -> None:
    """Make sure that a call with these headers, at this path, gets its result."""
    number = thunder.next_id()
    body = thunder.body("listContainers", None, number)
    reply = await say(thunder, "HTTP", body, request=thunder.run.target.request(body, path, headers=headers))
    if "result" not in reply.message:
        complain(thunder, clause, "the result of the call", reply)
        return
    thunder.succeed("listContainers", judged(thunder, reply, number))


async def _call_on(thunder: Conversation, connection: HTTPConnection, headers: Any = None) -> None:
    """Make a call on a connection of the case's own."""
    target, number = thunder.run.target, thunder.next_id()
    request = target.request(thunder.body("listContainers", None, number), headers=headers)
    connection.send(target.raw(request))
    thunder.succeed("listContainers", thunder.read(await thunder.answer(connection, request), number))
