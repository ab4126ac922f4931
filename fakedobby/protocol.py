"""What Dobby's D-Bus service looks like on the wire: names, signatures, state numbers.

Source of every figure here: facts/dobby.md sections 0, 1, 2 and 3.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

BUS_NAME = "org.rdk.dobby"
OBJECT_PATH = "/org/rdk/dobby"
ADMIN_INTERFACE = "org.rdk.dobby.admin1"
CTRL_INTERFACE = "org.rdk.dobby.ctrl1"
DEBUG_INTERFACE = "org.rdk.dobby.debug1"

Descriptor = int
"""The int32 that Dobby gives a running container, 1 to 1023."""


LARGEST_MESSAGE = 2**25
"""The bytes of a message for which dbus-daemon, as boxes have it, throws its sender off the bus."""


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


class Reply(NamedTuple):
    """The body of a method return: its D-Bus signature and its values."""

    signature: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Method:
    """One member of the object (facts/dobby.md 1).

    `accepts` lists the argument signatures that the daemon takes, None takes anything. Any other one is not a D-Bus
    error: the method answers `refusal`, as a normal reply. When the arguments fit, and the daemon can't or won't do it,
    the value of the reply is `failure`.
    """

    interface: str
    accepts: tuple[str, ...] | None
    returns: str
    refusal: Reply
    failure: Any = None


def _nothing() -> Method:
    return Method(ADMIN_INTERFACE, None, "", Reply(""))


def _start(*accepts: str) -> Method:
    return Method(CTRL_INTERFACE, accepts, "i", Reply("i", (-1,)), -1)


def _yes_or_no(accepts: str | None, interface: str = CTRL_INTERFACE) -> Method:
    return Method(interface, None if accepts is None else (accepts,), "b", Reply("b", (False,)), False)


def _text(interface: str) -> Method:
    # bad arguments are answered `b true`, a slip of the daemon's C++ that clients do meet
    return Method(interface, ("i",), "s", Reply("b", (True,)), "")


METHODS: dict[str, Method] = {
    "Ping": _nothing(),
    "Shutdown": _nothing(),
    # its rule is no list of signatures: admin.py
    "SetLogMethod": _yes_or_no(None, ADMIN_INTERFACE),
    "SetLogLevel": _yes_or_no("i", ADMIN_INTERFACE),
    "SetAIDbusAddress": _yes_or_no("bs", ADMIN_INTERFACE),
    # Start is StartFromSpec by its old name
    "Start": _start("ssah", "ssahssas"),
    "StartFromSpec": _start("ssah", "ssahssas"),
    "StartFromBundle": _start("ssah", "ssahssas", "ssahssasuu"),
    "Stop": _yes_or_no("ib"),
    "Pause": _yes_or_no("i"),
    "Resume": _yes_or_no("i"),
    "Hibernate": _yes_or_no("is"),
    "Wakeup": _yes_or_no("i"),
    "Mount": _yes_or_no("issass"),
    "Unmount": _yes_or_no("is"),
    "Annotate": _yes_or_no("iss"),
    "RemoveAnnotation": _yes_or_no("is"),
    "Exec": _yes_or_no("iss"),
    "GetState": Method(CTRL_INTERFACE, ("i",), "i", Reply("i", (-1,)), int(WireState.INVALID)),
    "GetInfo": _text(CTRL_INTERFACE),
    "List": Method(CTRL_INTERFACE, None, "aias", Reply("aias", ([], []))),
    "CreateBundle": _yes_or_no("ss", DEBUG_INTERFACE),
    "GetSpec": _text(DEBUG_INTERFACE),
    "GetOCIConfig": _text(DEBUG_INTERFACE),
}


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal of the object: its interface and the D-Bus signature of its values."""

    interface: str
    signature: str


SIGNALS: dict[str, Signal] = {
    "Ready": Signal(ADMIN_INTERFACE, ""),
    "Started": Signal(CTRL_INTERFACE, "is"),
    "StoppedWithStatus": Signal(CTRL_INTERFACE, "isi"),
    "Stopped": Signal(CTRL_INTERFACE, "is"),
    "Hibernated": Signal(CTRL_INTERFACE, "is"),
    "Awoken": Signal(CTRL_INTERFACE, "is"),
}

ERROR_FAILED = "org.freedesktop.DBus.Error.Failed"
ERROR_UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"
ERROR_UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject"
