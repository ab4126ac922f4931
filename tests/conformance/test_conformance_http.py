"""The suite's HTTP client, fed with bytes: whatever way they are cut, the same answer comes out."""

import pytest
from twisted.internet import defer, error
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from conformance import http
from conformance.http import Answer, Broken, HTTPConnection, NothingCame, TooLong

OK = b"HTTP/1.1 200 JSONRPC executed succesfully\r\n"
DONE = Failure(error.ConnectionDone())


def connected() -> HTTPConnection:
    connection = HTTPConnection()
    connection.makeConnection(StringTransport())
    return connection


def waiting(connection: HTTPConnection, method: str = "POST") -> list[Answer | Failure]:
    """Wait for an answer; the list gets it, or what went wrong."""
    outcome: list[Answer | Failure] = []
    defer.ensureDeferred(connection.answer(method)).addBoth(outcome.append)
    return outcome


def outcome_of(*pieces: bytes, end: Failure | None = None, method: str = "POST") -> Answer | BaseException | None:
    connection = connected()
    outcome = waiting(connection, method)
    for piece in pieces:
        connection.dataReceived(piece)
    if end is not None:
        connection.connectionLost(end)
    if not outcome:
        return None
    return outcome[0].value if isinstance(outcome[0], Failure) else outcome[0]


def cuts(raw: bytes) -> list[list[bytes]]:
    """Return the bytes cut in two at every point, and into single bytes."""
    return [[raw[:at], raw[at:]] for at in range(1, len(raw))] + [[raw[at : at + 1] for at in range(len(raw))]]


@pytest.mark.parametrize(
    ("raw", "method", "end", "expected"),
    [
        (OK + b"Content-Length: 2\r\n\r\n{}", "POST", False, (200, b"{}", True)),
        (OK + b"Content-Length: 2\r\nConnection: close\r\n\r\n{}", "POST", False, (200, b"{}", False)),
        (OK + b"Content-Length: 0\r\n\r\n", "POST", False, (200, b"", True)),
        (
            OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\nA: b\r\n\r\n",
            "POST",
            False,
            (200, b"{}", True),
        ),
        (OK + b"\r\n{}", "POST", True, (200, b"{}", False)),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", "POST", False, (200, b"{}", False)),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 \r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n{}",
            "POST",
            False,
            (200, b"{}", True),
        ),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "POST", False, (204, b"", True)),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "GET", False, (304, b"", True)),
        (OK + b"Content-Length: 9\r\n\r\n", "HEAD", False, (200, b"", True)),
        (b"HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 2\r\n\r\n<>", "POST", False, (301, b"<>", True)),
    ],
    ids=[
        *("length", "close", "empty", "chunked", "until the end", "HTTP/1.0", "interim answers", "204", "304", "HEAD"),
        "redirect",
    ],
)
def test_an_answer_in_any_pieces(raw: bytes, method: str, end: bool, expected: tuple[int, bytes, bool]) -> None:
    for pieces in cuts(raw):
        answer = outcome_of(*pieces, end=DONE if end else None, method=method)
        assert isinstance(answer, Answer), (pieces, answer)
        assert (answer.status, answer.body, answer.reusable) == expected
        assert answer.trailing == b""


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "it is no HTTP"),
        (b"{}\r\n\r\n", "it is no HTTP"),
        (b"HTTP/2 200\r\n\r\n", "it is no HTTP"),
        (b"HTTP/1.1 OK\r\n\r\n", "it is no HTTP"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "it is no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "it is no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", "it is no HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n{}", "it is no HTTP"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "it is no HTTP"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", "it is no HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "it speaks TLS there"),
    ],
)
def test_what_is_no_http_answer(raw: bytes, what: str) -> None:
    for pieces in cuts(raw):
        broken = outcome_of(*pieces)
        assert isinstance(broken, Broken), pieces
        assert str(broken).startswith(what), pieces


def test_http_0_9_has_no_status_line() -> None:
    for pieces in cuts(b"<html>hello</html>"):
        assert isinstance(outcome_of(*pieces, end=DONE), Broken)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        OK + b"Content-Length: 20\r\n\r\n{",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
@pytest.mark.parametrize("reason", [error.ConnectionDone, error.ConnectionLost])
def test_an_answer_that_ends_in_the_middle(raw: bytes, reason: type[Exception]) -> None:
    for pieces in cuts(raw):
        broken = outcome_of(*pieces, end=Failure(reason()))
        assert isinstance(broken, Broken)
        assert not isinstance(broken, NothingCame)
        assert str(broken).startswith("the connection was closed in the middle (")


def test_a_connection_that_ends_before_the_answer() -> None:
    assert isinstance(outcome_of(end=DONE), NothingCame)


def test_what_breaks_tls_is_told() -> None:
    fault = OSError("certificate")
    assert outcome_of(end=Failure(fault)) is fault


def test_headers_without_end_are_not_read_to_it() -> None:
    connection = connected()
    outcome = waiting(connection)
    sent = 0
    while not outcome and sent < 10**7:
        connection.dataReceived(b"X-Bomb: " + b"x" * 1000 + b"\r\n" if sent else OK)
        sent += 1000
    assert isinstance(outcome[0], Failure)
    assert outcome[0].check(Broken)
    assert sent < 10 * 16 * 1024  # what h11 takes at most


@pytest.mark.parametrize(
    "head", [b"Content-Length: 1000000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n", b"\r\n"]
)
def test_a_body_without_end_is_not_read_to_it(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_BYTES", 5000)
    connection = connected()
    outcome = waiting(connection)
    connection.dataReceived(OK + head)
    sent = 0
    while not outcome and sent < 10**6:
        connection.dataReceived(b"64\r\n" + b"x" * 100 + b"\r\n")
        sent += 106
    assert isinstance(outcome[0], Failure)
    assert outcome[0].check(TooLong)
    assert sent < 6000
    assert connection.transport.disconnected


@pytest.mark.parametrize("cut", [False, True])
def test_bytes_behind_an_answer_are_kept(cut: bool) -> None:
    raw = OK + b"Content-Length: 2\r\n\r\n{}"
    connection = connected()
    outcome = waiting(connection)
    connection.dataReceived(raw if cut else raw + b"HTTP/1.1 ")
    if cut:
        connection.dataReceived(b"HTTP/1.1 ")
    (answer,) = outcome
    assert isinstance(answer, Answer)
    assert answer.trailing == (b"" if cut else b"HTTP/1.1 ")
    assert answer.reusable is cut
    assert connection.unasked == b"HTTP/1.1 "


def test_two_answers_are_read_one_after_the_other() -> None:
    raw = OK + b"Content-Length: 2\r\n\r\n{}" + OK + b"Content-Length: 1\r\n\r\n3"
    for pieces in cuts(raw):
        connection = connected()
        bodies = []
        for piece in pieces:
            connection.dataReceived(piece)
        for _ in range(2):
            (answer,) = waiting(connection)
            assert isinstance(answer, Answer)
            bodies.append(answer.body)
        assert bodies == [b"{}", b"3"]


def test_what_nobody_reads_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_BYTES", 5000)
    connection = connected()
    for _ in range(100):
        if not connection.transport.disconnected:
            connection.dataReceived(b"x" * 100)
    assert connection.transport.disconnected
    assert len(connection.unasked) == 5100


def test_whoever_gives_up_waiting_leaves_the_connection_whole() -> None:
    connection = connected()
    given_up = defer.ensureDeferred(connection.answer())
    failures: list[Failure] = []
    given_up.addErrback(failures.append)
    given_up.cancel()
    assert failures[0].check(defer.CancelledError)
    connection.dataReceived(OK + b"Content-Length: 2\r\n\r\n{}")
    (answer,) = waiting(connection)
    assert isinstance(answer, Answer)
    assert answer.body == b"{}"
