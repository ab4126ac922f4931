"""The message objects that the host uses again and again, some of which one odd request spoils for ever.

Source of the rules: facts/thunder.md A.4.
"""

from random import Random

from thunderoci.quirks import NULL_ANSWERS, VERSION_NUMBER, Quirk

_SIZE = 5
_VERSION = b'{"jsonrpc":"2.0",'
_SPOILT_VERSION = b'{"jsonrpc":2.0,'


class MessagePool:
    """Gives every message that is sent the look of the object that it is sent with; `random` picks the object."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._spoilt: list[Quirk | None] = [None] * _SIZE

    def spoil(self, quirk: Quirk | None) -> None:
        """Take note of what a request has done to the object that it came in; None is nothing."""
        if quirk is not None:
            self._spoilt[self._random.randrange(_SIZE)] = quirk

    def send(self, body: bytes) -> bytes:
        """Return the bytes that are sent in place of `body`, an answer or an event."""
        quirk = self._spoilt[self._random.randrange(_SIZE)]
        if quirk is NULL_ANSWERS:
            return b"null"
        if quirk is VERSION_NUMBER and body.startswith(_VERSION):
            return _SPOILT_VERSION + body[len(_VERSION) :]
        return body
