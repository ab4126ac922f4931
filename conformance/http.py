"""An HTTP client that shows exactly what came: h11 reads the bytes, Twisted carries them."""

from typing import Any

import h11
from twisted.internet import defer, error
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

MOST_BYTES = 16 * 1024 * 1024
"""The longest body that is read; nothing in the specification comes near it."""

_TLS_ALERT = b"\x15"
"""How the answer begins of a server that expects TLS and got none."""


class Answer:
    """A complete HTTP answer, and what came behind it on the connection."""

    def __init__(self) -> None:
        self.status = 0
        self.reason = ""
        self.headers: tuple[tuple[str, str], ...] = ()
        self.body = b""
        self.begin = b""
        """The first byte that came, empty while none did."""
        self.trailing = b""
        self.reusable = False
        """Whether the connection can carry another request."""


class TooLong(Exception):
    """A body that is longer than anybody needs; the message says so."""

    def __init__(self) -> None:
        super().__init__(f"it is longer than {MOST_BYTES} bytes")


class Broken(Exception):
    """The bytes are no HTTP answer, or end in the middle; the message says how."""


class NothingCame(Broken):
    """The connection ended before the first byte of an answer."""


class HTTPConnection(Protocol):
    """One connection: ``send`` bytes, then wait for the ``answer`` to what was sent.

    Bytes that come while no answer is waited for are kept and belong to the next one; ``unasked`` tells of them.
    """

    def __init__(self) -> None:
        self.lost = False
        self._reason: Failure = connectionDone
        self._data = bytearray()
        self._waiting: defer.Deferred[None] | None = None

    @property
    def unasked(self) -> bytes:
        """What came though nothing was asked."""
        return bytes(self._data)

    def send(self, data: bytes) -> None:
        """Send raw bytes."""
        transport: Any = self.transport
        transport.write(data)

    def close(self) -> None:
        """Give the connection up at once."""
        transport: Any = self.transport
        if not self.lost:
            transport.abortConnection()

    async def answer(self, method: str = "POST") -> Answer:
        """Wait for the next answer, one to a request with the verb ``method``.

        Raises Broken or TooLong, or what ended a connection that TLS protects.
        """
        parser = h11.Connection(h11.CLIENT)
        parser.send(h11.Request(method=method, target="/", headers=[("Host", "-")]))
        parser.send(h11.EndOfMessage())
        answer, body = Answer(), bytearray()
        try:
            while True:
                event = parser.next_event()
                if event is h11.NEED_DATA:
                    parser.receive_data(await self._more(answer))
                elif isinstance(event, h11.Response):
                    answer.status, answer.reason = event.status_code, event.reason.decode("latin-1")
                    answer.headers = tuple(
                        (name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers.raw_items()
                    )
                elif isinstance(event, h11.Data):
                    body += event.data
                    if len(body) > MOST_BYTES:
                        self.close()
                        raise TooLong
                elif isinstance(event, h11.EndOfMessage) or event is h11.PAUSED:
                    break
        except h11.RemoteProtocolError as problem:
            raise self._broken(answer, problem) from None
        answer.body = bytes(body)
        answer.trailing, _ = parser.trailing_data
        self._data[:0] = answer.trailing
        answer.reusable = parser.our_state is h11.DONE and not answer.trailing and not self.lost
        return answer

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Take one more piece; what nobody reads is bounded."""
        self._data += data
        if self._waiting is None and len(self._data) > MOST_BYTES:
            self.close()
        self._wake()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """Let the reader know that nothing more comes."""
        self.lost, self._reason = True, reason
        self._wake()

    async def _more(self, answer: Answer) -> bytes:
        """Return what came, b"" once the connection has ended. Raises what broke TLS."""
        if not self._data and not self.lost:
            self._waiting = defer.Deferred(self._given_up)
            await self._waiting
        data = bytes(self._data)
        self._data.clear()
        if not data and not isinstance(self._reason.value, (error.ConnectionDone, error.ConnectionLost)):
            self._reason.raiseException()
        answer.begin = answer.begin or data[:1]
        return data

    def _broken(self, answer: Answer, problem: h11.RemoteProtocolError) -> Broken:
        """Return why what came is no complete answer."""
        if answer.begin == _TLS_ALERT:
            return Broken("it speaks TLS there, so its URL begins with https")
        if not self.lost:
            return Broken(f"it is no HTTP ({problem})")
        if not answer.begin:
            return NothingCame("the connection was closed instead")
        return Broken(f"the connection was closed in the middle ({problem})")

    def _given_up(self, _waiting: defer.Deferred[None]) -> None:
        """Nobody waits any more, since the time was over."""
        self._waiting = None

    def _wake(self) -> None:
        """Let the reader go on."""
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            waiting.callback(None)
