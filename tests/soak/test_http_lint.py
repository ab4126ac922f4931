"""What the port answers, read by httplint: it knows what the RFCs on HTTP, caching and CORS ask of a message.

The control API has nothing to be excused. What is said of the other answers is what Thunder does otherwise, each with
its reason.
"""

import os
import re
import socket
import time
from importlib.util import find_spec

import pytest

from watched import PATIENCE

HOST = b"Host: 127.0.0.1:%d\r\n"
JSON = b"Content-Type: application/json\r\n"
UNLIKE_RFC = {
    "DATE_CLOCKLESS": "Thunder tells no date",
    "CC_CONFLICTING": "its Cache-Control says the same thing several times",
    "CC_WRONG_MESSAGE": "and has max-stale, which is for requests",
    "CHECK_ALL_ZERO": "and pre-check and post-check, which are of no RFC",
    "FRESHNESS_HEURISTIC": "its redirection says nothing about caches",
}
ABOUT_THE_REQUEST = {"STATUS_BAD_REQUEST"}
"""What is said of an answer which tells that the request was bad."""


def post(path, body, headers=JSON):
    return b"POST %b HTTP/1.1\r\n%b%bContent-Length: %d\r\n\r\n%b" % (path, HOST, headers, len(body), body)


def call(method, **more):
    params = b"".join(b',"%b":"%b"' % (name.encode(), value.encode()) for name, value in more.items())
    text = b'{"jsonrpc":"2.0","id":1,"method":"org.rdk.OCIContainer.1.%b","params":{"a":1%b}}' % (method, params)
    return post(b"/jsonrpc", text)


def ask(path, verb=b"GET", headers=b""):
    return b"%b %b HTTP/1.1\r\n%b%b\r\n" % (verb, path, HOST, headers)


_UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
_UPGRADE += b"Sec-WebSocket-Version: 13\r\n"
_PREFLIGHT = b"Origin: http://app\r\nAccess-Control-Request-Method: POST\r\n"
THUNDERS = {
    "result": (call(b"listContainers"), 200),
    "error": (call(b"getContainerState", containerId="none"), 202),
    "notification": (post(b"/jsonrpc", b'{"jsonrpc":"2.0","method":"org.rdk.OCIContainer.1.listContainers"}'), 204),
    "preflight": (ask(b"/jsonrpc", b"OPTIONS", _PREFLIGHT), 204),
    "service": (ask(b"/Service/Controller"), 200),
    "redirection": (ask(b"/"), 301),
    "nothing there": (ask(b"/nothing"), 404),
    "another verb": (post(b"/jsonrpc", b"{}").replace(b"POST", b"PUT"), 405),
    "encoded": (post(b"/jsonrpc", b"{}", JSON + b"Content-Encoding: gzip\r\n"), 415),
    "WebSocket": (ask(b"/jsonrpc", headers=_UPGRADE), 101),
    "no socket there": (ask(b"/Service/nothing", headers=_UPGRADE), 503),
    "unknown verb": (ask(b"/jsonrpc", b"BREW"), 501),
    "no HTTP": (b"GET  / HTTP/1.1\r\n\r\n", 400),
    "a large head": (ask(b"/", headers=b"A: %b\r\n" % (b"a" * 2**16)), 431),
    "a large body": (post(b"/jsonrpc", b"").replace(b"Length: 0", b"Length: 99999999"), 413),
}
OF_THE_CONTROL_API = {
    "status": (ask(b"/emulator/status"), 200),
    "status without body": (ask(b"/emulator/status", b"HEAD"), 200),
    "journal": (ask(b"/emulator/journal"), 200),
    "document": (ask(b"/emulator/openapi.json"), 200),
    "verbs": (ask(b"/emulator/status", b"OPTIONS"), 204),
    "nothing there": (ask(b"/emulator/nothing"), 404),
    "another verb": (ask(b"/emulator/status", b"DELETE"), 405),
    "a foreign host": (ask(b"/emulator/status").replace(HOST, b"Host: elsewhere\r\n"), 403),
    "a foreign page": (ask(b"/emulator/status", headers=b"Origin: http://app\r\n"), 403),
    "no JSON": (post(b"/emulator/events", b"{}", b""), 415),
    "a bad body": (post(b"/emulator/events", b"{}"), 400),
    "a large body": (post(b"/emulator/events", b"").replace(b"Length: 0", b"Length: 99999999"), 413),
}


def answered(port, request):
    """Return the parts of the first line, the headers and the body of the answer to a request."""
    verb = request.partition(b" ")[0]
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client, client.makefile("rb") as answer:
        client.sendall(request)
        first, headers, length = answer.readline().rstrip(), [], 0
        while line := answer.readline().strip():
            name, _, value = line.partition(b":")
            headers.append((name, value.strip()))
            if name == b"Content-Length" and verb != b"HEAD":
                length = int(value)
        return first.split(b" ", 2), headers, answer.read(length)


def said(port, request):
    """Return the status of the answer, and what httplint has against it."""
    from httplint import HttpRequestLinter, HttpResponseLinter  # noqa: PLC0415 (it may not be there)

    verb, target = re.split(b" +", request.partition(b"\r\n")[0])[:2]
    now = time.time()
    asked = HttpRequestLinter(start_time=now)
    asked.process_request_topline(verb, b"http://127.0.0.1:%d%b" % (port, target), b"HTTP/1.1")
    asked.process_headers([tuple(line.split(b": ")) for line in request.partition(b"\r\n\r\n")[0].splitlines()[1:]])
    asked.finish_content(True)
    (version, status, phrase), headers, body = answered(port, request)
    linter = HttpResponseLinter(start_time=now, _related=asked, no_content=verb == b"HEAD")
    linter.process_response_topline(version, status, phrase)
    linter.process_headers(headers)
    linter.feed_content(body)
    linter.finish_content(True)
    notes = {type(note).__name__ for note in linter.notes if note.level.value in {"bad", "warning"}}
    return int(status), notes - ABOUT_THE_REQUEST


@pytest.fixture(scope="module")
def installed():
    if find_spec("httplint") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("httplint is not installed")


def test_answers_of_thunder(installed, up):  # noqa: ARG001 (it is there to skip)
    box = up()
    found = {name: said(box.port, request.replace(HOST, HOST % box.port)) for name, (request, _) in THUNDERS.items()}
    assert {name: status for name, (status, _) in found.items()} == {name: code for name, (_, code) in THUNDERS.items()}
    assert set().union(*(notes for _, notes in found.values())) == set(UNLIKE_RFC)


def test_answers_of_the_control_api(installed, up):  # noqa: ARG001 (as above)
    box = up()
    for name, (request, status) in OF_THE_CONTROL_API.items():
        assert (name, *said(box.port, request.replace(HOST, HOST % box.port))) == (name, status, set())
