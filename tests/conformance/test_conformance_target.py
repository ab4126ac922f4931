"""The target, over real sockets: deadlines, kept connections, tokens and headers, proxies, TLS, WebSockets."""

import base64
import hashlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import defer
from wire_server import Connection, WireServer, answer, answering, certificate, closed_port

from conformance import connect, http, tls
from conformance.errors import BadProxy, BrokenAnswer, NoAnswer, NoWebSocket, TargetError, Unreachable
from conformance.target import Target

SHORT = 0.3


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


@asynccontextmanager
async def to(url: str, timeout: float = 5.0, **options: Any) -> AsyncIterator[Target]:  # noqa: ASYNC109 - a Target's
    target = Target(url, timeout=timeout, **options)
    try:
        yield target
    finally:
        await target.close()


async def body(target: Target, content: bytes = b"{}") -> bytes:
    return (await target.post(target.request(content))).body


def drip(connection: Connection) -> None:
    """Never stop, and never send much."""
    connection.request()
    connection.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not connection.server.ending.wait(0.02):
        connection.say(b"x")


def drip_headers(connection: Connection) -> None:
    connection.request()
    connection.say(b"HTTP/1.1 200 OK\r\n")
    while not connection.server.ending.wait(0.02):
        connection.say(b"X: y\r\n")


def interim_for_ever(connection: Connection) -> None:
    connection.request()
    while not connection.server.ending.wait(0.01):
        connection.say(b"HTTP/1.1 100 Continue\r\n\r\n")


def silent(connection: Connection) -> None:
    connection.request()
    connection.wait()


@pytest.mark.parametrize("serve", [silent, drip, drip_headers, interim_for_ever])
@pytest_twisted.ensureDeferred
async def test_the_deadline_is_for_the_whole_answer(serve: Callable[[Connection], None]) -> None:
    began = time.monotonic()
    with WireServer(serve) as server:
        async with to(server.url, SHORT) as target:
            with pytest.raises(NoAnswer, match=r"gave no complete answer within 0\.3 s"):
                await body(target)
            assert target._open == set()
    assert SHORT <= time.monotonic() - began < 3


@pytest_twisted.ensureDeferred
async def test_the_deadline_is_for_connecting_too() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        backlog = []
        for _ in range(3):  # what nobody accepts fills the queue, so that the kernel answers no further one
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
            backlog.append(waiting)
        async with to(f"127.0.0.1:{full.getsockname()[1]}", SHORT) as target:
            with pytest.raises(TargetError):
                await body(target)
        for waiting in backlog:
            waiting.close()


@pytest_twisted.ensureDeferred
async def test_nobody_listens() -> None:
    with closed_port() as port:
        async with to(f"127.0.0.1:{port}") as target:
            with pytest.raises(Unreachable, match="Nothing can be reached at http://127"):
                await body(target)
            with pytest.raises(Unreachable):
                await target.open()


@pytest_twisted.ensureDeferred
async def test_a_connection_is_used_again() -> None:
    with WireServer(answering(b"1", b"2", b"3")) as server:
        async with to(server.url) as target:
            assert [await body(target) for _ in range(3)] == [b"1", b"2", b"3"]
        assert server.connections == 1


@pytest_twisted.ensureDeferred
async def test_several_requests_at_once_have_connections_of_their_own() -> None:
    meet = threading.Barrier(5)

    def serve(connection: Connection) -> None:
        while request := connection.request():
            meet.wait(10)  # nobody gets an answer before all have asked
            connection.say(answer(request[-1:]))

    with WireServer(serve) as server:
        async with to(server.url) as target:
            for _ in range(2):
                asked = [defer.ensureDeferred(body(target, b"%d" % number)) for number in range(5)]
                assert await defer.gatherResults(asked) == [b"0", b"1", b"2", b"3", b"4"]
        assert server.connections == 5


@pytest.mark.parametrize("said", [True, False])
@pytest_twisted.ensureDeferred
async def test_a_target_that_closes_after_each_answer(said: bool) -> None:
    def serve(connection: Connection) -> None:
        connection.request()
        connection.say(answer(b"{}", *(["Connection: close"] if said else [])))

    with WireServer(serve) as server:
        async with to(server.url) as target:
            for _ in range(20):
                assert await body(target) == b"{}"
        assert len(server.requests) == 20


@pytest_twisted.ensureDeferred
async def test_a_request_that_crosses_the_end_of_a_kept_connection_is_sent_again() -> None:
    def serve(connection: Connection) -> None:
        connection.request()
        connection.say(answer(b"1"))
        if connection.server.connections == 1:
            connection.request()  # it has it, and closes without a byte of an answer
            return
        connection.wait()

    with WireServer(serve) as server:
        async with to(server.url) as target:
            assert [await body(target), await body(target)] == [b"1", b"1"]
        assert (server.connections, len(server.requests)) == (2, 3)


@pytest_twisted.ensureDeferred
async def test_whoever_never_answers_is_asked_twice_at_most() -> None:
    def serve(connection: Connection) -> None:
        connection.request()
        if connection.server.connections == 1:
            connection.say(answer(b"1"))
            connection.request()

    with WireServer(serve) as server:
        async with to(server.url) as target:
            await body(target)
            with pytest.raises(BrokenAnswer, match="no complete HTTP answer: the connection was closed instead"):
                await body(target)
        assert len(server.requests) == 3


@pytest_twisted.ensureDeferred
async def test_a_request_that_got_half_an_answer_is_not_sent_again() -> None:
    def serve(connection: Connection) -> None:
        connection.request()
        connection.say(answer(b"1"))
        connection.request()
        connection.say(b"H")

    with WireServer(serve) as server:
        async with to(server.url) as target:
            await body(target)
            with pytest.raises(BrokenAnswer, match="closed in the middle"):
                await body(target)
        assert len(server.requests) == 2


@pytest_twisted.ensureDeferred
async def test_what_comes_unasked_is_told_once_and_ends_the_connection() -> None:
    read = threading.Event()

    def serve(connection: Connection) -> None:
        connection.request()
        connection.say(answer(b"1"))
        if connection.server.connections == 1:
            read.wait(10)
            connection.say(b"more")
        connection.wait()

    with WireServer(serve) as server:
        async with to(server.url) as target:
            assert await body(target) == b"1"
            read.set()
            (idle,) = target._idle
            while not idle.unasked:  # it is on its way
                await target.pause(0.001)
            assert target.unasked() == [b"more"]
            assert target.unasked() == []
            assert await body(target) == b"1"
        assert server.connections == 2


@pytest_twisted.ensureDeferred
async def test_an_endless_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_BYTES", 100_000)
    sent = []

    def serve(connection: Connection) -> None:
        connection.request()
        connection.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(1000):
            connection.say(b"x" * 1_000_000)
            sent.append(1)

    with WireServer(serve) as server:
        async with to(server.url) as target:
            with pytest.raises(BrokenAnswer, match="it is longer than 100000 bytes"):
                await body(target)
    assert len(sent) < 50


@pytest_twisted.ensureDeferred
async def test_what_goes_over_the_wire() -> None:
    with WireServer(answering(b"{}")) as server:
        async with to(f"{server.url}?a=b", headers=[("X-Box", "seven")], token="t0ken") as target:  # noqa: S106 - made up
            await body(target, b"[1]")
            await target.post(target.request(b"", "/jsonrpc/org.rdk.OCIContainer", "GET", [("Accept", "*/*")]))
    first, second = (request.decode().split("\r\n") for request in server.requests)
    assert first[0] == "POST /jsonrpc?a=b HTTP/1.1"
    assert first[1] == f"Host: 127.0.0.1:{server.port}"
    assert {"X-Box: seven", "Authorization: Bearer t0ken", "Content-Length: 3"} <= set(first)
    assert first[-1] == "[1]"
    assert second[0] == "GET /jsonrpc/org.rdk.OCIContainer?a=b HTTP/1.1"
    assert "Accept: */*" in second
    assert not any(line.startswith("Content-Length") for line in second)


def accepting(connection: Connection) -> None:
    """Open a WebSocket and send a message in the same segment."""
    request = connection.request().decode()
    key = next(line[19:] for line in request.split("\r\n") if line.lower().startswith("sec-websocket-key: "))
    digest = base64.b64encode(hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # noqa: S324 - as RFC 6455 has it
    connection.say(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Protocol: notification\r\nSec-WebSocket-Accept: " + digest + b"\r\n\r\n\x81\x02hi"
    )
    connection.wait()


@pytest.mark.parametrize(
    ("query", "token", "path", "asked"),
    [
        ("", None, None, "/jsonrpc"),
        ("", "a&b=", None, "/jsonrpc?token=a%26b%3D"),
        ("?x=y", "t", None, "/jsonrpc?x=y&token=t"),
        ("?token=mine", "t", None, "/jsonrpc?token=mine"),
        ("", "t", "/jsonrpc/Controller", "/jsonrpc/Controller?token=t"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_websocket_has_the_token_in_its_query(
    query: str, token: str | None, path: str | None, asked: str
) -> None:
    with WireServer(accepting) as server:
        async with to(server.url + query, token=token, headers=[("X-Box", "seven")]) as target:
            await target.open(path)
    lines = server.requests[0].decode().split("\r\n")
    assert lines[0] == f"GET {asked} HTTP/1.1"
    assert "X-Box: seven" in lines
    assert not any(line.lower().startswith("authorization") for line in lines)


@pytest_twisted.ensureDeferred
async def test_a_message_behind_the_handshake_is_not_lost() -> None:
    with WireServer(accepting) as server:
        async with to(server.url) as target:
            websocket = await target.open()
            came: defer.Deferred[str | bytes] = defer.Deferred()
            websocket.received = came.callback
            assert await came.addTimeout(5, target.clock) == "hi"


@pytest_twisted.ensureDeferred
async def test_a_websocket_that_does_not_open_in_time() -> None:
    with WireServer(silent) as server:
        async with to(server.url, SHORT) as target:
            with pytest.raises(NoAnswer):
                await target.open()
            assert target._open == set()


@pytest_twisted.ensureDeferred
async def test_a_websocket_that_is_refused() -> None:
    with WireServer(answering(b"{}")) as server:
        async with to(server.url) as target:
            with pytest.raises(NoWebSocket, match="did not open a WebSocket: it answered HTTP 200"):
                await target.open()
            assert target._open == set()


class TestProxy:
    @pytest_twisted.ensureDeferred
    async def test_http_goes_through_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with WireServer(answering(b"from the proxy")) as proxy:
            monkeypatch.setenv("http_proxy", f"http://me:p%40ss@127.0.0.1:{proxy.port}")
            async with to("http://box.example:9998/jsonrpc") as target:
                assert await body(target) == b"from the proxy"
        lines = proxy.requests[0].decode().split("\r\n")
        assert lines[0] == "POST http://box.example:9998/jsonrpc HTTP/1.1"
        assert "Host: box.example:9998" in lines
        assert f"Proxy-Authorization: Basic {base64.b64encode(b'me:p@ss').decode()}" in lines

    @pytest.mark.parametrize("excluded", ["127.0.0.1", "*", "localhost,127.0.0.1"])
    @pytest_twisted.ensureDeferred
    async def test_no_proxy_is_heeded(self, excluded: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with WireServer(answering(b"direct")) as server, WireServer(answering(b"from the proxy")) as proxy:
            monkeypatch.setenv("http_proxy", f"127.0.0.1:{proxy.port}")
            monkeypatch.setenv("no_proxy", excluded)
            async with to(server.url) as target:
                assert await body(target) == b"direct"

    @pytest_twisted.ensureDeferred
    async def test_websockets_pass_it_by(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with WireServer(accepting) as server, WireServer(answering(b"from the proxy")) as proxy:
            monkeypatch.setenv("http_proxy", f"127.0.0.1:{proxy.port}")
            async with to(server.url) as target:
                await target.open()
        assert proxy.requests == []

    @pytest_twisted.ensureDeferred
    async def test_it_is_named_when_it_is_not_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with closed_port() as port:
            monkeypatch.setenv("http_proxy", f"me:secret@127.0.0.1:{port}")
            async with to("http://box.example/jsonrpc") as target:
                with pytest.raises(Unreachable, match=f"through the proxy 127.0.0.1:{port}") as raised:
                    await body(target)
        assert "secret" not in str(raised.value)

    @pytest.mark.parametrize("given", ["socks5://me:secret@h:1", "http://me:secret@h:port", "http://me:secret@"])
    def test_what_is_no_proxy(self, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", given)
        with pytest.raises(BadProxy, match="cannot be used") as raised:
            Target("box", timeout=1)
        assert "secret" not in str(raised.value)


class TestTLS:
    @pytest.fixture(scope="class")
    @staticmethod
    def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
        return certificate(tmp_path_factory.mktemp("tls"))

    @pytest_twisted.ensureDeferred
    async def test_insecure_takes_any_certificate(self, signed: tuple[Path, Any]) -> None:
        with WireServer(answering(b"1", b"2"), signed[1]) as server:
            async with to(server.url, insecure=True) as target:
                assert [await body(target), await body(target)] == [b"1", b"2"]
            assert server.connections == 1
        with WireServer(accepting, signed[1]) as server:
            async with to(server.url, insecure=True) as target:
                await target.open()

    @pytest_twisted.ensureDeferred
    async def test_a_certificate_that_nobody_knows(self, signed: tuple[Path, Any]) -> None:
        with WireServer(answering(b"{}"), signed[1]) as server:
            async with to(server.url) as target:
                for asked in (body(target), target.open()):
                    with pytest.raises(Unreachable, match=r"not to be trusted .*; --insecure accepts any"):
                        await asked

    @pytest.mark.parametrize(("host", "good"), [("127.0.0.1", True), ("box.example", False)])
    @pytest_twisted.ensureDeferred
    async def test_a_known_certificate_has_to_be_for_the_host(
        self, host: str, good: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        public, context = certificate(tmp_path, host)
        authority = tls.ssl.Certificate.loadPEM(public.read_bytes())
        known = lambda name: tls.ssl.optionsForClientTLS(name, trustRoot=authority)  # noqa: E731 - it is short
        monkeypatch.setattr(tls, "verifying", known)
        with WireServer(answering(b"{}"), context) as server:
            async with to(server.url) as target:
                if good:
                    assert await body(target) == b"{}"
                else:
                    with pytest.raises(Unreachable, match="certificate is for another host"):
                        await body(target)

    @pytest_twisted.ensureDeferred
    async def test_tls_to_a_plain_port(self) -> None:
        with WireServer(lambda connection: connection.say(answer(b"{}"))) as server:
            async with to(server.url.replace("http:", "https:")) as target:
                with pytest.raises(Unreachable, match="there is no TLS"):
                    await body(target)

    @pytest_twisted.ensureDeferred
    async def test_plain_to_a_tls_port(self, signed: tuple[Path, Any]) -> None:
        with WireServer(answering(b"{}"), signed[1]) as server:
            async with to(server.url.replace("https:", "http:")) as target:
                with pytest.raises(BrokenAnswer):
                    await body(target)

    @pytest_twisted.ensureDeferred
    async def test_a_host_that_never_finishes_the_handshake(self) -> None:
        with WireServer(Connection.wait) as server:
            async with to(server.url.replace("http:", "https:"), SHORT, insecure=True) as target:
                with pytest.raises(NoAnswer):
                    await body(target)

    def test_https_needs_no_proxy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "socks5://h")
        assert connect.way_to("https://box/jsonrpc", timeout=1, insecure=False).proxy is None
