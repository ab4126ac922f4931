"""A WebSocket client of one case: calls, subscriptions, and the events that come."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet import defer

from conformance import anyjson
from conformance.judge import Judgement, shown, text
from conformance.verdict import CannotJudge, Finding, Nonconformance

if TYPE_CHECKING:
    from conformance.conversation import Conversation
    from conformance.exchange import Step
    from conformance.websocket import WebSocket

Event = dict[str, Any]
"""An event message: jsonrpc, method, params."""


class Client:
    """One WebSocket of ``thunder``, a case's conversation, by the number ``number``.

    Everything that comes is read strictly; what is neither the answer to a call nor an event is a finding.
    """

    def __init__(self, thunder: Conversation, number: int, websocket: WebSocket) -> None:
        self.number = number
        self.websocket = websocket
        self.events: list[Event] = []
        """The events that came and were not taken by ``event``, in their order."""
        self.arrived: list[Event] = []
        """All events that ever came, in their order."""
        self.over = ""
        """Why the connection is over, "" while it is not."""
        self._thunder = thunder
        self._answers: dict[int, str] = {}
        self._asked: dict[int, Step] = {}
        self._strays: list[str | bytes] = []
        self._waiters: list[defer.Deferred[None]] = []
        self._subscribed = "client." + thunder.callsign + ".events"
        websocket.received = self._received
        websocket.on_pong = self._notify
        websocket.closed.addCallback(self._closed)

    async def call(self, method: str, params: Any = None, *, designator: str | None = None) -> Judgement:
        """Call a method and return the judged answer; raises Nonconformance when there is none or it breaks a MUST."""
        number = self._thunder.next_id()
        body = self._thunder.body(method, params, number, designator=designator)
        self.send(body.decode(), asked=number)
        return await self.answer(number, method)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method that has to succeed, and return its result, judged by the schema of the specification."""
        return self._thunder.succeed(method, await self.call(method, params or None))

    async def answer(self, number: int, method: str = "") -> Judgement:
        """Wait for the answer to the request ``number`` that was sent, and judge its envelope."""
        thunder = self._thunder
        await self.until(lambda: number in self._answers or self.over)
        if number not in self._answers:
            thunder.broken("websocket.answer", "$", f"an answer to the request {number}", self.over or self._nothing())
            raise Nonconformance("websocket.answer")  # whatever its level, there is nothing to go on with
        step = thunder.answered(self._asked.get(number), method)
        if step is not None:
            step.answer = self._answers[number]
        judgement = thunder.judge.envelope(self._answers[number], number)
        thunder.weigh(judgement.findings, step)
        return judgement

    def send(self, message: str | bytes, *, asked: int | None = None) -> None:
        """Send a message, text or binary; ``asked`` is the id of the request in it."""
        step = self._thunder.told("sent", self.number, message)
        if asked is not None:
            self._asked[asked] = step
        self.websocket.send(message)

    async def register(self, event: str, client: str | None = None) -> str:
        """Subscribe to an event and return the method that its messages have. Raises Nonconformance."""
        name = client if client is not None else self._subscribed
        answer = await self.call("register", {"event": event, "id": name})
        self._thunder.expect("events.register", "$.result", 0, answer.message.get("result"))
        return f"{name}.{event}"

    async def unregister(self, event: str, client: str | None = None) -> None:
        """End a subscription. Raises Nonconformance."""
        name = client if client is not None else self._subscribed
        answer = await self.call("unregister", {"event": event, "id": name})
        self._thunder.expect("events.unregister", "$.result", 0, answer.message.get("result"))

    async def event(
        self, clause: str, event: str, container_id: str, *, more: Callable[[Event], bool] = lambda _: True
    ) -> Event:
        """Wait for an event about a container, take it out, and return it; ``clause`` is broken when it does not come.

        ``event`` is the event's name without the client's id in front; ``more`` narrows it down.
        """
        thunder = self._thunder

        def fits(message: Event) -> bool:
            return named(message) == event and about(message) == container_id and more(message)

        await self.until(lambda: any(map(fits, self.events)) or self.over)
        found = next(filter(fits, self.events), None)
        if found is None:
            last = text([{named(message): message.get("params")} for message in self.arrived[-5:]])
            expected = f"the event {event} about {text(container_id)}"
            thunder.broken(clause, "$", expected, self.over or f"the events {last}")
            raise Nonconformance(clause)  # whatever its level, there is nothing to go on with
        self.events.remove(found)
        thunder.weigh(thunder.judge.event(event, found), None)
        return found

    def about(self, container_id: str) -> list[str]:
        """Return the names of all events of the profile that ever came about a container, in their order."""
        known = self._thunder.spec.events
        return [named(each) for each in self.arrived if about(each) == container_id and named(each) in known]

    async def until(self, done: Callable[[], object], within: float | None = None) -> bool:
        """Wait until ``done``, looked at after each message, at most as long as an answer may take; tell whether."""
        clock = self._thunder.run.target.clock
        until = clock.seconds() + (self._thunder.run.target.timeout if within is None else within)
        while not done():
            left = until - clock.seconds()
            if left <= 0:
                return False
            waiter: defer.Deferred[None] = defer.Deferred()
            self._waiters.append(waiter)
            await waiter.addTimeout(left, clock, onTimeoutCancel=lambda _result, _seconds: None)
        return True

    async def drained(self) -> None:
        """Make sure that nothing which was sent before is still on its way: a call is answered behind it."""
        await self.call("listContainers")

    async def fence(self, *names: str) -> None:
        """Bring a container up and down whose events come behind all others that are on their way.

        ``names`` are the events that this connection is subscribed to; without one there is no fence.
        """
        thunder = self._thunder
        if not {"onContainerStarted", "onContainerStopped"} & set(names):
            raise CannotJudge("there is no subscription that a fence could be seen on")
        container = await thunder.start(name="fence")
        await thunder.stop(container)
        for name in ("onContainerStarted", "onContainerStopped"):
            if name in names:
                await self.event(f"{name}.once", name, container.id)

    def strays(self) -> list[Finding]:
        """Return what came that nobody asked for."""
        return [
            Finding("websocket.answer", "$", "only answers to requests, and events", shown(stray))
            for stray in self._strays
        ]

    def stray(self) -> str | bytes | None:
        """Take out the first message that is neither answer nor event."""
        return self._strays.pop(0) if self._strays else None

    @property
    def has_stray(self) -> bool:
        """Whether something came that is neither answer nor event."""
        return bool(self._strays)

    def leave(self) -> None:
        """Close the connection."""
        self._thunder.run.target.drop(self.websocket)

    def _received(self, message: str | bytes) -> None:
        """Sort what came: an answer, an event, or something else."""
        self._thunder.told("received", self.number, message)
        parsed = self._parsed(message)
        number = parsed.get("id")
        if isinstance(number, int) and number in self._asked and number not in self._answers and "method" not in parsed:
            self._answers[number] = message if isinstance(message, str) else message.decode()
        elif isinstance(parsed.get("method"), str) and "id" not in parsed:
            self.events.append(parsed)
            self.arrived.append(parsed)
            self._thunder.gather(self._thunder.judge.strictness(message))
        else:
            self._misread(message)
        self._notify()

    def _misread(self, message: str | bytes) -> None:
        """Give what is no answer to the only request that waits for one, so that it is judged; else keep it."""
        waiting = [number for number in self._asked if number not in self._answers]
        if len(waiting) == 1 and isinstance(message, str):
            self._answers[waiting[0]] = message
        else:
            self._strays.append(message)

    @staticmethod
    def _parsed(message: str | bytes) -> dict[str, Any]:
        """Return a message as an object, {} for what is none."""
        try:
            parsed = anyjson.load(message) if isinstance(message, str) else None
        except (ValueError, RecursionError):
            return {}
        return parsed if isinstance(parsed, dict) else {}

    def _closed(self, why: str) -> None:
        self.over = why
        self._thunder.told("closed", self.number, why)
        self._notify()

    def _nothing(self) -> str:
        return f"nothing within {self._thunder.run.target.timeout:g} s"

    def _notify(self) -> None:
        """Let whoever waits look again."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.called:
                waiter.callback(None)


def named(message: Event) -> str:
    """Return the name of an event, without the client's id in front."""
    return str(message.get("method", "")).rpartition(".")[2]


def about(message: Event) -> object:
    """Return which container an event is about: its name, or its container id where there is no name."""
    params = message.get("params")
    if not isinstance(params, dict):
        return None
    return params.get("containerId", params.get("name"))
