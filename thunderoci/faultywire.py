"""What faults do to an answer on its way to the client: bytes that are cut, dripped, kept back or spoiled."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fakedobby.faults import Fault
from thunderoci.outbox import Outbox

_PAUSE = 0.01
"""Seconds between two bytes when the fault names none."""


def _nothing() -> None:
    pass


class FaultyWire:
    """The faults of one connection; `part` sends last bytes and ends the connection, `clock` tells real time."""

    def __init__(self, outbox: Outbox, part: Callable[[bytes], None], clock: Any) -> None:
        self._outbox = outbox
        self._part = part
        self._clock = clock
        self._drips: deque[_Drip] = deque()

    def send(
        self,
        fault: Fault,
        answer: bytes,
        rubbish: Callable[[str | None], bytes],
        *,
        head: int = 0,
        done: Callable[[], object] = _nothing,
    ) -> None:
        """Do with an answer what a fault wants, and call `done` when the connection is free for the next one.

        `head` is how many of its bytes come before what carries the message, and `rubbish` returns what a text would
        look like in its place, or what is no answer at all.
        """
        text = fault.options.get("text")
        match fault.kind:
            case "reset":
                self._outbox.cut()
            case "half":
                body = len(answer) - head
                self._part(answer[: head + body // 2 if body else head // 2])
            case "drip":
                self._drip(_Drip(answer, fault.options.get("seconds", _PAUSE), done))
            case "rubbish" if text is None:
                self._part(rubbish(None))
            case "rubbish":
                self._outbox.write(rubbish(text))
                done()

    def _drip(self, drip: "_Drip") -> None:
        self._drips.append(drip)
        if len(self._drips) == 1:
            self._outbox.hold()
            self._go_on()

    def _go_on(self) -> None:
        """Send a byte of the first answer that drips, and the next one later; what else there is to send waits."""
        if self._outbox.closed:
            return
        drip = self._drips[0]
        self._outbox.drip(drip.answer[drip.sent : drip.sent + 1])
        drip.sent += 1
        if drip.sent == len(drip.answer):
            self._drips.popleft()
            if not self._drips:
                self._outbox.let_go()
            drip.done()
        if self._drips:
            self._clock.callLater(self._drips[0].pause, self._go_on)


@dataclass(slots=True)
class _Drip:
    """An answer that is sent byte by byte, `pause` seconds between them."""

    answer: bytes
    pause: float
    done: Callable[[], object]
    sent: int = 0
