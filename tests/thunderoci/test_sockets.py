"""HTTP and WebSocket over real sockets, with clients of our own and of others."""

import json
import os
import random
import resource
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hosting import UPGRADE, call, post, result
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Pong, Request, TextMessage
from wsproto.events import Ping as WSPing

from thunderoci.limits import Limits
from thunderoci.websocket_frames import FrameReader, TooLarge, handshake, text_frame

PATIENCE = 20
SERVER = Path(__file__).with_name("serve_scripted.py")
CONNECTIONS = 1000
HANDSHAKE = handshake(b"dGhlIHNhbXBsZSBub25jZQ==", None)


class Server:
    """A scripted host in a process of its own."""

    def __init__(self, log):
        self.log = log
        with log.open("w") as errors:  # not a pipe, which could fill up
            self.process = subprocess.Popen(
                [sys.executable, str(SERVER)],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            )
        self.port = int(self.process.stdout.readline())
        with self.connect() as connection:  # from here on it has all its own files open
            connection.sendall(post())
            read_until(connection, result())
        self.wait_until_left()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def wait_until_left(self, number=1):
        """Return when so many more clients have left."""
        for _ in range(number):
            assert self.process.stdout.readline() == "left\n"

    def open_files(self):
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def end(self):
        """End the server and return what it said on standard error."""
        self.process.terminate()
        self.process.wait(PATIENCE)
        return self.log.read_text()


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "log")
    with server.process:
        try:
            yield server
        finally:
            server.process.terminate()


def read_until(connection, end):
    """Read until what was read ends so."""
    data = b""
    while not data.endswith(end):
        piece = connection.recv(65536)
        assert piece, f"the connection ended after {data!r}"
        data += piece
    return data


def read_to_end(connection):
    data = b""
    while piece := connection.recv(65536):
        data += piece
    return data


def test_the_library_websockets_calls_and_hears_events(server):
    with connect(f"ws://127.0.0.1:{server.port}/jsonrpc", subprotocols=["notification"], close_timeout=0.1) as client:
        assert client.subprotocol == "notification"
        client.send(call().decode())
        assert client.recv(PATIENCE) == result().decode()
        client.send([call().decode()[:20], call().decode()[20:]])
        assert client.recv(PATIENCE) == result().decode()
        assert client.ping().wait(0) is False
        client.send(call("push").decode())
        heard = [json.loads(client.recv(PATIENCE)) for _ in range(4)]
        assert [event["event"] for event in heard[:-1]] == [0, 1, 2]


def test_the_library_websockets_meets_a_path_without_service(server):
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{server.port}/nope")
    assert refused.value.response.status_code == 503
    assert refused.value.response.reason_phrase == "Could not find a correct service for this socket."


def test_the_library_wsproto_calls_pings_and_closes(server):
    client = WSConnection(ConnectionType.CLIENT)

    def events_after(event):
        connection.sendall(client.send(event))
        while not (events := list(client.events())):
            client.receive_data(connection.recv(65536))
        return events

    with server.connect() as connection:
        (accepted,) = events_after(Request(host="x", target="/jsonrpc/org.rdk.OCIContainer"))
        assert isinstance(accepted, AcceptConnection)
        (answer,) = events_after(TextMessage(data='{"jsonrpc":"2.0","id":1,"method":"echo"}'))
        assert answer.data == result().decode()
        (pong,) = events_after(WSPing(payload=b"abc"))
        assert (type(pong), bytes(pong.payload)) == (Pong, b"")
        (close,) = events_after(CloseConnection(code=1000))
        assert isinstance(close, CloseConnection)
        connection.sendall(text_frame(call()))
        assert read_until(connection, result()) == text_frame(result())


def test_a_client_that_ends_its_side_gets_its_answer(server):
    with server.connect() as connection:
        connection.sendall(post() + post())
        connection.shutdown(socket.SHUT_WR)
        assert read_to_end(connection).count(result()) == 2
    server.wait_until_left()


def test_one_byte_at_a_time(server):
    with server.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in post() + UPGRADE + text_frame(call()):
            connection.sendall(bytes([byte]))
        received = read_until(connection, text_frame(result()))
    assert received.count(result()) == 2


@pytest.mark.parametrize("line", [b"GET /", b"GET / HTTP/1.1\r\nX: "], ids=["first", "header"])
def test_a_line_just_beyond_the_limit_of_a_head_is_refused_though_it_does_not_end(server, line):
    with server.connect() as connection:
        connection.sendall(line + b"x" * (Limits().head - len(line)))
        connection.sendall(b"x")
        assert connection.recv(1024).startswith(b"HTTP/1.1 431 ")


def test_a_body_beyond_the_limit_is_refused_while_the_client_still_sends(server):
    with server.connect() as connection:
        connection.sendall(b"POST /jsonrpc HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000)
        assert read_to_end(connection).startswith(b"HTTP/1.1 413 ")
    server.wait_until_left()


def test_a_message_beyond_the_limit_is_refused_while_the_client_still_sends(server):
    with server.connect() as connection:
        connection.sendall(UPGRADE + text_frame(b"x" * 3_000_000) + text_frame(call()))
        assert read_to_end(connection) == HANDSHAKE + b"\x88\x02\x03\xf1"
    server.wait_until_left()
    assert FrameReader(2**20).feed(text_frame(b"x" * 3_000_000)) == [TooLarge(3_000_000)]


def test_a_client_that_does_not_read_is_dropped_and_others_go_on(server):
    with server.connect() as idle:
        idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        idle.sendall(UPGRADE + text_frame(call("flood")))
        server.wait_until_left()
        with server.connect() as other:
            other.sendall(post())
            read_until(other, result())
    server.wait_until_left()
    assert "it does not read, and more than 1048576 bytes of events wait for it" in server.end()


def test_a_slow_reader_of_a_large_answer_gets_all_of_it(server):
    with server.connect() as connection:
        connection.sendall(post(call("big"), headers=b"Connection: close\r\n"))
        assert read_to_end(connection).endswith(b'xx"}')


def test_a_thousand_connections_are_served_and_leave_nothing(server):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (hard, hard))
    before = server.open_files()
    connections = [server.connect() for _ in range(CONNECTIONS)]
    try:
        for number, connection in enumerate(connections):
            connection.sendall(UPGRADE + text_frame(call()) if number % 2 else post())
        for connection in connections:
            read_until(connection, result())
        assert server.open_files() == before + CONNECTIONS
    finally:
        for connection in connections:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    server.wait_until_left(CONNECTIONS)
    assert server.open_files() == before


def test_any_bytes_disturb_nobody_and_leave_nothing(server):
    chance = random.Random(20261124)  # noqa: S311 (nothing here is secret)
    before = server.open_files()
    for _ in range(300):
        data = chance.choice([b"", UPGRADE, post()[: chance.randrange(len(post()))]]) + chance.randbytes(
            chance.choice([0, 1, 10, 1000, 100_000])
        )
        with server.connect() as connection:
            with suppress(ConnectionError):  # the server may have had enough
                connection.sendall(data)
            if chance.random() < 0.5:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # ends with a reset
    with server.connect() as connection:
        connection.sendall(post())
        read_until(connection, result())
    server.wait_until_left(301)
    assert server.open_files() == before
    assert "Traceback" not in server.end()
