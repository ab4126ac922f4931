"""HTTP answers as Thunder writes them: a status line, few headers, a body (facts/thunder.md 0, A and C)."""

from typing import NamedTuple, Protocol

from thunderoci.message import Response

_ORIGIN = b"Access-Control-Allow-Origin: *\r\n"
_NO_CACHE = b"Cache-Control: no-cache, private, no-store, must-revalidate, max-stale=0, post-check=0, pre-check=0\r\n"
COMMON_HEADERS = _ORIGIN + _NO_CACHE
JSON_HEADERS = _ORIGIN + b"Content-Type: application/json\r\n" + _NO_CACHE
_CLOSE = b"Connection: close\r\n"


class Pieces(Protocol):
    """A long body of so many bytes, which is made in pieces; whoever has enough of it closes it."""

    @property
    def length(self) -> int:
        """How many bytes all of it has."""

    @property
    def left(self) -> int:
        """How many of them are still to come."""

    async def next(self) -> bytes:
        """Return the next piece."""

    def close(self) -> None:
        """Make no more of it."""


class Answer(NamedTuple):
    """One answer; `body` is None where there can't be one."""

    status: bytes
    headers: bytes = COMMON_HEADERS
    body: bytes | None = b""
    by_plugin: bool = True
    """Whether a plugin had the request: only then the client's wish to close the connection is respected."""
    pieces: Pieces | None = None
    """The body in place of the other, when it is too long to be had at once."""

    def __bytes__(self) -> bytes:
        """Return the answer as it is sent; without a body that comes in pieces."""
        body = self.body
        if self.pieces is not None:
            length = b"Content-Length: %d\r\n" % self.pieces.length
        else:
            length = b"" if body is None else b"Content-Length: %d\r\n" % len(body)
        return b"HTTP/1.1 %b\r\n%b%b\r\n%b" % (self.status, self.headers, length, body or b"")


def no_plugin(status: bytes, headers: bytes = b"") -> Answer:
    """Return the answer to a request that got to no plugin."""
    return Answer(status, headers, by_plugin=False)


def refusal(status: bytes) -> Answer:
    """Return the answer to what can't be read on; the real host would say nothing."""
    return Answer(status, COMMON_HEADERS + _CLOSE)


def of_call(response: Response) -> Answer:
    """Return the answer that carries a JSON-RPC answer; its status line tells the code of a failure, unsigned."""
    if response.failure is None:
        return Answer(b"200 JSONRPC executed succesfully", body=response.body)
    return Answer(b"202 Failure on JSONRPC: %d" % (response.failure % 2**32), body=response.body)


def of_event(message: bytes) -> Answer:
    """Return what nobody asked for: an event for a client that subscribed over HTTP."""
    return Answer(b"200 OK", body=message)


def preflight(allowed: bytes = b"Content-Type") -> Answer:
    """Return the answer to a browser that asks what it may send; `allowed` are names of headers."""
    headers = (
        b"Allow: \r\nAccess-Control-Allow-Headers: %b\r\nAccess-Control-Allow-Origin: *\r\n"
        b"Access-Control-Allow-Methods: GET,POST,PUT,DELETE\r\nAccess-Control-Max-Age: 3600\r\n" % allowed
    )
    return Answer(b"204 No Content", headers)


NOT_FOUND = no_plugin(b"404 Not Found")
NO_VERSION = no_plugin(b"400 Callsign was oke, but the requested version was not supported.")
NO_SOCKET = no_plugin(b"503 Could not find a correct service for this socket.")
UNAUTHORIZED = no_plugin(b"401 Request needs authorization. Missing or invalid token.")
FORBIDDEN = no_plugin(b"403 Security prohibites this connection.")
NOT_LOADED = no_plugin(b"503 The requested service is not loaded.")
DEACTIVATED = no_plugin(b"410 The requested service is currently in the deactivated mode.")
NO_RESPONSE = Answer(b"500 There is no response from the requested service.")
NOT_POST = Answer(b"405 JSON-RPC only supported via POST request")
NOTIFIED = Answer(b"204 No Content", body=None)
UNKNOWN_VERB = Answer(b"501 Not Implemented")
ENCODED = Answer(b"415 Unsupported Media Type")
BROKEN = Answer(b"500 Internal Server Error", b"")
BAD_REQUEST = refusal(b"400 Bad Request")
HEAD_TOO_LARGE = refusal(b"431 Request Header Fields Too Large")
BODY_TOO_LARGE = refusal(b"413 Content Too Large")
