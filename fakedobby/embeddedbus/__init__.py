"""A D-Bus message bus inside this process, for machines without a dbus-daemon."""

from fakedobby.embeddedbus.bus import EmbeddedBus
from fakedobby.embeddedbus.limits import Limits

__all__ = ["EmbeddedBus", "Limits"]
