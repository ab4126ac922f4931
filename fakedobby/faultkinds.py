"""The kinds of faults: where each strikes, what it does, and which options it takes (no I/O)."""

import json
import math
import signal
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fakedobby.embeddedbus.grammar import is_interface
from fakedobby.protocol import METHODS, SIGNALS

DOBBY, PLUGIN, TRANSPORT = "dobby", "plugin", "transport"

MOST = 2**53
"""The first whole number that JSON readers may round."""
_LONGEST_WAIT = 1e9
_SURVIVED = {"SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGWINCH"}
DEADLY = {one.name: one.value for one in signal.Signals if one.name not in _SURVIVED}
"""The signals that end a process which does nothing about them, and their numbers."""


class Option(NamedTuple):
    """What an option may be, in words and as a check."""

    expected: str
    fits: Callable[[Any], bool]


class Kind(NamedTuple):
    """One kind of fault."""

    does: str
    """What happens, for logs and documents."""
    needs: tuple[str, ...] = ()
    """The options that must be given."""
    takes: tuple[str, ...] = ()
    """The options that may be given besides."""
    decides: bool = False
    """Whether it settles what becomes of a call, an answer or a signal: of several such only the first one strikes."""
    methods: frozenset[str] | None = None
    """The names that there are to be met; None when they are not known here."""


def is_number(value: Any) -> bool:
    """Tell whether a JSON value is a number that can be computed with."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_whole(value: Any, least: int, most: int) -> bool:
    """Tell whether a JSON value is a whole number from `least` to `most`."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_text(value: Any) -> bool:
    """Tell whether a value is a text that every transport can carry: Unicode without a NUL."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    return True


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (RecursionError, TypeError, ValueError):
        return False
    return True


OPTIONS: Mapping[str, Option] = {
    "seconds": Option(
        "a number of seconds from 0 to 1000000000", lambda value: is_number(value) and 0 <= value <= _LONGEST_WAIT
    ),
    "error": Option(
        "the name of a D-Bus error like org.freedesktop.DBus.Error.Failed",
        lambda value: isinstance(value, str) and is_interface(value),
    ),
    "text": Option("a text", is_text),
    "code": Option("a whole number of 32 bits", lambda value: is_whole(value, -(2**31), 2**31 - 1)),
    "message": Option("a text, or null for none", lambda value: value is None or is_text(value)),
    "field": Option(
        "the name of a member of the result, or a path like containers.0.Id",
        lambda value: is_text(value) and all(value.split(".")),
    ),
    "value": Option("a JSON value", _is_json),
    "event": Option("the name of an event", lambda value: is_text(value) and value != ""),
    "params": Option("a JSON value", _is_json),
    "status": Option("an exit status from 0 to 255", lambda value: is_whole(value, 0, 255)),
    "signal": Option(
        "the name of a signal that ends a process, like SIGSEGV",
        lambda value: isinstance(value, str) and value in DEADLY,
    ),
}

_CALLS = frozenset(METHODS)
_SIGNALS = frozenset(SIGNALS)
_STARTS = frozenset({"Started"})


def _of_call(does: str, *, needs: tuple[str, ...] = (), takes: tuple[str, ...] = (), decides: bool = True) -> Kind:
    return Kind(does, needs, takes, decides, _CALLS)


def _of_signal(does: str, *, needs: tuple[str, ...] = (), decides: bool = True) -> Kind:
    return Kind(does, needs, (), decides, _SIGNALS)


KINDS: Mapping[str, Mapping[str, Kind]] = {
    DOBBY: {
        "failure": _of_call("the method answers its failure value, and nothing is carried out"),
        "error": _of_call("the method answers a D-Bus error, and nothing is carried out", takes=("error", "text")),
        "no-reply": _of_call("the call is carried out and never answered"),
        "delay": _of_call("the reply comes later", needs=("seconds",), decides=False),
        "gone": _of_call("the daemon dies, and is back later if seconds say when", takes=("seconds",)),
        "lose-signal": _of_signal("the signal is not sent"),
        "double-signal": _of_signal("the signal is sent twice", decides=False),
        "delay-signal": _of_signal("the signal is sent later", needs=("seconds",)),
        "reorder-signal": _of_signal("the signal is sent behind the next one"),
        "rubbish": _of_call("the call is carried out, and the reply has other types than it should"),
        "exit": Kind("the container ends by itself after its start", (), ("seconds", "status"), methods=_STARTS),
        "crash": Kind("a signal ends the container after its start", (), ("seconds", "signal"), methods=_STARTS),
    },
    PLUGIN: {
        "error": Kind("the call is answered with an error, and not carried out", (), ("code", "message"), decides=True),
        "delay": Kind("the answer comes later", ("seconds",)),
        "field": Kind("a member of the result has another value, or is missing", ("field",), ("value",)),
        "event": Kind("the plugin sends an event that nothing led to", ("event",), ("params", "seconds")),
        "deactivate": Kind("the plugin is deactivated, and the call finds it so"),
    },
    TRANSPORT: {
        "reset": Kind("the connection is reset in place of the answer", decides=True),
        "half": Kind("half of the answer is sent, and then the connection ends", decides=True),
        "drip": Kind("the answer is sent byte by byte", (), ("seconds",), decides=True),
        "hang": Kind("the answer is never sent, and the connection stays", decides=True),
        "rubbish": Kind("something is sent that is no answer", (), ("text",), decides=True),
    },
}
"""All kinds, by place and name."""
