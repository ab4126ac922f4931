"""Containers as the control API shows them, and as it takes them (no I/O but that of bundles)."""

from collections.abc import Iterable, Mapping
from typing import Any

from fakedobby.containers import Container
from fakedobby.described import described
from fakedobby.errors import BadInput, CreationFailed, Refused
from fakedobby.ids import check_id, check_runtime_id
from fakedobby.jsontext import load_object
from fakedobby.lifecycle import State
from fakedobby.runtime import check_runtime_config
from fakedobby.scenario import Scenario
from fakedobby.scenarioschema import complaints
from fakedobby.schemasentences import in_json, json_path

_STABLE = {State.PAUSED: "Paused", State.HIBERNATED: "Hibernated", State.AWAKENING: "Hibernated"}
"""What becomes of a state when it is written down; all others are Running, since nothing under way is kept."""
_MADE_OF = ("program", "bundle", "spec")
_LIFE = ("descriptor", "activeSeconds", "overrides", "restarts", "dooms")
"""What a container that has lived has besides what scenarios know."""
_LAST_DESCRIPTOR = 1023
_LAST_STATUS = 0xFFFF


def shown(container: Container) -> dict[str, Any]:
    """Return what there is to say about a container."""
    return {
        "id": container.container_id,
        "descriptor": container.descriptor,
        "state": container.state.info_name.capitalize(),
        "activeSeconds": round(container.process.active_seconds, 6),
        "command": list(container.config.args),
        "annotations": dict(container.annotations),
    }


def stated(container: Container) -> dict[str, Any]:
    """Return what a state holds of a container: where it is in its life, and what it was made of."""
    kind = next(kind for kind in _MADE_OF if kind in container.origin)
    made_of = container.origin[kind]
    if kind == "spec" and isinstance(made_of, str):
        made_of = load_object(made_of, "the Dobby spec")
    return {
        "id": container.container_id,
        "state": _STABLE.get(container.state, "Running"),
        "descriptor": container.descriptor,
        "activeSeconds": round(container.process.active_seconds, 9),
        "annotations": dict(container.annotations),
        kind: dict(made_of) if kind == "program" else made_of,
    }


def kept(container: Container) -> dict[str, Any]:
    """Return what a snapshot holds of a container: with it the same life goes on."""
    overrides = container.origin.get("overrides", ())
    restarts = container.restarts.times if container.restarts else ()
    dooms = [[round(seconds, 9), status] for seconds, status in container.process.dooms]
    more = {"overrides": [*overrides], "restarts": [*restarts], "dooms": dooms}
    return stated(container) | {name: value for name, value in more.items() if value}


def check(document: Any, where: str, scenario: Scenario) -> Mapping[str, Any]:
    """Return the description of a container that can be; raises BadInput, whose `where` is the JSON path."""
    if not isinstance(document, dict):
        raise BadInput(where=where, problem="it must be an object")
    life = {name: document[name] for name in _LIFE if name in document}
    for complaint in complaints({name: value for name, value in document.items() if name not in _LIFE}, "container"):
        raise BadInput(where=where + json_path(complaint.path)[1:], problem=in_json(complaint.reason))
    _check_life(life, where)
    try:
        check_id(document["id"])
        check_runtime_id(document["id"])
    except (Refused, CreationFailed) as reason:
        raise BadInput(where=f"{where}.id", problem=reason) from None
    kind = next(kind for kind in _MADE_OF if kind in document)
    try:
        check_runtime_config(described(document, scenario))
    except (Refused, CreationFailed) as reason:
        raise BadInput(where=f"{where}.{kind}", problem=reason) from None
    return document


def check_all(documents: Any, where: str, scenario: Scenario) -> list[Mapping[str, Any]]:
    """Return the descriptions of containers that can be side by side; raises BadInput."""
    if not isinstance(documents, list):
        raise BadInput(where=where, problem="it must be an array of containers")
    checked = [check(document, f"{where}[{index}]", scenario) for index, document in enumerate(documents)]
    _check_unique([one["id"] for one in checked], where, "id")
    _check_unique([one["descriptor"] for one in checked if "descriptor" in one], where, "descriptor")
    return checked


def check_descriptor(value: Any, where: str) -> int:
    """Return a number that can be a descriptor; raises BadInput."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _LAST_DESCRIPTOR:
        raise BadInput(where=where, problem=f"a descriptor is a whole number from 1 to {_LAST_DESCRIPTOR}")
    return value


def check_seconds(value: Any, where: str) -> float:
    """Return a number of seconds; raises BadInput."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e9:  # noqa: PLR2004 (31 years)
        raise BadInput(where=where, problem="it must be a number of seconds, 0 to 1000000000")
    return float(value)


def _check_life(life: Mapping[str, Any], where: str) -> None:
    if "descriptor" in life:
        check_descriptor(life["descriptor"], f"{where}.descriptor")
    check_seconds(life.get("activeSeconds", 0), f"{where}.activeSeconds")
    restarts = life.get("restarts", [])
    if not isinstance(restarts, list):
        raise BadInput(where=f"{where}.restarts", problem="it must be an array of seconds")
    for moment in restarts:
        check_seconds(moment, f"{where}.restarts")
    dooms = life.get("dooms", [])
    if not isinstance(dooms, list) or not all(_is_doom(doom) for doom in dooms):
        raise BadInput(where=f"{where}.dooms", problem="it must be an array of pairs: seconds, and a raw wait status")
    for seconds, _ in dooms:
        check_seconds(seconds, f"{where}.dooms")
    match life.get("overrides", ["", "", []]):
        case [str(), str(), [*env]] | [str(), str(), [*env], int(), int()] if all(isinstance(one, str) for one in env):
            return
    raise BadInput(where=f"{where}.overrides", problem="it must be what a snapshot has")


def _is_doom(value: Any) -> bool:
    match value:
        case [_, int(status)]:
            return not isinstance(status, bool) and 0 <= status <= _LAST_STATUS
    return False


def _check_unique(values: Iterable[Any], where: str, name: str) -> None:
    seen = set()
    for value in values:
        if value in seen:
            raise BadInput(where=where, problem=f"two containers have the {name} {value!r}")
        seen.add(value)
