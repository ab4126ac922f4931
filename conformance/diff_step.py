"""What is asked of both sides of a diff: one call, and what is waited for behind it."""

import json
from dataclasses import dataclass
from typing import Any

HTTP, WEBSOCKET = "http", "websocket"
THERE, GONE = "there", "gone"
"""What is waited for behind a call: its container is listed, or no longer."""
DESCRIPTOR, DESCRIPTOR_NUMBER = "<descriptor>", "<descriptor as a number>"
"""What stands in params for the descriptor of the step's container, as text and as a number."""

Transcript = dict[str, Any]
"""What a side did, by subject: JSON values in a form in which two sides can be compared."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call, by ``subject``; ``method`` is the whole designator, ``body`` the request where it is no ordinary one.

    Behind a call that succeeds, ``settle`` and the events ``awaits`` about ``container`` are waited for; with
    ``events`` what came of events is a subject of its own. ``starts`` tells that the call may make ``container``.
    ``id`` is that of the request, as JSON, where the number of the call does not do.
    """

    subject: str
    method: str
    params: Any = None
    container: str = ""
    transport: str = HTTP
    path: str | None = None
    body: str | None = None
    starts: bool = False
    settle: str = ""
    awaits: tuple[str, ...] = ()
    events: bool = False
    headers: bool = False
    id: str = ""

    def asked(self, number: int) -> Any:
        """Return the id of the request when it is the call of this number."""
        return json.loads(self.id) if self.id else number

    def text(self, number: int, descriptor: int | None) -> str:
        """Return the request as the call of this number; ``descriptor`` is that of the step's container."""
        if self.body is not None:
            return self.body
        message = {"jsonrpc": "2.0", "id": self.asked(number), "method": self.method}
        if self.params is not None:
            message["params"] = _filled(self.params, descriptor or 0)
        return json.dumps(message)


def _filled(params: Any, descriptor: int) -> Any:
    if not isinstance(params, dict):
        return params
    meant = {DESCRIPTOR: str(descriptor), DESCRIPTOR_NUMBER: descriptor}
    return {name: meant.get(value, value) if isinstance(value, str) else value for name, value in params.items()}
