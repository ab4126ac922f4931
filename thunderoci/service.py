"""A plugin in its host (no I/O)."""

from enum import Enum

from thunderoci.plugin import Plugin
from thunderoci.subscriptions import Subscriptions


class State(Enum):
    """Whether a plugin works; the value is what the Controller's status says."""

    ACTIVATED = "activated"
    DEACTIVATED = "deactivated"
    UNAVAILABLE = "unavailable"


class Service:
    """A plugin in its host: its state, and who listens to it."""

    def __init__(self, plugin: Plugin) -> None:
        self.plugin = plugin
        self.state = State.DEACTIVATED
        self.subscriptions = Subscriptions()

    @property
    def active(self) -> bool:
        """Whether the plugin works."""
        return self.state is State.ACTIVATED
