"""What Dobby's D-Bus service looks like on the wire: names, signatures, state numbers.

Source of every figure here: facts/dobby.md sections 0, 1 and 3.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

BUS_NAME = "org.rdk.dobby"
OBJECT_PATH = "/org/rdk/dobby"
CTRL_INTERFACE = "org.rdk.dobby.ctrl1"

Descriptor = int
"""The int32 that Dobby gives a running container, 1 to 1023."""


class WireState(IntEnum):
    """The number that GetState answers; unknown descriptors are INVALID (facts/dobby.md 3)."""

    INVALID = 0
    STARTING = 1
    RUNNING = 2
    STOPPING = 3
    PAUSED = 4
    HIBERNATING = 5
    HIBERNATED = 6
    AWAKENING = 7


@dataclass(frozen=True, slots=True)
class Reply:
    """The body of a method return: its D-Bus signature and its values."""

    signature: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """One member of the control interface.

    `accepts` lists the argument signatures that the daemon takes, None takes anything. Any other one is not a D-Bus
    error: the method answers `refusal`, as a normal reply (facts/dobby.md 0).
    """

    accepts: tuple[str, ...] | None
    returns: str
    refusal: Reply


_NO_DESCRIPTOR = Reply("i", (-1,))
_FALSE = Reply("b", (False,))

METHODS: dict[str, Method] = {
    "StartFromSpec": Method(("ssah", "ssahssas"), "i", _NO_DESCRIPTOR),
    "StartFromBundle": Method(("ssah", "ssahssas", "ssahssasuu"), "i", _NO_DESCRIPTOR),
    "Stop": Method(("ib",), "b", _FALSE),
    "Pause": Method(("i",), "b", _FALSE),
    "Resume": Method(("i",), "b", _FALSE),
    "Exec": Method(("iss",), "b", _FALSE),
    "GetState": Method(("i",), "i", Reply("i", (-1,))),
    # The daemon answers `b true` to bad arguments of GetInfo, a slip of its C++ that clients do meet.
    "GetInfo": Method(("i",), "s", Reply("b", (True,))),
    "List": Method(None, "aias", Reply("aias", ([], []))),
}

SIGNALS: dict[str, str] = {
    "Started": "is",
    "StoppedWithStatus": "isi",
    "Stopped": "is",
}

ERROR_FAILED = "org.freedesktop.DBus.Error.Failed"
ERROR_UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"
ERROR_UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject"
