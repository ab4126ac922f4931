"""What one case says to the target: calls, each answer judged before the case sees it, and what is left of them."""

import json
from collections.abc import Awaitable, Callable, Iterable
from random import Random
from typing import Any, NoReturn, TypeVar

from conformance import spec
from conformance.client import Client
from conformance.containers import POLL, Container
from conformance.errors import NoWebSocket, TargetError
from conformance.exchange import Exchange, Request, Step, called
from conformance.http import HTTPConnection
from conformance.judge import Judgement, same, text
from conformance.lives import STARTS, Lives
from conformance.run import Run
from conformance.spec import Clause
from conformance.verdict import Breach, CannotJudge, Finding, Nonconformance

_T = TypeVar("_T")
_FIRST_ID = 3
"""The id that the documented requests have."""


class Conversation(Lives):
    """The exchanges of one case in ``run``; what it does with containers is in Lives.

    Each method raises Nonconformance when a MUST is broken; what breaks a SHOULD gathers in ``breaches`` with it.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.spec = run.spec
        self.profile = run.spec.profile
        self.judge = run.judge
        self.callsign = run.callsign
        self.breaches: list[Breach] = []
        self.steps: list[Step] = []
        self.clients: list[Client] = []
        self.connections: list[HTTPConnection] = []
        self.random = Random(0)  # noqa: S311 - what a case picks at random has to be the same again
        self._began = run.target.clock.seconds()
        self._last_id = _FIRST_ID - 1
        self._used: list[Container] = []

    # --- calls

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method that has to succeed, and return its result, judged by the schema of the specification."""
        return self.succeed(method, await self.call(method, params or None))

    async def refused(self, method: str, *, clause: str | None = None, **params: Any) -> Judgement:
        """Call a method that has to refuse, by an error or by success false; ``clause`` demands it (method.refusal)."""
        answer = await self.call(method, params or None)
        self.refuse(method, answer, clause)
        return answer

    async def call(
        self, method: str, params: Any = None, *, designator: str | None = None, path: str | None = None
    ) -> Judgement:
        """Call a method over HTTP and return the answer, its envelope judged. ``designator`` replaces the method's."""
        number = self.next_id()
        exchange = await self.post(self.body(method, params, number, designator=designator), path=path)
        return self.read(exchange, number)

    async def post(self, body: bytes, *, path: str | None = None, verb: str = "POST", headers: Any = None) -> Exchange:
        """Send a request and return the exchange, whatever it is. Raises Nonconformance without a complete answer."""
        return await self.send(self.run.target.request(body, path, verb, headers))

    async def send(self, request: Request) -> Exchange:
        """Send a request as it is; as ``post``."""
        step = self._step("http", request)
        try:
            exchange = await self.run.target.post(request)
        except TargetError as error:
            await self._unanswered(step, error)
        return self._came(step, exchange)

    async def connect(self) -> HTTPConnection:
        """Return an HTTP connection of the case's own. Raises Nonconformance."""
        step = self._step("http", self.run.target.request(b"", method="CONNECT"))
        try:
            connection = await self.run.target.connect()
        except TargetError as error:
            await self._unanswered(step, error)
        self.steps.remove(step)
        self.connections.append(connection)
        return connection

    async def answer(self, connection: HTTPConnection, request: Request) -> Exchange:
        """Return the next answer on a connection of the case's own. Raises Nonconformance when none comes."""
        step = self._step("http", request)
        try:
            exchange = await self.run.target.answer(connection, request)
        except TargetError as error:
            await self._unanswered(step, error)
        return self._came(step, exchange)

    async def client(self, path: str | None = None, subprotocol: str = "notification") -> Client:
        """Open a WebSocket. Raises Nonconformance; CannotJudge where the target refused the first one of the run."""
        run = self.run
        if run.no_websocket:
            raise CannotJudge(f"there is no WebSocket to listen on: {run.no_websocket}")
        number = len(self.clients) + 1
        step = self.told("open", number, path or run.target.url)
        try:
            websocket = await run.target.open(path, subprotocol)
        except TargetError as error:
            if isinstance(error, NoWebSocket) and not run.websockets and path is None:
                run.no_websocket = str(error)
            await self._failed(step, "websocket.handshake", "a WebSocket that opens", error)
        run.websockets += 1
        client = Client(self, number, websocket)
        self.clients.append(client)
        return client

    def body(self, method: str, params: Any, number: object, *, designator: str | None = None) -> bytes:
        """Return a JSON-RPC request; ``params`` None leaves them out."""
        message: dict[str, Any] = {"jsonrpc": "2.0", "id": number, "method": designator or self.designator(method)}
        if params is not None:
            message["params"] = params
        return json.dumps(message).encode()

    def designator(self, method: str) -> str:
        """Return how a method of the plugin is called."""
        return f"{self.callsign}.1.{method}"

    def next_id(self) -> int:
        """Return an id that this case has not used."""
        self._last_id += 1
        return self._last_id

    # --- judging

    def read(self, exchange: Exchange, asked: object) -> Judgement:
        """Judge the envelope of an HTTP answer to the request with the id ``asked``."""
        judgement = self.judge.envelope(exchange.body, asked, status=exchange.status)
        self.weigh(judgement.findings)
        return judgement

    def succeed(self, method: str, answer: Judgement) -> dict[str, Any]:
        """Return the result of a call that has to succeed, judged by the schema."""
        group = self.spec.methods[method].group
        if answer.error is not None:
            self.broken(f"{group}.success", "$.error", "a result with success true", answer.error)
        self.weigh(self.judge.result(method, answer.message["result"]))
        result: dict[str, Any] = answer.message["result"]
        return result

    def refuse(self, method: str, answer: Judgement, clause: str | None = None) -> None:
        """Make sure that an answer refuses; ``clause`` is what demands the refusal, by default the method's own."""
        if clause is not None and not answer.refused:
            self.broken(clause, "$", "an error, or a success that is false", answer.message)
            return
        self.weigh(self.judge.refusal(method, answer.message))

    def expect(self, clause: str, path: str, expected: object, got: object) -> bool:
        """Make sure that two values out of the last answer, or derived from it, are the same, and tell whether."""
        alike = same(expected, got)
        if not alike:
            self.broken(clause, path, text(expected), got)
        return alike

    def broken(self, clause: str, path: str, expected: str, got: object) -> None:
        """Note that a clause is broken; raises Nonconformance when it is a MUST."""
        self.weigh([Finding(clause, path, expected, got if isinstance(got, str) else text(got))])

    def weigh(self, findings: Iterable[Finding], step: Step | None = None) -> None:
        """Note what is broken, with the step that shows it (the last one); raises Nonconformance for a MUST."""
        findings = list(findings)
        self.gather(findings, step)
        if any(self.clause(finding.clause).level == "MUST" for finding in findings):
            raise Nonconformance("; ".join(f"{finding.clause} at {finding.path}" for finding in findings))

    def gather(self, findings: Iterable[Finding], step: Step | None = None) -> None:
        """Note what is broken, and go on even after a MUST."""
        evidence = step or (self.steps[-1] if self.steps else None)
        self.breaches += [Breach(finding, self.clause(finding.clause), evidence) for finding in findings]

    def clause(self, clause_id: str) -> Clause:
        """Return a clause as the target's profile has it."""
        return spec.clauses(self.profile)[clause_id]

    async def settled(self, look: Callable[[], Awaitable[_T]], done: Callable[[_T], bool]) -> _T:
        """Look until ``done``, at most as long as an answer may take, and return what was seen last."""
        target = self.run.target
        until = target.clock.seconds() + target.timeout
        while not done(seen := await look()) and target.clock.seconds() < until:
            await target.pause(POLL)
        return seen

    def cannot(self, why: str) -> NoReturn:
        """Give the case up: it cannot be judged here."""
        raise CannotJudge(why)

    # --- steps

    def told(self, kind: str, connection: int, message: str | bytes) -> Step:
        """Add what happened on a WebSocket to the steps."""
        shown = message if isinstance(message, str) else message.decode("utf-8", "backslashreplace")
        step = Step(
            kind, self._now(), connection=connection, text=shown, call=called(message) if kind == "sent" else ""
        )
        self.steps.append(step)
        if step.call in STARTS:
            self.run.containers.asked(shown)
        return step

    def answered(self, step: Step | None, _method: str = "") -> Step | None:
        """Note how long the answer to a request on a WebSocket took."""
        if step is not None:
            step.seconds, step.answered = self._now() - step.at, True
            self.run.containers.answered(step.text)
        return step

    def sent(self, request: Request) -> Step:
        """Add a request that the case has sent by itself to the steps."""
        return self._step("http", request)

    def came(self, step: Step, exchange: Exchange) -> Exchange:
        """Note the exchange of a request that the case has sent by itself."""
        return self._came(step, exchange)

    async def leave(self) -> None:
        """Close what the case has opened, and note what came that nobody asked for."""
        for client in self.clients:
            self.gather(client.strays())
            client.leave()
        for connection in self.connections:
            self.run.target.drop(connection)
        for content in self.run.target.unasked():
            got = f"then {text(content.decode('latin-1'))}"
            self.gather([Finding("http.one-answer", "$", "one answer to a request", got)])

    def _now(self) -> float:
        return float(self.run.target.clock.seconds() - self._began)

    def _step(self, kind: str, request: Request) -> Step:
        step = Step(kind, self._now(), request=request, call=called(request.body))
        self.steps.append(step)
        if step.call in STARTS:
            self.run.containers.asked(request.body.decode("utf-8", "replace"))
        return step

    def _came(self, step: Step, exchange: Exchange) -> Exchange:
        """Note an exchange, and judge what its bytes say beyond its content."""
        step.exchange, step.seconds, step.answered = exchange, exchange.seconds, True
        if step.call in STARTS and step.request:
            self.run.containers.answered(step.request.body.decode("utf-8", "replace"))
        if exchange.trailing and step.kind == "http" and step.call:
            got = f"then {text(exchange.trailing.decode('latin-1'))}"
            self.gather([Finding("http.one-answer", "$", "one answer to a request", got)], step)
        return exchange

    async def _unanswered(self, step: Step, error: TargetError) -> NoReturn:
        await self._failed(step, "http.answer", "a complete HTTP answer", error)

    async def _failed(self, step: Step, clause: str, expected: str, error: TargetError) -> NoReturn:
        """Note that nothing came, after a look whether the target is still there."""
        step.error = str(error)
        await self.run.look_after()
        self.gather([Finding(clause, "$", expected, str(error))], step)
        raise Nonconformance(f"{clause}: {error}")
