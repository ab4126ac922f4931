"""How the daemon takes the settings of its log (facts/dobby.md 1)."""

from typing import Any

from fakedobby.embeddedbus.grammar import complete_types

_METHODS = {0: "none", 1: "syslog", 2: "ethanlog", 3: "the console"}
_ETHANLOG = 2
_COUNT = 2


def sets_log_method(signature: str, values: list[Any]) -> bool:
    """Tell whether SetLogMethod takes these arguments.

    A number of a log, unsigned, and a second argument of any type: for ethanlog, a file descriptor. More are ignored.
    """
    types = complete_types(signature)
    if len(types) < _COUNT or types[0] != "u" or values[0] not in _METHODS:
        return False
    return values[0] != _ETHANLOG or types[1] == "h"
