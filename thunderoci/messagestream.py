"""The messages on one WebSocket, which need not come one in a frame.

Source of the rules: facts/thunder.md C.
"""

from collections.abc import Generator

from thunderoci.errors import PARSE_ERROR
from thunderoci.message import Rejected, Request, feed_in_slices, new_reader, rejection, request_in
from thunderoci.profiles import Flavour
from thunderoci.quirks import NONE, STUCK_SOCKET, Quirks
from thunderoci.rawjson import NotJSON
from thunderoci.reader import ObjectReader


class MessageStream:
    """Takes the text frames of one connection, and gives the messages in them.

    An object that is not complete at the end of a frame goes on in the next. What stands behind an object in its last
    frame is dropped, and so is the rest of a frame that can't be read.
    """

    def __init__(self, flavour: Flavour, quirks: Quirks = NONE) -> None:
        self._flavour = flavour
        self._quirks = quirks
        self._reader = self._new_reader()
        self._held = bytearray()
        self._stuck = False

    @property
    def unfinished(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._stuck or self._reader.begun

    @property
    def size(self) -> int:
        """How many bytes there are of the message that has begun."""
        return len(self._held)

    def feed(self, text: bytes) -> list[Request | Rejected]:
        """Take the text of one frame; return what came to its end in it: one message as a rule, or none."""
        steps = self.feed_in_slices(text)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                found: list[Request | Rejected] = end.value
                return found

    def feed_in_slices(self, text: bytes) -> Generator[None, None, list[Request | Rejected]]:
        """Do the same, and yield after each slice of a long one; nothing else may be fed meanwhile."""
        if self._stuck:
            return []
        fresh = not self.unfinished
        try:
            yield from feed_in_slices(self._reader, text)
        except NotJSON as problem:
            return (yield from self._broken(bytes(self._held), text, problem))
        if self._reader.done:
            return [self._finished()]
        if not fresh and STUCK_SOCKET not in self._quirks and (alone := (yield from self._request_alone(text))):
            self._start()
            return [_abandoned(), alone]
        if self.unfinished:
            self._held += text
            return []
        self._start()
        return [Rejected(PARSE_ERROR, "The message is not JSON.")] if text.strip() else []

    def give_up(self) -> Rejected | None:
        """Return what to answer to a message that has begun and will not go on; None when there is none."""
        if not self.unfinished:
            return None
        self._start()
        return _abandoned()

    def _new_reader(self) -> ObjectReader:
        return new_reader(self._flavour, self._quirks)

    def _start(self) -> None:
        self._reader = self._new_reader()
        self._held.clear()
        self._stuck = False

    def _finished(self) -> Request | Rejected:
        reader = self._reader
        self._start()
        try:
            return request_in(reader, self._flavour)
        except Rejected as rejected:
            return rejected

    def _broken(self, held: bytes, text: bytes, problem: NotJSON) -> Generator[None, None, list[Request | Rejected]]:
        """Return what to answer when a frame does not go on with what is held."""
        self._start()
        if held and STUCK_SOCKET in self._quirks:
            self._stuck = True
            return [_abandoned()]
        if held:
            try:
                yield from feed_in_slices(self._reader, text)
            except NotJSON:
                self._start()
            else:
                if self._reader.done:
                    return [_abandoned(), self._finished()]
                if self.unfinished:
                    self._held += text
                    return [_abandoned()]
        return [rejection(held + text, problem)]

    def _request_alone(self, text: bytes) -> Generator[None, None, Request | None]:
        """Return the request that a frame is for itself, None when it is none."""
        reader = self._new_reader()
        try:
            yield from feed_in_slices(reader, text)
            return request_in(reader, self._flavour) if reader.done and "method" in reader.members else None
        except (NotJSON, Rejected):
            return None


def _abandoned() -> Rejected:
    return Rejected(PARSE_ERROR, "A message ended in the middle of its JSON object.", STUCK_SOCKET)
