"""What can go wrong in a test, each class with the sentence that is shown."""


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

    def __init__(self, *, operation: str, status: int, detail: str, where: str = "") -> None:
        super().__init__(operation=operation, detail=detail.removesuffix("."), where=f", at {where}" if where else "")
        self.status = status
        """The HTTP status: 400 for bad input, 404 for what there is not, 409 for what is not possible now."""


class UnknownOption(TestingError, TypeError):
    """There is no option {name!r} of an emulator; these there are: {known}."""


class BadOption(TestingError, TypeError):
    """The option {name!r} of an emulator can't be {value!r}: {expected} expected."""
