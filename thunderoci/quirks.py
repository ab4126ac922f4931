"""The known misbehaviour of the real plugin host and plugins, as switches that are off.

With a quirk off the emulator gives a clear error or does the sane thing, and its log says once what a real box does.
"""

import logging
from collections.abc import Iterable

from fakedobby import quirks as of_dobby
from fakedobby.quirks import NONE, Quirk, Quirks

log = logging.getLogger(__name__)

SILENCE = Quirk(
    "T-silence",
    "What is no JSON object with an acceptable id is never answered; a notification is carried out and not answered",
    "facts/thunder.md A.4",
)
TRUNCATED = Quirk(
    "T-truncated",
    "A request that ends in the middle is carried out once its id was read, with what came of the rest",
    "facts/thunder.md A.4",
)
STUCK_SOCKET = Quirk(
    "T-stuck-socket",
    "On a WebSocket an object that is not finished makes the host wait for ever: it swallows every later message",
    "facts/thunder.md C",
)
ESCAPED_QUOTES = Quirk(
    "T-escaped-quotes",
    "R4.4.1 takes an escaped quote in params for the end or the beginning of a string: blanks between two get lost",
    "facts/thunder.md A.4",
)
RAW_UTF8 = Quirk(
    "T-raw-utf8",
    "R4.4.1 on x86 refuses strings with raw UTF-8: params count as empty",
    "facts/thunder.md A.4",
)
TEXT_NULL = Quirk(
    "T-text-null",
    'The text "null" is no text: R4.4.1 adds quotes or makes it null or "", R4.4.7 takes an option for not given',
    "facts/thunder.md D.1 and D.2",
)
SMALLEST_NUMBER = Quirk(
    "T-smallest-number",
    "The number -2147483648 is written with wrong characters for its digits, which is no JSON",
    "recorded: methods/list-many",
)
VERSION_NUMBER = Quirk(
    "T-version-number",
    'One request with "jsonrpc":null makes a fifth of all later answers and events carry "jsonrpc":2.0, a number',
    "facts/thunder.md A.4",
    deterministic=False,
)
LARGE_FRAME = Quirk(
    "T-large-frame",
    "R4.4.1 answers a WebSocket frame of more than 65535 bytes, and after that nothing on the same connection",
    "facts/thunder.md C",
)
NO_PREFLIGHT = Quirk(
    "T-no-preflight",
    "A browser's preflight of /jsonrpc is answered with status 500",
    "facts/thunder.md A.2",
)
PIPELINE_ORDER = Quirk(
    "T-pipeline-order",
    "Requests sent one after another without waiting are answered as their calls complete, not in their order",
    "facts/thunder.md A.3",
    deterministic=False,
)
HALF_CLOSE = Quirk(
    "T-half-close",
    "A client that ends its sending side and waits is usually cut off without its answer",
    "facts/thunder.md A.3",
    deterministic=False,
)

INVALID_INFO = Quirk(
    "T-invalid-info",
    "A failed getContainerInfo of entservices has a member info without a value; Dobby's text is pasted as it is",
    "facts/thunder.md D.2",
    # a client that does not expect it breaks on a box whenever it asks for a container that is gone
    by_default=True,
)
UNQUOTED_ENVIRONMENT = Quirk(
    "T-unquoted-environment",
    "R4.4.1 answers the Controller's environment without quotes, which is no JSON",
    "facts/thunder.md C",
)
ONE_QUEUE = Quirk(
    "T-one-queue",
    "All calls to Dobby go one after another: a slow one holds up every other",
    "facts/thunder.md D.5",
)
FOUR_WORKERS = Quirk(
    "T-four-workers",
    "Four calls at a time are worked on: slow ones hold up even what needs no Dobby",
    "facts/thunder.md D.5",
)
NO_RECONNECT = Quirk(
    "T-no-reconnect",
    "A message bus that was lost is never looked for again: every call to Dobby fails from then on",
    "facts/thunder.md D.5",
)
NAME_TAKEN = Quirk(
    "T-name-taken",
    "When somebody else has the name com.sky.dobby.thunder on the bus, every call to Dobby fails and no event comes",
    "facts/thunder.md D.5",
)
NULL_ANSWERS = Quirk(
    "T-null-answers",
    "On R4.4.7 one message that is just null turns a fifth of all later answers into the word null",
    "facts/thunder.md A.4",
    deterministic=False,
)

CATALOGUE = (
    INVALID_INFO,
    UNQUOTED_ENVIRONMENT,
    ONE_QUEUE,
    FOUR_WORKERS,
    NO_RECONNECT,
    NAME_TAKEN,
    SILENCE,
    TRUNCATED,
    STUCK_SOCKET,
    ESCAPED_QUOTES,
    RAW_UTF8,
    TEXT_NULL,
    SMALLEST_NUMBER,
    VERSION_NUMBER,
    LARGE_FRAME,
    NO_PREFLIGHT,
    PIPELINE_ORDER,
    HALF_CLOSE,
    NULL_ANSWERS,
)
_IDS = {quirk.id for quirk in CATALOGUE}


def chosen(ids: Iterable[str], without: Iterable[str] = (), *, faithful: bool = False) -> Quirks:
    """Return the plugin host's quirks among those that are asked for, as fakedobby.quirks.chosen does."""
    return of_dobby.chosen(
        (quirk for quirk in ids if quirk in _IDS),
        (quirk for quirk in without if quirk in _IDS),
        faithful=faithful,
        catalogue=CATALOGUE,
    )


class Switches:
    """Tells which quirks are on, and says once for each that is off what a real box does there."""

    def __init__(self, quirks: Quirks) -> None:
        self._quirks = quirks
        self._said: set[Quirk] = set()

    def on(self, quirk: Quirk) -> bool:
        """Tell whether a quirk is on, at a place where a client meets it."""
        if quirk in self._quirks:
            return True
        if quirk not in self._said:
            self._said.add(quirk)
            log.warning("on a real box (--quirk %s): %s", quirk.id, quirk.sentence)
        return False


__all__ = ["CATALOGUE", "NONE", "Quirk", "Quirks", "Switches", "chosen"]
