"""The model walks the emulator without a difference, and finds in faulty targets the shortest sequence that shows it."""

# ruff: noqa: N802, N803 - methods and parameters are called as on the wire

import json
import re
import subprocess
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_twisted
from scripted_thunder import Plugin, Refused, thunder
from twisted.internet import defer, reactor, threads

from conformance import lifecycle, model

from conformance.catalogue import catalogue, chosen
from conformance.conversation import Conversation
from conformance.run import Run
from conformance.settings import Settings
from conformance.target import Target
from conformance.verdict import CannotJudge, Verdict

CASE = "ocicontainer/model/1"
SPEC = "startContainerFromDobbySpec"


class Waiting:
    """Waits for the reactor in a thread of its own, where the suite's loop would have to be outside of pytest."""

    interrupted = False

    def __init__(self, most: float = float("inf")) -> None:
        self.left = most

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        if self.left <= 0:
            raise KeyboardInterrupt
        self.left -= 1
        return threads.blockingCallFromThread(reactor, lambda: defer.ensureDeferred(coroutine))


class Box(Plugin):
    """A good target that also refuses what names no container, and knows containers by their descriptors."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(**facts)
        self.asked: list[str] = []

    def answer(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(json.dumps([method, params]))
        if method != "listContainers" and not isinstance(params.get("containerId"), str):
            return {"error": {"code": 1, "message": "ERROR_GENERAL"}}
        try:
            return super().answer(method, {**params, **self.named(method, params)})
        except (TypeError, AssertionError):
            return {"error": {"code": 1, "message": "ERROR_GENERAL"}}

    def named(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        by_descriptor = {str(descriptor): name for name, (descriptor, _) in self.containers.items()}
        asked = params.get("containerId")
        return {"containerId": by_descriptor[asked]} if isinstance(asked, str) and asked in by_descriptor else {}


class PauseDoesNothing(Box):
    def do_pauseContainer(self, containerId):
        self._container(containerId, "Running")
        return {}


class PauseByDescriptorDoesNothing(Box):
    def answer(self, method, params):
        if method == "pauseContainer" and self.named(method, params):
            return {"result": {"success": True}}
        return super().answer(method, params)


class DuplicateAccepted(Box):
    def do_startContainer(self, containerId, bundlePath="/bundle"):
        self.containers.pop(containerId, None)
        return super().do_startContainer(containerId, bundlePath)


class DescriptorReused(Box):
    def do_startContainer(self, containerId, bundlePath="/bundle"):
        self.descriptors = 700
        return super().do_startContainer(containerId, bundlePath)


class DescriptorChanges(Box):
    def do_resumeContainer(self, containerId):
        super().do_resumeContainer(containerId)
        self.containers[containerId][0] += 100
        return {}


class ListForgets(Box):
    def do_listContainers(self):
        return {"containers": super().do_listContainers()["containers"][:1]}


class StopDoesNothing(Box):
    def do_stopContainer(self, containerId, force=False):
        self._container(containerId)
        return {}


class StopOfPausedDoesNothingAtAll(Box):
    """Not even with force, while it says that it did."""

    def do_stopContainer(self, containerId, force=False):
        return {} if self._container(containerId)[1] == "Paused" else super().do_stopContainer(containerId, force)


class ForceIgnored(Box):
    def do_stopContainer(self, containerId, force=False):
        return super().do_stopContainer(containerId)


class ResumeOfRunningAccepted(Box):
    def do_resumeContainer(self, containerId):
        self._container(containerId)[1] = "Running"
        return {}


class IdsOnce(Box):
    """An id that was used is never free again."""

    def do_startContainer(self, containerId, bundlePath="/bundle"):
        used = self.__dict__.setdefault("used", set())
        if containerId in used:
            raise Refused
        result = super().do_startContainer(containerId, bundlePath)
        used.add(containerId)
        return result


class StopEndsNeighbour(Box):
    def do_stopContainer(self, containerId, force=False):
        self._container(containerId)
        return super().do_stopContainer(max(self.containers), force=True)


class NoDescriptors(Box):
    def named(self, method, params):
        return {}


class StateByWrongKey(Box):
    def do_getContainerState(self, containerId):
        self._container(containerId)
        return {**super().do_getContainerState(min(self.containers)), "containerId": containerId}


class EndedStillRuns(Box):
    """Says of a container that has ended that it is running."""

    def do_stopContainer(self, containerId, force=False):
        result = super().do_stopContainer(containerId, force)
        self.__dict__.setdefault("ended", set()).add(containerId)
        return result

    def do_startContainer(self, containerId, bundlePath="/bundle"):
        result = super().do_startContainer(containerId, bundlePath)
        self.__dict__.setdefault("ended", set()).discard(containerId)
        return result

    def do_getContainerState(self, containerId):
        if containerId in self.__dict__.get("ended", ()):
            return {"containerId": containerId, "state": "Running"}
        return super().do_getContainerState(containerId)


class NamelessAccepted(Box):
    def answer(self, method, params):
        if method == "stopContainer" and "containerId" not in params:
            return {"result": {"success": True}}
        return super().answer(method, params)


def steps(*methods: str) -> list[str]:
    return [SPEC if method == "start" else method for method in methods]


# fault, clause, the calls that no shorter sequence can do without
FAULTS = [
    (PauseDoesNothing, "pauseContainer.effect", steps("start", "pauseContainer", "getContainerState")),
    (PauseByDescriptorDoesNothing, "pauseContainer.effect", steps("start", "pauseContainer", "getContainerState")),
    (DuplicateAccepted, f"{SPEC}.duplicate", steps("start", "start")),
    (DescriptorReused, f"{SPEC}.descriptor.new", steps("start", "start")),
    (
        DescriptorChanges,
        "listContainers.Descriptor",
        steps("start", "pauseContainer", "resumeContainer", "listContainers"),
    ),
    (ListForgets, "listContainers.containers", steps("start", "start", "listContainers")),
    (StopDoesNothing, "stopContainer.effect", steps("start", "stopContainer", "listContainers")),
    (
        StopOfPausedDoesNothingAtAll,
        "stopContainer.force",
        steps("start", "pauseContainer", "stopContainer", "listContainers"),
    ),
    (ForceIgnored, "stopContainer.paused.force", steps("start", "pauseContainer", "stopContainer")),
    (ResumeOfRunningAccepted, "resumeContainer.running", steps("start", "resumeContainer")),
    (IdsOnce, f"{SPEC}.again", steps("start", "stopContainer", "start")),
    (StopEndsNeighbour, "stopContainer.effect", steps("start", "start", "stopContainer", "listContainers")),
    (StateByWrongKey, "pauseContainer.effect", steps("start", "start", "pauseContainer", "getContainerState")),
    (EndedStillRuns, "getContainerState.stopped", steps("start", "stopContainer", "getContainerState")),
    (NamelessAccepted, "stopContainer.param.containerId.missing", steps("stopContainer")),
]


async def walked(url: str, number: int, seed: int = 1, loop: Waiting | None = None, **limits: float) -> model.Walked:
    """Walk a target, and take away what is left there."""
    loop = loop or Waiting()
    run = Run(Target(url, timeout=1.0), Settings(urls=(url,), seed=seed, model_steps=number), loop)
    await run.probe()

    def walk() -> Any:
        try:
            return model.walk(run, loop, number, seed, **limits)
        except BaseException as raised:  # noqa: BLE001 - the reactor is not to see it
            return raised

    outcome = await threads.deferToThread(walk)
    await run.target.close()
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


@pytest.mark.parametrize("profile", ["rdkservices", "entservices"])
@pytest_twisted.ensureDeferred
async def test_the_emulator_is_walked_without_a_difference(emulators, profile):
    found = await walked(emulators("--profile", profile).ready["url"], 300)
    assert [str(difference) for difference in found.differences] == []
    assert (found.script, found.cut) == ("", "")
    methods = {name for name, method in spec.load(profile).methods.items() if method.group in HERE}
    assert set(found.made) >= methods
    assert 200 < sum(found.made.values()) <= 300


@pytest.mark.parametrize(("fault", "clause", "calls"), FAULTS, ids=[fault.__name__ for fault, *_ in FAULTS])
@pytest_twisted.ensureDeferred
async def test_the_shortest_sequence_is_found(fault, clause, calls):
    with thunder(fault()) as server:
        found = await walked(server.url, 300)
    differences = {difference.finding.clause: difference for difference in found.differences}
    assert [call.step.call for call in differences[clause].calls] == calls
