"""The model walks the emulator without a difference, and finds what shows faults with the fewest calls."""

# ruff: noqa: N802, N803, ARG002 - methods and parameters are called as on the wire, also those that a fault ignores

import json
import re
import subprocess
import sys
from collections.abc import Coroutine
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from scripted_thunder import Plugin, Refused, thunder
from twisted.internet import defer, reactor, threads
from twisted.internet.task import Clock

from conformance import lifecycle, model, runner, spec
from conformance.catalogue import catalogue, chosen
from conformance.difference import Difference
from conformance.errors import NoAnswer
from conformance.exchange import Exchange, Request
from conformance.report.terminal import describe
from conformance.run import Run
from conformance.script import script
from conformance.settings import Settings
from conformance.target import Target
from conformance.verdict import CannotJudge, CaseResult, Finding, Verdict

URL = "http://127.0.0.1:9998/jsonrpc"
CASE = "ocicontainer/model/1"
SPEC = "startContainerFromDobbySpec"
NAMED = {"listContainers": [], "startContainer": ["containerId", "bundlePath"]}


class Waiting:
    """Waits for the reactor in a thread of its own, where the suite's loop would have to be outside of pytest."""

    interrupted = False

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return threads.blockingCallFromThread(reactor, lambda: defer.ensureDeferred(coroutine))


class AtOnce:
    """Runs what never has to wait, ``most`` times before Ctrl-C comes."""

    interrupted = False

    def __init__(self, most: float = float("inf")) -> None:
        self.left = most

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        try:
            coroutine.send(None)
        except StopIteration as done:
            return done.value
        raise AssertionError("it waits for something")


class Direct(Target):
    """A target that a plugin answers for at once, without a network; time passes where it is waited for."""

    def __init__(self, plugin: Plugin) -> None:
        super().__init__(URL, timeout=5.0)
        self.clock = Clock()
        self.plugin = plugin

    async def post(self, request: Request) -> Exchange:
        message = request.message()
        outcome = self.plugin.answer(message["method"].rpartition(".")[2], message.get("params", {}))
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], **outcome}).encode()
        return Exchange(request, 200, "OK", (), body, 0.001)

    async def pause(self, seconds: float) -> None:
        self.clock.advance(seconds)


class Box(Plugin):
    """A good target that also refuses what names no container, and knows containers by their descriptors."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(**facts)
        self.asked: list[str] = []

    def answer(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(json.dumps([method, params]))
        if any(not isinstance(params.get(name), str) for name in NAMED.get(method, ["containerId"])):
            return {"error": {"code": 1, "message": "ERROR_GENERAL"}}
        try:
            return super().answer(method, {**params, **self.named(params)})
        except (TypeError, AssertionError):
            return {"error": {"code": 1, "message": "ERROR_GENERAL"}}

    def named(self, params: dict[str, Any]) -> dict[str, Any]:
        by_descriptor = {str(descriptor): name for name, (descriptor, _) in self.containers.items()}
        asked = params.get("containerId")
        return {"containerId": by_descriptor[asked]} if isinstance(asked, str) and asked in by_descriptor else {}


class PauseDoesNothing(Box):
    def do_pauseContainer(self, containerId):
        self._container(containerId, "Running")
        return {}


class PauseByDescriptorDoesNothing(Box):
    def answer(self, method, params):
        if method == "pauseContainer" and self.named(params):
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


class PausedNotListed(Box):
    def do_listContainers(self):
        listed = super().do_listContainers()["containers"]
        return {"containers": [entry for entry in listed if self.containers[entry["Id"]][1] != "Paused"]}


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
        if method == "pauseContainer" and "containerId" not in params:
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
    (ForceIgnored, "stopContainer.paused.force", steps("start", "pauseContainer", "stopContainer")),
    (ResumeOfRunningAccepted, "resumeContainer.running", steps("start", "resumeContainer")),
    (IdsOnce, f"{SPEC}.again", steps("start", "stopContainer", "start")),
    (StopEndsNeighbour, "stopContainer.effect", steps("start", "start", "stopContainer", "listContainers")),
    (EndedStillRuns, "getContainerState.stopped", steps("start", "stopContainer", "getContainerState")),
    (NamelessAccepted, "pauseContainer.param.containerId.missing", steps("pauseContainer")),
    (PausedNotListed, "listContainers.paused", steps("start", "pauseContainer", "listContainers")),
]


def run_of(target: Target, loop: Any, **settings: Any) -> Run:
    return Run(target, Settings(urls=(target.url,), **settings), loop)


def walked(plugin: Plugin, number: int, seed: int = 1, **settings: Any) -> model.Walked:
    """Walk a plugin."""
    loop = AtOnce()
    run = run_of(Direct(plugin), loop, **settings)
    loop.run(run.probe())
    return model.walk(run, loop, number, seed)


@cache
def walked_with(fault: type[Plugin]) -> model.Walked:
    """Return what came of enough calls to find a fault, whatever Hypothesis chooses."""
    return walked(fault(), 800)


def judged(plugin: Plugin, until: float = float("inf"), steps: int = 300) -> CaseResult:
    """Return the result of the case with a plugin."""
    loop = AtOnce()
    run = run_of(Direct(plugin), loop, model_steps=steps, seed=1)
    loop.run(run.probe())
    (case,) = [case for case in catalogue() if case.id == CASE]
    return model.judge(case, run, loop, until)


async def walked_over_http(url: str, number: int) -> model.Walked:
    """Walk a target that is somewhere else."""
    loop = Waiting()
    run = run_of(Target(url, timeout=5.0), loop)
    await run.probe()
    found: model.Walked = await threads.deferToThread(model.walk, run, loop, number, 1)
    await run.target.close()
    return found


@pytest.mark.parametrize("profile", ["rdkservices", "entservices"])
@pytest_twisted.ensureDeferred
async def test_the_emulator_is_walked_without_a_difference(emulators, profile):
    found = await walked_over_http(emulators("--profile", profile).ready["url"], 300)
    assert [str(difference) for difference in found.differences] == []
    assert (found.script, found.cut) == ("", "")
    named = {name for name, method in spec.load(profile).methods.items() if method.group == name}
    assert set(found.made) == named - {"startContainer", "listContainers", "mount", "unmount"}
    assert sum(found.made.values()) == 300


@pytest_twisted.ensureDeferred
async def test_a_box_without_memcr_is_not_asked_to_hibernate(emulators):
    found = await walked_over_http(emulators("--profile", "entservices", "--no-memcr").ready["url"], 60)
    assert [str(difference) for difference in found.differences] == []
    assert "hibernateContainer" not in found.made


def test_bundles_are_started_where_there_are_some():
    found = walked(Box(), 300, bundle_path="/bundle")
    assert found.differences == []
    assert set(found.made) >= {"startContainer", SPEC}


@pytest.mark.parametrize(("fault", "clause", "calls"), FAULTS, ids=[fault.__name__ for fault, *_ in FAULTS])
def test_the_shortest_sequence_is_found(fault, clause, calls):
    found = walked_with(fault)
    differences = {difference.finding.clause: difference for difference in found.differences}
    # some calls may come in either order
    assert sorted(call.step.call for call in differences[clause].calls) == sorted(calls)
    assert f"# {clause} (" in found.script


def test_what_is_below_the_level_is_no_difference():
    assert [found.clause.level for found in walked(DuplicateAccepted(), 100).differences] == ["SHOULD"]
    assert walked(DuplicateAccepted(), 100, level="MUST").differences == []


def test_a_finding_of_the_case_has_its_steps_and_its_script():
    told = judged(PauseDoesNothing()).as_json()
    (finding,) = told["findings"]
    assert (told["verdict"], told["level"], finding["clause"]) == ("fail", "MUST", "pauseContainer.effect")
    assert (finding["expected"], finding["got"]) == ("paused, in any case", '"Running"')
    assert [step["call"] for step in told["steps"]] == [SPEC, "pauseContainer", "getContainerState"]
    assert finding["step"] == 2
    assert "  #!/bin/sh" in list(describe(told))


def test_a_broken_recommendation_is_no_failure():
    result = judged(DuplicateAccepted())
    assert (result.verdict, len(result.steps)) == (Verdict.NON_STRICT, 2)


def again(plugin: Plugin, text: str, tmp_path: Path) -> list[Any]:
    """Run a script as its reader does, against a plugin at another address, and return the answers."""
    program = tmp_path / "again.sh"
    with thunder(plugin) as server:
        program.write_text(text.replace(URL, server.url))
        done = subprocess.run(["bash", str(program)], capture_output=True, text=True, check=True, timeout=60)
    return [json.loads(line) for line in (done.stdout + done.stderr).splitlines() if line.startswith("{")]


def test_the_script_shows_the_difference_and_leaves_nothing_behind(tmp_path):
    box = PauseDoesNothing()
    for _ in range(2):
        answers = again(box, walked_with(PauseDoesNothing).script, tmp_path)
        assert [list(answer["result"]) for answer in answers] == [
            ["descriptor", "success"],
            ["success"],
            ["containerId", "state", "success"],
        ]
        assert answers[-1]["result"]["state"] == "Running"
        assert re.fullmatch(r"conf-[0-9a-f]{8}-m1", answers[-1]["result"]["containerId"])
        assert box.containers == {}


def test_the_script_takes_a_descriptor_as_it_comes(tmp_path):
    text = walked_with(PauseByDescriptorDoesNothing).script
    assert text.count('"$D1"') == 1
    answers = again(PauseByDescriptorDoesNothing(descriptors=90), text, tmp_path)
    assert {name for answer in answers for name in answer} == {"jsonrpc", "id", "result"}
    assert [answer["result"]["state"] for answer in answers if "state" in answer["result"]] == ["Running"]


def test_the_script_waits_where_a_target_takes_its_time(tmp_path):
    text = walked_with(IdsOnce).script
    assert text.count("sleep 1") == 1
    answers = again(IdsOnce(), text, tmp_path)
    assert [sorted(answer) for answer in answers] == [["id", "jsonrpc", "result"]] * 2 + [["error", "id", "jsonrpc"]]


def test_a_target_puts_no_line_into_the_script(tmp_path):
    command = f"touch {tmp_path}/touched"

    class Malicious(Box):
        def do_getContainerState(self, containerId):
            super().do_getContainerState(containerId)
            return {"containerId": containerId, "state": f"x\n{command}\r{command}\u2028'; {command} #"}

    (difference,) = walked(Malicious(), 100).differences
    # as it comes from a target that does not escape what it says
    finding = Finding(difference.finding.clause, "$", f"a\n{command}", f"x\n{command}\r{command}\u2028'; {command} #")
    text = script([Difference(finding, difference.clause, difference.calls)], "conf-00000000-m")
    again(Box(), text, tmp_path)
    assert text.count(command) == 4
    assert not (tmp_path / "touched").exists()


def asked(seed: int) -> list[str]:
    """Return what a good target is asked with a seed, without what depends on the run."""
    box = Box()
    walked(box, 100, seed)
    return [re.sub(r"conf-[0-9a-f]{8}", "conf", call) for call in box.asked]


def test_a_seed_gives_the_same_sequences_again():
    first = asked(7)
    assert first == asked(7)
    assert first != asked(8)


def test_ctrl_c_ends_the_walk_at_once():
    box, loop = Box(), AtOnce(most=20)
    run = run_of(Direct(box), loop)
    loop.run(run.probe())
    with pytest.raises(KeyboardInterrupt):
        model.walk(run, loop, 300, 1)
    assert loop.left == -1
    loop.left = 1
    loop.run(run.containers.clean_up(run))
    assert box.containers == {}


def test_the_deadline_of_the_run_ends_the_walk():
    result = judged(Box(), until=-1.0)
    assert (result.verdict, result.reason) == (Verdict.SKIPPED, "the run's deadline came first (--deadline)")


def test_a_container_that_ends_by_itself_is_no_difference():
    class Slow(Direct):
        """Takes two seconds for an answer, and its containers end after 60."""

        async def post(self, request):
            self.clock.advance(2.0)
            born, now = self.plugin.__dict__.setdefault("born", {}), self.clock.seconds()
            for name in set(born) - set(self.plugin.containers):
                del born[name]
            for name in list(self.plugin.containers):
                if now > born.setdefault(name, now) + 60:
                    del self.plugin.containers[name]
            return await super().post(request)

    loop = AtOnce()
    run = run_of(Slow(Box()), loop)
    loop.run(run.probe())
    assert model.walk(run, loop, 600, 1).differences == []


@pytest.mark.parametrize("steps", [1, 2, 10, 40])
def test_few_steps_are_steps_too(steps):
    assert sum(walked(Box(), steps).made.values()) == steps


def test_a_target_that_dies_ends_the_walk_with_what_it_did_last():
    class Dying(Direct):
        async def post(self, request):
            self.dead = getattr(self, "dead", False) or b"pauseContainer" in request.body
            if self.dead:
                raise NoAnswer(url=self.url, seconds=5.0)
            return await super().post(request)

    loop = AtOnce()
    run = run_of(Dying(Box()), loop)
    loop.run(run.probe())
    found = model.walk(run, loop, 300, 1)
    (difference,) = found.differences
    assert (difference.finding.clause, difference.calls[-1].step.call) == ("http.answer", "pauseContainer")
    assert found.cut.startswith("the target was lost: ")


def test_containers_that_do_not_end_are_not_piled_up(monkeypatch):
    monkeypatch.setattr(model, "_MOST_LEFT", 8)
    box = StopDoesNothing()
    found = walked(box, 300)
    assert re.fullmatch(r"\d+ containers do not end", found.cut)
    assert [difference.finding.clause[:14] for difference in found.differences] == ["stopContainer."]
    assert 8 < len(box.containers) < 20


def test_a_defect_of_the_suite_is_an_error(monkeypatch):
    monkeypatch.setattr(lifecycle, "call", lambda *_, **__: 1 / 0)
    result = judged(Box())
    assert result.verdict == Verdict.ERROR
    assert "ZeroDivisionError" in result.reason


def test_without_a_way_to_start_containers_there_is_no_walk():
    loop = AtOnce()
    run = run_of(Direct(Box()), loop)
    loop.run(run.probe())
    run.containers.unable[SPEC] = "it failed before"
    with pytest.raises(CannotJudge, match="it failed before"):
        model.walk(run, loop, 100, 1)


def test_the_case_is_off_unless_steps_are_given():
    assert CASE not in {case.id for case in chosen(Settings())}
    assert [case.id for case in chosen(Settings(model_steps=1, select=(CASE,)))] == [CASE]


def test_hypothesis_is_loaded_by_the_model_alone():
    code = (
        "import sys, conformance.bench, conformance.catalogue as c; c.catalogue(); print('hypothesis' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_check_walks_and_says_so_and_leaves_no_files(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with thunder(ResumeOfRunningAccepted()) as server:
        status = runner.run(Settings(urls=(server.url,), model_steps=200, seed=1, tags=("model",)))
    out, _ = capfd.readouterr()
    assert status == 1
    assert "broken    resumeContainer.running (MUST)" in out
    assert "#!/bin/sh" in out
    assert list(tmp_path.iterdir()) == []
