"""HTTP beyond the well-behaved request, without sockets (facts/thunder.md A.2, A.3 and C)."""

import pytest
from hosting import Connection, call, post, result, status_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thunderoci.answer import COMMON_HEADERS
from thunderoci.limits import Limits
from thunderoci.quirks import HALF_CLOSE, NO_PREFLIGHT, PIPELINE_ORDER, SILENCE
from thunderoci.requesthead import Malformed, RequestHead


def answer(body):
    head = b"HTTP/1.1 200 JSONRPC executed succesfully\r\n%bContent-Length: %d\r\n\r\n" % (COMMON_HEADERS, len(body))
    return head + body


GOOD = answer(result())
REFUSED = {
    status: b"HTTP/1.1 %b\r\n%bConnection: close\r\nContent-Length: 0\r\n\r\n" % (status, COMMON_HEADERS)
    for status in (b"400 Bad Request", b"413 Content Too Large", b"431 Request Header Fields Too Large")
}
BAD, TOO_LARGE, HEAD_TOO_LARGE = REFUSED.values()


@pytest.mark.parametrize(
    "request_bytes",
    [
        post().replace(b"HTTP/1.1", b"HTTP/2.0"),
        post().replace(b"HTTP/1.1", b"HTTP/1.0"),
        post(headers=b"Content-Length: %d\r\n" % len(call())),
        post(headers=b"X-A: %b\r\n" % (b"a" * 9000)),
        post(headers=b"".join(b"X-%d: v\r\n" % number for number in range(1000))),
        post(headers=b"no colon\r\n: no name\r\nX: a\r\n folded\r\n\xff\x00: \x01\r\n"),
        post(path=b"/jsonrpc?" + b"x" * 9000),
        post(path=b"/jsonrpc?\xe9"),
        post(headers=b"Content-Encoding: identity\r\n"),
        post(headers=b"Expect: 100-continue\r\n"),
        b"POST /jsonrpc HTTP/1.1\r\ntransfer-encoding: gzip, Chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
        % (len(call()), call()),
    ],
)
def test_what_is_served_like_any_request(request_bytes):
    assert Connection().send(request_bytes) == GOOD
    assert Connection().send_in_pieces(request_bytes) == GOOD


NOT_HTTP = [
    b"\x00\x01\x02garbage\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /jsonrpc\r\n\r\n",
    b"POST /jsonrpc \r\nContent-Length: 2\r\n\r\n{}",
    b"GET /jsonrpc HTTP/0.9\r\n\r\n",
    b"GET  /jsonrpc HTTP/1.1\r\n\r\n",
    b"GET /json rpc HTTP/1.1\r\n\r\n",
    b"POST /jsonrpc HTTP/1.1\nHost: x\nContent-Length: 2\n\n{}",
    b"POST /jsonrpc HTTP/1.1\r\nHost: x\nContent-Length: 2\n\n{}",
    b"POST /jsonrpc HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n",
]


@pytest.mark.parametrize("data", NOT_HTTP)
def test_what_is_no_http_is_told_so_at_once(data):
    for size in (1, len(data)):
        connection = Connection()
        assert connection.send_in_pieces(data, size) == BAD
        assert connection.transport.write_ended
        assert connection.send(post()) == b""
        connection.clock.advance(Limits().linger)
        assert connection.transport.disconnecting


@pytest.mark.parametrize("data", [*NOT_HTTP, b"\r\n" + post(), b"BREW /jsonrpc HTTP/1.1\r\n\r\n", post().lower()])
def test_with_the_quirk_what_is_no_http_is_met_with_silence_until_the_connection_is_idle(data):
    for size in (1, len(data)):
        connection = Connection(SILENCE)
        assert connection.send_in_pieces(data, size) == b""
        assert connection.send(post()) == b""
        assert not connection.transport.disconnecting
        connection.clock.advance(Limits().idle)
        assert connection.transport.disconnecting


def test_without_the_quirk_an_empty_line_before_a_request_is_nothing():
    assert Connection().send_in_pieces(b"\r\n\r\n" + post()) == GOOD


@pytest.mark.parametrize("verb", [b"BREW", b"post"])
def test_an_unknown_verb_is_told_so_and_the_connection_goes_on(verb):
    connection = Connection()
    assert status_of(connection.send(post().replace(b"POST", verb))) == "501 Not Implemented"
    assert connection.send(post()) == GOOD


def test_a_body_in_gzip_is_refused_or_met_with_silence():
    packed = post(headers=b"Content-Encoding: gzip\r\n")
    assert status_of(Connection().send(packed)) == "415 Unsupported Media Type"
    assert Connection(SILENCE).send(packed + post()) == GOOD


def test_with_the_quirk_what_is_no_call_and_a_notification_are_met_with_silence():
    connection = Connection(SILENCE)
    notification = post(call().replace(b'"id":1,', b""), headers=b"Connection: close\r\n")
    assert connection.send(post(b"{nonsense") + notification + post()) == GOOD
    assert len(connection.plugin.calls) == 2
    assert not connection.transport.disconnecting


@pytest.mark.parametrize(
    "headers", [b"", b"Content-Length: 0\r\n", b"Content-Length: -1\r\n", b"Content-Length: many\r\n"]
)
def test_without_a_length_there_is_no_body(headers):
    connection = Connection()
    assert status_of(connection.send(b"POST /jsonrpc HTTP/1.1\r\n" + headers + b"\r\n" + call())) == (
        "400 There are no POST handlers!"
    )
    assert len(connection.plugin.calls) == 0
    assert not connection.transport.disconnecting


@pytest.mark.parametrize("zeros", [1, 20, 5000])
def test_zeros_before_a_length(zeros):
    length = b"Content-Length: %d" % len(call())
    padded = length.replace(b": ", b": " + b"0" * zeros)
    assert Connection().send(post().replace(length, padded) * 2) == GOOD * 2


def test_a_body_longer_than_its_length_is_cut():
    body = call() + b"}"
    connection = Connection()
    assert connection.send(post(body).replace(b"%d" % len(body), b"%d" % len(call()))) == GOOD
    assert not connection.transport.disconnecting


def test_a_body_shorter_than_its_length_is_waited_for():
    connection = Connection()
    assert connection.send(post()[:-1]) == b""
    connection.clock.advance(Limits().idle - 1)
    assert connection.send(post()[-1:]) == GOOD


def test_a_length_beyond_the_limit_is_refused_before_the_body_comes():
    connection = Connection(limits=Limits(message=1000))
    assert connection.send(b"POST /jsonrpc HTTP/1.1\r\nContent-Length: 1001\r\n\r\n") == TOO_LARGE
    assert connection.send(b"x" * 1001 + post()) == b""
    assert Connection().send(b"POST / HTTP/1.1\r\nContent-Length: %b\r\n\r\n" % (b"9" * 5000)) == TOO_LARGE


def test_chunks_beyond_the_limit_are_refused():
    connection = Connection(limits=Limits(message=100))
    chunks = b"40\r\n" + b"x" * 64 + b"\r\n"
    head = b"POST /jsonrpc HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert connection.send(head + chunks * 3 + b"0\r\n\r\n" + post()) == TOO_LARGE
    assert len(connection.plugin.calls) == 0


def test_bodies_of_just_the_limit_are_taken():
    assert Connection(limits=Limits(message=len(call()))).send(post()) == GOOD


@pytest.mark.parametrize(
    "data",
    [
        b"GET /" + b"x" * 2000,
        b"GET /" + b"x" * 2000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"x" * 2000,
        b"GET / HTTP/1.1\r\n" + b"X: xxxxxxxxxxxxx\r\n" * 100,
    ],
)
def test_a_head_beyond_the_limit_is_refused(data):
    for size in (1, len(data)):
        assert Connection(limits=Limits(head=1000)).send_in_pieces(data, size) == HEAD_TOO_LARGE


LONG_LINES = {
    "query": post(path=b"/jsonrpc?" + b"x" * 20_000),
    "cookie": post(headers=b"Cookie: " + b"x" * 20_000 + b"\r\n"),
    "trailer": b"POST /jsonrpc HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"%X\r\n%b\r\n0\r\nX: %b\r\n\r\n" % (len(call()), call(), b"x" * 20_000),
}


@pytest.mark.parametrize("data", LONG_LINES.values(), ids=LONG_LINES)
@pytest.mark.parametrize("size", [5000, 18_000, 20_001])
def test_a_long_line_in_pieces(data, size):
    assert Connection().send_in_pieces(data, size) == GOOD


def test_the_limit_is_for_each_head():
    assert Connection(limits=Limits(head=100)).send(post() * 10) == GOOD * 10


@pytest.mark.parametrize("more", [0, 1])
def test_the_limit_is_exact_however_the_head_comes(more):
    data = post()
    head = data.index(b"{")
    for size in (1, head, len(data)):
        answered = Connection(limits=Limits(head=head - more)).send_in_pieces(data, size)
        assert answered == (HEAD_TOO_LARGE if more else GOOD)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_request_without_headers_ends_before_the_next_one(size):
    bare = b"GET /jsonrpc/nowhere HTTP/1.1\r\n\r\n"
    alone = Connection().send(bare)
    assert Connection().send_in_pieces(bare + post() + bare + bare + post(), size) == alone + GOOD + alone * 2 + GOOD


def test_requests_without_waiting_are_answered_in_their_order():
    connection = Connection()
    assert connection.send(post(call("wait")) + post() + post(call("fail", 2))) == b""
    connection.plugin.waiting[0].callback("1")
    received = connection.received()
    assert received.startswith(answer(result("1")) + GOOD + b"HTTP/1.1 202 ")


def test_with_the_quirk_they_are_answered_as_the_calls_complete():
    connection = Connection(PIPELINE_ORDER)
    assert connection.send(post(call("wait")) + post() + post(call("wait", 2))) == GOOD
    connection.plugin.waiting[1].callback("2")
    connection.plugin.waiting[0].callback("1")
    assert connection.received() == answer(result("2", 2)) + answer(result("1"))


def test_with_the_quirk_so_many_are_worked_on_and_the_rest_waits():
    connection = Connection(PIPELINE_ORDER, limits=Limits(calls=3))
    waiting = connection.plugin.waiting
    assert connection.send(post() * 5 + b"".join(post(call("wait", number)) for number in range(1, 8))) == GOOD * 5
    for done in (2, 0, 1, 3, 4, 6, 5):
        assert len(waiting) == min(7, 3 + sum(one.called for one in waiting))
        waiting[done].callback(str(done))
        assert connection.received() == answer(result(str(done), done + 1))
    assert connection.send(post()) == GOOD


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /" + b"x" * 2000, "431 Request Header Fields Too Large"),
        (post(b"x" * 2000), "413 Content Too Large"),
        (b"\x00", "400 Bad Request"),
    ],
)
def test_the_log_says_what_is_refused(data, status, caplog):
    caplog.set_level("INFO")
    Connection(limits=Limits(head=1000, message=1000)).send(data)
    assert f"refused what 127.0.0.1:40000 sent: {status}" in caplog.text


def test_with_the_quirk_a_client_may_leave_early_too(caplog):
    connection = Connection(PIPELINE_ORDER)
    connection.send(post(call("wait")))
    connection.channel.connectionLost(None)
    connection.plugin.waiting[0].callback("1")
    assert connection.received() == b""
    assert not caplog.records


@pytest.mark.parametrize("value", [b"close", b"Close", b"keep-alive, close"])
def test_close_is_respected_when_a_plugin_had_the_request(value):
    connection = Connection()
    headers = b"connection: " + value + b"\r\n"
    assert connection.send(post(path=b"/nope", headers=headers) + post(path=b"/jsonrpc/nope", headers=headers))
    assert not connection.transport.disconnecting
    assert connection.send(post(headers=headers)) == GOOD
    assert connection.transport.disconnecting


def test_a_client_that_ends_its_side_gets_its_answers_first():
    connection = Connection()
    connection.send(post(call("wait")) + post() + post(call("wait", 2)))
    connection.channel.readConnectionLost()
    assert not connection.transport.disconnecting
    connection.plugin.waiting[0].callback("1")
    assert connection.received() == answer(result("1")) + GOOD
    assert not connection.transport.disconnecting
    connection.plugin.waiting[1].callback("2")
    assert connection.received() == answer(result("2", 2))
    assert connection.transport.disconnecting


@pytest.mark.parametrize(("quirks", "said"), [((), BAD), ((SILENCE,), b"")])
def test_a_client_that_ends_its_side_behind_what_is_no_request(quirks, said):
    connection = Connection(*quirks)
    connection.send(post(call("wait")) + b"\x00")
    connection.channel.readConnectionLost()
    connection.plugin.waiting[0].callback("1")
    assert connection.received() == answer(result("1")) + said
    assert connection.transport.disconnecting


def test_a_client_that_ends_its_side_when_the_connection_ends():
    connection = Connection()
    assert connection.send(post(headers=b"Connection: close\r\n") + b":") == GOOD
    connection.channel.readConnectionLost()
    assert connection.received() == b""
    assert not connection.transport.write_ended


def test_with_the_quirk_it_is_cut_off():
    connection = Connection(HALF_CLOSE)
    connection.send(post(call("wait")))
    connection.channel.readConnectionLost()
    assert connection.transport.disconnecting
    connection.plugin.waiting[0].callback("1")
    assert connection.received() == b""


@pytest.mark.parametrize(("begun", "expected"), [(b"", b""), (post(), GOOD), (post()[:9], BAD), (post()[:-1], BAD)])
def test_a_client_that_ends_its_side_with_nothing_pending(begun, expected):
    connection = Connection()
    connection.channel.dataReceived(begun)
    connection.channel.readConnectionLost()
    assert connection.received() == expected
    assert connection.transport.disconnecting


def test_events_come_as_answers_that_nobody_asked_for():
    connection = Connection()
    connection.send(post())
    connection.client.push(b'{"event":1}')
    assert connection.received() == (b"HTTP/1.1 200 OK\r\n" + COMMON_HEADERS + b'Content-Length: 11\r\n\r\n{"event":1}')
    connection.channel.connectionLost(None)
    assert not connection.host.clients
    connection.client.push(b"late")
    assert connection.received() == b""


def test_a_client_that_does_not_read_is_dropped_at_the_limit(caplog):
    connection = Connection(limits=Limits(unread_events=1000))
    connection.send(post())
    connection.channel.pauseProducing()
    for _ in range(100):
        connection.client.push(b"event")
    assert connection.transport.aborted
    assert "more than 1000 bytes of events wait" in caplog.text


PREFLIGHT = b"OPTIONS /jsonrpc HTTP/1.1\r\nOrigin: http://a.example\r\nAccess-Control-Request-Method: POST\r\n%b\r\n"


def test_a_preflight_is_answered_unless_the_quirk_is_on(caplog):
    asked = PREFLIGHT % b"Access-Control-Request-Headers: content-type, authorization\r\n"
    answered = Connection().send(asked)
    assert status_of(answered) == "204 No Content"
    assert b"\r\nAccess-Control-Allow-Headers: content-type, authorization\r\n" in answered
    assert "--quirk T-no-preflight" in caplog.text
    assert b"\r\nAccess-Control-Allow-Headers: Content-Type\r\n" in Connection().send(PREFLIGHT % b"")
    assert status_of(Connection(NO_PREFLIGHT).send(asked)) == "500 There is no response from the requested service."


def test_options_below_service():
    assert Connection().send(b"OPTIONS /Service/Controller HTTP/1.1\r\n\r\n") == (
        b"HTTP/1.1 204 No Content\r\nAllow: \r\nAccess-Control-Allow-Headers: Content-Type\r\n"
        b"Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET,POST,PUT,DELETE\r\n"
        b"Access-Control-Max-Age: 3600\r\nContent-Length: 0\r\n\r\n"
    )


@pytest.mark.parametrize("verb", [b"OPTIONS", b"HEAD", b"PATCH", b"TRACE", b"CONNECT"])
def test_verbs_that_no_plugin_knows(verb):
    request = verb + b" /jsonrpc HTTP/1.1\r\n\r\n"
    assert status_of(Connection().send(request)) == "500 There is no response from the requested service."


def test_a_path_without_a_plugin_by_flavour():
    request = post(path=b"/jsonrpc/unknown")
    assert (
        status_of(Connection(flavour="r4.4.1").send(request)) == "400 After the //Service/ URL a Callsign is expected."
    )
    assert status_of(Connection(flavour="r4.4.7").send(request)) == "404 Not Found"


@given(st.binary())
def test_any_line_is_a_request_line_or_malformed(line):
    try:
        head = RequestHead(line)
    except Malformed:
        return
    assert line.startswith(head.verb + b" " + head.target + b" HTTP/")


@given(st.lists(st.binary()))
def test_any_header_lines_leave_a_length(lines):
    head = RequestHead(b"GET / HTTP/1.1")
    for line in lines:
        head.add(line)
    assert head.length is None or head.length >= 0


PIECES = st.sampled_from(
    [
        *(post(), post()[:30], b"\r\n", b"\n", b"\r", b"POST /jsonrpc HTTP/1.1\r\n", b"Content-Length: 5\r\n", b"\x00"),
        *(b"Transfer-Encoding: chunked\r\n", b"5\r\n", b"0\r\n\r\n", b"Connection: Upgrade\r\n", b"\x81\x05hello"),
        *(b"\xff" * 20, b"{", b"GET /Service/ HTTP/1.1\r\n\r\n", b" ", b":", b"\x88\x80\x00\x00\x00\x00"),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # caplog is cleared for each example
@given(
    quirks=st.sampled_from([(), (SILENCE, PIPELINE_ORDER)]),
    pieces=st.lists(PIECES | st.binary(), max_size=20),
    ends=st.booleans(),
)
def test_any_bytes_leave_no_traceback_and_nothing_behind(quirks, pieces, ends, caplog):
    caplog.clear()
    connection = Connection(*quirks, limits=Limits(head=500, message=500))
    for piece in pieces:
        connection.channel.dataReceived(piece)
    if ends:
        connection.channel.readConnectionLost()
    connection.channel.connectionLost(None)
    assert not connection.clock.getDelayedCalls()
    assert "defect" not in caplog.text
    assert not connection.host.clients


def test_with_the_quirk_close_still_waits_for_the_answer():
    connection = Connection(PIPELINE_ORDER)
    assert connection.send(post(call("wait"), headers=b"Connection: close\r\n") + post()) == b""
    connection.plugin.waiting[0].callback("1")
    assert connection.received() == answer(result("1"))
    assert connection.transport.disconnecting
