"""The newer profile's properties and mounts of a container, each seen through other methods."""

from conformance.cases import case
from conformance.containers import Container
from conformance.conversation import Conversation
from conformance.judge import text
from conformance.verdict import CannotJudge

_ONLY = "entservices"
_KEY, _OTHER_KEY = "conformance.one", "conformance.two"
_SOURCE, _TARGET = "/tmp", "/mnt"  # noqa: S108 - paths on the target


async def _annotate(thunder: Conversation, container: Container, key: str, value: str) -> None:
    await thunder.ask("annotate", containerId=container.id, key=key, value=value)


async def _remove(thunder: Conversation, container: Container, key: str) -> None:
    await thunder.ask("removeAnnotation", containerId=container.id, key=key)


async def _shown(thunder: Conversation, clause: str, container: Container, key: str, value: str) -> None:
    """Make sure that the figures show a property with its text. Raises CannotJudge where they show none at all."""
    info = await thunder.info(container)
    if "annotations" not in info:
        raise CannotJudge("the device cannot tell: its figures show no properties")
    path = f"$.result.info.annotations[{text(key)}]"
    shown = info["annotations"]
    thunder.expect(clause, path, value, shown.get(key) if isinstance(shown, dict) else shown)


async def _is_there(thunder: Conversation, clause: str, container: Container, key: str) -> None:
    """Make sure that a container has a property, by taking it away."""
    answer = await thunder.call("removeAnnotation", {"containerId": container.id, "key": key})
    if answer.refused:
        thunder.broken(clause, "$", "a result with success true", answer.message)


async def _is_not_there(thunder: Conversation, clause: str, container: Container, key: str) -> None:
    """Make sure that a container does not have a property: it cannot be taken away."""
    await thunder.refused("removeAnnotation", clause=clause, containerId=container.id, key=key)


@case("annotate/60", clause="annotate.effect", title="a property is there afterwards", profiles=_ONLY)
async def annotated(thunder: Conversation) -> None:
    """RemoveAnnotation finds it."""
    container = await thunder.container()
    await _annotate(thunder, container, _KEY, "a text")
    await _is_there(thunder, "annotate.effect", container, _KEY)


@case("annotate/61", clause="annotate.again", title="a property gets another text", profiles=_ONLY)
async def annotated_again(thunder: Conversation) -> None:
    """The second text is the one that the figures show, and there is one property: it can be removed once."""
    container = await thunder.container()
    await _annotate(thunder, container, _KEY, "a text")
    await _annotate(thunder, container, _KEY, "another text")
    try:
        await _shown(thunder, "annotate.again", container, _KEY, "another text")
    finally:
        await _remove(thunder, container, _KEY)
    await _is_not_there(thunder, "annotate.again", container, _KEY)


@case("annotate/62", clause="annotate.param.value", title="the figures show the property's text", profiles=_ONLY)
async def value(thunder: Conversation) -> None:
    """The text is there as it was given."""
    container = await thunder.container()
    await _annotate(thunder, container, _KEY, "a text: 1, 2")
    try:
        await _shown(thunder, "annotate.param.value", container, _KEY, "a text: 1, 2")
    finally:
        await _remove(thunder, container, _KEY)


@case("annotate/63", clause="annotate.param.key", title="two properties are two", profiles=_ONLY)
async def two_keys(thunder: Conversation) -> None:
    """Both are there, and each can be removed."""
    container = await thunder.container()
    await _annotate(thunder, container, _KEY, "a text")
    await _annotate(thunder, container, _OTHER_KEY, "another text")
    await _is_there(thunder, "annotate.param.key", container, _OTHER_KEY)
    await _is_there(thunder, "annotate.param.key", container, _KEY)


@case("annotate/64", clause="annotate.paused", title="a paused container gets a property", profiles=_ONLY)
async def annotated_while_paused(thunder: Conversation) -> None:
    """The call succeeds, and the container stays paused."""
    container = await thunder.container(state="Paused")
    answer = await thunder.call("annotate", {"containerId": container.id, "key": _KEY, "value": "a text"})
    if answer.refused:
        thunder.broken("annotate.paused", "$", "a result with success true", answer.message)
    else:
        await _remove(thunder, container, _KEY)
        await thunder.expect_state("annotate.paused", container, "Paused")


@case("annotate/4", clause="annotate.addressee", title="one of three containers gets a property", profiles=_ONLY)
async def annotated_alone(thunder: Conversation) -> None:
    """It is not to be found with the other two."""
    first, third = await thunder.container(name="First"), await thunder.container(name="Third")
    middle = await thunder.container(name="Middle")
    await _annotate(thunder, middle, _KEY, "a text")
    for container in (first, third):
        await _is_not_there(thunder, "annotate.addressee", container, _KEY)
    await _is_there(thunder, "annotate.addressee", middle, _KEY)


@case("removeAnnotation/60", clause="removeAnnotation.effect", title="a property is gone afterwards", profiles=_ONLY)
async def removed(thunder: Conversation) -> None:
    """It cannot be removed a second time."""
    container = await thunder.container()
    await _annotate(thunder, container, _KEY, "a text")
    await _remove(thunder, container, _KEY)
    await _is_not_there(thunder, "removeAnnotation.effect", container, _KEY)


@case(
    "removeAnnotation/61",
    clause="removeAnnotation.unknown-key",
    title="there is no such property",
    tags="negative",
    profiles=_ONLY,
)
async def unknown_key(thunder: Conversation) -> None:
    """The call is refused."""
    await _is_not_there(thunder, "removeAnnotation.unknown-key", await thunder.container(), "unheard-of")


@case("removeAnnotation/62", clause="removeAnnotation.param.key", title="one of two properties goes", profiles=_ONLY)
async def other_key_stays(thunder: Conversation) -> None:
    """The other one stays."""
    container = await thunder.container()
    await _annotate(thunder, container, _KEY, "a text")
    await _annotate(thunder, container, _OTHER_KEY, "another text")
    await _remove(thunder, container, _KEY)
    await _is_there(thunder, "removeAnnotation.param.key", container, _OTHER_KEY)


@case(
    "removeAnnotation/4",
    clause="removeAnnotation.addressee",
    title="one of three containers loses its property",
    profiles=_ONLY,
)
async def removed_alone(thunder: Conversation) -> None:
    """The other two keep theirs."""
    first, third = await thunder.container(name="First"), await thunder.container(name="Third")
    middle = await thunder.container(name="Middle")
    for container in (first, middle, third):
        await _annotate(thunder, container, _KEY, "a text")
    await _remove(thunder, middle, _KEY)
    for container in (first, third):
        await _is_there(thunder, "removeAnnotation.addressee", container, _KEY)


async def _mounted(thunder: Conversation, container: Container, target: str = _TARGET) -> None:
    """Mount something. Raises CannotJudge where the device mounts nothing."""
    params = {"containerId": container.id, "source": _SOURCE, "target": target, "type": "bind", "options": "rbind,ro"}
    answer = await thunder.call("mount", params)
    if answer.refused:
        raise CannotJudge("the device mounts nothing: the call is refused")
    thunder.succeed("mount", answer)


async def _is_mounted(thunder: Conversation, clause: str, container: Container, target: str = _TARGET) -> None:
    """Make sure that something is mounted, by unmounting it."""
    answer = await thunder.call("unmount", {"containerId": container.id, "target": target})
    if answer.refused:
        thunder.broken(clause, "$", "a result with success true", answer.message)


@case(
    "mount/60",
    clause="mount.effect",
    title="something is mounted",
    profiles=_ONLY,
    also=("mount.closed", "mount.param.source", "mount.param.type", "mount.param.options"),
)
async def mounted(thunder: Conversation) -> None:
    """The call succeeds, and unmount finds the mount."""
    container = await thunder.container()
    params = {"containerId": container.id, "source": _SOURCE, "target": _TARGET, "type": "bind", "options": "rbind,ro"}
    answer = await thunder.call("mount", params)
    if answer.refused:
        thunder.broken("mount.effect", "$", "a result with success true", answer.message)
    else:
        thunder.succeed("mount", answer)
        await _is_mounted(thunder, "mount.effect", container)


@case("mount/61", clause="mount.param.target", title="two mounts are two", profiles=_ONLY)
async def two_mounts(thunder: Conversation) -> None:
    """Both are there, and each can be unmounted."""
    container = await thunder.container()
    await _mounted(thunder, container)
    await _mounted(thunder, container, f"{_TARGET}2")
    await _is_mounted(thunder, "mount.param.target", container, f"{_TARGET}2")
    await _is_mounted(thunder, "mount.param.target", container)


@case("mount/62", clause="mount.param.source", title="the source is not there", tags="negative", profiles=_ONLY)
async def no_source(thunder: Conversation) -> None:
    """A mount of what is not there is refused, where others are not."""
    container = await thunder.container()
    await _mounted(thunder, container)
    await _is_mounted(thunder, "mount.effect", container)
    params = {"source": "/nowhere/at/all", "target": _TARGET, "type": "bind", "options": "rbind,ro"}
    await thunder.refused("mount", clause="mount.param.source", containerId=container.id, **params)


@case("mount/4", clause="mount.addressee", title="one of three containers gets a mount", profiles=_ONLY)
async def mounted_alone(thunder: Conversation) -> None:
    """There is none in the other two."""
    first, third = await thunder.container(name="First"), await thunder.container(name="Third")
    middle = await thunder.container(name="Middle")
    await _mounted(thunder, middle)
    for container in (first, third):
        await thunder.refused("unmount", clause="mount.addressee", containerId=container.id, target=_TARGET)
    await _is_mounted(thunder, "mount.addressee", middle)


@case(
    "unmount/60",
    clause="unmount.effect",
    title="a mount is gone afterwards",
    profiles=_ONLY,
    also=("unmount.closed", "unmount.param.target"),
)
async def unmounted(thunder: Conversation) -> None:
    """It cannot be unmounted a second time."""
    container = await thunder.container()
    await _mounted(thunder, container)
    await thunder.ask("unmount", containerId=container.id, target=_TARGET)
    await thunder.refused("unmount", clause="unmount.effect", containerId=container.id, target=_TARGET)


@case(
    "unmount/61",
    clause="unmount.not-mounted",
    title="nothing is mounted there",
    tags="negative",
    profiles=_ONLY,
)
async def not_mounted(thunder: Conversation) -> None:
    """The call is refused, and the container runs on."""
    container = await thunder.container()
    params = {"containerId": container.id, "target": "/nowhere/at/all"}
    await thunder.refused("unmount", clause="unmount.not-mounted", **params)
    await thunder.expect_state("unmount.not-mounted", container, container.state)


@case("unmount/4", clause="unmount.addressee", title="one of two containers loses its mount", profiles=_ONLY)
async def unmounted_alone(thunder: Conversation) -> None:
    """The other one keeps its own."""
    first, middle = await thunder.container(name="First"), await thunder.container(name="Middle")
    for container in (first, middle):
        await _mounted(thunder, container)
    await thunder.ask("unmount", containerId=middle.id, target=_TARGET)
    await _is_mounted(thunder, "unmount.addressee", first)
