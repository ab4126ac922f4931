"""One endpoint of a diff: makes the calls, waits for what they bring about, and writes down what was said."""

import json
from typing import Any

from twisted.internet import defer

from conformance import anyjson
from conformance.client import about, named
from conformance.containers import POLL, Container, Containers
from conformance.diff_plain import Plain
from conformance.diff_step import HTTP, THERE, Step, Transcript
from conformance.errors import TargetError, Unreachable
from conformance.loop_once import Loop
from conformance.run import Run
from conformance.settings import Settings
from conformance.target import Target
from conformance.websocket import WebSocket

_FENCE = "listContainers"
NOTHING = {"failure": "NoAnswer"}
"""What is shown where no answer came."""


class LiveSide:
    """The endpoint ``target``, whose containers belong to the run ``run_id``."""

    def __init__(self, target: Target, settings: Settings, loop: Loop, run_id: str, plain: Plain) -> None:
        self.transcript: Transcript = {}
        self.plain = plain
        self._target = target
        self._run = Run(target, settings, loop)
        self._run.id, self._run.containers = run_id, Containers(run_id)
        self._websockets: dict[int, _Socket] = {}
        self._started: dict[str, Container] = {}
        self._number = 0

    @property
    def profile(self) -> str:
        """The profile that was found."""
        return self._run.spec.profile

    async def begin(self) -> None:
        """Make sure that the plugin is there. Raises TargetError."""
        await self._run.probe()

    async def make(self, step: Step, connection: int = 0) -> None:
        """Make a call, on this of the WebSockets if it is one for those, and note what came of it."""
        self._number += 1
        text = step.text(self._number, self.plain.descriptor(step.container))
        if step.starts:
            self._started[step.container] = self._run.containers.new(
                step.method, "", self._target.clock.seconds(), step.container
            )
            self._run.containers.asked(text)
        before = {number: len(socket.events) for number, socket in self._websockets.items()}
        try:
            told, message = await (
                self._post(step, text) if step.transport == HTTP else self._say(step, text, connection)
            )
        except Unreachable:
            raise
        except TargetError as problem:
            told, message = {"failure": type(problem).__name__}, None
        if step.starts:
            self._run.containers.answered(text)
        self.transcript[step.subject] = told
        await self._settle(step, message, before)

    async def pause_until(self, done: Any) -> None:
        """Wait until ``done()``, at most as long as an answer may take."""
        until = self._target.clock.seconds() + self._target.timeout
        while not done() and self._target.clock.seconds() < until:
            await self._target.pause(POLL)

    def streams(self) -> list[list[tuple[str, Any]]]:
        """Return the events about containers of ours that each WebSocket heard."""
        return [socket.events for socket in self._websockets.values()]

    async def clean_up(self) -> None:
        """End all containers that were started, and all connections. Raises LeftBehind."""
        try:
            await self._run.containers.clean_up(self._run)
        finally:
            await self._target.close()

    async def _post(self, step: Step, text: str) -> tuple[Any, Any]:
        """Make a call over HTTP; return what is shown of the answer, and its message."""
        exchange = await self._target.post(self._target.request(text.encode(), step.path))
        message = _parsed(exchange.body)
        self._learn(step, message)
        shown = self.plain.answer(exchange.status, message, step.asked(self._number))
        return shown | ({"headers": self.plain.headers(exchange.headers)} if step.headers else {}), message

    async def _say(self, step: Step, text: str, connection: int) -> tuple[Any, Any]:
        """Make a call on a WebSocket; return the same."""
        socket = self._websockets.get(connection)
        if socket is None:
            opened = await self._target.open(step.path)
            socket = self._websockets[connection] = _Socket(opened, self.plain)
        answer = socket.ask(text, self._number)
        await self.pause_until(lambda: answer.called)
        if not answer.called:
            return NOTHING, None
        message = _parsed((await answer).encode())
        self._learn(step, message)
        return self.plain.answer(None, message, self._number), message

    def _learn(self, step: Step, message: Any) -> None:
        if step.starts and succeeded(message):
            self.plain.learn(step.container, message["result"].get("descriptor"))

    async def _settle(self, step: Step, message: Any, before: dict[int, int]) -> None:
        """Wait for what a call brings about."""
        good = succeeded(message)
        if good and step.settle:
            await self._until_listed(step.container, there=step.settle == THERE)
        if not step.events:
            return
        socket = self._websockets.get(0)
        start = before.get(0, 0)
        came: list[tuple[str, Any]] = []
        if socket is not None:
            if good:
                await self.pause_until(
                    lambda: set(step.awaits) <= {name for name, _ in socket.events[start:]} or socket.over
                )
                # what else there is stands before the answer to a call that goes to Dobby and back
                self._number += 1
                method = f"{self._run.callsign}.1.{_FENCE}"
                fence = socket.ask(json.dumps({"jsonrpc": "2.0", "id": self._number, "method": method}), self._number)
                await self.pause_until(lambda: fence.called)
            came = socket.events[start:]
        self.transcript[f"events of {step.subject}"] = self.plain.events(came, step.container)

    async def _until_listed(self, container: str, *, there: bool) -> None:
        until = self._target.clock.seconds() + self._target.timeout
        while self._target.clock.seconds() < until:
            listed = await self._run.listed()
            if listed is None or (container in listed) is there:
                if not there and container in self._started:
                    self._run.containers.gone(self._started[container])
                return
            await self._target.pause(POLL)


class _Socket:
    """A WebSocket that only sorts what comes: answers by their ids, and events about containers of ours."""

    def __init__(self, websocket: WebSocket, plain: Plain) -> None:
        self.events: list[tuple[str, Any]] = []
        self.over = False
        self._plain = plain
        self._websocket = websocket
        self._asked: dict[int, defer.Deferred[str]] = {}
        websocket.received = self._received
        websocket.closed.addCallback(self._closed)

    def ask(self, text: str, number: int) -> "defer.Deferred[str]":
        """Send a request; the Deferred has its answer."""
        answer: defer.Deferred[str] = defer.Deferred()
        self._asked[number] = answer
        self._websocket.send(text)
        return answer

    def _received(self, message: str | bytes) -> None:
        parsed = _parsed(message if isinstance(message, bytes) else message.encode())
        if not isinstance(parsed, dict):
            return
        if isinstance(parsed.get("method"), str) and "id" not in parsed:
            if self._plain.ours(str(about(parsed))):
                self.events.append((named(parsed), parsed.get("params")))
            return
        number = parsed.get("id")
        waiting = self._asked.pop(number, None) if isinstance(number, int) else None
        if waiting is not None and isinstance(message, str):
            waiting.callback(message)

    def _closed(self, _why: str) -> None:
        self.over = True


def succeeded(message: Any) -> bool:
    """Tell whether an answer is that of a call that did what it should."""
    result = message.get("result") if isinstance(message, dict) else None
    return isinstance(result, dict) and result.get("success") is True


def _parsed(body: bytes) -> Any:
    """Return what a body says: JSON, else the text."""
    try:
        return anyjson.load(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "backslashreplace")
