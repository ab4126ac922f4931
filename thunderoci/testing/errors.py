"""What can go wrong in a test, each class with the sentence that is shown."""

from typing import Any


class ThunderError(Exception):
    """Thunder answered a call with a JSON-RPC error: `code`, and `message` or None where it gives no text."""

    def __init__(self, method: str, code: int, message: str | None) -> None:
        super().__init__(f"{method} was answered with error {code}{f', {message}' if message else ''}")
        self.method = method
        self.code = code
        self.message = message


class TestingError(Exception):
    """{problem}."""

    __test__ = False  # a class that pytest would take for one of tests

    def __init__(self, **facts: object) -> None:
        super().__init__((self.__doc__ or "").format(**facts))


class NoAnswer(TestingError, ConnectionError):
    """{method} got no answer from {url}: {reason}."""


class NotJSON(TestingError, ValueError):
    """{method} was answered with status {status} and no JSON-RPC answer: {body!r}."""


class NoEvent(TestingError, TimeoutError):
    """No {wanted} within {seconds:g} s; since the last one was taken there came {passed}."""


class Closed(TestingError, ConnectionError):
    """The emulator ended the WebSocket{reason}; subscribe again."""


class NotRegistered(TestingError):
    """The emulator did not register for {event} of {callsign}: {answer}."""


class ControlFailed(TestingError):
    """The emulator refused {operation}: {detail}{where}."""

    def __init__(self, *, operation: str, kind: str, detail: str, where: str = "") -> None:
        super().__init__(operation=operation, detail=detail.removesuffix("."), where=f", at {where}" if where else "")
        self.kind = kind
        """Its name in the control API: NoSuchThing, BadInput, NotNow and so on."""


class NotControl(TestingError, ValueError):
    """{operation} was answered with status {status} and no JSON: {body!r}; {url} is no control API of an emulator."""


class BusFailed(TestingError, ConnectionError):
    """The message bus at {address} does not do: {reason}."""


class DobbyError(Exception):
    """Dobby, or the message bus in its place, answered a call with a D-Bus error: its `name` and `text`."""

    def __init__(self, member: str, name: str, text: str) -> None:
        super().__init__(f"{member} was answered with {name}{f', {text}' if text else ''}")
        self.member = member
        self.name = name
        self.text = text


class NotStarted(TestingError, TimeoutError):
    """The start of {container_id} was not over in time: {why}. It is still under way."""


class BadCall(TestingError, TypeError):
    """{member} can't be called so: {reason}."""


class UnknownOption(TestingError, TypeError):
    """There is no option {name!r} of an emulator; these there are: {known}."""


class BadOption(TestingError, TypeError):
    """The option {name!r} of an emulator can't be {value!r}: {expected} expected."""


def is_told(raised: Any) -> bool:
    """Tell whether an exception, as pytest.ExceptionInfo, says all there is to know about it.

    As a module's `__tracebackhide__` it makes a failure point at the line of the test: what is within the client is of
    interest only when the client itself is at fault.
    """
    return isinstance(raised.value, (AssertionError, DobbyError, TestingError, ThunderError))
