"""Dobby as the plugins see it: its control interface, called over D-Bus.

Every call waits at most 25 seconds. No reply, an error, or a reply of other types is the method's failure value, never
an exception: Dobby's own client library keeps it so, and the plugins rely on it (facts/dobby.md 7).
"""

import logging
from typing import Any, Protocol, TypeVar

from txdbus.error import RemoteError
from txdbus.message import MethodCallMessage

from fakedobby.protocol import BUS_NAME, CTRL_INTERFACE, LARGEST_MESSAGE, METHODS, OBJECT_PATH

T = TypeVar("T")

log = logging.getLogger(__name__)

CLIENT_NAME = "com.sky.dobby.thunder"
"""The bus name that the plugin asks for, and does without when it is taken."""
TIMEOUT = 25.0


class Connection(Protocol):
    """The part of a txdbus connection that is used here."""

    def callRemoteMessage(self, mcall: MethodCallMessage, timeout: float | None = None) -> Any:  # noqa: N802 (txdbus's)
        """Send a call; return a Deferred of its reply."""

    def requestBusName(self, newName: str, *, errbackUnlessAcquired: bool) -> Any:  # noqa: N802, N803 (txdbus's names)
        """Ask for a name without queueing; return a Deferred of the bus's answer."""


class DobbyProxy:
    """Dobby's control interface, as seen from a plugin."""

    def __init__(self, connection: Connection, timeout: float = TIMEOUT) -> None:
        self._connection = connection
        self._timeout = timeout

    async def introduce(self) -> None:
        """Take the plugin's name on the bus, as the real one does when it is activated, or do without."""
        try:
            await self._connection.requestBusName(CLIENT_NAME, errbackUnlessAcquired=False)
        except RemoteError as problem:
            log.warning("the message bus does not let us have the name %s: %s", CLIENT_NAME, problem)

    async def list_containers(self) -> list[tuple[int, str]]:
        """Return descriptor and id of every container, in Dobby's order."""
        lists = await self._call("List")
        if lists is None or len(lists[0]) != len(lists[1]):
            return []
        return list(zip(lists[0], lists[1], strict=True))

    async def get_state(self, descriptor: int) -> int | None:
        """Return the number of a container's state; None without a proper answer."""
        return await self._value(None, "GetState", "i", descriptor)

    async def get_info(self, descriptor: int) -> str | None:
        """Return the JSON text about a container; None without a proper answer, "" when Dobby knows none."""
        return await self._value(None, "GetInfo", "i", descriptor)

    async def start_from_bundle(self, container_id: str, path: str, command: str, display: str) -> int:
        """Start a container from the bundle at `path`; return its descriptor, or -1."""
        return await self._value(
            -1, "StartFromBundle", "ssahssasuu", container_id, path, [], command, display, [], 0, 0
        )

    async def start_from_spec(self, container_id: str, spec: str, command: str, display: str) -> int:
        """Start a container from a Dobby spec, a JSON text; return its descriptor, or -1."""
        return await self._value(-1, "StartFromSpec", "ssahssas", container_id, spec, [], command, display, [])

    async def stop(self, descriptor: int, *, force: bool) -> bool:
        """Send SIGTERM, or SIGKILL with `force`."""
        return await self._value(False, "Stop", "ib", descriptor, force)

    async def pause(self, descriptor: int) -> bool:
        """Freeze a running container."""
        return await self._value(False, "Pause", "i", descriptor)

    async def resume(self, descriptor: int) -> bool:
        """Thaw a paused container."""
        return await self._value(False, "Resume", "i", descriptor)

    async def execute(self, descriptor: int, options: str, command: str) -> bool:
        """Run a command in a running container, with options for crun."""
        return await self._value(False, "Exec", "iss", descriptor, options, command)

    async def _value(self, failure: T, member: str, signature: str, *arguments: Any) -> T:
        values = await self._call(member, signature, arguments)
        return failure if values is None else values[0]

    async def _call(self, member: str, signature: str = "", arguments: tuple[Any, ...] = ()) -> list[Any] | None:
        """Return the values of a reply that has the method's types; None otherwise."""
        call = MethodCallMessage(
            OBJECT_PATH,
            member,
            interface=CTRL_INTERFACE,
            destination=BUS_NAME,
            signature=signature or None,
            body=list(arguments),
        )
        if len(call.rawMessage) >= LARGEST_MESSAGE:
            log.warning(
                "%s is not sent: a message bus ends the connection of who sends it %d bytes",
                member,
                len(call.rawMessage),
            )
            return None
        try:
            reply = await self._connection.callRemoteMessage(call, self._timeout)
        except Exception as problem:  # noqa: BLE001 (an error, a time-out, a lost connection: all the same to a plugin)
            log.info("Dobby did not carry out %s: %s", member, problem)
            return None
        if reply.signature != METHODS[member].returns:
            log.warning("Dobby answered %s with the types (%s)", member, reply.signature or "")
            return None
        values: list[Any] = reply.body
        return values
