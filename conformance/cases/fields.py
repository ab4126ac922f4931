"""Every member of every result and refusal, one case each, so that a report says which one is wrong."""

from collections.abc import Iterator
from typing import Any

from conformance import spec
from conformance.cases import case
from conformance.cases.ready import HIBERNATION, MOUNTS, ready
from conformance.conversation import Conversation
from conformance.lives import FROM_BUNDLE, STARTS

_FIRST = 10
_QUERIES = {"listContainers"}


def _members() -> Iterator[dict[str, Any]]:
    """Yield a mapping for each clause about a member of a method's result, in the order of the documents."""
    found: dict[tuple[str, str], list[str]] = {}
    for profile in spec.PROFILES:
        specification = spec.load(profile)
        for method in specification.methods.values():
            if method.group != method.name or method.name in MOUNTS:
                continue
            for _, clause in specification.annotations(method.result, method.group):
                if clause in specification.clauses:
                    found.setdefault((method.name, clause), []).append(profile)
    numbers: dict[str, int] = {}
    for (method_name, clause), profiles in found.items():
        numbers[method_name] = numbers.get(method_name, _FIRST - 1) + 1
        yield {
            "method": method_name,
            "clause": clause,
            "_n": numbers[method_name],
            "_profiles": " ".join(dict.fromkeys(profiles)),
            "_member": clause.removeprefix(f"{method_name}."),
            "_needs": _need(method_name),
            "_tags": "read-only" if method_name in _QUERIES else "",
        }


def _need(method: str) -> str:
    if method == FROM_BUNDLE:
        return "bundle"
    return "hibernation" if method in HIBERNATION else "nothing" if method in _QUERIES else "container"


@case(
    "{method}/{_n}", clause="{clause}", title="the result's {_member} is right", tags="{_tags}", over=list(_members())
)
async def member(thunder: Conversation, method: str, clause: str) -> None:
    """A call that succeeds gives this member as the specification says; the others are other cases' business."""
    call = await ready(thunder, method)
    answer = await call.call(thunder)
    if answer.error is not None:
        thunder.broken(f"{method}.success", "$.error", "a result with success true", answer.error)
    findings = thunder.judge.result(method, answer.message.get("result"))
    thunder.weigh([finding for finding in findings if finding.clause == clause], call.step)


@case(
    "{method}/{_n}",
    clause="{clause}",
    title="the result of a mount that is refused has its {_member}",
    profiles="entservices",
    over=[
        {"method": method, "clause": f"{method}.{name}", "_member": name, "_n": number}
        for method in MOUNTS
        for number, name in enumerate(("success", "errorReason"), _FIRST)
    ],
)
async def mount_member(thunder: Conversation, method: str, clause: str) -> None:
    """Devices refuse all mounts, so that the result is that of a refusal, or of a success where one comes."""
    call = await ready(thunder, method)
    answer = await call.call(thunder)
    judged = (
        thunder.judge.refusal if answer.refused else lambda name, message: thunder.judge.result(name, message["result"])
    )
    findings = judged(method, answer.message)
    members = {f"{method}.refusal": f"{method}.success", f"{method}.failure-form": f"{method}.errorReason"}
    thunder.weigh([finding for finding in findings if members.get(finding.clause, finding.clause) == clause], call.step)


def _refusals() -> Iterator[dict[str, Any]]:
    """Yield a mapping for each method that can be refused."""
    names = dict.fromkeys(name for profile in spec.PROFILES for name in spec.load(profile).methods)
    for name in names:
        if f"{name}.failure-form" in spec.clauses():
            profiles = [profile for profile in spec.PROFILES if name in spec.load(profile).methods]
            # what asks for a start, however badly, has no place in a run that touches nothing
            tags = "negative" if name in STARTS else "negative read-only"
            yield {"method": name, "_profiles": " ".join(profiles), "_tags": tags}


@case(
    "{method}/28",
    clause="{method}.failure-form",
    title="a refusal has the form of its generation",
    tags="{_tags}",
    needs="nothing",
    also=("{method}.refusal",),
    over=list(_refusals()),
)
async def refusal_form(thunder: Conversation, method: str) -> None:
    """An error object with the code 1, or a result with success false and a reason."""
    params = dict(thunder.spec.methods[method].examples[0].params)
    if method in STARTS:
        params |= {"bundlePath": f"/nowhere/{thunder.missing}"} if method == FROM_BUNDLE else {"dobbySpec": "{}"}
    await thunder.refused(method, **{**params, "containerId": thunder.missing})
