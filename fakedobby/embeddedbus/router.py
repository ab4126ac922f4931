"""Which message goes to whom (D-Bus specification, "Message Bus Message Routing"; errors read as dbus-daemon's)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from fakedobby.embeddedbus.limits import Limits
from fakedobby.embeddedbus.matchrule import MatchRule
from fakedobby.embeddedbus.message import (
    CALL,
    ERROR,
    NO_AUTO_START,
    NO_REPLY_EXPECTED,
    RETURN,
    SIGNAL,
    Message,
    with_body,
)
from fakedobby.embeddedbus.names import Change, Names

BUS_NAME = BUS_INTERFACE = "org.freedesktop.DBus"
BUS_PATH = "/org/freedesktop/DBus"
ERROR_PREFIX = "org.freedesktop.DBus.Error."
PEER_INTERFACE = "org.freedesktop.DBus.Peer"
NAMELESS = ":not.active.yet"
"""How dbus-daemon addresses a client that has not said Hello."""
_LARGEST_SERIAL = 0xFFFFFFFF


class BusError(Exception):
    """An error that a caller gets: its name without the common prefix, and its text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = ERROR_PREFIX + name


class Outlet(Protocol):
    """What the router needs of a connection."""

    def send(self, message: Message) -> None:
        """Queue `message`; its file descriptors remain the caller's."""

    def hang_up(self, reason: str) -> None:
        """End the connection, soon; Router.lost is called later."""


@dataclass(frozen=True)
class Credentials:
    """What the kernel says of the process at the other end."""

    uid: int
    pid: int
    gids: tuple[int, ...] = ()


@dataclass(eq=False)
class Peer:
    """A client of the bus. `name` is its unique name, None before Hello and again as a monitor."""

    outlet: Outlet
    credentials: Credentials
    passes_fds: bool = False
    name: str | None = None
    is_monitor: bool = False
    rules: list[MatchRule] = field(default_factory=list)
    awaits: dict[int, "Peer"] = field(default_factory=dict)
    """Who owes a reply, by the serial of the call."""


class Router:
    """Peers, names, and the way of each message; `answer` takes the calls of the bus itself."""

    def __init__(self, answer: Callable[[Peer, Message], None], limits: Limits) -> None:
        self._answer = answer
        self.limits = limits
        self.names = Names()
        self.peers: dict[str, Peer] = {}
        self._monitors: list[Peer] = []
        self._serial = 0
        self._last_name = -1

    def receive(self, peer: Peer, message: Message) -> None:
        """Take a message that `peer` sent."""
        if peer.is_monitor:
            peer.outlet.hang_up("a monitor must not send messages")
            return
        if peer.name is None and message.destination != BUS_NAME:
            peer.outlet.hang_up("the client sent a message before Hello")
            return
        message.sender = peer.name or NAMELESS
        try:
            self._pass_on(peer, message)
        except BusError as error:
            self.fail(peer, message, error)

    def _pass_on(self, peer: Peer, message: Message) -> None:
        if message.kind > SIGNAL:
            raise BusError("AccessDenied", "Message bus will not accept messages of unknown type\n")
        if message.destination == BUS_NAME:
            self._distribute(message, None)
            if message.kind == CALL:
                self._answer(peer, message)
        elif message.destination is not None:
            self._unicast(peer, message, message.destination)
        elif message.kind == CALL:
            self._answer_nobody(peer, message)
        elif message.kind == SIGNAL:
            self._distribute(message, None)

    def _unicast(self, peer: Peer, message: Message, name: str) -> None:
        addressee = self.find(name)
        if addressee is None:
            if message.flags & NO_AUTO_START:
                raise BusError("NameHasNoOwner", f'Name "{name}" does not exist')
            raise BusError("ServiceUnknown", f"The name {name} was not provided by any .service files")
        if message.kind in {RETURN, ERROR}:
            if addressee.awaits.get(message.reply_serial or 0) is not peer:
                return  # nobody asked for it
            del addressee.awaits[message.reply_serial or 0]
        if message.fds and not addressee.passes_fds:
            raise BusError(
                "NotSupported",
                "Tried to send message with Unix file descriptors to a client that doesn't support that.",
            )
        if message.kind == CALL and not message.flags & NO_REPLY_EXPECTED:
            self._expect_reply(peer, message.serial, addressee)
        self._distribute(message, addressee)

    def _expect_reply(self, caller: Peer, serial: int, callee: Peer) -> None:
        if serial in caller.awaits:
            raise BusError(
                "AccessDenied", "Message has the same reply serial as a currently-outstanding existing method call"
            )
        if len(caller.awaits) >= self.limits.pending_replies:
            raise BusError("LimitsExceeded", "The maximum number of pending replies per connection has been reached")
        caller.awaits[serial] = callee

    def _answer_nobody(self, peer: Peer, call: Message) -> None:
        """Answer a call without destination as the library below dbus-daemon does, without a sender."""
        if call.interface == PEER_INTERFACE and call.member == "Ping" and not call.signature:
            reply = Message(RETURN, serial=self._next_serial(), reply_serial=call.serial)
        else:
            text = (
                f'Method "{call.member}" with signature "{call.signature or ""}" '
                f'on interface "{call.interface or "(null)"}" doesn\'t exist\n'
            )
            reply = self._error(call, BusError("UnknownMethod", text))
            reply.serial = self._next_serial()
        peer.outlet.send(reply)

    def _distribute(self, message: Message, addressee: Peer | None) -> None:
        """Hand `message` to its addressee, to monitors, and to everyone whose match rules want it."""
        for monitor in self._monitors:
            if not monitor.rules or self._wants(monitor, message, eavesdropping=False):
                monitor.outlet.send(message)
        if addressee is not None:
            addressee.outlet.send(message)
        unicast = message.destination is not None
        for peer in self.peers.values():
            if (
                peer is not addressee
                and (peer.passes_fds or not message.fds)
                and self._wants(peer, message, eavesdropping=unicast)
            ):
                peer.outlet.send(message)

    def _wants(self, peer: Peer, message: Message, *, eavesdropping: bool) -> bool:
        return any((rule.eavesdrops or not eavesdropping) and rule.fits(message, self._has_name) for rule in peer.rules)

    def _has_name(self, who: str | None, name: str) -> bool:
        """Say whether `who` is, or owns, `name`; `who` may itself be a well-known name, of a destination."""
        return who is not None and (who == name or (self.owner(who) or who) == self.owner(name))

    def owner(self, name: str) -> str | None:
        """Return the unique name behind `name`; the bus is behind its own."""
        if name == BUS_NAME or name in self.peers:
            return name
        return self.names.owner(name)

    def find(self, name: str) -> Peer | None:
        """Return the client that is, or owns, `name`."""
        return self.peers.get(self.owner(name) or "")

    def _next_serial(self) -> int:
        self._serial = self._serial % _LARGEST_SERIAL + 1
        return self._serial

    def send(self, peer: Peer, message: Message) -> None:
        """Send `message` to one client in the bus's name."""
        message.sender, message.serial = BUS_NAME, self._next_serial()
        message.destination = peer.name or NAMELESS
        self._distribute(message, peer)

    def reply(self, peer: Peer, call: Message, signature: str, values: list[Any]) -> None:
        """Answer a call in the bus's name."""
        self.send(peer, with_body(Message(RETURN, reply_serial=call.serial), signature, values))

    def fail(self, peer: Peer, call: Message, error: BusError) -> None:
        """Answer a call with an error in the bus's name."""
        self.send(peer, self._error(call, error))

    @staticmethod
    def _error(call: Message, error: BusError) -> Message:
        message = Message(ERROR, reply_serial=call.serial, error_name=error.name)
        return with_body(message, "s", [str(error)])

    def _signal(self, member: str, *values: str) -> Message:
        message = Message(SIGNAL, path=BUS_PATH, interface=BUS_INTERFACE, member=member)
        return with_body(message, "s" * len(values), values)

    def announce(self, change: Change | None) -> None:
        """Tell of a changed owner: the old one first, then everyone, then the new one."""
        if change is None:
            return
        old, new = self.peers.get(change.old), self.peers.get(change.new)
        if old is not None:
            self.send(old, self._signal("NameLost", change.name))
        everyone = self._signal("NameOwnerChanged", *change)
        everyone.sender, everyone.serial = BUS_NAME, self._next_serial()
        self._distribute(everyone, None)
        if new is not None:
            self.send(new, self._signal("NameAcquired", change.name))

    def register(self, peer: Peer) -> str:
        """Give `peer` its unique name; the caller announces it, behind the reply."""
        self._last_name += 1
        peer.name = f":1.{self._last_name}"
        self.peers[peer.name] = peer
        return peer.name

    def watch(self, peer: Peer, rules: list[MatchRule]) -> None:
        """Make `peer` a monitor that sees what `rules` want, or everything without rules; it loses its names."""
        name = peer.name or ""
        owned = [name, *self.names.owned(name)]
        for lost in owned:
            self.send(peer, self._signal("NameLost", lost))
        self._withdraw(peer)
        peer.rules, peer.is_monitor = rules, True
        self._monitors.append(peer)

    def lost(self, peer: Peer) -> None:
        """Forget a client whose connection is gone, and tell those who care."""
        if peer.is_monitor:
            self._monitors.remove(peer)
        elif peer.name is not None:
            self._withdraw(peer)

    def _withdraw(self, peer: Peer) -> None:
        """Take `peer` off the bus: its names advance to the next in the queue, its callers get an error."""
        name, peer.name = peer.name or "", None
        del self.peers[name]
        for owned in reversed(self.names.owned(name)):
            self.announce(self.names.release(owned, name)[1])
        self.announce(Change(name, name, ""))
        peer.awaits.clear()
        for caller in self.peers.values():
            for serial in [serial for serial, callee in caller.awaits.items() if callee is peer]:
                del caller.awaits[serial]
                error = BusError("NoReply", "Message recipient disconnected from message bus without replying")
                self.fail(caller, Message(CALL, serial=serial), error)
