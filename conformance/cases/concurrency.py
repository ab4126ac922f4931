"""Calls that are under way at the same time: each does its own work, and gets its own answer."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet import defer

from conformance.cases import case
from conformance.cases.ending import DEAF
from conformance.cases.listening import LIFE, STARTED, STOPPED, listening, once
from conformance.cases.starting import end
from conformance.containers import Container
from conformance.conversation import Conversation
from conformance.exchange import Step
from conformance.judge import Judgement
from conformance.lives import FROM_BUNDLE, FROM_SPEC
from conformance.verdict import CannotJudge, Finding

_T = TypeVar("_T")
_FEW, _MANY = 5, 10
_IN_TIME = 1.0
"""Seconds in which a call is answered while others take long."""


async def gather(*doing: Coroutine[Any, Any, _T]) -> list[_T]:
    """Wait for all, and return their results in the order given; raises what the first of those raised that failed."""
    waiting = [defer.ensureDeferred(one) for one in doing]
    ended: list[tuple[bool, Any]] = await defer.DeferredList(waiting, consumeErrors=True)
    results: list[_T] = []
    for succeeded, value in ended:
        if not succeeded:
            value.raiseException()
        results.append(value)
    return results


async def _call(thunder: Conversation, method: str, params: Any = None) -> tuple[Judgement, Step]:
    """Call a method while other calls are under way; return the judged answer, and the step that shows it."""
    number = thunder.next_id()
    exchange = await thunder.post(thunder.body(method, params, number))
    step = next(step for step in thunder.steps if step.exchange is exchange)
    judgement = thunder.judge.envelope(exchange.body, number, status=exchange.status)
    thunder.weigh(judgement.findings, step)
    return judgement, step


def _new(thunder: Conversation, start: str, count: int, name: str = "Crowd") -> list[Container]:
    """Return containers that are still to be started. Raises CannotJudge where the method failed before."""
    if start in thunder.run.containers.unable:
        raise CannotJudge(thunder.run.containers.unable[start])
    now = thunder.run.target.clock.seconds()
    return [thunder.run.containers.new(start, name, now) for _ in range(count)]


async def _start(thunder: Conversation, container: Container, clause: str) -> None:
    """Start one of many."""
    answer, step = await _call(thunder, container.start, thunder.start_params(container.start, container.id))
    if answer.refused:
        thunder.broken(clause, "$", f"the start of {container.id}", answer.message)
        raise CannotJudge("a start among many was refused")
    thunder.weigh(thunder.judge.result(container.start, answer.message["result"]), step)
    container.descriptor = answer.message["result"]["descriptor"]


async def _stop(thunder: Conversation, container: Container, clause: str) -> None:
    """Stop one of many."""
    answer, _ = await _call(thunder, "stopContainer", {"containerId": container.id})
    if answer.refused:
        thunder.broken(clause, "$", f"the stop of {container.id}", answer.message)


async def _started(thunder: Conversation, start: str, count: int) -> list[Container]:
    """Start containers at the same time, and make sure that all are there, each with its own descriptor."""
    containers = _new(thunder, start, count)
    await gather(*(_start(thunder, container, "concurrency.start") for container in containers))
    listed = await thunder.listed()
    for container in containers:
        thunder.expect_listed("concurrency.start", container, listed)
    descriptors = sorted(container.descriptor for container in containers)
    thunder.expect("concurrency.start", "$.result.descriptor", sorted(set(descriptors)), descriptors)
    return containers


@case(
    "concurrency/{_n}",
    clause="concurrency.start",
    title="{count} containers are started at the same time {_how}",
    tags="concurrency lifecycle",
    over=[
        {"start": FROM_BUNDLE, "count": _FEW, "_n": 1, "_how": "from one bundle", "_needs": "bundle"},
        {"start": FROM_SPEC, "count": _FEW, "_n": 2, "_how": "from Dobby specs"},
        {"start": FROM_SPEC, "count": _MANY, "_n": 3, "_how": "from Dobby specs"},
    ],
)
async def start_many(thunder: Conversation, start: str, count: int) -> None:
    """All are listed, with distinct descriptors, and all are running."""
    containers = await _started(thunder, start, count)
    for container in containers:
        await thunder.expect_state("concurrency.start", container, "Running")
    await end(thunder, *containers)


@case(
    "concurrency/{_n}",
    clause="concurrency.stop",
    title="{count} containers are stopped at the same time",
    tags="concurrency lifecycle",
    over=[{"count": _FEW, "_n": 4}, {"count": _MANY, "_n": 5}],
)
async def stop_many(thunder: Conversation, count: int) -> None:
    """All leave the list."""
    containers = await _started(thunder, thunder.run.preferred_start(), count)
    await gather(*(_stop(thunder, container, "concurrency.stop") for container in containers))
    for container in containers:
        await thunder.gone(container, "concurrency.stop")


@case(
    "concurrency/6",
    clause="concurrency.events",
    title="five containers that start and stop at the same time are each told of once",
    tags="concurrency events lifecycle",
    needs="container websocket",
)
async def events_of_many(thunder: Conversation) -> None:
    """On each of two connections each container is told of as started, then as stopped."""
    clients = [await listening(thunder, *LIFE) for _ in range(2)]
    containers = await _started(thunder, thunder.run.preferred_start(), _FEW)
    await gather(*(_stop(thunder, container, "concurrency.stop") for container in containers))
    for container in containers:
        await thunder.gone(container, "concurrency.stop")
    for client in clients:
        await client.fence(*LIFE)
        for container in containers:
            once(thunder, client, STARTED, container)
            once(thunder, client, STOPPED, container)
            thunder.expect("concurrency.events", "$.method", list(LIFE), client.about(container.id))


@case(
    "concurrency/7",
    clause="concurrency.mixed",
    title="queries at the same time over HTTP",
    tags="concurrency",
)
async def mixed(thunder: Conversation) -> None:
    """Each answer has its request's id, and is about the container that was asked for."""
    containers = [await thunder.container(name=name) for name in ("First", "Middle", "Third")]

    async def look(method: str, container: Container) -> None:
        answer, step = await _call(thunder, method, {"containerId": container.id})
        if answer.refused:
            thunder.broken("concurrency.mixed", "$", "a result with success true", answer.message)
            return
        result = answer.message["result"]
        thunder.weigh(thunder.judge.result(method, result), step)
        named = result.get("containerId", container.id) if method != "getContainerInfo" else result["info"]["id"]
        thunder.expect("concurrency.mixed", "$.result", container.id, named)

    methods = ("getContainerState", "getContainerInfo")
    await gather(*(look(method, container) for container in containers for method in methods * 3))


@case(
    "concurrency/8",
    clause="concurrency.mixed",
    title="queries at the same time on one WebSocket",
    tags="concurrency",
    needs="container websocket",
)
async def mixed_on_one(thunder: Conversation) -> None:
    """Twenty requests are sent without waiting; each answer is about what its request named."""
    containers = [await thunder.container(name=name) for name in ("First", "Middle", "Third")]
    client = await thunder.client()
    asked: list[tuple[int, Container]] = []
    for turn in range(20):
        container, number = containers[turn % 3], thunder.next_id()
        body = thunder.body("getContainerInfo", {"containerId": container.id}, number)
        client.send(body.decode(), asked=number)
        asked.append((number, container))
    for number, container in asked:
        result = thunder.succeed("getContainerInfo", await client.answer(number, "getContainerInfo"))
        thunder.expect("concurrency.mixed", "$.result.info.id", container.id, result["info"]["id"])


@case(
    "concurrency/9",
    clause="concurrency.mixed",
    title="three containers are paused, resumed and asked at the same time",
    tags="concurrency lifecycle",
)
async def mixed_changes(thunder: Conversation) -> None:
    """Each ends in the state that its own calls brought about."""
    containers = [await thunder.container(name=name) for name in ("First", "Middle", "Third")]

    async def turn(container: Container, times: int) -> None:
        for _ in range(times):
            wanted = "Paused" if container.state == "Running" else "Running"
            method = "pauseContainer" if wanted == "Paused" else "resumeContainer"
            answer, _ = await _call(thunder, method, {"containerId": container.id})
            if answer.refused:
                thunder.broken("concurrency.mixed", "$", "a result with success true", answer.message)
            container.state = wanted

    await gather(*(turn(container, times) for times, container in enumerate(containers, 1)))
    for container in containers:
        await thunder.expect_state("concurrency.mixed", container, container.state)


@case(
    "concurrency/10",
    clause="concurrency.duplicate",
    title="one id is started four times at the same time",
    tags="concurrency lifecycle negative",
)
async def duplicates(thunder: Conversation) -> None:
    """One start succeeds, the others are refused, and what is listed is what that one started."""
    start = thunder.run.preferred_start()
    (container,) = _new(thunder, start, 1, "Contended")
    params = thunder.start_params(start, container.id)
    answers = [answer for answer, _ in await gather(*(_call(thunder, start, params) for _ in range(4)))]
    won = [answer for answer in answers if not answer.refused]
    if len(won) != 1:
        thunder.broken("concurrency.duplicate", "$", "one start that succeeds", f"{len(won)} of them")
    else:
        container.descriptor = thunder.succeed(start, won[0])["descriptor"]
        thunder.expect_listed("concurrency.duplicate", container, await thunder.listed())
    await end(thunder, container)


@case(
    "concurrency/11",
    clause="concurrency.mixed",
    title="a container is asked for while it is stopped",
    tags="concurrency lifecycle",
)
async def during_a_stop(thunder: Conversation) -> None:
    """Every call is answered, one way or the other, and the container leaves the list."""
    container = await thunder.start(name="Leaving")
    named = {"containerId": container.id}
    methods = ("getContainerState", "pauseContainer", "resumeContainer", "getContainerState")
    stopping = _call(thunder, "stopContainer", {**named, "force": True})
    (stopped, _), *_ = await gather(stopping, *(_call(thunder, method, named) for method in methods))
    if not stopped.refused:
        await thunder.gone(container, "concurrency.stop")
    await end(thunder, container)


@case(
    "concurrency/{_n}",
    clause="concurrency.busy",
    title="the list is asked for while {count} programs that ignore SIGTERM are stopped",
    tags="concurrency latency",
    over=[{"count": 1, "_n": 12}, {"count": 4, "_n": 13}],
)
async def busy(thunder: Conversation, count: int) -> None:
    """It comes within a second, although each of the stops may take longer than half a second."""
    containers = [await thunder.start(FROM_SPEC, "Deaf", args=DEAF) for _ in range(count)]

    async def listing() -> Step:
        answer, step = await _call(thunder, "listContainers")
        thunder.succeed("listContainers", answer)
        return step

    stops = (_call(thunder, "stopContainer", {"containerId": container.id}) for container in containers)
    *_, listed = await gather(*stops, listing())
    assert isinstance(listed, Step)
    if listed.seconds > _IN_TIME:
        expected, got = f"an answer within {_IN_TIME:g} s", f"one after {listed.seconds:.1f} s"
        thunder.weigh([Finding("concurrency.busy", "$", expected, got)], listed)
    await end(thunder, *containers)
