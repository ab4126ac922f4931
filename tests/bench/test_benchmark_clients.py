"""The clients of the benchmarks: what they read, and what they refuse to count."""

import fcntl
import os
import resource
import socket
import socketserver
import threading

import pytest

from benchmarks import wrk
from benchmarks.connection import Connection, Frames, HTTPAnswers, WebSocket, frame, http_request
from benchmarks.errors import Closed, WrongAnswer
from benchmarks.load import always, load
from benchmarks.sample import Sample

ANSWER = b'HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{"success":true}'


@pytest.mark.parametrize("at", range(len(ANSWER) + 1))
def test_an_answer_may_come_in_two_pieces(at):
    answers = HTTPAnswers()
    for _ in range(2):  # the second is read as the first was
        assert [answers.feed(piece) for piece in (ANSWER[:at], ANSWER[at:]) if piece][-1] == ANSWER


def test_only_200_with_a_length_is_an_answer():
    with pytest.raises(WrongAnswer, match="503"):
        HTTPAnswers().feed(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(WrongAnswer):
        HTTPAnswers().feed(b"HTTP/1.1 200 OK\r\n\r\n")


def server_frame(payload):
    masked = frame(payload)
    head = 2 if len(payload) < 126 else 4
    return bytes([masked[0], masked[1] & 0x7F]) + masked[2:head] + payload


@pytest.mark.parametrize("size", [0, 125, 126, 300])
def test_frames_may_come_in_any_pieces_and_together(size):
    payload = b"x" * size
    raw = server_frame(payload)
    for at in range(len(raw) + 1):
        frames = Frames()
        given = [frames.feed(raw[:at]), frames.feed(raw[at:] + raw), frames.feed(b"")]
        assert [one for one in given if one is not None] == [payload] * 2


def test_a_frame_that_is_no_text_is_no_answer():
    with pytest.raises(WrongAnswer):
        Frames().feed(b"\x88\x00")


WRK = """Running 1s test @ http://127.0.0.1:1/jsonrpc
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.40ms    7.23ms  80.20ms   93.50%
    Req/Sec     2.46k     1.06k    3.76k    60.99%
  Latency Distribution
     50%  330.00us
     75%    1.02ms
     90%    2.00ms
     99%    1.50s
  2977 requests in 1.00s, 0.96MB read
Requests/sec:   2977.12
"""


def test_what_wrk_prints_is_read():
    assert wrk.read(WRK) == Sample(2977, 2977.12, 0.33, 1500.0)


@pytest.mark.parametrize(
    "line", ["  Non-2xx or 3xx responses: 5", "  Socket errors: connect 0, read 3, write 0, timeout 0"]
)
def test_a_run_of_wrk_with_errors_is_none(line):
    with pytest.raises(WrongAnswer, match=line.split()[0]):
        wrk.read(f"{WRK}{line}\n")


class Answering(socketserver.StreamRequestHandler):
    """Gives one answer after the other, then closes."""

    def handle(self):
        for answer in self.server.answers:
            length = None
            while (line := self.rfile.readline().lower()) not in {b"", b"\r\n"}:
                length = int(line.split()[1]) if line.startswith(b"content-length:") else length
            if length is None:
                return
            self.server.asked.append(self.rfile.read(length))
            self.wfile.write(answer)


@pytest.fixture
def answering():
    """Return what makes a server of answers; it keeps what it was asked."""
    servers = []

    def serve(answers):
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answering)
        server.answers, server.asked = answers, []
        threading.Thread(target=server.serve_forever, args=[0.01]).start()
        servers.append(server)
        return server

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_load_asks_as_often_as_it_is_told(answering):
    server = answering([ANSWER] * 100)
    sample = load(server.server_address[1], 4, always(b"{}"), count=40)
    assert sample.count == 40
    assert server.asked == [b"{}"] * 40


def test_a_unit_that_was_begun_is_finished_and_counted_once(answering):
    server = answering([ANSWER] * 100)

    def requests(_):
        for _ in range(50):
            yield http_request(b"1"), False
            yield http_request(b"2"), True

    sample = load(server.server_address[1], 1, requests, seconds=0)
    assert (sample.count, server.asked) == (1, [b"1", b"2"])


def test_a_load_stops_at_a_wrong_answer_and_at_an_end(answering):
    bad = ANSWER.replace(b"true", b"none")
    with pytest.raises(WrongAnswer, match="none"):
        load(answering([ANSWER, bad]).server_address[1], 1, always(b"{}"), count=10)
    with pytest.raises(Closed):
        load(answering([ANSWER]).server_address[1], 1, always(b"{}"), count=10)


def test_requests_are_made_for_the_kind_of_connection():
    assert next(always(b"{}", Connection)(0)) == (http_request(b"{}"), True)
    assert next(always(b"{}", WebSocket)(0)) == (b"\x81\x82\0\0\0\0{}", True)


@pytest.fixture
def many_files():
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(usual, 2048), most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (usual, most))


@pytest.mark.usefixtures("many_files")
def test_a_connection_with_a_high_number_is_waited_for(answering):
    connection = Connection(answering([ANSWER]).server_address[1])
    low = connection.socket.detach()
    high = fcntl.fcntl(low, fcntl.F_DUPFD, 1024)
    os.close(low)
    connection.socket = socket.socket(fileno=high)
    assert connection.ask(b"{}") == ANSWER
    connection.close()
