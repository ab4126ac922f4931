"""The endpoint under test: sends bytes, each within a deadline, and brings back the whole answer."""

from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from twisted.internet import defer, error, reactor
from twisted.internet.endpoints import connectProtocol
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from conformance.address import normalise
from conformance.connect import tls_fault, way_to
from conformance.curl import DEFAULT_HEADERS
from conformance.errors import BrokenAnswer, NoAnswer, NoWebSocket, TargetError, Unreachable
from conformance.exchange import Exchange, Request
from conformance.http import Answer, Broken, HTTPConnection, NothingCame, TooLong
from conformance.websocket import Refused, WebSocket

_T = TypeVar("_T")
_connect: Any = connectProtocol  # Twisted gives it no types
_UNREACHED = (error.ConnectError, error.ConnectingCancelledError, error.DNSLookupError, error.UnsupportedAddressFamily)


class Target:
    """A Thunder at ``url`` (see ``normalise``), whose answers may take ``timeout`` seconds.

    ``headers`` go with each request, ``token`` as a security token: a header over HTTP, ``?token=`` over WebSocket.
    ``insecure`` accepts any certificate. Raises BadURL and BadProxy.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float,
        headers: Iterable[tuple[str, str]] = (),
        token: str | None = None,
        insecure: bool = False,
    ) -> None:
        self.url = normalise(url)
        self.timeout = timeout
        self.clock: Any = IReactorTime(reactor)
        self._parts = urlsplit(self.url)
        self._token = token
        self._headers = tuple(headers)
        self._way = way_to(self.url, timeout=timeout, insecure=insecure)
        self._idle: list[HTTPConnection] = []
        self._open: set[HTTPConnection | WebSocket] = set()
        self._unasked: list[bytes] = []

    def request(self, body: bytes, path: str | None = None, method: str = "POST", headers: Any = None) -> Request:
        """Return a request to this target, as curl would send it; ``path`` replaces the one of the URL."""
        url = self.url if path is None else urlunsplit((*self._parts[:2], path, self._parts.query, ""))
        token = (("Authorization", f"Bearer {self._token}"),) if self._token else ()
        return Request(url, (*(DEFAULT_HEADERS if headers is None else headers), *self._headers, *token), body, method)

    async def post(self, request: Request) -> Exchange:
        """Send ``request`` and return the exchange. Raises TargetError when no complete answer comes in time."""
        return await self._within(self._exchange(request))

    def unasked(self) -> list[bytes]:
        """Return, and forget, what came on idle connections though nothing was asked."""
        kept, self._idle = self._idle, []
        self._idle = [connection for connection in kept if self._fit(connection)]
        found, self._unasked = self._unasked, []
        return found

    async def connect(self) -> HTTPConnection:
        """Return a connection of its own, for what ``post`` cannot do. Raises TargetError."""
        return await self._within(self._connection())

    async def answer(self, connection: HTTPConnection, request: Request, within: float | None = None) -> Exchange:
        """Return the next answer on ``connection``, as one to ``request``. Raises TargetError."""
        exchange, _ = await self._within(self._read(connection, request, self.clock.seconds()), within)
        return exchange

    async def open(self, path: str | None = None, subprotocol: str = "notification", query: str = "") -> WebSocket:
        """Open a WebSocket. Raises NoWebSocket or another TargetError."""
        return await self._within(self._websocket(path, subprotocol, query))

    def raw(self, request: Request) -> bytes:
        """Return the bytes of a request, as they are sent."""
        parts = urlsplit(request.url)
        path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        lines = [f"{request.method} {path} HTTP/1.1", f"Host: {parts.netloc}", "User-Agent: thunderoci"]
        if self._way.proxy:
            lines[0] = f"{request.method} {request.url} HTTP/1.1"
            if self._way.proxy.authorization:
                lines.append(f"Proxy-Authorization: {self._way.proxy.authorization}")
        lines += [f"{name}: {value}" for name, value in request.headers]
        if request.body or request.method == "POST":
            lines.append(f"Content-Length: {len(request.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body

    async def pause(self, seconds: float) -> None:
        """Let ``seconds`` pass between two looks at the target."""
        await deferLater(self.clock, seconds)

    async def close(self) -> None:
        """Close every connection."""
        for connection in list(self._open):
            connection.abort() if isinstance(connection, WebSocket) else connection.close()
        self._open.clear()
        self._idle.clear()

    def drop(self, connection: HTTPConnection | WebSocket) -> None:
        """Close a connection that nobody needs any more."""
        self._open.discard(connection)
        connection.abort() if isinstance(connection, WebSocket) else connection.close()

    async def _within(self, doing: Coroutine[Any, Any, _T], within: float | None = None) -> _T:
        """Wait for something as long as an answer may take, and turn every failure into a TargetError."""
        seconds = self.timeout if within is None else within

        def late(_result: object, _seconds: float) -> None:
            raise NoAnswer(url=self.url, seconds=seconds)

        running = defer.ensureDeferred(doing)
        running.addTimeout(seconds, self.clock, onTimeoutCancel=late)
        try:
            return await running
        except (TargetError, defer.CancelledError):
            raise
        except _UNREACHED as failed:
            proxy = self._way.proxy
            through = f" (through the proxy {proxy.host}:{proxy.port})" if proxy else ""
            raise Unreachable(url=self.url, why=_why(failed) + through) from None
        except Refused as refused:
            raise NoWebSocket(url=self.url, why=_why(refused)) from None
        except (Broken, TooLong) as failed:
            raise BrokenAnswer(url=self.url, why=_why(failed)) from None
        except Exception as failed:
            if fault := tls_fault(failed):
                raise Unreachable(url=self.url, why=fault) from None
            raise

    async def _exchange(self, request: Request) -> Exchange:
        """Send a request and read its answer.

        A server may close a connection that it kept alive at any time, also while a request is on its way there, which
        it then never reads. So a request that a kept connection brings not one byte for is sent once more on a new one,
        as curl and browsers do, POST or not; whoever closes instead of answering does so there as well.
        """
        connection = self._take_idle()
        if connection is not None:
            try:
                return await self._ask(connection, request)
            except NothingCame:
                pass
        return await self._ask(await self._connection(), request)

    async def _ask(self, connection: HTTPConnection, request: Request) -> Exchange:
        began = self.clock.seconds()
        connection.send(self.raw(request))
        exchange, reusable = await self._read(connection, request, began)
        if reusable:
            self._idle.append(connection)
        else:
            self.drop(connection)
        return exchange

    async def _read(self, connection: HTTPConnection, request: Request, began: float) -> tuple[Exchange, bool]:
        """Read an answer; return the exchange, and whether the connection can carry another."""
        try:
            answer: Answer = await connection.answer(request.method)
        except BaseException:
            self.drop(connection)
            raise
        seconds = self.clock.seconds() - began
        exchange = Exchange(
            request, answer.status, answer.reason, answer.headers, answer.body, seconds, answer.trailing
        )
        return exchange, answer.reusable

    def _take_idle(self) -> HTTPConnection | None:
        """Return a connection that is kept alive and fit for use."""
        while self._idle:
            connection = self._idle.pop()
            if self._fit(connection):
                return connection
        return None

    def _fit(self, connection: HTTPConnection) -> bool:
        """Tell whether an idle connection can carry a request; one that cannot is dropped."""
        if connection.unasked:
            self._unasked.append(connection.unasked)
        if connection.unasked or connection.lost:
            self.drop(connection)
            return False
        return True

    async def _connection(self) -> HTTPConnection:
        connection: HTTPConnection = await _connect(self._way.endpoint(), HTTPConnection())
        self._open.add(connection)
        return connection

    async def _websocket(self, path: str | None, subprotocol: str, query: str) -> WebSocket:
        target = self._parts.path if path is None else path
        words = [word for word in (self._parts.query, query, self._token_query()) if word]
        if words:
            target += f"?{'&'.join(words)}"
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self._headers]
        wire = WebSocket(self._parts.netloc, target, [subprotocol] if subprotocol else [], headers)
        websocket: WebSocket = await _connect(self._way.endpoint(direct=True), wire)
        self._open.add(websocket)
        try:
            await websocket.opened
        except BaseException:
            self.drop(websocket)
            raise
        return websocket

    def _token_query(self) -> str:
        """Return the token as WebSocket clients give it, unless the URL has it already."""
        given = dict(parse_qsl(self._parts.query, keep_blank_values=True))
        return f"token={quote(self._token, safe='')}" if self._token and "token" not in given else ""


def _why(failed: BaseException) -> str:
    """Return why something failed, as a clause without a full stop."""
    return (str(failed) or type(failed).__name__).rstrip(".")
