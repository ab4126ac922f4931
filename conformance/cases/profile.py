"""Whether a target is of one piece: the methods and the manner of one generation, not of both."""

from conformance import spec
from conformance.cases import case
from conformance.conversation import Conversation

_NEWER = tuple(name for name in spec.load("entservices").methods if name not in spec.load("rdkservices").methods)
"""The methods that only the newer generation has."""


@case(
    "profile/1",
    clause="profile.consistent",
    title="what lists containers and what refuses calls are of one generation",
    tags="read-only",
    needs="nothing",
)
async def one_manner(thunder: Conversation) -> None:
    """Results have a reason of failure in the newer generation, and only there; refusals are results there."""
    newer = thunder.profile == "entservices"
    listing = await thunder.ask("listContainers")
    thunder.expect("profile.consistent", "$.result", newer, "errorReason" in listing)
    refusal = await thunder.call("getContainerState", {"containerId": thunder.missing})
    thunder.expect("profile.consistent", "$", not newer, refusal.error is not None)


@case(
    "profile/2",
    clause="profile.consistent",
    title="the methods of the newer generation are all there",
    tags="read-only",
    needs="nothing",
    profiles="entservices",
)
async def all_methods(thunder: Conversation) -> None:
    """None of them answers as a method does that nobody has heard of."""
    unheard = (await thunder.call(f"unheardOf{thunder.run.id}", {})).error or {}
    for method in _NEWER:
        answer = await thunder.call(method, {"containerId": thunder.missing})
        if answer.error is not None and answer.error.get("code") == unheard.get("code"):
            thunder.broken("profile.consistent", "$.error", f"an answer of {method}", answer.error)


@case(
    "profile/3",
    clause="profile.methods",
    title="the methods of the newer generation are not there",
    tags="read-only negative",
    needs="nothing",
    profiles="rdkservices",
)
async def no_newer_methods(thunder: Conversation) -> None:
    """Each is answered as a method is that nobody has heard of."""
    unheard = (await thunder.call(f"unheardOf{thunder.run.id}", {})).error or {}
    for method in _NEWER:
        answer = await thunder.call(method, {"containerId": thunder.missing})
        code = None if answer.error is None else answer.error.get("code")
        if code is None or code != unheard.get("code"):
            thunder.broken(
                "profile.methods", "$.error.code", f"{unheard.get('code')}, as of what nobody has heard of", code
            )
