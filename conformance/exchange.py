"""What goes to a target and what comes back: HTTP exchanges, and the steps that a report shows."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MOST_SHOWN = 4096
"""How many characters of a body a report shows."""

Clean = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is sent: absolute URL, headers in order, body bytes, HTTP method."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    method: str = "POST"

    def message(self) -> dict[str, Any]:
        """Return the JSON-RPC request in the body."""
        message: dict[str, Any] = json.loads(self.body)
        return message


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its complete answer; ``seconds`` is the time from sending to the answer's last byte.

    ``trailing`` holds bytes that came on the connection behind the answer, though nothing was asked.
    """

    request: Request
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float
    trailing: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the value of the first header of this name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(slots=True)
class Step:
    """One step of a case as reports show it; ``at`` and ``seconds`` count from the case's begin."""

    kind: str
    """"http", or of a WebSocket "open", "sent", "received", "closed"."""
    at: float
    call: str = ""
    """The JSON-RPC method that is called, where there is one."""
    connection: int = 0
    text: str = ""
    request: Request | None = None
    exchange: Exchange | None = None
    error: str = ""
    seconds: float = 0.0
    answer: str = ""
    """What a WebSocket answered to what was sent; the report has it in a step of its own."""
    answered: bool = field(default=False)
    """Whether a latency can be told from it."""

    def as_json(self, clean: Clean) -> dict[str, Any]:
        """Return the step in the form of the report; ``clean`` takes secrets out of a text, which has to be whole."""
        if self.request is None:
            return {"kind": self.kind, "connection": self.connection, "text": cut(clean(self.text)), "at": self.at}
        answer = self.exchange
        return {
            "kind": "http",
            "call": self.call,
            "method": self.request.method,
            "url": self.request.url,
            "headers": [list(header) for header in self.request.headers],
            "body": cut(clean(decoded(self.request.body))),
            "status": answer.status if answer else None,
            "reason": answer.reason if answer else "",
            "answer_headers": [list(header) for header in answer.headers] if answer else [],
            "answer": cut(clean(decoded(answer.body))) if answer else "",
            "error": self.error,
            "at": self.at,
            "seconds": self.seconds,
        }


def decoded(body: bytes) -> str:
    """Return a body as text, bytes that are no UTF-8 as escapes."""
    return body.decode("utf-8", "backslashreplace")


def cut(whole: str) -> str:
    """Return a text as reports show it: cut when long."""
    return whole if len(whole) <= MOST_SHOWN else f"{whole[:MOST_SHOWN]}... ({len(whole)} characters)"


def called(body: bytes | str) -> str:
    """Return the name of the method that a JSON-RPC request calls, without callsign and version; "" where none is."""
    try:
        method = json.loads(body)["method"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return method.rpartition(".")[2] if isinstance(method, str) else ""
