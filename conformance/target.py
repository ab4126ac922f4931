"""The endpoint under test: sends bytes by HTTP POST, each within a deadline, and brings back the whole answer."""

from io import BytesIO
from typing import Any

from twisted.internet import defer, error, reactor
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from twisted.web import client
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from conformance.address import normalise
from conformance.curl import DEFAULT_HEADERS
from conformance.errors import BrokenAnswer, NoAnswer, TargetError, Unreachable
from conformance.exchange import Exchange, Request

_client: Any = client  # Twisted's HTTP client has no complete type hints
MOST_BYTES = 16 * 1024 * 1024
"""The longest body that is read; nothing in the specification comes near it."""


class Target:
    """A Thunder at ``url`` (see ``normalise``), whose answers may take ``timeout`` seconds. Raises BadURL."""

    def __init__(self, url: str, timeout: float) -> None:
        self.url = normalise(url)
        self.timeout = timeout
        self.clock: Any = IReactorTime(reactor)
        self._pool = _client.HTTPConnectionPool(reactor)
        self._pool.retryAutomatically = False
        self._agent = _client.Agent(reactor, connectTimeout=timeout, pool=self._pool)

    def request(self, body: bytes) -> Request:
        """Return the request that posts ``body`` to this target as curl would."""
        return Request(self.url, DEFAULT_HEADERS, body)

    async def post(self, request: Request) -> Exchange:
        """Send ``request`` and return the exchange. Raises TargetError when no complete answer comes in time."""
        began = self.clock.seconds()
        answer = defer.ensureDeferred(self._exchange(request))
        answer.addTimeout(self.timeout, self.clock, onTimeoutCancel=self._late)
        try:
            response, content = await answer
        except TargetError:
            raise
        except (error.ConnectError, error.DNSLookupError, error.UnsupportedAddressFamily) as failed:
            raise Unreachable(url=self.url, why=_why(failed)) from None
        except Exception as failed:  # noqa: BLE001 - the HTTP client has a dozen classes for "this is no HTTP answer"
            raise BrokenAnswer(url=self.url, why=_why(failed)) from None
        return Exchange(
            request,
            response.code,
            response.phrase.decode("latin-1"),
            tuple(
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, values in response.headers.getAllRawHeaders()
                for value in values
            ),
            content,
            self.clock.seconds() - began,
        )

    async def pause(self, seconds: float) -> None:
        """Let ``seconds`` pass between two looks at the target."""
        await deferLater(self.clock, seconds)

    async def close(self) -> None:
        """Close the connections that are kept alive."""
        await self._pool.closeCachedConnections()

    async def _exchange(self, request: Request) -> tuple[IResponse, bytes]:
        """Send a request and read its answer to the end."""
        headers = Headers()
        for name, value in request.headers:
            headers.addRawHeader(name, value)
        producer = _client.FileBodyProducer(BytesIO(request.body))
        response: Any = await self._agent.request(
            request.method.encode("ascii"), request.url.encode("ascii"), headers, producer
        )
        reader = _Reader()
        response.deliverBody(reader)
        return response, await reader.whole

    def _late(self, _result: object, seconds: float) -> None:
        """Turn whatever the cancelled exchange became into the one error that says why."""
        raise NoAnswer(url=self.url, seconds=seconds)


class _Reader(Protocol):
    """Collects a body, at most MOST_BYTES of it."""

    def __init__(self) -> None:
        self.whole: defer.Deferred[bytes] = defer.Deferred(lambda _: self._abort())
        self._content = bytearray()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Take one more piece."""
        self._content += data
        if len(self._content) > MOST_BYTES:
            self._abort()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """Hand over the body when it is complete, else the reason why it is not."""
        if self.whole.called:
            return
        if len(self._content) > MOST_BYTES:
            self.whole.errback(OverflowError(f"it is longer than {MOST_BYTES} bytes"))
        elif isinstance(reason.value, (client.ResponseDone, PotentialDataLoss)):
            self.whole.callback(bytes(self._content))
        else:
            self.whole.errback(reason)

    def _abort(self) -> None:
        """Give up the connection."""
        transport: Any = self.transport
        if transport is not None:
            transport.loseConnection()


def _why(failed: BaseException) -> str:
    """Return the innermost reason that the HTTP client gives, as a clause without a full stop."""
    while reasons := getattr(failed, "reasons", None):
        failed = reasons[0].value
    return (str(failed) or type(failed).__name__).rstrip(".")
