"""Who wants to hear of which event of one plugin.

Source of the rules: facts/thunder.md C. A subscription belongs to the connection on which it was made.
"""

import itertools
import logging
from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)


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
        self._told = False
        """Whether the log has it that this client wanted more subscriptions than it may have."""

    @property
    def transport(self) -> str:
        """Over what it calls, as the journal has it."""
        return "websocket" if self.kind == "WebSocket" else "http"

    def log_refusal(self, most: int) -> None:
        """Let the log say once that this client gets no more subscriptions than it has."""
        if not self._told:
            self._told = True
            log.warning("the client at %s has %d subscriptions, and gets no more here", self.remote, most)


class Subscriptions:
    """The subscriptions to one plugin's events, in the order in which they were made."""

    def __init__(self) -> None:
        self._subscribers: dict[str, dict[tuple[Client, str], None]] = {}
        self._made_by: dict[Client, dict[tuple[str, str], None]] = {}
        """The same by client, so that the end of one costs nothing but its own subscriptions."""

    def add(self, event: str, client: Client, client_id: str) -> bool:
        """Subscribe a client under an id of its own choice; False when it is subscribed so already."""
        made = self._made_by.setdefault(client, {})
        if (event, client_id) in made:
            return False
        made[event, client_id] = None
        self._subscribers.setdefault(event, {})[client, client_id] = None
        return True

    def remove(self, event: str, client: Client, client_id: str) -> bool:
        """End a subscription; False when there is none."""
        made = self._made_by.get(client, {})
        if (event, client_id) not in made:
            return False
        del made[event, client_id]
        if not made:
            del self._made_by[client]
        self._drop(event, client, client_id)
        return True

    def forget(self, client: Client) -> None:
        """End all subscriptions of a client."""
        for event, client_id in self._made_by.pop(client, ()):
            self._drop(event, client, client_id)

    def _drop(self, event: str, client: Client, client_id: str) -> None:
        subscribers = self._subscribers[event]
        del subscribers[client, client_id]
        if not subscribers:
            del self._subscribers[event]

    def __len__(self) -> int:
        return sum(map(len, self._made_by.values()))

    def made_by(self, client: Client) -> int:
        """Return how many subscriptions are a client's."""
        return len(self._made_by.get(client, ()))

    def __iter__(self) -> Iterator[tuple[str, Client, str]]:
        for event, subscribers in self._subscribers.items():
            for client, client_id in subscribers:
                yield event, client, client_id

    def clear(self) -> None:
        """End all subscriptions."""
        self._subscribers.clear()
        self._made_by.clear()

    def of(self, event: str) -> list[tuple[Client, str]]:
        """Return client and id of each subscription to an event."""
        return list(self._subscribers.get(event, ()))
