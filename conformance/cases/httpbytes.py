"""How the bytes of requests come: in chunks and pieces, several at once, followed by an end, or as no HTTP at all."""

import re
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from conformance.cases import case
from conformance.conversation import Conversation
from conformance.errors import TargetError
from conformance.exchange import Exchange
from conformance.judge import text
from conformance.line import parsed_as
from conformance.verdict import Finding

_SUCCESS = range(200, 300)
_OK = 200
_CLIENT_ERROR = 400
_MANY = 100
_REFUSAL = re.compile(rb"HTTP/1\.[01] [45]\d\d")


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
