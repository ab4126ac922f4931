"""How a call names its container: by its id, letter by letter, or by its descriptor."""

from collections.abc import Iterator
from typing import Any

from conformance import spec
from conformance.cases import case
from conformance.cases.ready import HIBERNATION, MOUNTS, ready
from conformance.conversation import Conversation
from conformance.judge import text
from conformance.lives import STARTS
from conformance.verdict import CannotJudge

_NO_DESCRIPTORS = ("999999", "-999999", "0999999")
"""No container has these: the daemon hands out 1 to 1023."""


def _methods() -> Iterator[dict[str, Any]]:
    """Yield a mapping for each method that acts on a container which is there."""
    found: dict[str, list[str]] = {}
    for profile in spec.PROFILES:
        for method in spec.load(profile).methods.values():
            if method.name not in STARTS and any(parameter.name == "containerId" for parameter in method.params):
                found.setdefault(method.name, []).append(profile)
    for name, profiles in found.items():
        needs = "hibernation" if name in HIBERNATION else "container"
        yield {"method": name, "_profiles": " ".join(profiles), "_needs": needs}


_METHODS = list(_methods())


@case(
    "{method}/90",
    clause="{method}.descriptor-lookup",
    title="the container is named by its descriptor",
    also=("{method}.param.containerId",),
    over=_METHODS,
)
async def by_descriptor(thunder: Conversation, method: str) -> None:
    """The call succeeds, as it would with the id."""
    if method in MOUNTS:
        by_id = await (await ready(thunder, method)).call(thunder)
        if by_id.refused:
            raise CannotJudge("the device mounts nothing: the call is refused with the id, too")
    call = await ready(thunder, method)
    assert call.container is not None
    answer = await call.call(thunder, {**call.params, "containerId": str(call.container.descriptor)})
    if answer.refused:
        thunder.broken(f"{method}.descriptor-lookup", "$", "a result with success true", answer.message)
    else:
        thunder.succeed(method, answer)


@case(
    "{method}/91",
    clause="{method}.refusal",
    title="no container has the descriptor",
    tags="negative read-only",
    needs="nothing",
    over=[{**facts, "_needs": "nothing"} for facts in _METHODS],
)
async def no_descriptor(thunder: Conversation, method: str) -> None:
    """Numbers that are no descriptors are refused, a negative one and one with a zero in front among them."""
    for number in _NO_DESCRIPTORS:
        params = {**thunder.spec.methods[method].examples[0].params, "containerId": number}
        await thunder.refused(method, clause=f"{method}.refusal", **params)


@case(
    "{method}/92",
    clause="{method}.param.containerId",
    title="the id is nearly that of a container",
    tags="negative",
    over=_METHODS,
)
async def nearly(thunder: Conversation, method: str) -> None:
    """A letter less, a letter more, and other letters are other ids: the calls are refused."""
    call = await ready(thunder, method)
    right = str(call.params["containerId"])
    listed = await thunder.listed()
    shorter = next(part for end in range(1, len(right)) if (part := right[:-end]) not in listed)
    try:
        for wrong in (shorter, f"{right}x", right.swapcase()):
            params = {**call.params, "containerId": wrong}
            await thunder.refused(method, clause=f"{method}.param.containerId", **params)
    finally:
        if call.own:
            await call.leave(thunder)


@case(
    "{method}/93",
    clause="params.blanks",
    title="there are blanks around the id",
    tags="negative",
    over=[{"method": name} for name in ("getContainerState", "getContainerInfo", "pauseContainer")],
)
async def blanks(thunder: Conversation, method: str) -> None:
    """Neither the id nor the descriptor is found with a blank in front of it or behind it."""
    container = await thunder.container(state="Running")
    for name in (container.id, str(container.descriptor)):
        for wrong in (f" {name}", f"{name} "):
            answer = await thunder.refused(method, clause="params.blanks", containerId=wrong)
            if not answer.refused and method == "pauseContainer":
                await thunder.ask("resumeContainer", containerId=container.id)


@case(
    "getContainerState/94",
    clause="getContainerState.containerId",
    title="the result repeats how the container was named",
    profiles="rdkservices",
)
async def repeats(thunder: Conversation) -> None:
    """Asked for by its descriptor, the container is repeated so, or by its id."""
    container = await thunder.container()
    for name in (container.id, str(container.descriptor)):
        answer = await thunder.call("getContainerState", {"containerId": name})
        if name != container.id and answer.refused:
            raise CannotJudge("the device finds no container by its descriptor")
        repeated = thunder.succeed("getContainerState", answer).get("containerId")
        if repeated not in {name, container.id}:
            thunder.broken("getContainerState.containerId", "$.result.containerId", text(name), repeated)


@case(
    "{method}/95",
    clause="{method}.addressee",
    title="the descriptor finds its own container among three",
    over=[{"method": "getContainerState"}, {"method": "getContainerInfo"}],
)
async def own_descriptor(thunder: Conversation, method: str) -> None:
    """By its descriptor, too, the paused container between two running ones is the paused one."""
    middle = await thunder.container(name="Middle", state="Paused")
    for container in (await thunder.container(name="First"), middle, await thunder.container(name="Third")):
        answer = await thunder.call(method, {"containerId": str(container.descriptor)})
        if answer.refused:
            raise CannotJudge("the device finds no container by its descriptor")
        result = thunder.succeed(method, answer)
        state, path = result.get("state"), "$.result.state"
        if method == "getContainerInfo":
            state, path = result["info"]["state"], "$.result.info.state"
            thunder.expect(f"{method}.addressee", "$.result.info.id", container.id, result["info"]["id"])
        thunder.expect(f"{method}.addressee", path, container.state.casefold(), str(state).casefold())
