"""The known misbehaviour of the real plugin host and plugins, as switches that are off.

With a quirk off the emulator gives a clear error or does the sane thing, and its log says once what a real box does.
"""

from fakedobby.quirks import NONE, Quirk, Quirks

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
NULL_ANSWERS = Quirk(
    "T-null-answers",
    "On R4.4.7 one message that is just null turns a fifth of all later answers into the word null",
    "facts/thunder.md A.4",
    deterministic=False,
)

CATALOGUE = (
    SILENCE,
    TRUNCATED,
    STUCK_SOCKET,
    ESCAPED_QUOTES,
    RAW_UTF8,
    TEXT_NULL,
    SMALLEST_NUMBER,
    VERSION_NUMBER,
    NULL_ANSWERS,
)

__all__ = ["CATALOGUE", "NONE", "Quirk", "Quirks"]
