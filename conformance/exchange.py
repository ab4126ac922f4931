"""One HTTP request to a target and what came back."""

import json
from dataclasses import dataclass
from typing import Any


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
    """A request with its complete answer; ``seconds`` is the time from sending to the answer's last byte."""

    request: Request
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float
