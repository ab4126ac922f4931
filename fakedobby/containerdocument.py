"""Containers as JSON: what there is, and what somebody wants there to be (no I/O but that of bundles)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fakedobby.bundle import read_bundle
from fakedobby.config import Config
from fakedobby.containers import Container, Origin
from fakedobby.errors import BadInput, Refused
from fakedobby.ids import check_id
from fakedobby.jsontext import load_object
from fakedobby.lifecycle import State
from fakedobby.overrides import Overrides
from fakedobby.process import Behaviour
from fakedobby.programdocument import an_object, config_of, read_program, seconds
from fakedobby.protocol import Descriptor
from fakedobby.spec import read_spec

ReadProgram = Callable[[Any, str], Behaviour]
"""Takes a program's JSON value and its JSON path; raises BadInput."""

_STATES = {"Running": State.RUNNING, "Paused": State.PAUSED, "Hibernated": State.HIBERNATED}
_STABLE = {State.PAUSED: "Paused", State.HIBERNATED: "Hibernated", State.AWAKENING: "Hibernated"}
"""What becomes of a state when it is written down; all others are Running, since nothing under way is kept."""
_MADE_OF = ("program", "bundle", "spec")
_LAST_DESCRIPTOR = 1023
_OVERRIDES = {"command": "command", "displaySocket": "display_socket", "env": "env", "uid": "uid", "gid": "gid"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A container that somebody wants; what it is made of has been read and is in order."""

    container_id: str
    config: Config
    origin: Origin
    where: str
    """The JSON path of what it is made of."""
    state: State = State.RUNNING
    descriptor: Descriptor | None = None
    """None takes the next one."""
    ran: float = 0.0
    """For how many seconds it has run."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    restarts: tuple[float, ...] = ()
    """When it was started again after crashes."""


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
    """Return what it takes to have the container once more; wanted() takes it back."""
    origin = container.origin
    made_of = load_object(origin.what, "the Dobby spec") if origin.kind == "spec" else origin.what
    overrides = {
        name: list(value) if name == "env" else value
        for name, key in _OVERRIDES.items()
        if (value := getattr(origin.overrides, key))
    }
    restarts = [*container.restarts] if container.restarts else []
    return {
        "id": container.container_id,
        "state": _STABLE.get(container.state, "Running"),
        "descriptor": container.descriptor,
        "activeSeconds": container.process.active_seconds,
        "annotations": dict(container.annotations),
        origin.kind: made_of,
        **({"overrides": overrides} if overrides else {}),
        **({"restarts": restarts} if restarts else {}),
    }


def wanted(document: Any, where: str, read: ReadProgram = read_program, *, new: bool = False) -> Wanted:
    """Return the container that a JSON object describes; raises BadInput, whose `where` is the JSON path.

    A new one has no past: it has neither state nor descriptor, nor has it run.
    """
    past = () if new else ("state", "descriptor", "activeSeconds", "annotations", "restarts")
    members = an_object(document, where, {"id", *_MADE_OF, "overrides", *past})
    container_id = _container_id(members.get("id"), _below(where, "id"))
    kinds = [kind for kind in _MADE_OF if kind in members]
    if len(kinds) != 1:
        problem = f"the container has {' and '.join(kinds) or 'neither'}" if kinds else "it is not said what it runs"
        raise BadInput(where=where, problem=problem, expected="one of 'program', 'bundle' and 'spec'")
    at = _below(where, kinds[0])
    overrides = _overrides(members.get("overrides", {}), _below(where, "overrides"))
    config, what = _config(kinds[0], members[kinds[0]], at, container_id, read)
    return Wanted(
        container_id,
        config,
        Origin(kinds[0], what, overrides),
        at,
        _state(members.get("state", "Running"), _below(where, "state")),
        _descriptor(members.get("descriptor"), _below(where, "descriptor")),
        seconds(members.get("activeSeconds", 0), _below(where, "activeSeconds")),
        _texts(members.get("annotations", {}), _below(where, "annotations")),
        tuple(seconds(moment, _below(where, "restarts")) for moment in members.get("restarts", ())),
    )


def all_wanted(documents: Any, where: str = "containers", read: ReadProgram = read_program) -> list[Wanted]:
    """Return the containers that a JSON array describes, none of them twice; raises BadInput."""
    if not isinstance(documents, list):
        raise BadInput(where=where, problem="this is no array", expected="an array of containers")
    containers = [wanted(document, f"{where}[{index}]", read) for index, document in enumerate(documents)]
    _check_unique([one.container_id for one in containers], where, "id")
    _check_unique([one.descriptor for one in containers if one.descriptor is not None], where, "descriptor")
    return containers


def descriptor(value: Any, where: str) -> Descriptor:
    """Return a descriptor that Dobby may give; raises BadInput."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _LAST_DESCRIPTOR:
        raise BadInput(where=where, problem=f"{value!r} is no descriptor", expected="a whole number from 1 to 1023")
    return value


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _descriptor(value: Any, where: str) -> Descriptor | None:
    return None if value is None else descriptor(value, where)


def _container_id(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise BadInput(where=where, problem="there is no container id", expected="a text")
    try:
        check_id(value)
    except Refused as reason:
        raise BadInput(where=where, problem=str(reason), expected="letters, digits, '.', '-' and '_'") from None
    return value


def _state(value: Any, where: str) -> State:
    state = _STATES.get(value) if isinstance(value, str) else None
    if state is None:
        raise BadInput(where=where, problem=f"{value!r} is no state to be in", expected=", ".join(_STATES))
    return state


def _texts(value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise BadInput(where=where, problem="these are no annotations", expected="an object of texts")
    return dict(value)


def _overrides(value: Any, where: str) -> Overrides:
    members = an_object(value, where, _OVERRIDES)
    given = {_OVERRIDES[name]: tuple(one) if isinstance(one, list) else one for name, one in members.items()}
    overrides = Overrides(**given)
    texts = (overrides.command, overrides.display_socket, *overrides.env)
    numbers = (overrides.uid, overrides.gid)
    if not all(isinstance(text, str) for text in texts) or not all(type(number) is int for number in numbers):
        expected = "texts for 'command' and 'displaySocket', an array of texts for 'env', numbers for 'uid' and 'gid'"
        raise BadInput(where=where, problem="a member has another type", expected=expected)
    return overrides


def _config(kind: str, what: Any, where: str, container_id: str, read: ReadProgram) -> tuple[Config, Any]:
    """Return the configuration, and what is kept of its description."""
    if kind == "program":
        return config_of(container_id, read(what, where)), what
    text = json_text(what) if kind == "spec" else what
    if not isinstance(text, str) or (kind == "spec" and not isinstance(what, dict)):
        raise BadInput(where=where, problem="it has another type", expected="a path, or the object of a Dobby spec")
    try:
        return (read_spec(text) if kind == "spec" else read_bundle(text)), text
    except Refused as reason:
        raise BadInput(where=where, problem=str(reason), expected=f"a {kind} that Dobby accepts") from None


def _check_unique(values: Iterable[Any], where: str, name: str) -> None:
    seen = set()
    for value in values:
        if value in seen:
            raise BadInput(where=where, problem=f"two containers have the {name} {value!r}", expected="each one once")
        seen.add(value)
