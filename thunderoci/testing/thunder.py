"""An emulated Thunder as a test uses it."""

import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit

from thunderoci.emulator import ChildProgram
from thunderoci.testing.connection import Answer, Connection
from thunderoci.testing.control import HTTPControl
from thunderoci.testing.emulated import Emulated
from thunderoci.testing.errors import BadCall, NoAnswer, NotJSON, TestingError, ThunderError, is_told
from thunderoci.testing.events import Events
from thunderoci.testing.expectation import Expectation

__tracebackhide__ = is_told

CALLSIGN = "org.rdk.OCIContainer"
_TIMEOUT = 10.0
_NOTHING: Any = object()


class Thunder(Emulated):
    """A client of an emulator that knows its control API; one thing at a time, without a thread or a reactor.

    `ready` is what the emulator's READY line says. `timeout` is for one answer, in seconds of real time; `program` is
    the emulator's process, when it is ours. With a `control_token` the control API is used with that.
    """

    def __init__(
        self,
        ready: dict[str, Any],
        *,
        timeout: float = _TIMEOUT,
        control_token: str | None = None,
        program: ChildProgram | None = None,
    ) -> None:
        self.ready = ready
        self.url: str = ready["url"]
        """Where JSON-RPC is answered over HTTP."""
        self.ws: str = ready["ws"]
        """Where WebSockets are opened."""
        self.bus: str = ready["bus"]
        """The address of the message bus with the fake Dobby."""
        self.profile: str = ready["profile"]
        self.flavour: str = ready["flavour"]
        self.timeout = timeout
        parts = urlsplit(self.url)
        self._path = parts.path
        self._connection = Connection(parts.hostname or "", parts.port or 80, timeout)
        control = ready["control"] or f"{self.url.removesuffix('jsonrpc')}emulator/"
        self._control = HTTPControl(control, timeout, control_token)
        super().__init__(self._control, program, self.url)
        self._numbers = itertools.count(1)
        self._listening: list[Events] = []

    def call(self, method: str, params: Any = _NOTHING, /, **named: Any) -> Any:
        """Call a method of org.rdk.OCIContainer, or by a whole designator any other, and return its result.

        `params` are the keyword arguments, or a value of any kind. Raises ThunderError for an error answer, NoAnswer
        and NotJSON where there is none, BadCall when params are given in both ways.
        """
        if params is not _NOTHING and named:
            extra = ", ".join(named)
            raise BadCall(member=method, reason=f"its params are given, and {extra} besides; give all in one way")
        designator = method if "." in method else f"{CALLSIGN}.1.{method}"
        request: dict[str, Any] = {"jsonrpc": "2.0", "id": next(self._numbers), "method": designator}
        if params is not _NOTHING or named:
            request["params"] = named if params is _NOTHING else params
        answer = self._post(json.dumps(request).encode(), method, _is_answer)
        try:
            message = json.loads(answer.body)
            if "error" in message:
                raise ThunderError(method, message["error"]["code"], message["error"].get("message"))
            return message["result"]
        except (ValueError, LookupError, TypeError):
            raise NotJSON(method=method, status=answer.status, body=answer.body[:500]) from None

    def post(self, body: bytes) -> Answer:
        """Send any bytes as the body of a JSON-RPC request and return status, reason and body. Raises NoAnswer."""
        return self._post(body, "the request", lambda _: True)

    def _post(self, body: bytes, about: str, is_mine: Callable[[Answer], bool]) -> Answer:
        headers = {"Content-Type": "application/json"}
        try:
            return self._connection.request("POST", self._path, body, headers, is_mine=is_mine)
        except OSError as problem:
            raise NoAnswer(method=about, url=self.url, reason=str(problem) or type(problem).__name__) from None

    def subscribe(self, *names: str, callsign: str = CALLSIGN) -> Events:
        """Register for events of a plugin, on a WebSocket that ends with the test. Raises NotRegistered."""
        events = Events(self.ws, callsign, names, self.timeout, fence=_ask_dobby)
        self._listening.append(events)
        return events

    def send_event(self, event: str, params: Any, *, callsign: str = CALLSIGN) -> int:
        """Have a plugin send an event, whatever happened or not; return how many subscriptions it went to."""
        delivered: int = self.control.do("sendEvent", callsign=callsign, event=event, params=params)["delivered"]
        return delivered

    def assert_called(
        self, method: str, /, *, times: int | None = None, within: float = 0, **params: Any
    ) -> list[dict[str, Any]]:
        """Claim that somebody called a method, with these params among its own; return the journal's entries.

        `times` is how often (at least once without it), `within` how many real seconds it may still take. What the test
        itself calls counts too. Raises AssertionError, which shows the calls that came nearest.
        """
        return self.journal.expect(Expectation("request", method, params, times=times), within)

    def assert_not_called(self, method: str, /, **params: Any) -> None:
        """Claim that nobody called a method with these params so far. Raises AssertionError."""
        self.journal.expect(Expectation("request", method, params, times=0), 0)

    def assert_event(
        self, event: str, /, *, times: int | None = None, within: float = 0, **params: Any
    ) -> list[dict[str, Any]]:
        """Claim that an event was sent, with these params among its own; as assert_called().

        It counts for each subscription, and is not sent at all when there is none.
        """
        return self.journal.expect(
            Expectation("event", event, params, times=times), within, lambda: self._unheard(event)
        )

    def hang_up(self) -> None:
        """End the subscriptions of this test."""
        for events in self._listening:
            events.close()
        self._listening.clear()

    def close(self) -> None:
        """End all connections."""
        self.hang_up()
        self._connection.close()
        self._control.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _unheard(self, event: str) -> str:
        """Return a remark when nobody is subscribed to an event."""
        with suppress(TestingError):
            subscriptions = self.control.do("listSubscriptions")["subscriptions"]
            if not any(one["event"] == event for one in subscriptions):
                return f"Nobody is subscribed to {event}."
        return ""


def _is_answer(answer: Answer) -> bool:
    """Tell whether an answer is no event, which comes like one on a connection that registered for it."""
    try:
        message = json.loads(answer.body)
    except ValueError:
        return True
    return not (isinstance(message, dict) and "method" in message)


def _ask_dobby(events: Events) -> None:
    """Make a call that goes to Dobby and back, behind all that Dobby has sent."""
    events.ask(f"{CALLSIGN}.1.listContainers", {})
