"""The control API as a test uses it: operations by name, values in and out."""

import json
from collections.abc import Mapping
from typing import Any, Protocol, Self
from urllib.parse import quote, urlencode, urlsplit

from thunderoci.testing.connection import Connection
from thunderoci.testing.errors import ControlFailed, NoAnswer, NotControl, is_told

__tracebackhide__ = is_told

_FAILED = 400
_SHOWN = 500
"""Bytes of an answer that a complaint about it shows."""

OPERATIONS: Mapping[str, tuple[str, str]] = {
    "getHealth": ("GET", "health"),
    "getStatus": ("GET", "status"),
    "getState": ("GET", "state"),
    "setState": ("PUT", "state"),
    "resetState": ("POST", "state/reset"),
    "snapshotState": ("POST", "state/snapshot"),
    "restoreState": ("POST", "state/restore"),
    "listContainers": ("GET", "containers"),
    "getContainer": ("GET", "containers/{id}"),
    "startContainer": ("POST", "containers"),
    "exitContainer": ("POST", "containers/{id}/exit"),
    "crashContainer": ("POST", "containers/{id}/crash"),
    "listSubscriptions": ("GET", "subscriptions"),
    "sendEvent": ("POST", "events"),
    "listFaults": ("GET", "faults"),
    "addFault": ("POST", "faults"),
    "getFault": ("GET", "faults/{id}"),
    "removeFault": ("DELETE", "faults/{id}"),
    "clearFaults": ("DELETE", "faults"),
    "getClock": ("GET", "clock"),
    "advanceClock": ("POST", "clock/advance"),
    "freezeClock": ("POST", "clock/freeze"),
    "setClockSpeed": ("POST", "clock/speed"),
    "getProgression": ("GET", "progression"),
    "stepProgression": ("POST", "progression/step"),
    "queryJournal": ("GET", "journal"),
    "clearJournal": ("DELETE", "journal"),
}
"""Verb and path of each operation; a test compares them with the OpenAPI document."""


class Control(Protocol):
    """Whatever carries out operations of the control API; threads may share it."""

    def do(self, operation: str, timeout: float | None = None, /, **members: Any) -> Any:
        """Carry out an operation and return its value; `timeout` is in seconds. Raises TestingError."""

    def apart(self) -> Self:
        """Return another with a connection of its own, for what takes so long that others must not wait for it."""

    def close(self) -> None:
        """End the connection."""


class HTTPControl:
    """The control API over HTTP, at the `control` of a READY line."""

    def __init__(self, url: str, timeout: float, token: str | None = None) -> None:
        self._url, self._timeout, self._token = url, timeout, token
        parts = urlsplit(url)
        self._base = parts.path
        self._connection = Connection(parts.hostname or "", parts.port or 80, timeout)
        self._headers = {"Content-Type": "application/json"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"

    def do(self, operation: str, timeout: float | None = None, /, **members: Any) -> Any:
        """Carry out an operation and return its value. Raises ControlFailed, NoAnswer and NotControl."""
        verb, path = OPERATIONS[operation]
        if "{id}" in path:
            path = path.replace("{id}", quote(str(members.pop("id")), safe=""))
        body = None
        if verb == "GET":
            path += f"?{urlencode(members)}" if members else ""
        elif members or verb != "DELETE":
            body = json.dumps(members).encode()
        try:
            answer = self._connection.request(verb, self._base + path, body, self._headers, timeout=timeout)
        except OSError as problem:
            raise NoAnswer(method=operation, url=self._url, reason=str(problem) or type(problem).__name__) from None
        try:
            value = json.loads(answer.body) if answer.body else None
        except ValueError:
            shown = answer.body[:_SHOWN]
            raise NotControl(operation=operation, url=self._url, status=answer.status, body=shown) from None
        if answer.status >= _FAILED:
            facts = value if isinstance(value, dict) else {}
            kind = facts.get("error") or answer.reason
            detail = facts.get("detail") or kind
            raise ControlFailed(operation=operation, kind=kind, detail=detail, where=facts.get("where", ""))
        return value

    def apart(self) -> Self:
        """Return another with a connection of its own."""
        return type(self)(self._url, self._timeout, self._token)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()
