"""HTTP, byte by byte, without a socket (facts/thunder.md A)."""

import json

import pytest
from hosting import Connection, call, result

from thunderoci.answer import COMMON_HEADERS as COMMON

CALL = call()
GOOD = b"HTTP/1.1 200 JSONRPC executed succesfully\r\n" + COMMON + b"Content-Length: 38\r\n\r\n" + result()


@pytest.fixture
def client():
    return Connection()


def request(body=CALL, path=b"/jsonrpc", verb=b"POST", headers=b""):
    return b"%b %b HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n%b" % (verb, path, headers, len(body), body)


def status_and_headers(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    assert body == b""
    status, *headers = head.split(b"\r\n")
    return status.removeprefix(b"HTTP/1.1 ").decode(), len(headers)


def test_success(client):
    assert client.send(request()) == GOOD


def test_failure(client):
    body = b'{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"ERROR_GENERAL"}}'
    head = b"HTTP/1.1 202 Failure on JSONRPC: 1\r\n" + COMMON + b"Content-Length: 69\r\n\r\n"
    assert client.send(request(CALL.replace(b"echo", b"fail"))) == head + body


def test_a_negative_code_is_unsigned_in_the_status_line(client):
    answer = client.send(request(CALL.replace(b"1.echo", b"x.echo")))
    assert answer.startswith(b"HTTP/1.1 202 Failure on JSONRPC: 4294934694\r\n")


@pytest.mark.parametrize(
    "path",
    [
        *(b"/jsonrpc", b"/jsonrpc/", b"/jsonrpc?x=1", b"/jsonrpc#f", b"/jsonrpcx"),
        *(b"/jsonrpc/org.rdk.OCIContainer" + rest for rest in (b"", b"/", b"/1/echo", b"?token=x", b".1")),
    ],
)
def test_paths_that_serve(client, path):
    assert client.send(request(path=path)) == GOOD


def test_on_its_own_path_a_plugin_needs_no_callsign(client):
    bare = b'{"jsonrpc":"2.0","id":1,"method":"echo"}'
    assert client.send(request(bare, path=b"/jsonrpc/org.rdk.OCIContainer")) == GOOD
    assert b"ERROR_UNKNOWN_METHOD" in client.send(request(bare))


NO_CALLSIGN = ("400 After the //Service/ URL a Callsign is expected.", 1)
NO_VERSION = ("400 Callsign was oke, but the requested version was not supported.", 1)
NOT_FOUND = ("404 Not Found", 1)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        *((b"/jsonrpc" + rest, NO_CALLSIGN) for rest in (b"x/y", b"/unknown", b"/org.rdk", b"//org.rdk.OCIContainer")),
        *((b"/jsonrpc/" + rest, NO_CALLSIGN) for rest in (b"ORG.RDK.OCIContainer", b"org%2erdk.OCIContainer")),
        *((b"/jsonrpc/org.rdk.OCIContainer." + version, NO_VERSION) for version in (b"2", b"99", b"abc", b"")),
        *((path, NOT_FOUND) for path in (b"/JSONRPC", b"//jsonrpc", b"/./jsonrpc", b"/json%72pc", b"*", b"/unknown")),
        (b"/", ("301 MOVED_PERMANENTLY", 2)),
    ],
)
def test_paths_that_do_not(client, path, expected):
    assert status_and_headers(client.send(request(path=path))) == expected


def test_the_root_points_to_the_user_interface(client):
    answer = client.send(request(path=b"/"))
    assert b"\r\nLocation: /Service/Controller/UI?ip=127.0.0.1&port=9998\r\n" in answer


@pytest.mark.parametrize(
    ("verb", "body", "path", "expected"),
    [
        (b"GET", CALL, b"/jsonrpc", "405 JSON-RPC only supported via POST request"),
        (b"OPTIONS", CALL, b"/jsonrpc", "405 JSON-RPC only supported via POST request"),
        (b"BREW", CALL, b"/jsonrpc", "501 Not Implemented"),
        (b"OPTIONS", b"", b"/jsonrpc", "500 There is no response from the requested service."),
        (b"GET", b"", b"/jsonrpc/org.rdk.OCIContainer", "500 There is no response from the requested service."),
        (b"POST", b"", b"/jsonrpc", "400 There are no POST handlers!"),
        (b"POST", b"", b"/jsonrpc/org.rdk.OCIContainer", "500 There is no response from the requested service."),
    ],
)
def test_verbs(client, verb, body, path, expected):
    assert status_and_headers(client.send(request(body, path, verb)))[0] == expected


def test_malformed_json_is_answered_and_the_connection_goes_on(client):
    answer = client.send(request(b"{nonsense"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert json.loads(body)["error"]["code"] == -32700
    assert client.send(request()) == GOOD


def test_a_notification_has_an_empty_answer(client):
    assert status_and_headers(client.send(request(CALL.replace(b'"id":1,', b"")))) == ("204 No Content", 2)


@pytest.mark.parametrize(
    "content_type", [b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x", b"", b"?"]
)
def test_the_content_type_does_not_matter(client, content_type):
    assert client.send(request(headers=b"Content-Type: %b\r\n" % content_type)) == GOOD


def test_every_split_of_the_request_gives_the_same_answer():
    data = request()
    for cut in range(1, len(data)):
        client = Connection()
        assert client.send(data[:cut]) == b""
        assert client.send(data[cut:]) == GOOD


def test_chunked_body(client):
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (CALL[:20], CALL[20:]))
    assert client.send(b"POST /jsonrpc HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n") == GOOD


def test_connection_close_ends_the_connection_after_the_answer(client):
    assert client.send(request(headers=b"Connection: close\r\n")) == GOOD
    assert client.transport.disconnecting


def test_http_1_0_is_served_like_1_1(client):
    assert client.send(request().replace(b"HTTP/1.1", b"HTTP/1.0")) == GOOD
    assert not client.transport.disconnecting
    assert client.send(request()) == GOOD


def test_a_client_that_expects_a_100_gets_its_answer_only(client):
    head, _, body = request(headers=b"Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    assert client.send(head + b"\r\n\r\n") == b""
    assert client.send(body) == GOOD


def test_a_client_that_leaves_early_disturbs_nobody(client, caplog):
    assert client.send(request(CALL.replace(b"echo", b"wait"))) == b""
    client.channel.connectionLost(None)
    client.plugin.waiting[0].callback('"late"')
    assert client.transport.value() == b""
    assert not caplog.records


def test_a_defect_of_the_host_is_answered_too(client, caplog, monkeypatch):
    async def broken(*_):
        raise RuntimeError("a defect")

    monkeypatch.setattr(client.channel.factory.host, "handle", broken)
    assert status_and_headers(client.send(request()))[0] == "500 Internal Server Error"
    assert "a defect" in caplog.text


def test_a_silent_connection_is_ended(client):
    client.clock.advance(179)
    assert not client.transport.disconnecting
    client.clock.advance(1)
    assert client.transport.disconnecting
