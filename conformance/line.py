"""A line of a case's own to the target, over either transport, for messages that may stay unanswered.

Nobody waits for long for silence: two good calls follow each message, and once both are answered, the message gets as
long again as these took. An answer is known by its id. So a target that works on several calls at a time, and answers
in another order than it was asked, is judged fairly, also on a busy machine.
"""

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from conformance.conversation import Conversation
from conformance.errors import TargetError
from conformance.exchange import Exchange, Request, Step
from conformance.http import HTTPConnection
from conformance.judge import Judgement, shown
from conformance.verdict import Finding, Nonconformance

TRANSPORTS = ("HTTP", "WebSocket")
_JSONRPC = "/jsonrpc"
_FENCES = (900001, 900002)
"""The ids of the good calls; no message that is tried has them."""
_LEAST_GRACE = 0.05
"""Seconds that an answer may always come behind those to the good calls: a fast target needs no time for these."""


@dataclass(slots=True)
class Reply:
    """What a message got: ``text`` is None when there was no answer, and then ``silence`` says how that showed."""

    step: Step
    text: str | None = None
    silence: str = ""
    exchange: Exchange | None = None

    @property
    def message(self) -> dict[str, Any]:
        """The answer as an object, {} for what is none."""
        parsed = parsed_as(self.text or "")
        return parsed if isinstance(parsed, dict) else {}

    @property
    def code(self) -> object:
        """The code of the error in the answer, None when there is none."""
        error = self.message.get("error")
        return error.get("code") if isinstance(error, dict) else None

    @property
    def got(self) -> str:
        """What came, for a finding."""
        return self.silence if self.text is None else shown(self.text)


Good = tuple[str, dict[str, Any] | None]
"""A call that has to be answered: method and params."""
LISTING: Good = ("listContainers", None)


async def say(
    thunder: Conversation,
    transport: str,
    message: str | bytes,
    *,
    request: Request | None = None,
    good: Good = LISTING,
) -> Reply:
    """Send a message on a connection of its own and return what it got; ``request`` replaces the HTTP one around it.

    ``good`` is what follows it; it may not be answered sooner than the message, were that answered at all.
    Over WebSocket bytes go as a binary message. Raises Nonconformance when the target is gone.
    """
    fences = {number: thunder.body(*good, number) for number in _FENCES}
    if transport == "WebSocket":
        return await _by_websocket(thunder, message, fences)
    body = message.encode() if isinstance(message, str) else message
    return await _by_http(thunder, request or thunder.run.target.request(body), fences)


def complain(thunder: Conversation, clause: str, expected: str, reply: Reply, path: str = "$") -> None:
    """Note that the answer to a message breaks a clause. Raises Nonconformance for a MUST."""
    thunder.weigh([Finding(clause, path, expected, reply.got)], reply.step)


def judged(thunder: Conversation, reply: Reply, asked: object) -> Judgement:
    """Judge the envelope of an answer that came. Raises Nonconformance."""
    status = reply.exchange.status if reply.exchange else None
    judgement = thunder.judge.envelope(reply.text or "", asked, status=status)
    thunder.weigh(judgement.findings, reply.step)
    return judgement


def parsed_as(text: str | bytes) -> Any:
    """Return what a text is as JSON, None for what is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def base_path(thunder: Conversation) -> str:
    """Return the path of JSON-RPC on the target, without a callsign behind it."""
    path = urlsplit(thunder.run.target.url).path
    return path[: path.index(_JSONRPC) + len(_JSONRPC)]


def _fence_in(text: str | bytes) -> int | None:
    """Return the id of the good call that a text answers, None when it answers none."""
    parsed = parsed_as(text)
    number = parsed.get("id") if isinstance(parsed, dict) else None
    return number if number in _FENCES and isinstance(number, int) else None


async def _by_http(thunder: Conversation, request: Request, fences: dict[int, bytes]) -> Reply:
    target = thunder.run.target
    connection = await thunder.connect()
    reply = Reply(thunder.sent(request), silence="no answer, though two later calls on the connection were answered")
    waiting = {number: target.request(body) for number, body in fences.items()}
    grace = _Grace(target.clock)
    connection.send(b"".join(map(target.raw, (request, *waiting.values()))))
    while True:
        exchange = await _next(thunder, connection, request, reply, None if waiting else grace.left())
        if exchange is None:
            break
        fence = _fence_in(exchange.body)
        if fence in waiting:
            good = waiting.pop(fence)
            step = thunder.sent(good)
            step.exchange = replace(exchange, request=good)
            thunder.weigh(thunder.judge.envelope(exchange.body, fence).findings, step)
            continue
        # what came behind it are the answers to the calls behind it
        reply.exchange = thunder.came(reply.step, replace(exchange, trailing=b""))
        reply.text = exchange.body.decode("utf-8", "backslashreplace")
        break
    target.drop(connection)
    return reply


async def _next(
    thunder: Conversation, connection: HTTPConnection, request: Request, reply: Reply, grace: float | None
) -> Exchange | None:
    """Return the next answer; None when there is none, and then ``reply`` says why.

    ``grace`` is how many seconds there are for it when none has to come any more, None when one has to.
    """
    try:
        return await thunder.run.target.answer(connection, request, grace)
    except TargetError as problem:
        if grace is not None:
            return None
        await thunder.run.look_after()
        reply.step.error = reply.silence = str(problem)
        if thunder.run.lost is not None:
            finding = Finding("http.answer", "$", "a target that goes on", str(problem))
            thunder.gather([finding], reply.step)
            raise Nonconformance(f"http.answer: {problem}") from None
        return None


class _Grace:
    """How long a message may still be answered when the good calls behind it have been: as long as these took."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._began: float = clock.seconds()
        self._until: float | None = None

    def left(self) -> float:
        """Return the seconds that are left; the first call says that the good calls are answered."""
        now: float = self._clock.seconds()
        if self._until is None:
            self._until = now + max(_LEAST_GRACE, now - self._began)
        return max(0.0, self._until - now)


async def _by_websocket(thunder: Conversation, message: str | bytes, fences: dict[int, bytes]) -> Reply:
    client = await thunder.client()
    grace = _Grace(thunder.run.target.clock)
    client.send(message)
    reply = Reply(thunder.steps[-1], silence="no answer, though two later calls on the connection were answered")
    for body in fences.values():
        client.send(body.decode())
    waiting = set(_FENCES)
    while await client.until(lambda: client.has_stray or client.over, None if waiting else grace.left()):
        text = client.stray()
        if text is None:
            reply.silence = client.over if waiting else reply.silence
            break
        fence = _fence_in(text)
        if fence in waiting:
            waiting.discard(fence)
            thunder.weigh(thunder.judge.envelope(text, fence).findings)
            continue
        reply.text = text if isinstance(text, str) else text.decode("utf-8", "backslashreplace")
        reply.step.answer = reply.text
        break
    else:
        if waiting:
            reply.silence = f"nothing within {thunder.run.target.timeout:g} s, neither for it nor for two later calls"
    client.leave()
    while client.has_stray:
        client.stray()
    return reply
