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
    INACTIVE = auto()
    """The plugin is deactivated or unavailable, and the call came by way of the Controller."""
    INACTIVE_DIRECT = auto()
    """The same, and the path of the request named the plugin."""
    REGISTERED_ALREADY = auto()
    NOT_REGISTERED = auto()
    UNKNOWN_KEY = auto()
    """The Controller knows no such callsign."""
    PRIVILEGED = auto()
    """The Controller does not do that to itself."""
    ILLEGAL_STATE = auto()
    """An unavailable plugin can't be activated."""
    UNAVAILABLE = auto()
    """The plugin has nothing to suspend or resume."""
    IN_PROCESS = auto()
    """Only a plugin in a process of its own can be hibernated."""
    NOTHING_TO_HIBERNATE = auto()
    GENERAL = auto()
    """The plugin itself gave up."""


_VERSION_TEXT = "Requested version is not supported."
_NOT_ACTIVE = (2, "Service is not active")
_ILLEGAL_STATE = (5, "The service is in an illegal state!!!.")
_REGISTERED_ALREADY = "Registration already done!!!."
_NOT_REGISTERED = "Unregister was already done!!!."

_R4_4_1: dict[Failure, tuple[int, str | None]] = {
    Failure.UNKNOWN_CALLSIGN: (2, "ERROR_UNAVAILABLE"),
    Failure.UNKNOWN_METHOD: (-32601, "Unknown method."),
    Failure.UNSUPPORTED_VERSION: (45, _VERSION_TEXT),
    Failure.INVALID_SIGNATURE: (38, "ERROR_INVALID_SIGNATURE"),
    Failure.INACTIVE: _ILLEGAL_STATE,
    Failure.INACTIVE_DIRECT: _NOT_ACTIVE,
    Failure.REGISTERED_ALREADY: (-32601, _REGISTERED_ALREADY),
    Failure.NOT_REGISTERED: (-32601, _NOT_REGISTERED),
    Failure.UNKNOWN_KEY: (22, "ERROR_UNKNOWN_KEY"),
    Failure.PRIVILEGED: (24, "ERROR_PRIVILIGED_REQUEST"),
    Failure.ILLEGAL_STATE: _ILLEGAL_STATE,
    Failure.UNAVAILABLE: (2, "ERROR_UNAVAILABLE"),
    Failure.IN_PROCESS: (47, "ERROR_INPROC"),
    Failure.NOTHING_TO_HIBERNATE: (-32601, "Unknown method."),
    Failure.GENERAL: (1, "ERROR_GENERAL"),
}

ERRORS: dict[str, dict[Failure, tuple[int, str | None]]] = {
    "r4.4.1": _R4_4_1,
    # RDK's patch gives some failures a code of JSON-RPC and forgets their text
    "r4.4.1-rdk": _R4_4_1
    | {
        Failure.UNKNOWN_METHOD: (53, "ERROR_UNKNOWN_METHOD"),
        Failure.INVALID_SIGNATURE: (-32602, None),
        Failure.UNKNOWN_KEY: (-32601, None),
        Failure.PRIVILEGED: (-32604, None),
    },
    "r4.4.7": _R4_4_1
    | {
        Failure.UNKNOWN_CALLSIGN: (-32603, "Could not access requested service"),
        Failure.UNSUPPORTED_VERSION: (-32602, _VERSION_TEXT),
        Failure.INVALID_SIGNATURE: (-32602, _VERSION_TEXT),
        Failure.INACTIVE: _NOT_ACTIVE,
        Failure.REGISTERED_ALREADY: (22, _REGISTERED_ALREADY),
        Failure.NOT_REGISTERED: (22, _NOT_REGISTERED),
        Failure.PRIVILEGED: (-32604, "method invocation not allowed."),
        Failure.NOTHING_TO_HIBERNATE: (-32603, "Could not access requested service"),
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
    """An emulator did not start: {reason}."""


class BadUpstream(UserError):
    """'{given}' is no box that could be recorded: {reason}; give http://host:port or host:port."""


class RecordingExists(UserError):
    """The recording {file} exists already: give another, --append to go on with it, or --force to replace it."""


class RecordingUnwritable(UserError):
    """The recording {file} can't be written: {reason}."""


class RecordingUnreadable(UserError):
    """The recording {file} can't be read: {reason}."""


class BadRecording(UserError):
    """The recording {file} can't be used; line {line}: {reason}."""


class BadURL(UserError):
    """'{url}' is no URL of an emulator. Give one like http://127.0.0.1:9998."""


class NoEmulator(UserError):
    """No emulator answers at {url}: {reason}. Start one with 'thunderoci up', or give its URL."""


class NoControl(UserError):
    """What answers at {url} can't be asked: {reason}. Give an emulator's URL, and its --control-token if it has one."""
