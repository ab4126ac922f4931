"""Judges a session that was recorded: calls with their answers, and events, over time, as one story of containers."""

import json
from collections.abc import Sequence
from typing import Any

from conformance import lifecycle
from conformance.accusations import Accusations
from conformance.announced import Announced, Known
from conformance.asked import Kind, Place, asked, place
from conformance.judge import STARTS, Judge, Judgement, text
from conformance.lifecycle import Life, State
from conformance.listener import Listener
from conformance.offline import Exchanges, plugin
from conformance.spec import Specification
from conformance.verdict import Breach, Finding, Verdict, verdict_of

_STATES = {state.value: state for state in (State.RUNNING, State.PAUSED, State.HIBERNATED)}
_ENDING = frozenset({"stopped", "stopping", "invalid"})
_ON_THE_WAY = {
    State.RUNNING: frozenset({"starting", "awakening"}),
    State.HIBERNATED: frozenset({"hibernating", "unknown"}),
}
"""Words for a state that a container is about to be in; the older profile has no word for a hibernated one."""
_NOT_DEMANDED = frozenset({"executeCommand", "hibernateContainer", "wakeupContainer"})
"""Calls whose success depends on what is in the container, or on what is on the device."""


class Trace:
    """A session on a target that nobody else uses; it is told of it in its order, and says at last what is wrong.

    Nothing is known about the order of answers and events among each other: ``events`` takes all that came since the
    last time. A container may end by itself at any time, so one that is gone is no fault as long as the rest agrees.
    """

    def __init__(self, specification: Specification, *, callsign: str | None = None) -> None:
        self._spec = specification
        self._exchanges = Exchanges(Judge(specification), callsign or plugin(specification))
        self._announced = Announced()
        self._moment = 0
        self._watched: list[int] = []
        self._listed = False
        self._accusations = Accusations(specification)
        self._note, self._alive = self._accusations.note, self._accusations.alive
        self._listener = Listener(specification, self._exchanges.judge, self._announced, self._accusations)

    @property
    def breaches(self) -> list[Breach]:
        """What is wrong, as far as it is known."""
        return self._accusations.breaches

    def called(self, request: str, response: str | None, *, status: int | None = None, heard: bool = True) -> None:
        """Tell of a call and its answer; ``heard`` says that events would come where it was made."""
        self._moment += 1
        self._accusations.shown_by(request, response)
        about = asked(request)
        if response is None:
            self._note(*self._exchanges.unanswered(about))
            return
        judgement, findings = self._exchanges.message(about, "/jsonrpc", response, status)
        self._note(*findings)
        if about.kind is not Kind.CALL or not judgement.message.keys() & {"result", "error"}:
            return
        where, method = place(self._spec, self._exchanges.callsign, "/jsonrpc", about.method)
        if not judgement.refused and judgement.error is None:
            self._listener.called(about, self._moment, heard=heard)
        params = about.params or {}
        if where is not Place.METHOD or self._listener.off:
            return
        if judgement.error is None and not self._usable(method, judgement):
            return
        if method in STARTS:
            self._start(method, params, judgement)
        elif method == "listContainers":
            self._list(judgement)
        elif any(parameter.name == "containerId" for parameter in self._spec.methods[method].params):
            self._call(method, params, judgement)

    def events(self, messages: Sequence[dict[str, Any] | str]) -> None:
        """Tell of all events that came since the last time, in their order; of none, too."""
        self._moment += 1
        self._watched.append(self._moment)
        for message in messages:
            self._listener.event(message, self._moment)
        self._listener.looked()

    def finish(self) -> tuple[Verdict, list[Breach]]:
        """Say that nothing more came, and return the verdict of all."""
        for evidence in self._announced.missing(self._watched):
            self._accusations.accuse(evidence)
        return verdict_of(self.breaches), self.breaches

    def _usable(self, method: str, judgement: Judgement) -> bool:
        """Tell whether the outcome of a method has the form that it has to have."""
        return judgement.refused or not self._exchanges.judge.result(
            method, judgement.message.get("result"), musts=True
        )

    def _start(self, method: str, params: dict[str, Any], judgement: Judgement) -> None:
        """Follow a start."""
        container = params.get("containerId")
        container = container if isinstance(container, str) else json.dumps(container)
        known = self._announced.last(container)
        request = (method, json.dumps(params, sort_keys=True))
        if judgement.refused or judgement.error is not None:
            if known is not None and known.over is not None and known.request == request:
                wanted = "success, as before: the container of this id has ended"
                self._note(Finding(f"{method}.again", "$", wanted, text(judgement.message)))
            return
        if known is not None and known.sure:
            expected = lifecycle.start(method, known.life)
            self._doubt(known, Finding(expected.clause, "$", expected.why, text(judgement.message)))
        descriptor = judgement.message["result"]["descriptor"]
        for other in self._announced.containers:
            if other.sure and other.life.descriptor == descriptor:
                path = "$.result.descriptor"
                got = f"{descriptor}, that of {text(other.life.id)}"
                self._note(Finding(f"{method}.descriptor.new", path, "one that no other container has", got))
        life = Life(container)
        life.born(method, descriptor, 0.0)
        free = "restartOnCrash" in request[1]
        self._announced.containers.append(Known(life, self._moment, request, free=free))

    def _list(self, judgement: Judgement) -> None:
        """Compare a list of the containers with what is known of them."""
        if judgement.refused or judgement.error is not None:
            self._note(Finding("listContainers.success", "$", "a list: the plugin is there", text(judgement.message)))
            return
        listed = {entry["Id"]: entry["Descriptor"] for entry in judgement.message["result"]["containers"]}
        path = "$.result.containers[*].Id"
        got = text(sorted(listed))
        newest = {known.life.id: known for known in self._announced.containers}
        for container, known in newest.items():
            if container in listed:
                self._still_there(known, listed[container], path, got)
            elif known.sure:
                clause = "listContainers.paused" if known.life.state is State.PAUSED else known.life.effect
                clause = clause if known.life.state is not State.UNKNOWN else "listContainers.containers"
                self._doubt(known, Finding(clause, path, f"{text(container)} among them", got))
        strangers = listed.keys() - newest.keys()
        if strangers and self._listed:
            wanted = "no container that nobody has started"
            self._note(Finding("listContainers.containers", path, wanted, text(sorted(strangers))))
        for container in strangers:
            life = Life(container, State.UNKNOWN, listed[container], started=True)
            self._announced.containers.append(Known(life, self._moment))
        self._listed = True

    def _still_there(self, known: Known, descriptor: int, path: str, got: str) -> None:
        """Judge the entry of a container in a list."""
        wanted = text(known.life.descriptor)
        if known.over is not None:
            clause = "events.early" if known.stop is None else "stopContainer.effect"
            self._note(Finding(clause, path, f"no more {text(known.life.id)}", got))
            return
        if descriptor != known.life.descriptor and known.stop is None and not known.free:
            where = f"$.result.containers[?@.Id=={text(known.life.id)}].Descriptor"
            self._note(Finding("listContainers.Descriptor", where, wanted, text(descriptor)))
        self._alive(known)

    def _call(self, method: str, params: dict[str, Any], judgement: Judgement) -> None:
        """Follow a call for a container."""
        given = params.get("containerId")
        proper = isinstance(given, str) and given != ""
        name = given if isinstance(given, str) else json.dumps(given)
        candidates = self._called(name)
        known = candidates[0] if candidates else None
        accepted = not judgement.refused and judgement.error is None
        if len(candidates) > 1 or (known is not None and known.free):
            return  # the id of the one may be the descriptor of another
        if known is None or known.over is not None:
            self._of_nobody(method, known, judgement, accepted=accepted and proper)
        elif known.stop is not None:
            return  # it may be on its way out, or out
        elif known.life.state is State.UNKNOWN or not self._exchanges.judge.proper(method, params):
            if accepted:
                self._follow(method, known, params, judgement)
        else:
            self._of_somebody(method, known, params, judgement, accepted=accepted)

    def _called(self, name: str) -> list[Known]:
        """Return the containers that go by a name, their id or descriptor: those that may be there, else the last."""
        named = [one for one in self._announced.containers if name in {one.life.id, str(one.life.descriptor)}]
        newest = {one.life.id: one for one in named}.values()
        return [one for one in newest if one.over is None] or named[-1:]

    def _of_nobody(self, method: str, known: Known | None, judgement: Judgement, *, accepted: bool) -> None:
        """Judge a call for a container that is not there."""
        if not accepted:
            return
        expected = lifecycle.call(method, Life("", started=known is not None))
        state = str(_state(judgement)[0]).casefold()
        if expected.accepted is False or state in _STATES:
            self._note(Finding(expected.clause, "$", expected.why, text(judgement.message)))

    def _of_somebody(
        self, method: str, known: Known, params: dict[str, Any], judgement: Judgement, *, accepted: bool
    ) -> None:
        """Judge a call for a container that is there, or of which it is in doubt."""
        key = params.get("key")
        force = params.get("force") is True
        expected = lifecycle.call(method, known.life, force=force, key=key if isinstance(key, str) else "")
        by_descriptor = params.get("containerId") != known.life.id
        if accepted and expected.accepted is False and known.sure and known.settled:
            self._note(Finding(expected.clause, "$", expected.why, text(judgement.message)))
        demanded = method not in _NOT_DEMANDED and known.settled and known.sure
        if not accepted and expected.accepted and demanded:
            clause = f"{method}.descriptor-lookup" if by_descriptor else expected.clause
            self._doubt(known, Finding(clause, "$", expected.why, text(judgement.message)))
        if accepted:
            self._follow(method, known, params, judgement)

    def _follow(self, method: str, known: Known, params: dict[str, Any], judgement: Judgement) -> None:
        """Take in what an accepted call did to a container."""
        life = known.life
        match method:
            case "getContainerState" | "getContainerInfo":
                self._shown(known, judgement)
                return
            case "stopContainer":
                self._alive(known)
                known.stop = self._moment
                return
            case "annotate":
                life.properties.add(str(params.get("key")))
            case "removeAnnotation":
                life.properties.discard(str(params.get("key")))
                life.removed.add(str(params.get("key")))
        self._alive(known)
        then = {
            "pauseContainer": State.PAUSED,
            "resumeContainer": State.RUNNING,
            "hibernateContainer": State.HIBERNATED,
            "wakeupContainer": State.RUNNING,
        }.get(method)
        if then is None:
            return
        life.state, life.effect, known.total = then, f"{method}.effect", None
        if method in _NOT_DEMANDED:
            known.settled = False
            (known.hibernations if then is State.HIBERNATED else known.wakings).append(self._moment)

    def _shown(self, known: Known, judgement: Judgement) -> None:
        """Compare what a target says of a container with what is known of it."""
        said, path = _state(judgement)
        word = str(said).casefold()
        life = known.life
        info = judgement.message["result"].get("info")
        if isinstance(info, dict) and info["id"] != life.id:
            self._note(Finding("getContainerInfo.id", "$.result.info.id", text(life.id), text(info["id"])))
        if life.state is State.UNKNOWN:
            life.state = _STATES.get(word, State.UNKNOWN)
            return
        if word in _ENDING:
            self._doubt(known, Finding(life.effect, path, life.state.value, text(said)))
            return
        self._alive(known)
        if word == life.state.value:
            known.settled = True
        elif word not in _ON_THE_WAY.get(life.state, ()):
            self._note(Finding(life.effect, path, f"{life.state.value}, in any case", text(said)))
            life.state = _STATES.get(word, State.UNKNOWN)
        if isinstance(info, dict) and life.state is State.PAUSED:
            total = info["cpu"]["usage"]["total"]
            if known.total is not None and total != known.total:
                wanted = text(known.total)
                self._note(Finding("getContainerInfo.cpu.still", "$.result.info.cpu.usage.total", wanted, text(total)))
            known.total = total

    def _doubt(self, known: Known, finding: Finding) -> None:
        self._accusations.doubt(known, finding, self._moment)


def _state(judgement: Judgement) -> tuple[Any, str]:
    """Return the state in an answer, and where it stands there; None where there is none."""
    result = judgement.message.get("result")
    info = result.get("info") if isinstance(result, dict) else None
    if isinstance(info, dict):
        return info.get("state"), "$.result.info.state"
    return result.get("state") if isinstance(result, dict) else None, "$.result.state"
