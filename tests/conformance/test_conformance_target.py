"""Answers off the wire: odd ones that are legal, and all ways in which none comes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import pytest_twisted

from conformance import target
from conformance.errors import BrokenAnswer, NoAnswer, TargetError, Unreachable
from conformance.exchange import Exchange


@contextmanager
def speaking(answer: bytes, *, hang: bool = False) -> Iterator[str]:
    """Serve one connection with raw bytes, then close it, or keep it open for as long as the context lasts."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)
                if hang:
                    done.wait(30)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        done.set()
        thread.join()


async def post(url: str, seconds: float = 5.0) -> Exchange:
    there = target.Target(url, seconds)
    try:
        return await there.post(there.request(b"{}"))
    finally:
        await there.close()


@pytest.mark.parametrize(
    ("raw", "status", "reason", "body"),
    [
        (
            b"HTTP/1.1 200 JSONRPC executed succesfully\r\nContent-Length: 2\r\n\r\n{}",
            200,
            "JSONRPC executed succesfully",
            b"{}",
        ),
        (b"HTTP/1.1 202 Failure on JSONRPC: 1\r\nContent-Length: 2\r\n\r\n{}", 202, "Failure on JSONRPC: 1", b"{}"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 200, "OK", b"{}"),
        (b"HTTP/1.0 200 OK\r\n\r\n{}", 200, "OK", b"{}"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, "Not Found", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\xff", 200, "OK", b"\xff"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_answers(raw: bytes, status: int, reason: str, body: bytes) -> None:
    with speaking(raw) as url:
        exchange = await post(url)
    assert (exchange.status, exchange.reason, exchange.body) == (status, reason, body)
    assert exchange.seconds >= 0


@pytest.mark.parametrize(
    ("raw", "hang", "error"),
    [
        (b"", False, BrokenAnswer),
        (b"HTTP/1.1 200 OK\r\nContent-Le", False, BrokenAnswer),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{", False, BrokenAnswer),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", True, BrokenAnswer),
        (b"SSH-2.0-OpenSSH_9.2\r\n", True, BrokenAnswer),
        (b"", True, NoAnswer),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{", True, NoAnswer),
    ],
    ids=["nothing", "half a header", "half a body", "no chunks", "no HTTP", "silence", "half a body, then silence"],
)
@pytest_twisted.ensureDeferred
async def test_no_answer(raw: bytes, hang: bool, error: type[TargetError]) -> None:
    with speaking(raw, hang=hang) as url, pytest.raises(error) as raised:
        await post(url, 0.2 if error is NoAnswer else 5.0)
    assert url in str(raised.value)


@pytest_twisted.ensureDeferred
async def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(Unreachable, match="Nothing can be reached at"):
        await post(url)


@pytest_twisted.ensureDeferred
async def test_an_endless_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "MOST_BYTES", 10)
    with (
        speaking(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 100, hang=True) as url,
        pytest.raises(BrokenAnswer, match="longer than 10 bytes"),
    ):
        await post(url)
