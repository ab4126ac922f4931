"""Who wants to hear of which event of one plugin.

Source of the rules: facts/thunder.md C. A subscription belongs to the connection on which it was made.
"""

import itertools
from collections.abc import Callable, Iterator


class Client:
    """One connection of a client, as the host sees it.

    `push` takes the JSON text of an event message; `remote` is the client's address, `number` tells connections apart.
    """

    _numbers = itertools.count(1)

    def __init__(self, push: Callable[[bytes], None], remote: str = "") -> None:
        self.push = push
        self.remote = remote
        self.number = next(self._numbers)
        self.kind = "WebServer"
        """What the Controller says of the connection."""

    @property
    def transport(self) -> str:
        """Over what it calls, as the journal has it."""
        return "websocket" if self.kind == "WebSocket" else "http"


class Subscriptions:
    """The subscriptions to one plugin's events, in the order in which they were made."""

    def __init__(self) -> None:
        self._subscribers: dict[str, dict[tuple[Client, str], None]] = {}

    def add(self, event: str, client: Client, client_id: str) -> bool:
        """Subscribe a client under an id of its own choice; False when it is subscribed so already."""
        subscribers = self._subscribers.setdefault(event, {})
        if (client, client_id) in subscribers:
            return False
        subscribers[client, client_id] = None
        return True

    def remove(self, event: str, client: Client, client_id: str) -> bool:
        """End a subscription; False when there is none."""
        subscribers = self._subscribers.get(event, {})
        if (client, client_id) not in subscribers:
            return False
        del subscribers[client, client_id]
        if not subscribers:
            del self._subscribers[event]
        return True

    def forget(self, client: Client) -> None:
        """End all subscriptions of a client."""
        for event, subscribers in list(self._subscribers.items()):
            left = {subscriber: None for subscriber in subscribers if subscriber[0] is not client}
            if left:
                self._subscribers[event] = left
            else:
                del self._subscribers[event]

    def __iter__(self) -> Iterator[tuple[str, Client, str]]:
        for event, subscribers in self._subscribers.items():
            for client, client_id in subscribers:
                yield event, client, client_id

    def clear(self) -> None:
        """End all subscriptions."""
        self._subscribers.clear()

    def of(self, event: str) -> list[tuple[Client, str]]:
        """Return client and id of each subscription to an event."""
        return list(self._subscribers.get(event, ()))
