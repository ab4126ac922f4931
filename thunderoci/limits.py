"""How much a client may send, how long it may be silent, and how much may wait for it."""

from dataclasses import dataclass

_MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one connection; a real box has only the first (facts/thunder.md A.3)."""

    idle: float = 180
    """Seconds without traffic after which HTTP ends, and WebSocket gets a ping every other time; Thunder's idletime."""
    linger: float = 5
    """Seconds that a client whose request was refused has to read why before its connection is cut."""
    head: int = 64 * 1024
    """The most bytes of request line and headers."""
    message: int = 16 * _MEBIBYTE
    """The most bytes of an HTTP body or a WebSocket message."""
    unread: int = 64 * _MEBIBYTE
    """The most bytes that wait for a client that does not read: answers that it asked for, and events."""
    unread_events: int = _MEBIBYTE
    """The most bytes of events among them: nobody asked for each of them, and they come for ever."""
    calls: int = 256
    """The most calls of one WebSocket that are worked on; those behind them wait, and so does what is behind those.

    The same holds for HTTP requests where they are not answered in their order.
    """


BACKLOG = 4096
"""How many clients may wait to be accepted; the system may allow fewer, and lets others try again after a second."""
SUBSCRIPTIONS = 1024
"""The most subscriptions of one connection, to the events of all plugins together."""
NOTED_EVENTS = 100
"""For how many subscribers of an event the journal has an entry each; one more tells how many others there were."""
