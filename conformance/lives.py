"""What a case does with containers: start them, look at them, stop them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from conformance import judge
from conformance.containers import Container
from conformance.judge import text
from conformance.verdict import CannotJudge, Nonconformance

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conformance.run import Run
    from conformance.spec import Specification
    from conformance.verdict import Breach

_T = TypeVar("_T")
FROM_BUNDLE, FROM_SPEC = STARTS = judge.STARTS
_FRESH = 40.0
"""Seconds for which a container is used: the documented ones end by themselves after 60."""
_STEPS = {"Paused": "pauseContainer", "Running": "resumeContainer"}
"""The method that brings a container from the one state into the other."""


class Lives:
    """The part of a conversation that knows containers; states are spelt as in rdkservices: Running, Paused."""

    run: Run
    spec: Specification
    breaches: list[Breach]
    _used: list[Container]
    if TYPE_CHECKING:  # what the other part has

        async def ask(self, method: str, **params: Any) -> dict[str, Any]: ...  # noqa: D102
        def expect(self, clause: str, path: str, expected: object, got: object) -> bool: ...  # noqa: D102
        def broken(self, clause: str, path: str, expected: str, got: object) -> None: ...  # noqa: D102
        async def settled(self, look: Callable[[], Awaitable[_T]], done: Callable[[_T], bool]) -> _T: ...  # noqa: D102

    def new_id(self, name: str) -> str:
        """Return an id of ours that was not used before; what is started under it is cleaned up."""
        return self.run.containers.new("", name, self.run.target.clock.seconds()).id

    @property
    def missing(self) -> str:
        """An id that no container has."""
        return self.run.containers.missing

    async def start(
        self,
        start: str | None = None,
        name: str = "Sleep",
        *,
        args: list[str] | None = None,
        container_id: str | None = None,
        **params: Any,
    ) -> Container:
        """Start a container that has to start, and find it in the list.

        ``start`` is the method, by default the one that works here; ``args`` replace its program (Dobby specs only),
        ``params`` are further params. A program that may have ended at once is not looked for in the list.
        Raises Nonconformance; CannotJudge when there is no bundle, or when that method failed before.
        """
        run, containers = self.run, self.run.containers
        start = start or run.preferred_start()
        if start == FROM_BUNDLE and not run.bundle_path:
            raise CannotJudge("there is no bundle on the target: give --bundle-path")
        if start in containers.unable:
            raise CannotJudge(containers.unable[start])
        container = containers.new(start, name, run.target.clock.seconds(), container_id)
        self._used.append(container)
        try:
            result = await self.ask(start, **{**self.start_params(start, container.id, args=args), **params})
            container.descriptor = result["descriptor"]
            if args is None and "command" not in params:
                self.expect_listed(f"{start}.effect", container, await self.listed())
        except Nonconformance as breach:
            if args is None and not params and container_id is None:
                containers.unable[start] = f"no container to try it on: {start} failed ({breach})"
            raise
        containers.keep(container)
        return container

    def start_params(self, start: str, container_id: str, *, args: list[str] | None = None) -> dict[str, Any]:
        """Return the params of a documented start, with our id in them; ``args`` is the program in a Dobby spec."""
        if start == FROM_BUNDLE:
            return {"containerId": container_id, "bundlePath": self.run.bundle_path}
        whole = self.dobby_spec(**({} if args is None else {"args": args}))
        # in a text within a text, blanks get lost on devices with T-escaped-quotes
        as_text = isinstance(self._documented_spec(), str) and not any(" " in word for word in args or ())
        return {"containerId": container_id, "dobbySpec": json.dumps(whole) if as_text else whole}

    def dobby_spec(self, **members: Any) -> dict[str, Any]:
        """Return the documented Dobby spec, with some members replaced."""
        documented = self._documented_spec()
        return {**(json.loads(documented) if isinstance(documented, str) else documented), **members}

    def _documented_spec(self) -> Any:
        return self.spec.methods[FROM_SPEC].examples[0].params["dobbySpec"]

    async def stop(self, container: Container, clause: str = "stopContainer.effect", **params: Any) -> dict[str, int]:
        """Stop ``container``, and return the list once it has left it; ``clause`` is broken when it does not."""
        await self.ask("stopContainer", containerId=container.id, **params)
        listed = await self.gone(container, clause)
        self.run.containers.drop(container)
        return listed

    async def gone(self, container: Container, clause: str) -> dict[str, int]:
        """Wait until ``container`` has left the list, and return the list."""
        listed = await self.settled(self.listed, lambda now: container.id not in now)
        if container.id in listed:
            self.broken(clause, "$.result.containers[*].Id", f"no more {text(container.id)}", sorted(listed))
        else:
            self.run.containers.gone(container)
        return listed

    async def container(self, start: str | None = None, name: str = "Sleep", state: str = "Running") -> Container:
        """Return a container in ``state``: one that is there, else a new one. It is to be left alive.

        This is a case's set-up, so it raises CannotJudge where the target fails.
        """
        start = start or self.run.preferred_start()
        breaches = list(self.breaches)
        try:
            container = self.run.containers.find(start, name)
            if container and self.run.target.clock.seconds() > container.since + _FRESH:
                await self.run.containers.abandon(container, self.run)
                container = None
            container = container or await self.start(start, name)
            if container not in self._used:
                self._used.append(container)
            if container.state != state:
                await self.ask(_STEPS[state], containerId=container.id)
                container.state = state
        except Nonconformance as breach:
            self.breaches = breaches
            raise CannotJudge(f"no container to try it on: its set-up failed ({breach})") from breach
        return container

    async def abandon(self) -> None:
        """After a case that went wrong: end the containers that it used, since their state is not known any more."""
        for container in {used.id: used for used in self._used}.values():
            await self.run.containers.abandon(container, self.run)

    async def listed(self) -> dict[str, int]:
        """Return the descriptors of the listed containers by container id."""
        containers = (await self.ask("listContainers"))["containers"]
        return {entry["Id"]: entry["Descriptor"] for entry in containers}

    async def state(self, container: Container) -> str:
        """Return the state that getContainerState gives for ``container``, spelt as it is."""
        result = await self.ask("getContainerState", containerId=container.id)
        if "containerId" in result:
            self.expect("getContainerState.containerId", "$.result.containerId", container.id, result["containerId"])
        return str(result["state"])

    async def info(self, container: Container) -> dict[str, Any]:
        """Return the info of getContainerInfo about ``container``."""
        info: dict[str, Any] = (await self.ask("getContainerInfo", containerId=container.id))["info"]
        self.expect("getContainerInfo.id", "$.result.info.id", container.id, info["id"])
        return info

    async def expect_state(self, clause: str, container: Container, state: str) -> None:
        """Make sure that ``container`` is in ``state``; a container that is starting is given time."""
        got = await self.settled(lambda: self.state(container), lambda now: now.casefold() != "starting")
        if got.casefold() != state.casefold():
            self.broken(clause, "$.result.state", text(state), got)

    def expect_listed(self, clause: str, container: Container, listed: dict[str, int]) -> None:
        """Make sure that ``container`` is ``listed``, with the descriptor that its start returned."""
        if container.id not in listed:
            self.broken(clause, "$.result.containers[*].Id", f"{text(container.id)} among them", sorted(listed))
            return
        path = f"$.result.containers[?@.Id=={text(container.id)}].Descriptor"
        self.expect("listContainers.Descriptor", path, container.descriptor, listed[container.id])
