"""What cases about events have in common: a client that listens, and containers that give it something to hear."""

from collections.abc import Callable
from typing import Any

from conformance.cases.starting import end
from conformance.client import Client, Event, about, named
from conformance.containers import Container
from conformance.conversation import Conversation
from conformance.judge import text
from conformance.lives import FROM_BUNDLE
from conformance.verdict import CannotJudge

STARTED, STOPPED = LIFE = ("onContainerStarted", "onContainerStopped")
CHANGED, FAILED = "onContainerStateChanged", "onContainerFailed"


async def listening(thunder: Conversation, *events: str, client: str | None = None) -> Client:
    """Return a client on a WebSocket of its own, subscribed to events under the id ``client``."""
    listener = await thunder.client()
    for event in events:
        await listener.register(event, client)
    return listener


async def lived(thunder: Conversation, start: str | None = None, name: str = "Lived") -> Container:
    """Start a container and stop it."""
    container = await thunder.start(start, name)
    await thunder.stop(container)
    return container


async def ended(thunder: Conversation, name: str = "Brief") -> Container:
    """Start a container whose program ends at once, and wait until it has left the list."""
    container = await thunder.start(name=name, command="true")
    await thunder.gone(container, f"{container.start}.command")
    return container


def to_start(thunder: Conversation, name: str) -> tuple[str, Container, dict[str, Any]]:
    """Return a start that is still to be sent: method, container, params. Raises CannotJudge where none works."""
    run, start = thunder.run, thunder.run.preferred_start()
    if start in run.containers.unable:
        raise CannotJudge(run.containers.unable[start])
    if start == FROM_BUNDLE and not run.bundle_path:
        raise CannotJudge("there is no bundle on the target: give --bundle-path")
    container = run.containers.new(start, name, run.target.clock.seconds())
    return start, container, thunder.start_params(start, container.id)


def heard(client: Client, event: str, container: Container) -> list[Event]:
    """Return all events of a name about a container that ever came."""
    return [message for message in client.arrived if named(message) == event and about(message) == container.id]


def once(thunder: Conversation, client: Client, event: str, container: Container, *, times: int = 1) -> None:
    """Make sure that an event about a container came as often as it should; to be called behind a fence."""
    came = len(heard(client, event, container))
    if came != times:
        expected = f"{times} of {event} about {text(container.id)}"
        thunder.broken(f"{event}.once", "$", expected, f"{came} of them")


def silent(thunder: Conversation, clause: str, client: Client, wrong: Callable[[Event], bool]) -> None:
    """Make sure that no event of a kind came; to be called behind a fence."""
    for message in client.arrived:
        if wrong(message):
            thunder.broken(clause, "$", "no such event", {named(message): message.get("params")})


async def first_words(thunder: Conversation, client: Client, event: str, container: Container) -> Event:
    """Return the first message of an event that mentions a container in any way, not judged yet.

    Where nothing mentions it, it is the first message of the event at all.
    """

    def mentions(message: Event) -> bool:
        params = text(message.get("params"))
        return named(message) == event and (container.id in params or str(container.descriptor) in params)

    await client.until(lambda: any(map(mentions, client.arrived)))
    messages = [message for message in client.arrived if mentions(message)]
    messages += [message for message in client.arrived if named(message) == event]
    if not messages:
        thunder.broken(f"{event}.once", "$", f"the event {event} about {text(container.id)}", "no such event")
        raise CannotJudge(f"there is no {event} to be judged")
    await end(thunder, container)
    return messages[0]
