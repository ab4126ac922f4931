"""One sequence of calls against the target: a model of its containers says how each has to go."""

import math
from typing import Any

from conformance import lifecycle
from conformance.comparison import Comparison
from conformance.containers import POLL
from conformance.difference import Notes
from conformance.judge import text
from conformance.lifecycle import Life, State
from conformance.lives import FROM_BUNDLE, STARTS
from conformance.run import Run
from conformance.verdict import Nonconformance

_SLOTS = 4
_FRESH = 40.0
"""Seconds after which a container may soon end by itself: the documented ones do after 60."""
_ROUNDS = 3
"""How often a container is asked to end."""
_WORDS = {state.value: state for state in (State.RUNNING, State.PAUSED, State.HIBERNATED)}


class Walk(Comparison):
    """Sequence ``number`` of a run.

    A ``slot`` from 0 to 3 stands for a container, also before its start and after its end. Where the target does
    something else than the model, and no MUST is broken, the model takes that over.
    """

    def __init__(self, run: Run, number: int, notes: Notes) -> None:
        super().__init__(run, notes)
        self._clock = run.target.clock
        self._patience = notes.patience
        self._lives = [Life(f"conf-{run.id}-w{number}-{slot + 1}") for slot in range(_SLOTS)]

    @property
    def tired(self) -> bool:
        """Whether a container is so old that it may soon end by itself."""
        now = self._clock.seconds()
        return any(life.living and now > life.since + _FRESH for life in self._lives)

    async def start(self, method: str, slot: int, fault: str = "") -> None:
        """Start a container, whether it is there or not; ``fault`` is what lifecycle.without takes."""
        life = self._lives[slot]
        if life.state is State.UNKNOWN:
            return
        self.run.containers.new("", "", 0.0, life.id)
        params = self.thunder.start_params(method, life.id)
        expected = lifecycle.start(method, life)
        if fault:
            parameter = "bundlePath" if method == FROM_BUNDLE else "dobbySpec"
            expected = lifecycle.without(method, parameter, fault)
            params[parameter] = 5
            if fault == "missing":
                del params[parameter]
        answer, surprised = await self.compare(method, params, expected, life)
        if expected.accepted and answer is not None and not answer.refused:
            self._born(life, method, answer.message["result"]["descriptor"])
            await self._states()
        elif surprised or answer is None:
            await self._take_over(life, method)
        await self._look()

    async def call(self, method: str, slot: int, *, by_descriptor: bool = False, **params: Any) -> None:
        """Call ``method`` for a container, whether it is there or not."""
        life = self._lives[slot]
        if life.state is State.UNKNOWN:
            return
        expected = lifecycle.call(method, life, force=params.get("force") is True, key=params.get("key", ""))
        if by_descriptor and life.living:
            answer, surprised = await self.compare_by_descriptor(method, params, expected, life)
        else:
            answer, surprised = await self.compare(method, {"containerId": life.id, **params}, expected, life)
        accepted = answer is not None and not answer.refused
        if answer is not None and accepted and method.startswith("getContainer"):
            self._shows(life, answer.message["result"])
        elif accepted and method == "stopContainer":
            clause = "stopContainer.force" if params.get("force") else "stopContainer.effect"
            await self._gone(life, "" if surprised else clause)
            await self._states()
        elif surprised or answer is None or expected.accepted is None:
            await self._take_over(life, method)
        elif accepted and expected.then is not None:
            life.state, life.effect = expected.then, f"{method}.effect"
            if method in {"hibernateContainer", "wakeupContainer"}:
                await self._slept(life, expected.then)
            await self._states()
        elif accepted:
            _annotated(method, life, params.get("key", ""))
        await self._look()

    async def nameless(self, method: str, value: object) -> None:
        """Call ``method`` without a containerId, or with one that is no text."""
        expected = lifecycle.without(method, "containerId", "missing" if value is None else "type")
        await self.compare(method, {} if value is None else {"containerId": value}, expected, None)
        await self._look()

    async def leave(self) -> None:
        """End the containers that are still there; how that goes is not judged.

        Where it was in vain once it is not waited for any more.
        """
        await self.thunder.leave()
        mine, listed = {life.id: life for life in self._lives if life.started}, set[str]()
        for _ in range(_ROUNDS):
            until = self._clock.seconds() + (0 if self.notes.left else self._patience.seconds / _ROUNDS)
            listed = await self.run.listed() or set()
            for name in sorted(listed & set(mine)):
                if mine[name].state is not State.RUNNING:
                    await self.run.quietly("resumeContainer", containerId=name)
                await self.run.quietly("stopContainer", containerId=name, force=True)
            while listed & set(mine) and self._clock.seconds() <= until:
                await self.run.target.pause(POLL)
                listed = await self.run.listed() or set()
            if not listed & set(mine):
                break
        self.notes.left = len([name for name in listed if name.startswith(f"conf-{self.run.id}-w")])

    # --- what came of a call

    def _born(self, life: Life, method: str, descriptor: int) -> None:
        """Let a container live whose start was accepted."""
        if any(other.living and other.descriptor == descriptor for other in self._lives):
            clause, expected = f"{method}.descriptor.new", "one that no other container has"
            self.differ(clause, "$.result.descriptor", expected, text(descriptor))
        life.born(method, descriptor, self._clock.seconds())

    def _shows(self, life: Life, result: Any) -> None:
        """Compare what the target says of a container with the model."""
        result = result if isinstance(result, dict) else {}
        info = result.get("info", {})
        state, path = (info.get("state"), "$.result.info.state") if info else (result.get("state"), "$.result.state")
        word = str(state).casefold()
        if not life.living:
            if word in _WORDS:
                self.differ("getContainerState.stopped", path, "neither running nor paused", text(state))
            return
        if info and info.get("id") != life.id:
            self.differ("getContainerInfo.id", "$.result.info.id", text(life.id), text(info.get("id")))
        if word == "starting" and life.effect in {f"{method}.effect" for method in STARTS}:
            return
        if word != life.state.value:
            self.differ(life.effect, path, f"{life.state.value}, in any case", text(state))
            life.state = _WORDS.get(word, State.UNKNOWN)

    async def _gone(self, life: Life, clause: str) -> None:
        """Wait until a container whose stop was accepted has left the list; ``clause`` is broken when it does not."""
        call, began, given = self.calls[-1], self._clock.seconds(), self._patience.seconds
        while life.id in (listed := await self.listed()) and self._clock.seconds() < began + given:
            await self.run.target.pause(POLL)
        passed = self._clock.seconds() - began
        call.wait = max(1, math.ceil(passed))
        if life.id not in listed:
            self._patience.took(passed)
            life.state = State.ABSENT
            return
        self._patience.lost()
        life.state = State.UNKNOWN
        if clause:
            self.show(f"no more {life.id}", life)
            self.differ(clause, "$.result.containers[*].Id", f"no more {text(life.id)}", self._ours(listed))

    async def _slept(self, life: Life, state: State) -> None:
        """Wait until a container is hibernated, or running again."""
        call, began, given = self.calls[-1], self._clock.seconds(), self._patience.seconds
        while (got := await self._state(life)) is not state and self._clock.seconds() < began + given:
            await self.run.target.pause(POLL)
        passed = self._clock.seconds() - began
        call.wait = max(1, math.ceil(passed))
        if got is state:
            self._patience.took(passed)
            return
        self._patience.lost()
        self.show(f"it is {state.value}", life)
        self.differ(life.effect, "$.result.state", state.value, got.value)
        life.state = got

    async def _take_over(self, life: Life, method: str) -> None:
        """Let the model have what the target did where nothing says what it has to do, or something else."""
        listed = await self.listed()
        if life.id not in listed:
            life.state = State.ABSENT
            return
        state = await self._state(life)
        if not life.living:
            life.born(method, listed[life.id], self._clock.seconds())
        life.state, life.descriptor, life.effect = state, listed[life.id], f"{method}.effect"

    async def _state(self, life: Life) -> State:
        """Return the state that the target gives for a container, UNKNOWN when it gives none that the model knows."""
        try:
            result = (await self.thunder.call("getContainerState", {"containerId": life.id})).message.get("result")
        except Nonconformance:
            result = None
        state = result.get("state") if isinstance(result, dict) else None
        return _WORDS.get(str(state).casefold(), State.UNKNOWN)

    # --- the whole target

    async def _states(self) -> None:
        """Compare the state of each container that was started with the model."""
        for life in self._lives:
            if not life.started or life.state is State.UNKNOWN:
                continue
            try:
                answer = await self.thunder.call("getContainerState", {"containerId": life.id})
            except Nonconformance:
                continue  # calls that are made for their own sake show what is wrong with such answers
            self.show(lifecycle.call("getContainerState", life).why, life)
            if not answer.refused:
                self._shows(life, answer.message.get("result"))
            elif life.living:
                self.differ("getContainerState.success", "$", "success: the container is there", text(answer.message))
            self.calls.pop()

    async def _look(self) -> None:
        """Compare the list of containers with the model."""
        listed = await self.listed()
        for life in self._lives:
            if life.state is State.UNKNOWN:
                continue
            self.show("a list as the model has it", life)
            self._lists(life, listed)
            self.calls.pop()

    def _ours(self, listed: dict[str, int]) -> str:
        """Say which containers of the sequence are listed."""
        return text([life.id for life in self._lives if life.id in listed])

    def _lists(self, life: Life, listed: dict[str, int]) -> None:
        """Compare what the list says of a container with the model."""
        path, got = "$.result.containers[*].Id", self._ours(listed)
        if life.living and life.id not in listed:
            clause = "listContainers.containers" if life.state is State.RUNNING else "listContainers.paused"
            self.differ(clause, path, f"{text(life.id)} among them", got)
        elif not life.living and life.id in listed:
            self.differ("model.lifecycle", path, f"no {text(life.id)} among them", got)
            life.state = State.UNKNOWN
        elif life.living and listed[life.id] != life.descriptor:
            path = f"$.result.containers[?@.Id=={text(life.id)}].Descriptor"
            self.differ("listContainers.Descriptor", path, text(life.descriptor), text(listed[life.id]))
            life.descriptor = listed[life.id]


def _annotated(method: str, life: Life, key: str) -> None:
    """Note what an accepted call did to the annotations of a container."""
    if method == "annotate":
        life.properties.add(key)
        life.removed.discard(key)
    elif method == "removeAnnotation":
        life.properties.discard(key)
        life.removed.add(key)
