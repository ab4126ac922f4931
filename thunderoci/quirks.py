"""The known misbehaviour of the real plugin host and plugins, as switches that are off.

With a quirk off the emulator gives a clear error or does the sane thing, and its log says once what a real box does.
"""

import logging

from fakedobby.quirks import Quirk, Quirks

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
    'R4.4.1 hands the text "null" on with its quotes, R4.4.7 takes it for an option that is not given',
    "facts/thunder.md D.1",
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

CATALOGUE = (
    SILENCE,
    TRUNCATED,
    STUCK_SOCKET,
    ESCAPED_QUOTES,
    RAW_UTF8,
    TEXT_NULL,
    VERSION_NUMBER,
    LARGE_FRAME,
    NO_PREFLIGHT,
    PIPELINE_ORDER,
    HALF_CLOSE,
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


__all__ = ["CATALOGUE", "Quirk", "Quirks", "Switches"]
