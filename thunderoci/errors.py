"""Two kinds of errors: what Thunder answers to its clients, and what our users are told.

What each flavour answers comes from facts/thunder.md B and D.1. The docstring of each UserError is the
sentence that is shown.
"""

from enum import Enum, auto

PARSE_ERROR = -32700
INVALID_REQUEST = -32600


class RPCError(Exception):
    """A JSON-RPC error answer: a code, and a message or None where Thunder leaves it out."""

    def __init__(self, code: int, message: str | None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class Failure(Enum):
    """Why Thunder does not carry out a call; each flavour has its own code and text for it."""

    UNKNOWN_CALLSIGN = auto()
    UNKNOWN_METHOD = auto()
    UNSUPPORTED_VERSION = auto()
    INVALID_SIGNATURE = auto()
    GENERAL = auto()
    """The plugin itself gave up."""


_GENERAL = (1, "ERROR_GENERAL")
_VERSION_TEXT = "Requested version is not supported."

ERRORS: dict[str, dict[Failure, tuple[int, str | None]]] = {
    "r4.4.1-rdk": {
        Failure.UNKNOWN_CALLSIGN: (2, "ERROR_UNAVAILABLE"),
        Failure.UNKNOWN_METHOD: (53, "ERROR_UNKNOWN_METHOD"),
        Failure.UNSUPPORTED_VERSION: (45, _VERSION_TEXT),
        Failure.INVALID_SIGNATURE: (-32602, None),
        Failure.GENERAL: _GENERAL,
    },
    "r4.4.1": {
        Failure.UNKNOWN_CALLSIGN: (2, "ERROR_UNAVAILABLE"),
        Failure.UNKNOWN_METHOD: (-32601, "Unknown method."),
        Failure.UNSUPPORTED_VERSION: (45, _VERSION_TEXT),
        Failure.INVALID_SIGNATURE: (38, "ERROR_INVALID_SIGNATURE"),
        Failure.GENERAL: _GENERAL,
    },
    "r4.4.7": {
        Failure.UNKNOWN_CALLSIGN: (-32603, "Could not access requested service"),
        Failure.UNKNOWN_METHOD: (-32601, "Unknown method."),
        Failure.UNSUPPORTED_VERSION: (-32602, _VERSION_TEXT),
        Failure.INVALID_SIGNATURE: (-32602, _VERSION_TEXT),
        Failure.GENERAL: _GENERAL,
    },
}


class Failed(Exception):
    """A call that is not carried out: what Thunder answers is in `failure`, and the text tells our log why."""

    def __init__(self, failure: Failure, reason: str) -> None:
        super().__init__(reason)
        self.failure = failure


class UserError(Exception):
    """{problem}."""

    def __init__(self, **facts: object) -> None:
        super().__init__((self.__doc__ or "").format(**facts))


class CannotListen(UserError):
    """Nothing can listen on port {port} of {host}: {reason}. Choose others: --port (0 takes a free one), --host."""


class EmulatorFailed(UserError):
    """The emulator that the suite was to run against did not start: {reason}."""
