"""One sequence of calls against the target, each compared with what the lifecycle says, and a listing after each."""

import math
from typing import Any

from conformance import lifecycle, quirks
from conformance.containers import POLL
from conformance.conversation import Conversation
from conformance.difference import Call, Difference
from conformance.judge import Judgement, text
from conformance.lifecycle import Expected, Life, State
from conformance.lives import FROM_BUNDLE, STARTS
from conformance.patience import Patience
from conformance.run import Run
from conformance.verdict import CannotJudge, Finding, Nonconformance

CASE = "ocicontainer/model/1"
MOST_IDS, MOST_LIVING = 5, 4
"""How many ids a sequence uses, and how many of them at a time."""
_FRESH = 40.0
"""Seconds after which a container may soon end by itself: the documented ones do after 60."""
_WORDS = {state.value: state for state in (State.RUNNING, State.PAUSED, State.HIBERNATED)}


class Walk:
    """Sequence ``number`` of a run; its methods raise Difference where a MUST is broken, or the clause ``hunted``.

    Which container a call is for is a number, taken modulo how many there are to choose from, so that the smallest
    numbers give the simplest sequence. What breaks no MUST is kept in ``observed`` by clause, and the model takes over
    what the target did.
    """

    def __init__(self, run: Run, number: int, patience: Patience, hunted: str = "") -> None:
        self.thunder = Conversation(run)
        self.calls: list[Call] = []
        self.observed: dict[str, Difference] = {}
        self._run = run
        self._hunted = hunted
        self._patience = patience
        self._prefix = f"conf-{run.id}-w{number}-"
        self._lives: list[Life] = []
        self._nobody = Life(f"{self._prefix}missing")

    @property
    def tired(self) -> bool:
        """Whether a container is so old that it may soon end by itself."""
        now = self._run.target.clock.seconds()
        return any(life.living and now > life.since + _FRESH for life in self._lives)

    async def start(self, method: str, pick: int, fault: str = "") -> None:
        """Start a container: a new id, one that has ended, or one in use; ``fault`` is what lifecycle.without takes."""
        life = self._to_start(pick)
        if life is None:
            return
        params = self.thunder.start_params(method, life.id)
        expected = lifecycle.start(method, life)
        if fault:
            parameter = "bundlePath" if method == FROM_BUNDLE else "dobbySpec"
            expected = lifecycle.without(method, parameter, fault)
            params[parameter] = 5
            if fault == "missing":
                del params[parameter]
        answer, surprised = await self._call(method, params, expected, life)
        if expected.accepted and answer and not answer.refused:
            descriptor = answer.message["result"]["descriptor"]
            if any(other.living and other.descriptor == descriptor for other in self._lives):
                expected_one = "one that no other container has"
                self._differ(f"{method}.descriptor.new", "$.result.descriptor", expected_one, text(descriptor))
            life.born(method, descriptor, self._run.target.clock.seconds())
        elif surprised or answer is None:
            await self._take_over(life, method)
        await self._look()

    async def call(self, method: str, pick: int, *, by_descriptor: bool = False, **params: Any) -> None:
        """Call ``method`` for a container that is there or, as the last choice, for one that is not."""
        there = [life for life in self._lives if life.living]
        gone = [life for life in self._lives if life.started and life.state is State.ABSENT]
        choice = [*there, gone[-1] if gone else self._nobody]
        life = choice[pick % len(choice)]
        by_descriptor = by_descriptor and life.living
        expected = lifecycle.call(method, life, force=params.get("force") is True, key=params.get("key", ""))
        named = {"containerId": str(life.descriptor) if by_descriptor else life.id}
        answer, surprised = await self._call(method, {**named, **params}, expected, life, by_descriptor=by_descriptor)
        accepted = answer is not None and not answer.refused
        if answer is not None and accepted and method.startswith("getContainer"):
            self._shows(life, answer.message["result"])
        elif accepted and method == "stopContainer":
            await self._gone(life, "stopContainer.force" if params.get("force") else "stopContainer.effect", surprised)
        elif surprised or answer is None or expected.accepted is None:
            await self._take_over(life, method)
        elif accepted and expected.then is not None:
            life.state, life.effect = expected.then, f"{method}.effect"
            if method in {"hibernateContainer", "wakeupContainer"}:
                await self._slept(life, expected.then)
        elif accepted:
            _annotated(method, life, params.get("key", ""))
        await self._look()

    async def nameless(self, method: str, value: object, **params: Any) -> None:
        """Call ``method`` without a containerId, or with one that is no text."""
        expected = lifecycle.without(method, "containerId", "missing" if value is None else "type")
        await self._call(method, {**({} if value is None else {"containerId": value}), **params}, expected, None)
        await self._look()

    async def leave(self) -> None:
        """End the containers that are still there; how that goes is not judged."""
        await self.thunder.leave()
        for life in self._lives:
            if life.started and life.state is not State.ABSENT:
                await self._run.quietly("stopContainer", containerId=life.id, force=True)
        ours = {life.id for life in self._lives}
        until = self._run.target.clock.seconds() + self._patience.seconds
        while self._run.target.clock.seconds() < until and ours & (await self._run.listed() or set()):
            await self._run.target.pause(POLL)

    # --- calls

    def _to_start(self, pick: int) -> Life | None:
        """Return what a start is for: a new id, then those that have ended, then those in use; None without any."""
        there = [life for life in self._lives if life.state is not State.ABSENT]
        choice = [life for life in self._lives if life.living]
        if len(there) < MOST_LIVING:
            choice = [life for life in self._lives if life.state is State.ABSENT] + choice
            if len(self._lives) < MOST_IDS:
                choice = [Life(f"{self._prefix}{len(self._lives) + 1}"), *choice]
        if not choice:
            return None
        life = choice[pick % len(choice)]
        if not any(life is known for known in self._lives):
            self._run.containers.new("", "", 0.0, life.id)
            self._lives.append(life)
        return life

    async def _call(
        self, method: str, params: dict[str, Any], expected: Expected, life: Life | None, *, by_descriptor: bool = False
    ) -> tuple[Judgement | None, bool]:
        """Make a call; return its answer, None when a known quirk hides it, and whether it is another than expected."""
        before = len(self.thunder.breaches)
        answer = None
        try:
            answer = await self.thunder.call(method, params or None)
        except Nonconformance:
            self.calls.append(Call(self.thunder.steps[-1], expected.why, life, by_descriptor))
            self._broken(before)
            return None, False
        self.calls.append(Call(self.thunder.steps[-1], expected.why, life, by_descriptor))
        surprised = expected.accepted is not None and expected.accepted == answer.refused
        if surprised:
            clause = f"{method}.descriptor-lookup" if by_descriptor and expected.accepted else expected.clause
            self._differ(clause, "$", expected.why, text(answer.message))
        elif not answer.refused:
            for finding in self.thunder.judge.result(method, answer.message["result"]):
                self._weigh(finding)
        return answer, surprised

    async def _listed(self) -> dict[str, int]:
        """Return the listing of all containers; raises Difference."""
        before = len(self.thunder.breaches)
        try:
            return await self.thunder.listed()
        except Nonconformance:
            self.calls.append(Call(self.thunder.steps[-1], "a list of containers"))
            self._broken(before)
            raise CannotJudge("the list of containers cannot be read") from None

    # --- what came of it

    def _shows(self, life: Life, result: dict[str, Any]) -> None:
        """Compare what the target says of a container with the model."""
        info = result.get("info", {})
        state, path = (info.get("state"), "$.result.info.state") if info else (result.get("state"), "$.result.state")
        if not life.living:
            if str(state).casefold() in _WORDS:
                self._differ("getContainerState.stopped", path, "neither running nor paused", text(state))
            return
        if info and info.get("id") != life.id:
            self._differ("getContainerInfo.id", "$.result.info.id", text(life.id), text(info.get("id")))
        word = str(state).casefold()
        if word == "starting" and life.effect in {f"{method}.effect" for method in STARTS}:
            return
        if word != life.state.value:
            self._differ(life.effect, path, f"{life.state.value}, in any case", text(state))
            life.state = _WORDS.get(word, State.UNKNOWN)

    async def _gone(self, life: Life, clause: str, surprised: bool) -> None:
        """Wait until a container whose stop was accepted has left the list."""
        clock, patience = self._run.target.clock, self._patience
        call, began, given = self.calls[-1], self._run.target.clock.seconds(), patience.seconds
        while life.id in (listed := await self._listed()):
            if clock.seconds() > began + given:
                break
            await self._run.target.pause(POLL)
        call.wait = max(1, math.ceil(clock.seconds() - began))
        if life.id not in listed:
            patience.took(clock.seconds() - began)
            life.state = State.ABSENT
            return
        patience.lost()
        if not surprised:
            self._listing(f"no more {life.id}")
            self._differ(clause, "$.result.containers[*].Id", f"no more {text(life.id)}", text(sorted(listed)))
        life.state = State.UNKNOWN

    async def _slept(self, life: Life, state: State) -> None:
        """Wait until a container is hibernated, or running again."""
        clock, patience = self._run.target.clock, self._patience
        call, began, given = self.calls[-1], self._run.target.clock.seconds(), patience.seconds
        while (got := await self._state(life)) is not state and clock.seconds() < began + given:
            await self._run.target.pause(POLL)
        call.wait = max(1, math.ceil(clock.seconds() - began))
        if got is state:
            patience.took(clock.seconds() - began)
            return
        patience.lost()
        self.calls.append(Call(self.thunder.steps[-1], f"it is {state.value}", life))
        self._differ(life.effect, "$.result.state", state.value, got.value)
        life.state = got

    async def _take_over(self, life: Life | None, method: str) -> None:
        """Let the model have what the target did where nothing says what it has to do, or something else."""
        if life is None or life is self._nobody:
            return
        listed = await self._listed()
        if life.id not in listed:
            life.state = State.ABSENT
            return
        state = await self._state(life)
        if not life.living:
            life.born(method, listed[life.id], self._run.target.clock.seconds())
        life.state, life.descriptor, life.effect = state, listed[life.id], f"{method}.effect"

    async def _state(self, life: Life) -> State:
        """Return the state that the target gives for a container, UNKNOWN when it gives none that the model knows."""
        message = await self._run.quietly("getContainerState", containerId=life.id)
        result = message.get("result") if isinstance(message, dict) else None
        state = result.get("state") if isinstance(result, dict) else None
        return _WORDS.get(str(state).casefold(), State.UNKNOWN)

    async def _look(self) -> None:
        """Compare the listing with the model."""
        listed = await self._listed()
        for life in self._lives:
            if life.living and life.id not in listed:
                self._listing(f"{life.id} among them")
                clause = "listContainers.containers" if life.state is State.RUNNING else "listContainers.paused"
                self._differ(clause, "$.result.containers[*].Id", f"{text(life.id)} among them", text(sorted(listed)))
            elif life.state is State.ABSENT and life.id in listed:
                self._listing(f"no {life.id} among them")
                got = text(sorted(listed))
                self._differ("model.lifecycle", "$.result.containers[*].Id", f"no {text(life.id)}", got)
            elif life.living and listed[life.id] != life.descriptor:
                self._listing(f"{life.id} with the descriptor {life.descriptor}")
                path = f"$.result.containers[?@.Id=={text(life.id)}].Descriptor"
                self._differ("listContainers.Descriptor", path, text(life.descriptor), text(listed[life.id]))
                life.descriptor = listed[life.id]

    def _listing(self, expected: str) -> None:
        """Make the last listing a call of the sequence, since it shows a difference."""
        self.calls.append(Call(self.thunder.steps[-1], expected))

    # --- differences

    def _broken(self, before: int) -> None:
        """Weigh what an answer broke that could not be used."""
        for breach in self.thunder.breaches[before:]:
            self._weigh(breach.finding)

    def _differ(self, clause: str, path: str, expected: str, got: str) -> None:
        self._weigh(Finding(clause, path, expected, got))

    def _weigh(self, finding: Finding) -> None:
        """Raise Difference when a MUST is broken and no known quirk explains it; keep what breaks a SHOULD."""
        clause = self._run.spec.clauses.get(finding.clause)
        if clause is None or clause.level == "MAY" or self._known(finding):
            return
        difference = Difference(finding, clause, self.calls)
        if clause.level == "MUST" or finding.clause == self._hunted:
            raise difference
        self.observed.setdefault(finding.clause, difference)

    def _known(self, finding: Finding) -> bool:
        """Tell whether a known quirk of real devices explains a finding."""
        step = self.calls[-1].step
        request = step.request.body.decode("utf-8", "backslashreplace") if step.request else ""
        answer = step.exchange.body.decode("utf-8", "backslashreplace") if step.exchange else None
        return bool(quirks.explain(finding, request, answer, self._run.spec.profile, CASE))


def _annotated(method: str, life: Life, key: str) -> None:
    """Note what an accepted call did to the annotations of a container."""
    if method == "annotate":
        life.properties.add(key)
        life.removed.discard(key)
    elif method == "removeAnnotation":
        life.properties.discard(key)
        life.removed.add(key)
