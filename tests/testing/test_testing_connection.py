"""The HTTP and WebSocket clients of thunderoci.testing against servers that say what a test wants."""

import json
import socket
import threading
from contextlib import contextmanager

import pytest

from thunderoci.testing import Answer, Closed, NoAnswer, NotControl, NotJSON, TestingError, Thunder
from thunderoci.testing.connection import Connection, Unreadable
from thunderoci.testing.websocket import WebSocket

PATIENCE = 20
GOOD = b"HTTP/1.1 200 JSONRPC executed succesfully\r\nContent-Length: 2\r\n\r\n{}"
SWITCHED = b"HTTP/1.1 101 SWITCH_PROTOCOL\r\nContent-Length: 0\r\n\r\n"
RESET = object()
"""In place of bytes: the connection is reset."""
REQUEST = object()
"""In place of bytes: the client's next request is waited for."""


@contextmanager
def server(*connections):
    """Say these things on one connection after another, each a list of bytes, REQUEST and RESET; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)

        def serve():
            for said in connections:
                peer, _ = listener.accept()
                with peer:
                    for one in said:
                        if one is REQUEST:
                            peer.recv(65536)
                        elif one is RESET:
                            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                        else:
                            peer.sendall(one)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(PATIENCE)


@contextmanager
def connection(*connections, timeout=PATIENCE):
    with server(*connections) as port:
        client = Connection("127.0.0.1", port, timeout)
        try:
            yield client
        finally:
            client.close()


def test_an_answer_in_any_pieces():
    for cut in range(1, len(GOOD)):
        with connection([REQUEST, GOOD[:cut], GOOD[cut:]]) as client:
            assert client.request("GET", "/") == Answer(200, "JSONRPC executed succesfully", b"{}")


def test_two_requests_on_one_connection():
    with connection([REQUEST, GOOD, REQUEST, b"HTTP/1.1 204 No Content\r\n\r\n"]) as client:
        client.request("GET", "/")
        assert client.request("GET", "/") == Answer(204, "No Content", b"")


def test_an_answer_until_the_end():
    with connection([REQUEST, b"HTTP/1.0 200 OK\r\n\r\nall", b" of it"], [REQUEST, GOOD]) as client:
        assert client.request("GET", "/").body == b"all of it"
        assert client.request("GET", "/").body == b"{}"


def test_a_connection_that_is_to_be_closed():
    with connection([REQUEST, GOOD.replace(b"Content", b"Connection: close\r\nContent")], [REQUEST, GOOD]) as client:
        assert client.request("GET", "/").body == b"{}"
        assert client.socket is None
        assert client.request("GET", "/").body == b"{}"


def test_events_before_the_answer_are_passed_over():
    event = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ne"
    with connection([REQUEST, event + event, GOOD]) as client:
        assert client.request("GET", "/", is_mine=lambda answer: answer.body != b"e").body == b"{}"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ([], "the connection ended without an answer"),
        ([b"rubbish\r\n\r\n"], r"b'rubbish' is no HTTP answer"),
        ([b"HTTP/1.1 2"], r"b'HTTP/1.1 2' is no HTTP answer"),
        ([GOOD[:-1]], "1 of 2 bytes came, then the end"),
    ],
)
def test_what_is_no_answer(said, reason):
    with connection([REQUEST, *said], [REQUEST, GOOD]) as client:
        with pytest.raises(Unreadable, match=reason):
            client.request("GET", "/")
        assert client.request("GET", "/").body == b"{}"


def test_an_answer_that_does_not_come():
    with connection([REQUEST, REQUEST], timeout=0.05) as client, pytest.raises(TimeoutError):
        client.request("GET", "/")


def ready(port):
    url = f"127.0.0.1:{port}/jsonrpc"
    return {"url": f"http://{url}", "ws": f"ws://{url}", "control": None, "bus": "", "profile": "", "flavour": ""}


def test_a_call_that_is_not_answered_says_so():
    with (
        server([REQUEST, RESET]) as port,
        Thunder(ready(port)) as thunder,
        pytest.raises(NoAnswer, match=rf"listContainers got no answer from http://127.0.0.1:{port}/jsonrpc: .*reset"),
    ):
        thunder.call("listContainers")


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"jsonrpc":"2.0","id":1}', b'{"error":1}', b'{"error":{}}'])
def test_a_call_that_is_answered_with_something_else_says_so(body):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with (
        server([REQUEST, answer]) as port,
        Thunder(ready(port)) as thunder,
        pytest.raises(NotJSON, match="listContainers was answered with status 200 and no JSON-RPC answer"),
    ):
        thunder.call("listContainers")


@pytest.mark.parametrize("status", [b"200 OK", b"502 Bad Gateway"])
def test_a_control_api_that_is_none_says_so(status):
    body = b"<html>"
    with (
        server([REQUEST, b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)]) as port,
        Thunder(ready(port)) as thunder,
        pytest.raises(
            NotControl, match=r"listContainers was answered with status \d+ and no JSON: b'<html>'; "
        ) as raised,
    ):
        thunder.containers.list()
    assert isinstance(raised.value, TestingError)
    assert f"; http://127.0.0.1:{port}/emulator/ is no control API of an emulator." in str(raised.value)


def frame(text, opcode=0x81):
    return bytes([opcode, len(text)]) + text


@contextmanager
def websocket(*said):
    with server([REQUEST, *said]) as port:
        client = WebSocket(f"ws://127.0.0.1:{port}/jsonrpc", PATIENCE)
        try:
            yield client
        finally:
            client.close()


def test_messages_in_any_pieces():
    stream = SWITCHED + frame(b"one") + frame(b"", 0x89) + frame(b"tw", 0x01) + frame(b"o", 0x80)
    for cut in range(1, len(stream)):
        with websocket(stream[:cut], stream[cut:]) as client:
            assert [client.receive(), client.receive()] == ["one", "two"]
            with pytest.raises(Closed, match=r"The emulator ended the WebSocket; subscribe again\."):
                client.receive()


def test_nothing_comes():
    with websocket(SWITCHED, REQUEST, frame(b"now")) as client:
        assert client.receive(0) is None
        assert client.receive(0.01) is None
        client.send(json.dumps("é" * 70))
        assert client.receive() == "now"


def test_what_is_no_websocket():
    for said, reason in (([], "before it was open"), ([b"HTTP/1.1 404 Not Found\r\n\r\n"], "'HTTP/1.1 404 Not Found'")):
        with server([REQUEST, *said]) as port, pytest.raises(Closed, match=reason):
            WebSocket(f"ws://127.0.0.1:{port}/jsonrpc", PATIENCE)
