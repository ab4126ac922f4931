"""Which message bus a program is on: one that it runs itself, or one that is there."""

import logging
from typing import Any, Protocol

from fakedobby.busaddress import HOSTED, resolve
from fakedobby.embeddedbus import EmbeddedBus
from fakedobby.privatebus import PrivateBus, dbus_daemon

log = logging.getLogger(__name__)


class Bus(Protocol):
    """A message bus for as long as a program needs it."""

    def start(self, reactor: Any) -> str:
        """Return the bus's address, on which it answers from now on; raises a UserError."""

    def stop(self) -> Any:
        """End what start() began; returns a Deferred where that takes time."""


class _ForeignBus:
    """A bus that others run, at an address, `session` or `system`."""

    def __init__(self, address: str) -> None:
        self._address = address

    def start(self, _reactor: Any) -> str:
        return resolve(self._address)

    def stop(self) -> None:
        pass


def chosen_bus(choice: str, path: str | None = None) -> Bus:
    """Return the bus that a value of --bus means; one of our own listens at `path`, or where it likes."""
    if choice not in HOSTED:
        return _ForeignBus(choice)
    if choice == "auto":
        program = dbus_daemon()
        choice = "private" if program else "embedded"
        log.info("the message bus is %s", program or "the embedded one, since there is no dbus-daemon on PATH")
    return PrivateBus(path) if choice == "private" else EmbeddedBus(path=path)
