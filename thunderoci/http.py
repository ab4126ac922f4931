"""HTTP as Thunder speaks it, on twisted.web.

Twisted's own Request adds headers and parses forms, Thunder does neither; so the request is taken and the answer is
written here, in one piece. Source of the rules: facts/thunder.md A.
"""

import logging
from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import ServerFactory
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel, Request

from thunderoci.designator import is_number, version_of
from thunderoci.host import CONTROLLER, Plugin, PluginHost
from thunderoci.message import Response

log = logging.getLogger(__name__)

_JSONRPC = b"/jsonrpc"
_COMMON_HEADERS = (
    b"Access-Control-Allow-Origin: *\r\n"
    b"Cache-Control: no-cache, private, no-store, must-revalidate, max-stale=0, post-check=0, pre-check=0\r\n"
)
_VERBS = {b"GET", b"PUT", b"POST", b"DELETE", b"OPTIONS", b"HEAD", b"PATCH", b"TRACE", b"CONNECT"}
_IDLE_SECONDS = 180
"""How long a connection may stay silent; the stock configuration's idletime."""


class _Refusal(Exception):
    """A request that is no JSON-RPC call: the status line says why."""

    def __init__(self, status: bytes, headers: bytes = b"") -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers


class ThunderRequest(Request):
    """One HTTP request and its answer."""

    channel: Any
    content: Any

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Take a complete request, without looking into its body for forms."""
        self.method = command
        self.uri = path
        self.clientproto = version
        self.process()

    def process(self) -> None:
        """Answer the request, at once or when the plugin is done."""
        host = self.channel.factory.host
        try:
            plugin = self._plugin(host)
            body = self._message(plugin)
        except _Refusal as refusal:
            self._send(refusal.status, refusal.headers, b"")
            return
        direct = None if plugin.callsign == CONTROLLER else plugin
        Deferred.fromCoroutine(host.answer(body, direct)).addCallbacks(self._answer, self._broken)

    def _plugin(self, host: PluginHost) -> Plugin:
        """Return the plugin that the path names; raises _Refusal where there is none."""
        path = self.uri.partition(b"?")[0].partition(b"#")[0]
        if path == b"/":
            raise _Refusal(
                b"301 MOVED_PERMANENTLY", b"Location: /Service/Controller/UI?ip=%b&port=%d\r\n" % self._address()
            )
        if not path.startswith(_JSONRPC):
            raise _Refusal(b"404 Not Found")
        # one character behind the prefix does not count, whatever it is
        rest = path[len(_JSONRPC) + 1 :].decode("latin-1")
        callsign = rest.partition("/")[0] if rest else CONTROLLER
        plugin = host.plugin_at(callsign)
        if plugin is None:
            callsign, _, version = callsign.rpartition(".")
            plugin = host.plugin_at(callsign)
            if plugin is None:
                raise _Refusal(b"400 After the //Service/ URL a Callsign is expected.")
            if not is_number(version) or version_of(version) != plugin.version:
                raise _Refusal(b"400 Callsign was oke, but the requested version was not supported.")
        return plugin

    def _address(self) -> tuple[bytes, int]:
        host: Any = self.getHost()  # type: ignore[no-untyped-call]  # twisted.web is partly typed
        return host.host.encode(), host.port

    def _message(self, plugin: Plugin) -> bytes:
        """Return the JSON-RPC message in the body; raises _Refusal when the request can't hold one."""
        if self.method not in _VERBS:
            raise _Refusal(b"501 Not Implemented")
        self.content.seek(0)
        body: bytes = self.content.read()
        if body and self.method != b"POST":
            raise _Refusal(b"405 JSON-RPC only supported via POST request", _COMMON_HEADERS)
        if body:
            return body
        # without a body it is no JSON-RPC, but a REST call of the plugin's
        if self.method == b"POST" and plugin.callsign == CONTROLLER:
            raise _Refusal(b"400 There are no POST handlers!", _COMMON_HEADERS)
        raise _Refusal(b"500 There is no response from the requested service.", _COMMON_HEADERS)

    def _answer(self, response: Response | None) -> None:
        if response is None:
            self._send(b"204 No Content", _COMMON_HEADERS, None)
        elif response.failure is None:
            self._send(b"200 JSONRPC executed succesfully", _COMMON_HEADERS, response.body)
        else:
            unsigned = response.failure % 2**32
            self._send(b"202 Failure on JSONRPC: %d" % unsigned, _COMMON_HEADERS, response.body)

    def _broken(self, failure: Failure) -> None:
        log.error(
            "answering %r broke; this is a defect of ours, please report it\n%s", self.uri, failure.getTraceback()
        )
        self._send(b"500 Internal Server Error", b"", b"")

    def _send(self, status: bytes, headers: bytes, body: bytes | None) -> None:
        """Write the whole answer in one piece; body None means that there can't be one."""
        if self.channel is None:  # the client has gone
            return
        length = b"" if body is None else b"Content-Length: %d\r\n" % len(body)
        self.startedWriting = 1
        self.channel.transport.write(b"HTTP/1.1 %b\r\n%b%b\r\n%b" % (status, headers, length, body or b""))
        self.finish()  # type: ignore[no-untyped-call]  # twisted.web is partly typed


class ThunderChannel(HTTPChannel):
    """One client connection."""

    requestFactory = ThunderRequest  # noqa: N815 (Twisted's name)

    def checkPersistence(self, request: Request, version: bytes) -> bool:  # noqa: N802, ARG002 (Twisted's names)
        """Tell whether the connection stays: always, but for `Connection: close`, and also in HTTP/1.0."""
        values: Sequence[bytes] = request.requestHeaders.getRawHeaders(b"connection") or []
        return not any(b"close" in value.lower() for value in values)

    def _send100Continue(self) -> None:  # noqa: N802 (Twisted's name, and it has no public one)
        """Send nothing: the body comes all the same."""


class ThunderFactory(ServerFactory):
    """Makes a channel for each client that connects; `clock` ends the silent ones."""

    noisy = False

    def __init__(self, host: PluginHost, clock: Any) -> None:
        self.host = host
        self._clock = clock

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802, ARG002 (Twisted's names)
        """Return the channel of a new connection."""
        channel: Any = ThunderChannel()  # type: ignore[no-untyped-call]  # twisted.web is partly typed
        channel.factory = self
        channel.timeOut = _IDLE_SECONDS
        channel.callLater = self._clock.callLater
        return channel

    def log(self, request: Request) -> None:
        """Keep no access log; twisted.web calls this for each finished request."""
