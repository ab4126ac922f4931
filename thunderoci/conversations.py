"""What the journal says of the clients of a plugin host: their requests, the answers, and the events (no I/O)."""

from typing import Any

from fakedobby.emulation import Emulation
from fakedobby.journal import CAUSE
from thunderoci.message import Rejected, Request
from thunderoci.rawjson import Raw
from thunderoci.subscriptions import Client

_SHOWN = 1000
"""How many bytes of a text that is no request the journal keeps."""


class Conversations:
    """Writes down what clients and host say to each other, and numbers the connections for that."""

    def __init__(self, emulation: Emulation) -> None:
        self._journal = emulation.journal
        self._clock = emulation.clock
        self.clients: set[Client] = set()
        """Those that are connected."""
        self._numbers: dict[Client, int] = {}
        self._last = 0

    def number_of(self, client: Client) -> int:
        """Return the number of a connection in the journal: 1 is the first that made a call or got an event."""
        number = self._numbers.get(client)
        if number is None:
            self._last = number = self._last + 1
            if client in self.clients:  # one that has gone is not forgotten a second time
                self._numbers[client] = number
        return number

    def forget(self, client: Client) -> None:
        """Forget a client whose connection is gone."""
        self.clients.discard(client)
        self._numbers.pop(client, None)

    def reset(self) -> None:
        """Count connections from 1 again."""
        self._numbers.clear()
        self._last = 0

    def request(self, request: Request, client: Client, callsign: str | None) -> int:
        """Write a request down as the cause of all that follows; return the number of its client.

        `callsign` is the plugin that the path of the request names.
        """
        number = self.number_of(client)
        facts: dict[str, Any] = {
            "client": number,
            "transport": client.transport,
            "method": request.method,
            "id": request.id,
        }
        if request.params is not None:
            facts["params"] = request.params.encode()
        if callsign is not None:
            facts["callsign"] = callsign
        CAUSE.set(self._journal.note("request", **facts))
        return number

    def answer(self, number: int, body: bytes, begun: float) -> None:
        """Write down the answer to the client of a number, whose call began at this time of the clock."""
        seconds = round(self._clock.seconds() - begun, 6)
        self._journal.note("answer", client=number, body=body, seconds=seconds)

    def rejection(self, rejected: Rejected, client: Client, text: bytes) -> tuple[int, int]:
        """Write down a text that is no request; return the entry's ticket and the client's number."""
        number = self.number_of(client)
        begin = text[:_SHOWN].decode("utf-8", "replace")
        entry = self._journal.note(
            "request", client=number, transport=client.transport, rejected=str(rejected), text=begin
        )
        return entry, number

    def refusal(self, entry: int, number: int, body: bytes) -> None:
        """Write down what a client was answered to a text that is no request."""
        self._journal.note("answer", entry, client=number, body=body, seconds=0.0)

    def event(self, client: Client, designator: str, params: Raw) -> None:
        """Write down an event."""
        self._journal.note("event", client=self.number_of(client), method=designator, params=params.encode())

    def event_to_others(self, number: int, event: str, params: Raw) -> None:
        """Write down that so many subscribers have an event, besides those who have an entry each."""
        self._journal.note("event", others=number, method=event, params=params.encode())
