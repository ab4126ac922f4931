"""How soon a target that has nothing else to do answers, and tells of what happened."""

from collections.abc import Iterator
from typing import Any

from conformance import spec
from conformance.cases import case
from conformance.cases.listening import STARTED, STOPPED, heard, listening
from conformance.cases.ready import HIBERNATION, ready
from conformance.cases.starting import end
from conformance.conversation import Conversation
from conformance.exchange import Step
from conformance.lives import FROM_BUNDLE, STARTS
from conformance.verdict import Finding

_SOON, _SOME_TIME = 1.0, 5.0
"""Seconds in which an answer comes: that of a query, and that of a start or a stop."""
_EVENT = 2.0
"""Seconds in which an event comes."""
_TIMES = 50
_SHARE = 0.99


def _methods() -> Iterator[dict[str, Any]]:
    """Yield a mapping for each method; a number belongs to a method for ever, so new ones go to the end."""
    known: dict[str, list[str]] = {}
    for profile in spec.PROFILES:
        for method in spec.load(profile).methods.values():
            if method.group == method.name:
                known.setdefault(method.name, []).append(profile)
    for number, (name, profiles) in enumerate(known.items(), 1):
        needs = "bundle" if name == FROM_BUNDLE else "hibernation" if name in HIBERNATION else "container"
        yield {
            "method": name,
            "_n": number,
            "_profiles": " ".join(profiles),
            "_needs": "nothing" if name == "listContainers" else needs,
            "_tags": "read-only" if name == "listContainers" else "",
        }


@case(
    "latency/{_n}",
    clause="latency.answer",
    title="{method} is answered soon",
    tags="latency {_tags}",
    over=list(_methods()),
)
async def answers(thunder: Conversation, method: str) -> None:
    """Within a second; within five where a container starts or ends."""
    call = await ready(thunder, method)
    await call.call(thunder)
    assert call.step is not None
    _expect_soon(thunder, call.step, _SOME_TIME if method in {*STARTS, "stopContainer"} else _SOON)


def _expect_soon(thunder: Conversation, step: Step, limit: float) -> None:
    """Make sure that the answer in a step came in time."""
    if step.seconds > limit:
        expected, got = f"an answer within {limit:g} s", f"one after {step.seconds:.2f} s"
        thunder.weigh([Finding("latency.answer", "$", expected, got)], step)


@case(
    "latency/{_n}",
    clause="latency.answer",
    title="fifty lists in a row over {_how}",
    tags="latency read-only",
    over=[
        {"websocket": False, "_n": 30, "_how": "HTTP", "_needs": "nothing"},
        {"websocket": True, "_n": 31, "_how": "a WebSocket", "_needs": "websocket"},
    ],
)
async def in_a_row(thunder: Conversation, *, websocket: bool) -> None:
    """99 of 100 are answered within a second."""
    caller = await thunder.client() if websocket else thunder
    for _ in range(_TIMES):
        await caller.call("listContainers")
    steps = sorted((step for step in thunder.steps if step.answered), key=lambda step: step.seconds)
    _expect_soon(thunder, steps[int(_SHARE * len(steps))], _SOON)


@case(
    "latency/{_n}",
    clause="latency.event",
    title="{event} comes soon",
    tags="latency events",
    needs="container websocket",
    over=[{"event": STARTED, "_n": 32}, {"event": STOPPED, "_n": 33}],
)
async def events(thunder: Conversation, event: str) -> None:
    """Within two seconds of the answer to the call that brought it about, three times."""
    client = await listening(thunder, event)
    for _ in range(3):
        container = await thunder.start(name="Timed")
        if event == STOPPED:
            await thunder.ask("stopContainer", containerId=container.id)
        if not await client.until(lambda: heard(client, event, container), within=_EVENT):  # noqa: B023 - waited for here
            thunder.broken("latency.event", "$", f"the event {event} within {_EVENT:g} s", "it has not come by then")
        await end(thunder, container)
