"""HTTP as clients speak it: headers, connections, ways of sending a body, verbs and paths."""

import re
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from conformance.cases import case
from conformance.conversation import Conversation
from conformance.curl import DEFAULT_HEADERS
from conformance.errors import TargetError
from conformance.exchange import Exchange
from conformance.http import HTTPConnection
from conformance.judge import text
from conformance.line import base_path, complain, judged, parsed_as, say
from conformance.verdict import Finding

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
    "http/15",
    clause="http.chunks",
    title="a call whose body comes in chunks is answered",
    tags="read-only",
    needs="nothing",
)
async def chunks(thunder: Conversation) -> None:
    """A body may come without its length in front."""
    number = thunder.next_id()
    body = thunder.body("listContainers", None, number)
    parts = (body[:7], body[7:40], body[40:], b"")
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    await _sent_in(thunder, number, body, [_head(thunder, "Transfer-Encoding: chunked") + chunked], "http.chunks")


@case(
    "http/{_n}",
    clause="http.pieces",
    title="a call that comes in pieces, cut {_shown}, is answered",
    tags="read-only",
    needs="nothing",
    over=(
        {"cuts": ("head",), "_shown": "between head and body", "_n": 16},
        {"cuts": ("line", "name", "body"), "_shown": "in a line, a name and the body", "_n": 17},
    ),
)
async def pieces(thunder: Conversation, cuts: tuple[str, ...]) -> None:
    """TCP keeps no boundaries; between two pieces a call elsewhere is answered, so that they arrive apart."""
    number = thunder.next_id()
    body = thunder.body("listContainers", None, number)
    data = _head(thunder, f"Content-Length: {len(body)}") + body
    end = len(data) - len(body)
    at = {"head": end, "line": 9, "name": data.index(b"Content-Le") + 5, "body": end + 25}
    places = [0, *sorted(at[cut] for cut in cuts), len(data)]
    await _sent_in(thunder, number, body, [data[start:end] for start, end in pairwise(places)], "http.pieces")


@case(
    "http/18",
    clause="http.pieces",
    title="a call whose header names are in other letters is answered",
    tags="read-only",
    needs="nothing",
)
async def lower_case(thunder: Conversation) -> None:
    """The names of headers have no case."""
    number = thunder.next_id()
    body = thunder.body("listContainers", None, number)
    head = _head(thunder, f"CONTENT-length: {len(body)}").replace(b"Host:", b"hOST:")
    await _sent_in(thunder, number, body, [head + body], "http.pieces")


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


@case(
    "http/28",
    clause="http.answer",
    title="five calls at once on one connection are all answered",
    tags="read-only concurrency",
    needs="nothing",
    also=("http.pipeline-order",),
)
async def pipeline(thunder: Conversation) -> None:
    """Whoever sends the next request before the last answer gets all answers, and should get them in the same order."""
    connection = await thunder.connect()
    target = thunder.run.target
    methods = ("getContainerState", "listContainers", "getContainerState", "listContainers", "listContainers")
    numbers = [thunder.next_id() for _ in methods]
    requests = {
        number: target.request(thunder.body(method, _missing(thunder, method), number))
        for number, method in zip(numbers, methods, strict=True)
    }
    connection.send(b"".join(map(target.raw, requests.values())))
    came: list[Any] = []
    for request in list(requests.values()):
        try:
            exchange = await target.answer(connection, request)
        except TargetError as problem:
            left = [number for number in numbers if number not in came]
            # a server that closes behind an answer has not read what was sent behind the request
            clause = "http.pipeline-order" if came and connection.lost else "http.answer"
            finding = Finding(clause, "$", f"answers to all requests, also to {left}", str(problem))
            thunder.weigh([finding], thunder.sent(requests[left[0]]))
            return
        number = _id_in(exchange)
        if number not in requests or number in came:
            thunder.weigh([Finding("envelope.id", "$.id", f"one of {numbers}", repr(number))], thunder.sent(request))
        came.append(number)
        step = thunder.sent(requests[number])
        step.exchange = exchange
        thunder.weigh(thunder.judge.envelope(exchange.body, number).findings, step)
    target.drop(connection)
    if came != numbers:
        thunder.broken("http.pipeline-order", "$", f"the order {numbers}", f"the order {came}")


@case(
    "http/29",
    clause="http.half-close",
    title="a client that sends no more still gets its answer",
    tags="read-only",
    needs="nothing",
)
async def half_close(thunder: Conversation) -> None:
    """Simple clients end their sending side behind the request, and read until the end."""
    target = thunder.run.target
    if urlsplit(target.url).scheme != "http":
        thunder.cannot("TLS cannot end one side of a connection")
    number = thunder.next_id()
    request = target.request(thunder.body("listContainers", None, number))
    connection = await thunder.connect()
    connection.send(target.raw(request))
    transport: Any = connection.transport
    transport.loseWriteConnection()
    step = thunder.sent(request)
    try:
        exchange = await target.answer(connection, request)
    except TargetError as problem:
        thunder.weigh([Finding("http.half-close", "$", "an answer", str(problem))], step)
        return
    thunder.came(step, exchange)
    thunder.succeed("listContainers", thunder.read(exchange, number))


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


@case(
    "http/{_n}",
    clause="http.malformed",
    title="what is no HTTP is refused: {_what}",
    tags="robustness negative read-only",
    needs="nothing",
    over=[
        {"data": b"hello\r\n\r\n", "_what": "a word", "_n": 60},
        {"data": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "_what": "the hello of TLS", "_n": 61},
        {"data": b"GET\r\n\r\n", "_what": "a verb alone", "_n": 62},
    ],
)
async def no_http(thunder: Conversation, data: bytes) -> None:
    """It is answered by a status from 400, or the connection ends; two calls beside it are answered in any case."""
    connection = await thunder.connect()
    connection.send(data)
    step = thunder.sent(thunder.run.target.request(data))
    for _ in range(2):
        await thunder.ask("listContainers")
    came = connection.unasked
    if not came and not connection.lost:
        silence = "neither, though two later calls beside it were answered"
        thunder.weigh(
            [Finding("http.malformed", "$", "a status from 400, or the end of the connection", silence)], step
        )
    elif came and not _REFUSAL.match(came):
        thunder.weigh([Finding("http.malformed", "$", "a status from 400", text(came[:80].decode("latin-1")))], step)


async def _sent_in(thunder: Conversation, number: int, body: bytes, data: list[bytes], clause: str) -> None:
    """Send a request in these pieces, and make sure that it gets its result."""
    target = thunder.run.target
    connection = await thunder.connect()
    for at, piece in enumerate(data):
        if at:
            await thunder.call("listContainers")
        connection.send(piece)
    request = target.request(body)
    step = thunder.sent(request)
    try:
        exchange = await target.answer(connection, request)
    except TargetError as problem:
        await thunder.run.look_after()
        thunder.weigh([Finding(clause, "$", "the result of the call", str(problem))], step)
        return
    thunder.came(step, exchange)
    thunder.succeed("listContainers", thunder.read(exchange, number))
    target.drop(connection)


def _head(thunder: Conversation, framing: str) -> bytes:
    """Return the head of a POST whose body is framed as this header line says."""
    head = thunder.run.target.raw(thunder.run.target.request(b""))
    return head.replace(b"Content-Length: 0", framing.encode())


def _missing(thunder: Conversation, method: str) -> dict[str, str] | None:
    """Return params that reach no container."""
    return {"containerId": thunder.missing} if method == "getContainerState" else None


def _id_in(exchange: Exchange) -> Any:
    """Return the id of an answer, None for what has none."""
    message = parsed_as(exchange.body)
    return message.get("id") if isinstance(message, dict) else None
