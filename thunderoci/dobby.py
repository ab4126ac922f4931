"""Dobby as the plugins see it: its control interface, called over D-Bus.

Every call waits at most 25 seconds. No reply, an error, or a reply of other types is the method's failure value, never
an exception: Dobby's own client library keeps it so, and the plugins rely on it (facts/dobby.md 7).
"""

import logging
from collections.abc import Callable, Coroutine, Sequence
from time import monotonic
from typing import Any, Protocol, TypeVar

from twisted.internet.defer import Deferred, DeferredLock, fail
from twisted.internet.error import ConnectionLost
from txdbus.client import NAME_ACQUIRED, NAME_ALREADY_OWNER
from txdbus.message import MethodCallMessage

from fakedobby.journal import Journal, on_behalf
from fakedobby.messages import Call
from fakedobby.protocol import BUS_NAME, CTRL_INTERFACE, LARGEST_MESSAGE, METHODS, OBJECT_PATH, SIGNALS

T = TypeVar("T")

log = logging.getLogger(__name__)

CLIENT_NAME = "com.sky.dobby.thunder"
"""The bus name that the plugin asks for, and does without when it is taken."""
TIMEOUT = 25.0
_SLOW = 1.0
"""Seconds from which on a call to Dobby would be noticed to hold up others."""


Heard = Callable[[str, int, str], None]
"""Takes a signal of Dobby's: its name, the descriptor and the id of the container."""

_BUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus")
_SIGNALS = ("Started", "Stopped", "Hibernated", "Awoken")
"""The signals that Dobby's client library listens to; it has no use for StoppedWithStatus (facts/thunder.md D.3)."""


class Connection(Protocol):
    """The part of a bus connection that is used here."""

    busName: str | None  # noqa: N815 (txdbus's name)
    """Its unique name."""
    hear_signal: Callable[[Any], None] | None
    """Takes every signal that comes in."""

    def callRemoteMessage(self, mcall: MethodCallMessage, timeout: float | None = None) -> Any:  # noqa: N802 (txdbus's)
        """Send a call; return a Deferred of its reply."""

    def requestBusName(self, newName: str, *, errbackUnlessAcquired: bool) -> Any:  # noqa: N802, N803 (txdbus's names)
        """Ask for a name without queueing; return a Deferred of the bus's answer."""


class DobbyProxy:
    """Dobby's control interface, as seen from a plugin.

    Without a connection every call fails at once. `timeout` is in seconds, on the connection's clock, which `seconds`
    tells the time of. With `one_queue` the calls go one after another, as in Dobby's own client library; with
    `needs_name` it is as good as without a connection when somebody else has the plugin's name.
    """

    overlapping: Callable[[], object] | None = None
    """Is called when a call begins while another one is slow."""

    def __init__(
        self,
        timeout: float = TIMEOUT,
        *,
        one_queue: bool = False,
        needs_name: bool = False,
        seconds: Callable[[], float] = monotonic,
        journal: Journal | None = None,
    ) -> None:
        self._timeout = timeout
        self._seconds = seconds
        self._journal = Journal(lambda: 0.0) if journal is None else journal  # an empty one is false
        self._queue = DeferredLock() if one_queue else None
        self._needs_name = needs_name
        self._under_way: dict[int, float] = {}
        """When each call began, by its serial number, the oldest first."""
        self._lists: list[Any] | None = None
        """The last answer of List, which is the same object when it is the same again (fakedobby/wire.py)."""
        self._containers: tuple[tuple[int, str], ...] = ()
        self._connection: Connection | None = None
        self._heard: Heard | None = None

    async def attach(self, connection: Connection) -> None:
        """Use a connection to the message bus from now on; a plugin that works listens on it."""
        self._connection = connection
        if self._heard is not None:
            await self.listen(self._heard)

    def detach(self) -> None:
        """Do without a connection until attach() is called again."""
        self._connection = None

    async def introduce(self) -> None:
        """Take the plugin's name on the bus, as the real one does when it is activated, or do without."""
        if self._connection is None:
            return
        try:
            code = await self._connection.requestBusName(CLIENT_NAME, errbackUnlessAcquired=False)
            if self._needs_name and code not in {NAME_ACQUIRED, NAME_ALREADY_OWNER}:
                log.warning("as on a box, there is no Dobby for us: somebody else has the name %s", CLIENT_NAME)
                self._connection.hear_signal = None
                self.detach()
        except Exception as problem:  # noqa: BLE001 (denied, or the bus is gone: the plugin works without a name)
            log.warning("the message bus does not let us have the name %s: %s", CLIENT_NAME, problem)

    async def listen(self, heard: Heard) -> None:
        """Be introduced, and give `heard` the signals of Dobby, which is whoever sends them."""
        self._heard = heard
        if self._connection is not None:
            self._connection.hear_signal = self._sort
        await _all_at_once(self.introduce(), *self._for_each_signal("AddMatch"))

    async def stop_listening(self) -> None:
        """Take back what listen() did."""
        self._heard = None
        await _all_at_once(*self._for_each_signal("RemoveMatch"))

    def _for_each_signal(self, member: str) -> list[Coroutine[Any, Any, None]]:
        return [self._ask_bus(member, _match_rule(signal)) for signal in _SIGNALS]

    async def _ask_bus(self, member: str, rule: str) -> None:
        destination, path = _BUS
        call = MethodCallMessage(
            path, member, interface=destination, destination=destination, signature="s", body=[rule]
        )
        if self._connection is None:
            return
        try:
            await self._connection.callRemoteMessage(call, self._timeout)
        except Exception as problem:  # noqa: BLE001 (whatever it is, there are no events then, as on a real box)
            log.warning("the message bus did not carry out %s: %s", member, problem)

    def _sort(self, message: Any) -> None:
        ours = message.path == OBJECT_PATH and message.interface == CTRL_INTERFACE and message.member in _SIGNALS
        if not ours or self._heard is None:
            return
        if message.signature == SIGNALS[message.member].signature:
            self._hear(self._heard, message)
        else:
            log.warning("Dobby sent %s with the types (%s)", message.member, message.signature or "")

    def _hear(self, heard: Heard, message: Any) -> None:
        """Hand on a signal, as the cause of what follows; one of a Dobby in this process is in the journal already."""
        journal = self._journal
        ticket = journal.trail.follow(message.sender, message.serial)
        if ticket is None:
            ticket = journal.note("signal", method=message.member, arguments=message.body)
        on_behalf(ticket, heard, message.member, *message.body)

    async def list_containers(self) -> Sequence[tuple[int, str]]:
        """Return descriptor and id of every container, in Dobby's order; the same object until that changes."""
        lists = await self._call("List")
        if lists is None or len(lists[0]) != len(lists[1]):
            return ()
        if lists is not self._lists:
            self._lists, self._containers = lists, tuple(zip(lists[0], lists[1], strict=True))
        return self._containers

    def list_in_vain(self) -> None:
        """Have Dobby list its containers, and do not wait for it (facts/thunder.md D.3)."""
        Deferred.fromCoroutine(self.list_containers())

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

    async def hibernate(self, descriptor: int, options: str) -> bool:
        """Begin to hibernate a running container."""
        return await self._value(False, "Hibernate", "is", descriptor, options)

    async def wake(self, descriptor: int) -> bool:
        """Begin to wake a hibernated container."""
        return await self._value(False, "Wakeup", "i", descriptor)

    async def annotate(self, descriptor: int, key: str, value: str) -> bool:
        """Give a container an annotation."""
        return await self._value(False, "Annotate", "iss", descriptor, key, value)

    async def remove_annotation(self, descriptor: int, key: str) -> bool:
        """Take an annotation away."""
        return await self._value(False, "RemoveAnnotation", "is", descriptor, key)

    async def mount(self, descriptor: int, source: str, target: str) -> bool:
        """Ask for a mount; the plugin hands on neither flags nor data (facts/thunder.md D.2)."""
        return await self._value(False, "Mount", "issass", descriptor, source, target, [], "")

    async def unmount(self, descriptor: int, target: str) -> bool:
        """Undo a mount."""
        return await self._value(False, "Unmount", "is", descriptor, target)

    async def _value(self, failure: T, member: str, signature: str, *arguments: Any) -> T:
        values = await self._call(member, signature, arguments)
        return failure if values is None else values[0]

    async def _call(self, member: str, signature: str = "", arguments: tuple[Any, ...] = ()) -> list[Any] | None:
        """Return the values of a reply that has the method's types; None otherwise."""
        call = Call(OBJECT_PATH, member, CTRL_INTERFACE, BUS_NAME, signature, arguments)
        if len(call.rawMessage) >= LARGEST_MESSAGE:
            log.warning(
                "%s is not sent: a message bus ends the connection of who sends it %d bytes",
                member,
                len(call.rawMessage),
            )
            return None
        if self._queue is not None:
            await self._queue.acquire()
        elif self.overlapping is not None and self._is_slow():
            self.overlapping()
        self._under_way[call.serial] = self._seconds()
        journal, ticket = self._journal, None
        try:
            # what can be done while Dobby is at work is done behind the sending
            sent = self._sent(call)
            ticket = journal.note("call", method=member, arguments=arguments)
            if self._connection is not None:
                journal.trail.lay(self._connection.busName, call.serial, ticket)
            reply = await sent
        except Exception as problem:  # noqa: BLE001 (an error, a time-out, a lost connection: all the same to a plugin)
            log.info("Dobby did not carry out %s: %s", member, problem)
            error = getattr(problem, "errName", None) or type(problem).__name__
            journal.note("reply", ticket, method=member, error=error)
            return None
        finally:
            del self._under_way[call.serial]
            if self._queue is not None:
                self._queue.release()
        journal.note("reply", ticket, method=member, values=reply.body or [])
        if reply.signature != METHODS[member].returns:
            log.warning("Dobby answered %s with the types (%s)", member, reply.signature or "")
            return None
        values: list[Any] = reply.body
        return values

    def _sent(self, call: Call) -> Any:
        """Send a call; return a Deferred of its reply."""
        if self._connection is None:
            return fail(ConnectionLost())
        return self._connection.callRemoteMessage(call, self._timeout)

    def _is_slow(self) -> bool:
        oldest = next(iter(self._under_way.values()), None)
        return oldest is not None and self._seconds() - oldest > _SLOW


async def _all_at_once(*works: Coroutine[Any, Any, None]) -> None:
    """Begin all and wait for all: what one of us asks of the bus is asked before another one can ask the contrary."""
    for begun in [Deferred.fromCoroutine(work) for work in works]:
        await begun


def _match_rule(signal: str) -> str:
    return f"type='signal',path='{OBJECT_PATH}',interface='{CTRL_INTERFACE}',member='{signal}'"
