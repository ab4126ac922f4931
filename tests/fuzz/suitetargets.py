"""What reads the answers of a target: the conformance suite meets endpoints of all kinds."""

import json
from contextlib import suppress

from hosting import call, post, result
from scriptedbus import finished
from twisted.internet.defer import Deferred
from twisted.internet.testing import StringTransport

from conformance import http, rawhttp, spec
from conformance.judge import Judge
from conformance.offline import judge_exchange
from conformance.trace import Trace
from conformance.traffic import Traffic
from conformance.websocket import WebSocket
from target import FRAMES, HEADS, JSON, Target
from thunderoci.websocket_frames import handshake, text_frame


class _Transport(StringTransport):
    def abortConnection(self):  # noqa: N802 (Twisted's name)
        self.disconnecting = True


def _begun(protocol):
    protocol.makeConnection(_Transport())
    return protocol


def suite_http(data):
    """An answer over HTTP is read, or broken in a way that can be said; so it is without an eye on its form."""
    for size in (len(data) or 1, 7):
        connection = _begun(http.HTTPConnection())
        reading = Deferred.fromCoroutine(connection.answer())
        for at in range(0, len(data), size):
            connection.dataReceived(data[at : at + size])
        connection.connectionLost()
        with suppress(http.Broken, http.TooLong):
            finished(reading)
    rawhttp.received(data)
    rawhttp.answer(data)


def suite_websocket(data):
    """Whatever comes on a WebSocket is a message, or its end with a reason."""
    for begun in (b"", handshake(b"dGhlIHNhbXBsZSBub25jZQ==", None)):
        socket = _begun(WebSocket("a", "/jsonrpc", ["jsonrpc"], []))
        got, ends = [], []
        socket.received = got.append
        socket.opened.addErrback(lambda failure: failure.value)
        socket.closed.addCallback(ends.append)
        for piece in (begun, data[: len(data) // 2], data[len(data) // 2 :]):
            socket.dataReceived(piece)
        socket.connectionLost()
        assert len(ends) == 1


def suite_judge(data):
    """An answer is judged, whatever it says: to a call, as a result, as an event, and in a session."""
    text = data.decode("utf-8", "replace")
    specification = spec.load(spec.PROFILES[len(data) % len(spec.PROFILES)])
    judge = Judge(specification)
    judgement = judge.envelope(data, 1)
    judge.notification(judgement.message)
    for event in specification.events:
        judge.event(event, judgement.message)
    for method in specification.methods:
        judge.outcome(method, {"containerId": "a"}, judgement)
        judge.refusal(method, judgement.message)
    traffic, trace = Traffic(specification), Trace(specification)
    traffic.connected("a", b"GET /jsonrpc HTTP/1.1\r\n\r\n", b"HTTP/1.1 101 X\r\n\r\n")
    for asked in _ASKED:
        judge_exchange(specification, post(asked), b"HTTP/1.1 200 OK\r\n\r\n" + data)
        judge_exchange(specification, post(data), b"HTTP/1.1 200 OK\r\n\r\n" + asked)
        traffic.sent("a", asked.decode())
        traffic.came("a", text)
        trace.called(asked.decode(), text)
        trace.called(text, asked.decode())
        trace.events([text])
    for finish in (traffic.finish, trace.finish):
        verdict, breaches = finish()
        json.dumps([str(verdict), [str(breach) for breach in breaches]])


_ASKED = (
    call("startContainer")[:-1] + b',"params":{"containerId":"a","bundlePath":"/b"}}',
    call("getContainerState")[:-1] + b',"params":{"containerId":"a"}}',
    call("listContainers"),
    call("register")[:-1] + b',"params":{"event":"onContainerStarted","id":"me"}}',
    b"[]",
)
_INFO = (
    '{"containerId":"a","info":{"id":"a","state":"running","cpu":{"usage":{"total":1,"percpu":[1]}},'
    '"memory":{"user":{"limit":1,"max":1,"usage":1,"failcnt":0}},"pids":{"current":1},"timestamp":1},"success":true}'
)

TARGETS = {
    "suite_http": Target(
        suite_http,
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}x",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nabcde\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\nabcde",
            b"HTTP/1.1 100 C\r\n\r\nHTTP/1.0 404 \r\n\r\n",
            post(),
        ),
        (*HEADS, b"HTTP/1.1 101 X\r\n", b" \r\n", b"a:b\r\n", b"5\r\n", b"\n", b"\0"),
    ),
    "suite_websocket": Target(
        suite_websocket,
        (
            text_frame(result()) + b"\x01\x02ab\x80\x01c\x89\x00",
            handshake(b"dGhlIHNhbXBsZSBub25jZQ==", None) + b"\x88\x00",
        ),
        (*FRAMES, b"HTTP/1.1 101 X\r\n", b"\r\n", b"\x81\x02\xc3\x28"),
    ),
    "suite_judge": Target(
        suite_judge,
        (
            result(_INFO),
            result('{"descriptor":7,"success":true}'),
            result('{"containers":[{"Id":"a","Descriptor":7},{"Id":"a","Descriptor":7}],"success":true}'),
            b'{"jsonrpc":"2.0","method":"me.onContainerStarted","params":{"descriptor":"7","name":"a"}}',
            b'{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"x"}}',
        ),
        (*JSON, b'"success":', b'"descriptor":', b'"info":', b'"containers":', b'"params":', b'"id":', b'"error":'),
        examples=250,
    ),
}
