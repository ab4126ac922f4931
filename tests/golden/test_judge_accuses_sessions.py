"""The judge accuses recorded sessions when an event is lost, doubled or false, and when an answer lies."""

import copy

import pytest
from judging import ENT, RDK, clauses, filled, judged, profile_of, with_step
from recorded import STORIES

from conformance import spec
from conformance.trace import Trace


def flat(story):
    """Return a session whose events have one order."""
    steps = []
    for step in story["steps"]:
        events = [one for held in step.get("list", ()) for one in held.get("$unordered", [held])]
        steps.append({**step, "list": events} if step["do"] == "events" else step)
    return {**story, "steps": steps}


def event_steps(story):
    """Yield index of step and of event, and the event, for each event of a flat session."""
    for number, step in enumerate(story["steps"]):
        for place_of, event in enumerate(step["list"] if step["do"] == "events" else ()):
            yield number, place_of, event


def with_events(story, number, events):
    return with_step(story, number, {**story["steps"][number], "list": events})


@pytest.mark.parametrize("pair", [RDK, ENT])
def test_an_event_that_is_lost_doubled_or_false_is_found(pair):
    profile = profile_of(pair)
    level = {"rdkservices": "non-strict", "entservices": "fail"}[profile]
    count = 0
    for name, whole in STORIES[pair].items():
        if judged(profile, whole)[0] != "pass" or "wakeup" in name:
            continue
        story = flat(whole)
        for number, at, event in event_steps(story):
            events = story["steps"][number]["list"]
            kind = event["method"].rpartition(".")[2]
            params = event["params"]
            lost = {
                f"{kind}.once",
                "onContainerStateChanged.started",
                "onContainerStateChanged.stopped",
                f"{kind}.hibernated",
            }
            verdict, breaches = judged(profile, with_events(story, number, events[:at] + events[at + 1 :]))
            assert verdict == (level if params.get("state") != "HIBERNATED" else "non-strict"), (name, event)
            assert clauses(breaches) & {*lost, "events.self-exit"}, (name, event)
            verdict, breaches = judged(profile, with_events(story, number, [*events[:at], event, *events[at:]]))
            assert (verdict, f"{kind}.once" in clauses(breaches)) == (level, True), (name, event)
            for member in params:
                other = {**event, "params": {**params, member: "4711"}}
                verdict, breaches = judged(
                    profile, with_events(story, number, [*events[:at], other, *events[at + 1 :]])
                )
                assert verdict != "pass", (name, event, member)
                assert clauses(breaches), (name, event, member)
            count += 1
    assert count > 130


@pytest.mark.parametrize("pair", [RDK, ENT])
def test_stopped_before_started_is_found(pair):
    for name in ("selfexit-0", "selfexit-7", "bundle-selfexit"):
        story = flat(STORIES[pair][f"sessions/{name}"])
        number = next(number for number, _, _ in event_steps(story))
        verdict, breaches = judged(profile_of(pair), with_events(story, number, story["steps"][number]["list"][::-1]))
        assert verdict == ("non-strict" if pair == RDK else "fail")
        assert "onContainerStopped.order" in clauses(breaches)


def replies(story, method):
    """Yield index and reply of each call of a method that succeeds."""
    for number, step in enumerate(story["steps"]):
        reply = step.get("reply", {})
        if str(step.get("method")).endswith(f".{method}") and isinstance(reply.get("result"), dict):
            yield number, copy.deepcopy(reply)


def with_reply(story, number, reply):
    step = {**story["steps"][number], "reply": reply}
    step.pop("text", None)
    return with_step(story, number, step)


SPEC = "startContainerFromDobbySpec"
OLD, NEW = ({"containers": [{"Descriptor": 734, "Id": name}]} for name in ("app.l00", "app.c11"))
WRONG, GHOST = ({"containers": [{"Descriptor": 5, "Id": name}]} for name in ("app.l00", "ghost"))
RUNS = {"success": True, "state": "RUNNING"}


@pytest.mark.parametrize(
    ("pair", "name", "method", "which", "change", "clause"),
    [
        (RDK, "spec-start-stop", "listContainers", 1, {"containers": []}, f"{SPEC}.effect"),
        (ENT, "pause-resume", "listContainers", 0, {"containers": []}, "listContainers.paused"),
        (RDK, "spec-start-stop", "listContainers", 1, WRONG, "listContainers.Descriptor"),
        (RDK, "spec-start-stop", "listContainers", 2, OLD, "stopContainer.effect"),
        (ENT, "selfexit-0", "listContainers", 0, NEW, "events.early"),
        (ENT, "spec-start-stop", "listContainers", 2, GHOST, "listContainers.containers"),
        (ENT, "spec-start-stop", "listContainers", 1, {"success": False}, "listContainers.success"),
        (ENT, "pause-resume", "getContainerState", 0, {"state": "RUNNING"}, "pauseContainer.effect"),
        (RDK, "pause-resume", "getContainerState", 1, {"state": "Paused"}, "resumeContainer.effect"),
        (RDK, "spec-start-stop", "getContainerState", 0, {"state": "Paused"}, f"{SPEC}.effect"),
        (RDK, "spec-start-stop", "getContainerState", 0, {"containerId": "x"}, "getContainerState.containerId"),
        (ENT, "spec-start-stop", "getContainerState", 1, RUNS, "getContainerState.stopped"),
        (ENT, "stop-twice", "stopContainer", 1, {"success": True}, "stopContainer.again"),
        (ENT, "pause-twice", "pauseContainer", 1, {"success": True}, "pauseContainer.paused"),
        (ENT, "pause-twice", "resumeContainer", 1, {"success": True}, "resumeContainer.running"),
        (ENT, "duplicate-start-spec", SPEC, 2, {"success": False}, f"{SPEC}.again"),
        (ENT, "two-bundles", "startContainer", 1, {"descriptor": 734}, "startContainer.descriptor.new"),
        (ENT, "pause-resume", "resumeContainer", 0, {"success": False}, "resumeContainer.success"),
        (RDK, "pause-resume", "pauseContainer", 0, {"success": False}, "pauseContainer.success"),
        (ENT, "annotate", "annotate", 0, {"success": False}, "annotate.success"),
        (ENT, "by-wrong-descriptor", "pauseContainer", 0, {"success": True}, "pauseContainer.refusal"),
        (ENT, "by-descriptor", "pauseContainer", 0, {"success": False}, "pauseContainer.descriptor-lookup"),
    ],
)  # fmt: skip
def test_a_lie_in_a_session_is_found(pair, name, method, which, change, clause):  # noqa: PLR0917 - columns of the table
    story = STORIES[pair][f"sessions/{name}"]
    number, reply = list(replies(story, method))[which]
    if change.get("success") is False and pair == RDK:
        reply = {"jsonrpc": "2.0", "id": reply["id"], "error": {"code": 1, "message": "ERROR_GENERAL"}}
    else:
        reply["result"] |= change
    verdict, breaches = judged(profile_of(pair), with_reply(story, number, reply))
    level = spec.clauses(profile_of(pair))[clause].level
    assert clause in clauses(breaches)
    assert verdict == ("fail" if level == "MUST" else verdict)
    assert verdict != "pass"


@pytest.mark.parametrize("pair", [RDK, ENT])
def test_a_container_that_used_time_while_it_was_paused_is_found(pair):
    story = copy.deepcopy(STORIES[pair]["sessions/info-paused"])
    number, reply = next(replies(story, "getContainerInfo"))
    later = filled(reply)
    later["result"]["info"]["cpu"]["usage"]["total"] += 5
    again = {**story["steps"][number], "reply": later}
    again.pop("text", None)
    verdict, breaches = judged(profile_of(pair), with_step(story, number, story["steps"][number], again))
    assert (verdict, clauses(breaches)) == ("fail", {"getContainerInfo.cpu.still"})
    later["result"]["info"] |= {"id": "another"}
    _, breaches = judged(profile_of(pair), with_step(story, number, again))
    assert "getContainerInfo.id" in clauses(breaches)


def test_events_after_an_unsubscription_are_found():
    story = flat(STORIES[ENT]["sessions/unregister-midway"])
    method = next(event["method"] for _, _, event in event_steps(story))
    quiet = next(number for number, step in enumerate(story["steps"]) if step["do"] == "quiet")
    event = next(event for _, _, event in event_steps(story))
    late = {"do": "events", "list": [{**event, "method": f"E.{method.rpartition('.')[2]}"}]}
    verdict, breaches = judged("entservices", with_step(story, quiet, story["steps"][quiet], late))
    assert verdict == "fail"
    assert clauses(breaches) & {"events.unregister", "onContainerStarted.once", "onContainerStateChanged.once"}


def test_events_for_nobody_and_about_nothing_are_found():
    trace = Trace(spec.load("entservices"))
    trace.events([{"jsonrpc": "2.0", "method": "x.onContainerStarted", "params": {"containerId": "a", "name": "a"}}])
    assert clauses(trace.finish()[1]) == {"events.register.event"}
    trace = Trace(spec.load("entservices"))
    trace.called(
        '{"jsonrpc":"2.0","id":1,"method":"org.rdk.OCIContainer.1.register","params":{"event":"onContainerStarted","id":"x"}}',
        '{"jsonrpc":"2.0","id":1,"result":0}',
    )
    trace.events([{"jsonrpc": "2.0", "method": "x.onContainerStarted", "params": {"containerId": "a", "name": "b"}}])
    assert clauses(trace.finish()[1]) == {"onContainerStarted.name", "events.quiet"}
    trace.events(['{"jsonrpc":"2.0","jsonrpc":"2.0"}'])
    assert {"envelope.json"} <= clauses(trace.finish()[1])


def test_silence_in_a_session_is_found():
    trace = Trace(spec.load("rdkservices"))
    trace.called('{"jsonrpc":"2.0","id":1,"method":"org.rdk.OCIContainer.1.listContainers"}', None)
    assert trace.finish()[0] == "fail"
