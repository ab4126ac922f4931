"""The events that a test hears, on a WebSocket of its own."""

import itertools
import json
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple, Self

from thunderoci.testing.errors import NoAnswer, NoEvent, NotRegistered, is_told
from thunderoci.testing.websocket import WebSocket

__tracebackhide__ = is_told

_CLIENT_ID = "test"
PATIENCE = 5.0
"""Seconds that an event may take, unless a test says otherwise."""


class Event(NamedTuple):
    """One event: its name without the client's id before it, and its params."""

    name: str
    params: Any


class Events:
    """A subscription to some events of one plugin. Raises NotRegistered.

    `fence` has no effect but to be over when all that has happened until now has become events.
    """

    def __init__(
        self, url: str, callsign: str, names: Iterable[str], timeout: float, *, fence: Callable[["Events"], object]
    ) -> None:
        self._url = url
        self._timeout = timeout
        self._names = tuple(names)
        self._fence = fence
        self._numbers = itertools.count(1)
        self._answers: dict[int, dict[str, Any]] = {}
        self._events: deque[Event] = deque()
        self._socket = WebSocket(url, timeout)
        for name in self._names:
            answer = self.ask(f"{callsign}.1.register", {"event": name, "id": _CLIENT_ID})
            if answer.get("result") != 0:
                self.close()
                raise NotRegistered(event=name, callsign=callsign, answer=json.dumps(answer.get("error", answer)))

    def next(self, timeout: float = PATIENCE) -> Event:
        """Return the next event. Raises NoEvent when none comes within `timeout` seconds, Closed after the end."""
        deadline = time.monotonic() + timeout
        while not self._events:
            text = self._socket.receive(max(0.0, deadline - time.monotonic()))
            if text is None:
                raise NoEvent(wanted=" or ".join(self._names), seconds=timeout, passed="nothing")
            self._take(json.loads(text))
        return self._events.popleft()

    def wait_for(self, name: str, /, timeout: float = PATIENCE, **params: Any) -> Event:
        """Return the next event of a name, with these params among its own; those before it are passed over.

        Raises NoEvent, which tells of those, and Closed.
        """
        passed: list[Event] = []
        deadline = time.monotonic() + timeout
        while True:
            try:
                event = self.next(max(0.0, deadline - time.monotonic()))
            except NoEvent:
                wanted = f"{name} {json.dumps(params)}" if params else name
                told = ", ".join(f"{one.name} {json.dumps(one.params)}" for one in passed) or "nothing"
                raise NoEvent(wanted=wanted, seconds=timeout, passed=told) from None
            if event.name == name and _has(event.params, params):
                return event
            passed.append(event)

    def heard(self) -> list[Event]:
        """Return all events that what happened until now has caused, which may be none, and take them."""
        self._fence(self)
        events = list(self._events)
        self._events.clear()
        return events

    def ask(self, designator: str, params: Any) -> dict[str, Any]:
        """Call on this connection and return the answer; events that come before it are kept. Raises NoAnswer."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": designator, "params": params}))
        deadline = time.monotonic() + self._timeout
        while number not in self._answers:
            text = self._socket.receive(max(0.0, deadline - time.monotonic()))
            if text is None:
                raise NoAnswer(method=designator, url=self._url, reason=f"nothing came within {self._timeout:g} s")
            self._take(json.loads(text))
        return self._answers.pop(number)

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._answers[message["id"]] = message
        else:
            self._events.append(Event(message["method"].removeprefix(f"{_CLIENT_ID}."), message.get("params")))

    def close(self) -> None:
        """End the subscription."""
        with suppress(OSError):
            self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _has(params: Any, wanted: dict[str, Any]) -> bool:
    return all(isinstance(params, dict) and name in params and params[name] == value for name, value in wanted.items())
