"""Every parameter of every method: missing, of another type, empty, and what it is for."""

import json
from collections.abc import Iterator
from typing import Any

from conformance import spec
from conformance.cases import case
from conformance.cases.ready import HIBERNATION, ready
from conformance.conversation import Conversation
from conformance.judge import Judgement
from conformance.lives import FROM_BUNDLE, STARTS

_FIRST = 30
_NO_TEXTS: tuple[Any, ...] = (999999, {}, [])
"""Values that are no text, and that nobody can take for the id of one of somebody's containers."""
_ODD: dict[str, tuple[Any, ...]] = {"dobbySpec": (999999, True, []), "force": ("yes", 2, {})}
_OPEN = "MAY"


def _params(fault: str) -> Iterator[dict[str, Any]]:
    """Yield a mapping for each parameter of each method whose ``fault`` has a clause, with a number of its own."""
    found: dict[tuple[str, str], list[str]] = {}
    for profile in spec.PROFILES:
        for method in spec.load(profile).methods.values():
            for parameter in method.params:
                if method.group == method.name and f"{parameter.clause}.{fault}" in spec.load(profile).clauses:
                    found.setdefault((method.name, parameter.name), []).append(profile)
    offset = {"missing": 0, "type": 1, "empty": 2}[fault]
    counts: dict[str, int] = {}
    for (method_name, name), profiles in found.items():
        number = counts.setdefault(method_name, -1) + 1
        counts[method_name] = number
        yield {
            "method": method_name,
            "param": name,
            "_n": _FIRST + 3 * number + offset,
            "_profiles": " ".join(profiles),
            "_needs": "bundle" if method_name == FROM_BUNDLE else _needs(method_name),
        }


def _needs(method: str) -> str:
    return "hibernation" if method in HIBERNATION else "container"


def _optional(thunder: Conversation, method: str, param: str) -> bool:
    """Tell whether a parameter may be left out."""
    return not next(known for known in thunder.spec.methods[method].params if known.name == param).required


async def _weigh(thunder: Conversation, method: str, clause: str, answer: Judgement, *, accepted: bool) -> None:
    """Judge an answer to a call that has to succeed (``accepted``) or to be refused; a MAY leaves both open."""
    if thunder.clause(clause).level == _OPEN:
        if not answer.refused:
            thunder.weigh(thunder.judge.result(method, answer.message.get("result")))
    elif accepted:
        if answer.refused:
            thunder.broken(clause, "$", "a result with success true", answer.message)
    elif not answer.refused:
        thunder.broken(clause, "$", "an error, or a success that is false", answer.message)


@case(
    "{method}/{_n}",
    clause="{method}.param.{param}.missing",
    title="without {param}",
    tags="negative",
    over=list(_params("missing")),
)
async def missing(thunder: Conversation, method: str, param: str) -> None:
    """What is demanded is missed, what is optional is not."""
    call = await ready(thunder, method)
    answer = await call.call(thunder, {name: value for name, value in call.params.items() if name != param})
    clause = f"{method}.param.{param}.missing"
    await _weigh(thunder, method, clause, answer, accepted=_optional(thunder, method, param))


@case(
    "{method}/{_n}",
    clause="{method}.param.{param}.type",
    title="{param} has another type",
    tags="negative",
    over=list(_params("type")),
)
async def mistyped(thunder: Conversation, method: str, param: str) -> None:
    """Each value of another type is refused, or taken as the clause says."""
    for value in _ODD.get(param, _NO_TEXTS):
        call = await ready(thunder, method)
        answer = await call.call(thunder, {**call.params, param: value})
        if method in STARTS and param == "containerId" and not answer.refused:
            await thunder.run.quietly("stopContainer", containerId=value, force=True)  # it must not stay for our sake
        await _weigh(thunder, method, f"{method}.param.{param}.type", answer, accepted=False)


@case(
    "{method}/{_n}",
    clause="{method}.param.{param}.empty",
    title="{param} is empty",
    tags="negative",
    over=list(_params("empty")),
)
async def empty(thunder: Conversation, method: str, param: str) -> None:
    """Nothing is no id, no path and no key; where the parameter is optional it counts as not given."""
    call = await ready(thunder, method)
    answer = await call.call(thunder, {**call.params, param: ""})
    clause = f"{method}.param.{param}.empty"
    await _weigh(thunder, method, clause, answer, accepted=_optional(thunder, method, param))


@case(
    "startContainerFromDobbySpec/{_n}",
    clause="startContainerFromDobbySpec.param.dobbySpec.{form}",
    title="the Dobby spec comes as {form}",
    over=[{"form": "object", "_n": 57}, {"form": "string", "_n": 58}],
)
async def dobby_spec_as(thunder: Conversation, form: str) -> None:
    """A JSON object in the params, or text that holds one."""
    method = STARTS[1]
    call = await ready(thunder, method)
    whole = thunder.dobby_spec()
    answer = await call.call(thunder, {**call.params, "dobbySpec": whole if form == "object" else json.dumps(whole)})
    await _weigh(thunder, method, f"{method}.param.dobbySpec.{form}", answer, accepted=True)
