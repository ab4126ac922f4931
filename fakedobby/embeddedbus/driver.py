"""The bus's own object, org.freedesktop.DBus: finds the method that a call means, and answers."""

from fakedobby.embeddedbus.message import Message
from fakedobby.embeddedbus.methods import INTERFACES, ONLY_ON_BUS_PATH, Bus, Identity, Method
from fakedobby.embeddedbus.router import BUS_NAME, BUS_PATH, BusError, Peer, Router


class Driver:
    """Answers the calls that are addressed to the bus."""

    def __init__(self, router: Router, identity: Identity) -> None:
        self._bus = Bus(router, identity)

    def answer(self, peer: Peer, call: Message) -> None:
        """Reply to one call; raises BusError for the router to send."""
        member = call.member or ""
        method = self._find(call.path, call.interface, member)
        if peer.name is None and member != "Hello":
            raise BusError("AccessDenied", "Client tried to send a message other than Hello without being registered")
        if (call.signature or "") != method.takes:
            raise BusError(
                "InvalidArgs", f"Call to {member} has wrong args ({call.signature or ''}, expected {method.takes})\n"
            )
        if len(call.body) > self._bus.router.limits.bus_call:
            raise BusError("LimitsExceeded", f"The arguments of {member} are too long")
        arguments = call.values()
        self._bus.router.reply(peer, call, method.gives, method.run(self._bus, peer, arguments))
        if method.afterwards is not None:
            method.afterwards(self._bus, peer, arguments)

    @staticmethod
    def _find(path: str | None, interface: str | None, member: str) -> Method:
        """Return the method; without an interface the first of that name."""
        here = {
            name: methods for name, methods in INTERFACES.items() if path == BUS_PATH or name not in ONLY_ON_BUS_PATH
        }
        complaint = f"{BUS_NAME} does not understand message {member}"
        if interface is not None and interface not in here:
            raise BusError("UnknownInterface", complaint)
        for methods in [here[interface]] if interface is not None else here.values():
            if member in methods:
                return methods[member]
        raise BusError("UnknownMethod", complaint)
