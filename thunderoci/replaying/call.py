"""What makes two requests the same: path, method and params; who asks, and under which id, does not count."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from thunderoci.recording.redaction import REDACTED, Redactor

HTTP, WEBSOCKET = "http", "websocket"

_TOKEN = re.compile(rf"(?<=[?&])token={re.escape(REDACTED)}&?")
_VERSION = re.compile(r"\.\d+\Z")
_SUBSCRIBING = frozenset({"register", "unregister"})
_SHOWN = 200
"""The most characters of params that a sentence shows."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request: JSON-RPC where `method` is text, else anything else, which `params` then is."""

    transport: str
    path: str
    method: str | None
    params: str
    """JSON with its members in order."""
    answered: bool = True
    """Whether an answer is asked for: a notification has no id."""

    @property
    def name(self) -> str:
        """The method without callsign and version."""
        return (self.method or "").rpartition(".")[2]

    @property
    def callsign(self) -> str:
        """The plugin that is called: the path says it, or else the method."""
        _, _, direct = self.path.partition("?")[0].partition("/jsonrpc/")
        prefix = direct.strip("/") or (self.method or "").rpartition(".")[0]
        return _VERSION.sub("", prefix)

    @property
    def subscribes(self) -> bool:
        """Whether the call begins or ends a subscription."""
        return self.name in _SUBSCRIBING

    @property
    def values(self) -> frozenset[str]:
        """All texts in the params."""
        return frozenset() if self.method is None else texts_in(json.loads(self.params))

    def member(self, name: str) -> str:
        """Return a text among the params, "" without it."""
        params = json.loads(self.params) if self.method is not None else None
        return str(params.get(name, "")) if isinstance(params, dict) else ""

    def anonymous(self) -> Call:
        """Return the same subscription by nobody in particular: clients make their ids up."""
        params = {"event": self.member("event")}
        return Call(self.transport, self.path, self.method, json.dumps(params), self.answered)

    def __str__(self) -> str:
        """Return the call as a sentence names it."""
        shown = self.params if len(self.params) <= _SHOWN else f"{self.params[:_SHOWN]}..."
        if self.method is None:
            return f"{self.path} {shown}".rstrip()
        return f"{self.method} with params {shown} at {self.path}"


def of_http(line: str, body: bytes, redactor: Redactor) -> Call:
    """Return the call of an HTTP request with this request line."""
    verb, target, _ = redactor.head(line.encode("latin-1")).decode("latin-1").split(" ", 2)
    path = without_token(target)
    call = _rpc(HTTP, path, body, redactor) if verb == "POST" else None
    return call or Call(HTTP, f"{verb} {path}", None, body.decode("latin-1"))


def of_message(path: str, message: bytes, redactor: Redactor) -> Call:
    """Return the call of a WebSocket message on a connection with this path."""
    return _rpc(WEBSOCKET, path, message, redactor) or Call(WEBSOCKET, path, None, message.decode("latin-1"))


def without_token(target: str) -> str:
    """Return the target of a request without the token that was redacted in it."""
    return _TOKEN.sub("", target).rstrip("?&")


def texts_in(value: Any) -> frozenset[str]:
    """Return all texts in a JSON value, "" aside."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            found.add(each)
        elif isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return frozenset(found - {""})


def object_in(text: bytes) -> dict[str, Any]:
    """Return a text as a JSON object, {} for what is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _rpc(transport: str, path: str, body: bytes, redactor: Redactor) -> Call | None:
    message = object_in(body)
    method = message.get("method")
    if not isinstance(method, str):
        return None
    params = json.dumps(redactor.params(message.get("params")), sort_keys=True)
    return Call(transport, path, method, params, "id" in message)
