"""What one case says to the target: documented commands, each answer judged before the case sees it."""

from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, TypeVar

from conformance import judge, message, spec
from conformance.containers import POLL, Container
from conformance.errors import TargetError
from conformance.exchange import Exchange
from conformance.judge import Judgement, text
from conformance.run import Run
from conformance.verdict import CannotJudge, Finding, Nonconformance

_T = TypeVar("_T")
_FRESH = 40.0
"""Seconds for which a container is used: the documented ones end by themselves after 60."""
_STEPS = {"Paused": "pauseContainer", "Running": "resumeContainer"}
"""The method that brings a container from the one state into the other."""


class Conversation:
    """The exchanges of one case in ``run``.

    Each method raises Nonconformance when a MUST is broken; what breaks only a SHOULD gathers in ``breaches``.
    """

    _exchange: Exchange
    """The last one."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.breaches: list[Nonconformance] = []
        self._used: list[Container] = []

    async def ask(self, method: str, container_id: str = "") -> dict[str, Any]:
        """Send the documented command for ``method``, which has to succeed, and return its result."""
        answer = await self._send(message.documented(method, container_id, self.run.bundle_path))
        self.run.containers.unanswered.discard(container_id)
        if answer.refused:
            self._break(f"{method}.success", "$.error", "a result with success true", answer.message["error"])
        self._weigh(judge.result(method, answer.message["result"]))
        result: dict[str, Any] = answer.message["result"]
        return result

    async def ask_in_vain(self, method: str, container_id: str) -> None:
        """Send the documented command for ``method``, which has to be refused: by an error, or by success false."""
        answer = await self._send(message.documented(method, container_id))
        if not answer.refused:
            self._weigh(judge.refusal(method, answer.message["result"]))

    async def ask_unknown(self, name: str, like: str) -> None:
        """Call a method ``name`` that does not exist, with the parameters of ``like``.

        The answer has to be the error that a name gives which nobody can have heard of.
        """
        codes = []
        for unknown in (f"unheardOf{self.run.id}", name):
            answer = await self._send(message.renamed(like, unknown, self.run.containers.missing))
            if not answer.refused:
                self._break(f"{name}.unknown", "$", "a JSON-RPC error", answer.message)
            codes.append(answer.message["error"]["code"])
        self.expect(f"{name}.unknown", "$.error.code", *codes)

    async def listed(self) -> dict[str, int]:
        """Return the descriptors of the listed containers by container id."""
        containers = (await self.ask("listContainers"))["containers"]
        ids = [entry["Id"] for entry in containers]
        self.expect("listContainers.containers", "$.result.containers[*].Id", sorted(set(ids)), sorted(ids))
        return {entry["Id"]: entry["Descriptor"] for entry in containers}

    async def state(self, container: Container) -> str:
        """Return the state that getContainerState gives for ``container``."""
        result = await self.ask("getContainerState", container.id)
        self.expect("getContainerState.containerId", "$.result.containerId", container.id, result["containerId"])
        return str(result["state"])

    async def expect_state(self, clause: str, container: Container, state: str) -> None:
        """Make sure that ``container`` is in ``state``; a container that is starting is given time."""
        got = await self.settled(lambda: self.state(container), lambda now: now != "Starting")
        self.expect(clause, "$.result.state", state, got)

    def expect(self, clause: str, path: str, expected: object, got: object) -> None:
        """Make sure that two values out of the last answer, or derived from it, are the same."""
        if not judge.same(expected, got):
            self._break(clause, path, text(expected), got)

    def expect_listed(self, clause: str, container: Container, listed: dict[str, int]) -> None:
        """Make sure that ``container`` is ``listed``, with the descriptor that its start returned."""
        if container.id not in listed:
            self._break(clause, "$.result.containers[*].Id", f"{text(container.id)} among them", sorted(listed))
        path = f"$.result.containers[?@.Id=={text(container.id)}].Descriptor"
        self.expect("listContainers.Descriptor", path, container.descriptor, listed[container.id])

    async def settled(self, look: Callable[[], Awaitable[_T]], done: Callable[[_T], bool]) -> _T:
        """Look until ``done``, at most as long as an answer may take, and return what was seen last."""
        target = self.run.target
        until = target.clock.seconds() + target.timeout
        while not done(seen := await look()) and target.clock.seconds() < until:
            await target.pause(POLL)
        return seen

    async def start(self, start: str, name: str = spec.DOCUMENTED_ID) -> Container:
        """Start a container by the documented command for the method ``start``, and find it in the list.

        Raises CannotJudge when there is no bundle, or when that start failed before.
        """
        containers = self.run.containers
        if start == "startContainer" and not self.run.bundle_path:
            raise CannotJudge("there is no bundle on the target: give --bundle-path")
        if start in containers.unable:
            raise CannotJudge(containers.unable[start])
        container = containers.new(start, name, self.run.target.clock.seconds())
        self._used.append(container)
        try:
            container.descriptor = (await self.ask(start, container.id))["descriptor"]
            self.expect_listed(f"{start}.effect", container, await self.listed())
        except Nonconformance as breach:
            if breach.exchange is not None:  # a bad answer is one, too
                containers.unanswered.discard(container.id)
            containers.unable[start] = f"no container to try it on: {start} failed ({breach})"
            raise
        containers.keep(container)
        return container

    async def stop(self, container: Container, clause: str = "stopContainer.effect") -> dict[str, int]:
        """Stop ``container`` by the documented command, and return the list once it has left it."""
        await self.ask("stopContainer", container.id)
        listed = await self.settled(self.listed, lambda now: container.id not in now)
        if container.id in listed:
            self._break(clause, "$.result.containers[*].Id", f"no more {text(container.id)}", sorted(listed))
        self.run.containers.drop(container)
        return listed

    async def container(self, start: str, name: str = spec.DOCUMENTED_ID, state: str = "Running") -> Container:
        """Return a container that ``start`` made, in ``state``: the one that is there, else a new one.

        This is a case's set-up, so it raises CannotJudge where the target fails.
        """
        try:
            container = self.run.containers.find(start, name)
            if container and self.run.target.clock.seconds() > container.since + _FRESH:
                await self.run.containers.abandon(container, self.run.target)
                container = None
            container = container or await self.start(start, name)
            self._used.append(container)
            if container.state != state:
                await self.ask(_STEPS[state], container.id)
                container.state = state
        except Nonconformance as breach:
            raise CannotJudge(f"no container to try it on: its set-up failed ({breach})") from breach
        return container

    async def abandon(self) -> None:
        """After a case that went wrong: end the containers that it used, since their state is not known any more."""
        for container in {used.id: used for used in self._used}.values():
            await self.run.containers.abandon(container, self.run.target)

    async def _send(self, body: bytes) -> Judgement:
        """Post ``body`` and judge the envelope of the answer."""
        request = self.run.target.request(body)
        try:
            self._exchange = await self.run.target.post(request)
        except TargetError as error:
            await self.run.look_after()
            unanswered = Finding("http.answer", "$", "a complete HTTP answer", str(error))
            raise Nonconformance([unanswered], request) from None
        answer = judge.envelope(self._exchange)
        self._weigh(answer.findings)
        return answer

    def _weigh(self, findings: list[Finding]) -> None:
        """Raise what breaks a MUST, gather what breaks a SHOULD."""
        breach = Nonconformance(findings, self._exchange.request, self._exchange)
        if any(finding.must for finding in findings):
            raise breach
        if findings:
            self.breaches.append(breach)

    def _break(self, clause: str, path: str, expected: str, got: object) -> NoReturn:
        """Raise one finding about the last answer."""
        raise Nonconformance([Finding(clause, path, expected, text(got))], self._exchange.request, self._exchange)
