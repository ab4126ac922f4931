"""A WebSocket connection: messages in, calls to the host, answers and events out (facts/thunder.md C)."""

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from fakedobby.faults import TRANSPORT, Fault
from fakedobby.turns import Turns
from thunderoci.errors import INVALID_REQUEST, PARSE_ERROR
from thunderoci.faulty import container_of
from thunderoci.faultywire import FaultyWire
from thunderoci.host import PluginHost
from thunderoci.limits import Limits
from thunderoci.message import AT_ONCE, Rejected, Request, Response
from thunderoci.messagestream import MessageStream
from thunderoci.outbox import Outbox
from thunderoci.quirks import LARGE_FRAME, Switches
from thunderoci.service import Service
from thunderoci.subscriptions import Client
from thunderoci.websocket_frames import (
    PING,
    PONG,
    TOO_BIG,
    Close,
    Event,
    FrameReader,
    Ignored,
    Ping,
    Text,
    TooLarge,
    close_frame,
    text_frame,
)

log = logging.getLogger(__name__)

_A_TURN = 256
"""How many frames of one connection are read before others have their turn."""
_RUBBISH = b"\xff\xff rubbish"
"""The beginning of a frame with all reserved bits and an opcode that does not exist."""
_NO_TEXT = "Only text frames carry calls; this one has opcode {opcode}."
_NO_CALLS = "On this path calls need the WebSocket subprotocol jsonrpc, or use the path /jsonrpc."


class WebSocketSession:
    """What one client sends after its handshake, and what it gets.

    Calls run side by side, as many as the limits say, and are answered as they complete. `direct` is the plugin that
    the path named; `refuse` sends its last bytes and ends the connection; `reading` is called when `waiting` has
    changed; long messages are read in `turns`. With `takes_calls` False no message is carried out.
    """

    def __init__(
        self,
        host: PluginHost,
        client: Client,
        direct: Service | None,
        outbox: Outbox,
        *,
        wire: FaultyWire,
        refuse: Callable[[bytes], None],
        reading: Callable[[], None],
        clock: Any,
        turns: Turns,
        limits: Limits,
        switches: Switches,
        takes_calls: bool = True,
    ) -> None:
        self._host = host
        self._client = client
        self._direct = direct
        self._outbox = outbox
        self._wire = wire
        self._refuse = refuse
        self._reading = reading
        self._clock = clock
        self._turns = turns
        self._limits = limits
        self._switches = switches
        self._takes_calls = takes_calls
        self._reader = FrameReader(limits.message)
        self._waiting: deque[Event] = deque()
        self._running = 0
        self._resuming = False
        self._reads_long = False
        self._long: Deferred[None] | None = None
        """The reading of a long message."""
        self._read: tuple[list[Request | Rejected], bytes, bool] | None = None
        """What was found in a long message, which may not be begun yet, its text, and whether it is the last one."""
        self._messages = MessageStream(host.flavour, host.quirks)
        self._deaf = False
        self._mute = False
        self._busy = True
        self._tick = clock.callLater(limits.idle, self._check)

    def data_received(self, data: bytes) -> None:
        """Take bytes that the client sent."""
        self._busy = True
        if self._deaf:
            return
        was_waiting = self.waiting
        self._waiting.extend(self._reader.feed(data, 0 if was_waiting else _A_TURN))
        self._work()
        if self.waiting != was_waiting:
            self._reading()

    @property
    def waiting(self) -> bool:
        """Whether messages wait for a turn, for calls that are worked on, or for the client: then none are read."""
        if self._read is not None:
            return True
        return not self._deaf and (self._reads_long or bool(self._waiting) or self._reader.more)

    def _work(self) -> None:
        """Take the messages that have come, as far as calls may be begun and the client reads."""
        if len(self._waiting) > 1:  # their answers go out together
            self._outbox.gather()
        try:
            if self._may_begin:
                self._begin_read()
            while self._waiting and self._may_begin:
                self._take(self._waiting.popleft())
                if self._deaf:
                    self._waiting.clear()
        finally:
            self._outbox.flush()
        if self._reader.more and not self._waiting:
            self._resume()

    @property
    def _may_begin(self) -> bool:
        return self._running < self._limits.calls and not (self._reads_long or self._outbox.paused)

    def connection_lost(self) -> None:
        """Send nothing any more, and begin nothing; calls that still run end for themselves."""
        self._deaf = self._mute = True
        self._waiting.clear()
        self._read = None
        if self._long is not None:
            self._long.cancel()
        if self._tick.active():
            self._tick.cancel()

    def push(self, message: bytes) -> None:
        """Send an event message."""
        if not self._mute:
            self._busy = True
            self._outbox.push(text_frame(message))

    def _take(self, event: Event) -> None:
        match event:
            case Ping():
                self._send(PONG)
            case Close():
                self._send(close_frame())  # and nothing else changes: a client may go on
            case TooLarge(size):
                self._deaf = True
                log.warning(
                    "refused a WebSocket message of %d bytes or more: %d is the limit", size, self._limits.message
                )
                self._refuse(close_frame(TOO_BIG))
            case Ignored(opcode):
                self._reject(Rejected(PARSE_ERROR, _NO_TEXT.format(opcode=opcode)), b"")
            case Text(data, large) if data:
                fatal = large and self._host.flavour.large_frame_is_last and self._switches.on(LARGE_FRAME)
                self._call(data, last=fatal)

    def _call(self, text: bytes, *, last: bool) -> None:
        self._deaf = last
        if not self._takes_calls:
            self._reject(Rejected(INVALID_REQUEST, _NO_CALLS), text)
            return
        if (size := self._messages.size + len(text)) > self._limits.message:
            self._take(TooLarge(size))
            return
        if len(text) <= AT_ONCE:
            self._begin(self._messages.feed(text), text, last=last)
        else:
            self._long = Deferred.fromCoroutine(self._call_long(text, last=last)).addErrback(self._broken)

    async def _call_long(self, text: bytes, *, last: bool) -> None:
        """Read a message in slices; what is behind it waits, so that the order is kept."""
        self._reads_long = True
        found = await self._turns.take(self._messages.feed_in_slices(text))
        self._reads_long = False
        self._read = found, text, last
        if self._may_begin:
            self._begin_read()
        self._resume()

    def _begin_read(self) -> None:
        """Begin what was found in a long message."""
        if self._read is not None:
            found, text, last = self._read
            self._read = None
            self._begin(found, text, last=last)

    def _begin(self, found: list[Request | Rejected], text: bytes, *, last: bool) -> None:
        for item in found:
            if isinstance(item, Request):
                self._running += 1
                call = Deferred.fromCoroutine(self._handle(item, last=last))
                call.addErrback(self._broken)
                call.addCallback(self._done)
            else:
                self._reject(item, text, last=last)

    def _reject(self, rejected: Rejected, text: bytes, *, last: bool = False) -> None:
        self._answer(self._host.rejected(rejected, self._client, text), last=last)

    async def _handle(self, request: Request, *, last: bool) -> None:
        """Carry a call out and answer it, or do with the answer what a fault wants."""
        response = await self._host.handle(request, self._client, self._direct)
        faults = self._host.emulation.faults
        if response is not None and TRANSPORT in faults.places and not self._mute:
            names = self._host.names_of(request, self._direct)
            for fault in faults.strike(TRANSPORT, names, container_of(request.params)):
                self._spoil(response, fault)
                return
        self._answer(response, last=last)

    def _spoil(self, response: Response, fault: Fault) -> None:
        frame = text_frame(response.body)
        self._wire.send(
            fault,
            frame,
            lambda text: _RUBBISH if text is None else text_frame(text.encode()),
            head=len(frame) - len(response.body),
        )

    def _answer(self, response: Response | None, *, last: bool = False) -> None:
        if response is not None:
            self._send(text_frame(response.body))
        self._mute = self._mute or last

    def _done(self, _: None) -> None:
        self._running -= 1
        if self.waiting:
            self._resume()

    def _resume(self) -> None:
        """Go on when something has ended: not from within it, if there are messages that wait."""
        if not self.waiting:
            self._reading()
        elif not self._resuming and self._may_begin:
            self._resuming = True
            self._clock.callLater(0, self.go_on)

    def go_on(self) -> None:
        """Take what waits, if it may be begun now."""
        self._resuming = False
        try:
            if not self._waiting and not self._deaf and self._may_begin:
                self._waiting.extend(self._reader.feed(b"", _A_TURN))
            self._work()
        except Exception:  # noqa: BLE001 (whatever it is, the client would wait for ever)
            self._broken(Failure())  # type: ignore[no-untyped-call]  # it has no type hints
        else:
            self._reading()

    def _broken(self, failure: Failure) -> None:
        """Cut the connection, whose client would wait for ever, unless a long message was given up with its client."""
        if not isinstance(failure.value, CancelledError):
            log.error("a call broke; this is a defect of ours, please report it\n%s", failure.getTraceback())
            self._outbox.cut()

    def _send(self, frame: bytes) -> None:
        if not self._mute:
            self._busy = True
            self._outbox.write(frame)

    def _check(self) -> None:
        """Ping a client when there was no traffic since the last look; the ping is traffic itself."""
        self._tick = self._clock.callLater(self._limits.idle, self._check)
        idle, self._busy = not self._busy, False
        if idle:
            self._send(PING)
