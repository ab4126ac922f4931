"""What the proxy makes of bytes, however they are cut into pieces; no socket is open."""

import json

import pytest

from thunderoci.recording import httpmessages
from thunderoci.recording.conversation import Conversation
from thunderoci.recording.format import bytes_in
from thunderoci.recording.httpmessages import MOST_HEAD, MOST_LINE, Unreadable, request_reader
from thunderoci.recording.redaction import Redactor
from thunderoci.websocket_frames import text_frame

CALL = b'{"jsonrpc":"2.0","id":%d,"method":"org.rdk.OCIContainer.1.listContainers"}'
RESULT = b'{"jsonrpc":"2.0","id":%d,"result":0}'
EVENT = b'{"jsonrpc":"2.0","method":"me.onContainerStarted","params":{"name":"a"}}'
UPGRADE = b"GET /jsonrpc HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 SWITCH_PROTOCOL\r\nConnection: UPGRADE\r\nContent-Length: 0\r\n\r\n"


def request(body, headers=b"", target=b"/jsonrpc"):
    return b"POST %b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (target, headers, len(body), body)


def answer(body, status=b"200 JSONRPC executed succesfully"):
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


def recorded(*said, piece=10**6, names=()):
    """Say things, as (side, bytes), in pieces; return the lines without times and connection."""
    lines = []
    conversation = Conversation(1, lines.append, lambda: 0.0, Redactor(names))
    for side, data in said:
        take = {"client": conversation.from_client, "box": conversation.from_box}[side]
        for start in range(0, len(data), piece):
            take(data[start : start + piece])
    conversation.end("client")
    for line in lines:
        assert line.pop("connection") == 1
        assert line.pop("at") == 0
        line.pop("seconds", None)
    return lines


def test_each_split_of_http_gives_the_same_lines():
    said = [
        ("client", request(CALL % 1) + request(CALL % 2)),
        ("box", answer(RESULT % 2) + answer(RESULT % 1)),
        (
            "client",
            b"\r\nPUT /jsonrpc HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        ),
        ("box", answer(b"", b"500 There is no response")),
        ("client", b"HEAD / HTTP/1.1\r\n\r\n"),
        ("box", b"HTTP/1.1 301 MOVED\r\nContent-Length: 99\r\n\r\n"),
        ("box", answer(EVENT, b"200 OK")),
        ("client", request(CALL % 3)),
        ("box", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil the end"),
    ]
    lines = recorded(*said)
    assert [line["kind"] for line in lines] == [*["exchange"] * 4, "push", "exchange", "closed"]
    # Thunder answers pipelined requests as they are done: each answer stands with the request of its id
    assert [json.loads(line["request"]["body"])["id"] for line in lines[:2]] == [2, 1]
    assert [json.loads(line["answer"]["body"])["id"] for line in lines[:2]] == [2, 1]
    assert lines[2]["request"]["body"] == "abcde"
    assert lines[3]["request"]["line"] == "HEAD / HTTP/1.1"
    assert lines[4]["answer"]["body"].encode() == EVENT
    assert lines[5]["answer"]["body"] == "until the end"
    for piece in (1, 2, 3, 7, 64):
        assert recorded(*said, piece=piece) == lines


def test_zeros_before_a_length():
    padded = request(CALL % 1).replace(b"Length: ", b"Length: " + b"0" * 20)
    (exchange, _) = recorded(
        ("client", padded), ("box", answer(RESULT % 1).replace(b"Length: ", b"Length: " + b"0" * 20))
    )
    assert exchange["request"]["body"].encode() == CALL % 1
    assert exchange["answer"]["body"].encode() == RESULT % 1


def test_a_request_is_read_as_the_emulator_reads_it():
    """A folded header goes on with the one before; without Upgrade there is no handshake."""
    folded = b"POST /jsonrpc HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    no_handshake = b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    said = [("client", folded + no_handshake + request(CALL % 1))]
    exchanges = recorded(*said, *[("box", answer(b""))] * 2, ("box", answer(RESULT % 1)))
    assert [line["request"]["body"] for line in exchanges[:-1]] == ["{}", "", (CALL % 1).decode()]


def test_each_split_of_a_websocket_gives_the_same_lines():
    masked = bytes([0x81, 0x80 | 4]) + b"\1\2\3\4" + bytes(a ^ b for a, b in zip(b"\1\2\3\4", b"call", strict=True))
    fragments = b"\x01\x02ab\x89\x01!\x80\x01c"
    frames = masked + fragments + b"\x82\x01\xff\x8b\x00"
    said = [("client", UPGRADE + frames), ("box", SWITCHED + text_frame(EVENT)), ("box", b"\x88\x00\x81\x05ab")]
    lines = recorded(*said)
    messages = [(line["from"], line["opcode"], bytes_in(line)) for line in lines if line["kind"] == "message"]
    assert messages == [
        ("client", "text", b"call"),
        ("client", "ping", b"!"),
        ("client", "text", b"abc"),
        ("client", "binary", b"\xff"),
        ("client", "11", b""),
        ("box", "text", EVENT),
        ("box", "close", b""),
    ]
    assert lines[-2:] == [
        {"kind": "unread", "from": "box", "why": "it is not complete", "size": 4, "body": ""},
        {"kind": "closed", "by": "client"},
    ]
    for piece in (1, 2, 5):
        assert sorted(map(str, recorded(*said, piece=piece))) == sorted(map(str, lines))


def test_a_websocket_that_is_refused_leaves_http():
    lines = recorded(("client", UPGRADE + request(CALL % 1)), ("box", answer(b"", b"503 no") + answer(RESULT % 1)))
    assert [line["answer"]["head"][:12] for line in lines[:2]] == ["HTTP/1.1 503", "HTTP/1.1 200"]


def test_a_request_without_an_answer_is_told_at_the_end():
    lines = recorded(("client", request(b"{}")), ("box", b"HTTP/1.1 200 O"))
    assert lines[0]["answer"] is None
    assert lines[0]["request"]["body"] == "{}"
    assert (lines[1]["from"], lines[1]["body"]) == ("box", "HTTP/1.1 200 O")


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01 TLS\r\n\r\n", b"hello\r\n\r\n", b"GET /\r\n\r\n", b"lf only\n\n"])
def test_what_is_no_http_is_kept_as_it_is(garbage):
    (unread, _closed) = recorded(("client", garbage), ("client", b"more"))
    assert (unread["kind"], unread["size"]) == ("unread", len(garbage) + 4)
    assert bytes_in(unread) == garbage + b"more"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1]", b"no JSON", b'{"method":3}', RESULT % 1, b'{"id":1,"method":"x"}']
)
def test_what_the_box_says_to_garbage_is_no_event(body):
    lines = recorded(("client", b"\x16\x03\x01 TLS\r\n\r\n"), ("box", answer(body, b"400 Bad Request") + answer(EVENT)))
    assert [line["kind"] for line in lines] == ["unasked", "push", "unread", "closed"]
    assert lines[0]["answer"]["body"].encode() == body


@pytest.mark.parametrize(
    "data",
    [
        b"POST / HTTP/1.1\nAuthorization: Bearer hidden-1\n\n",
        b"POST /?token=hidden-2 HTTP/1.1\r\nContent-Length: 99\r\n\r\n" + b'{"params":{"pin":"hidden-3"',
        b"POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n" + b'{"params":{"pin":["hidden-4", {"x":"hidden-5',
        b"Cookie: a=hidden-6\r\n",
        b"GET http://me:hidden-7@box/ HTTP/1.1\r\n",
        UPGRADE + b"\x81\x20hidden",
    ],
)
def test_what_can_not_be_read_has_no_secrets_either(data):
    lines = recorded(("client", data), ("box", SWITCHED), names=["pin"])
    assert "unread" in {line["kind"] for line in lines}
    for line in lines:
        assert "hidden" not in json.dumps(line)
        assert b"hidden" not in bytes_in(line if "body" in line or "body64" in line else {"body": ""})


def in_chunks(chunks, size=10**9):
    """Return the body that the recorder reads in chunks, coming in pieces of so many bytes; None without an end."""
    reader = request_reader()
    data = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    for at in range(0, len(data), size):
        reader.feed(data[at : at + size])
        if (message := reader.next()) is not None:
            assert reader.rest() + data[at + size :] == b""
            return message.body
    return None


@pytest.mark.parametrize("size", [1, 10**9])
def test_zeros_before_the_size_of_a_chunk(size):
    assert in_chunks(b"000000005\r\nhello\r\n" + b"0" * 2000 + b"3\r\nabc\r\n0000000000\r\n\r\n", size) == b"helloabc"


@pytest.mark.parametrize(
    "chunks",
    [
        *(b"5garbage\r\nhello\r\n", b"5 \r\n", b"-5\r\n", b"\r\n", b"5\r\nhello!\r\n", b"5\r\nhello\n", b"5\n"),
        *(b"5;\1\r\n", b"0\r\n\n", b"ffffffff\r\n"),
    ],
)
@pytest.mark.parametrize("size", [1, 10**9])
def test_chunks_that_are_none(chunks, size):
    with pytest.raises(Unreadable):
        in_chunks(chunks, size)


@pytest.mark.parametrize("size", [1000, 2**16, 10**9])
def test_the_longest_lines_of_chunks(size):
    longest = b"5;" + b"x" * (MOST_LINE - 2) + b"\r\nhello\r\n0\r\n"
    trailers = b"a: b\r\n" * 1000
    trailers += b"x" * (MOST_HEAD - len(trailers) - 2) + b"\r\n"
    assert in_chunks(longest + trailers + b"\r\n", size) == b"hello"
    for wrong in (b"5;x" + longest[2:], longest + b"a" + trailers):
        with pytest.raises(Unreadable):
            in_chunks(wrong, size)


def test_what_is_unread_is_there_once():
    wrong = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nabc\r\ngarbage\r\n"
    (unread, _closed) = recorded(("client", wrong))
    assert (bytes_in(unread), unread["size"]) == (wrong, len(wrong))
    (unread, _closed) = recorded(("client", wrong), piece=1)
    assert bytes_in(unread).count(b"hello") == bytes_in(unread).count(b"abc") == 1
    assert bytes_in(unread).endswith(b"garbage\r\n")


def test_what_may_become_a_chunk_is_waited_for():
    assert in_chunks(b"5;" + b"x" * (MOST_LINE - 2) + b"\r") is None
    assert in_chunks(b"5\r\nhello\r\n0\r\n" + b"x" * (MOST_HEAD - 2) + b"\r") is None


def test_chunks_that_hold_more_than_a_body_may(monkeypatch):
    monkeypatch.setattr(httpmessages, "MOST_BODY", 5)
    assert in_chunks(b"2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n") == b"abcde"
    with pytest.raises(Unreadable):
        in_chunks(b"2\r\nab\r\n4\r\ncdef\r\n0\r\n\r\n")


def test_a_head_without_an_end_is_given_up():
    reader = request_reader()
    reader.feed(b"GET / HTTP/1.1\r\nX: " + b"x" * MOST_HEAD)
    with pytest.raises(Unreadable):
        reader.next()


@pytest.mark.parametrize(
    ("headers", "length"),
    [(b"", 0), (b"Content-Length: 3\r\nContent-Length: 2\r\n", 2), (b"content-length: -5\r\n", 0)],
)
def test_lengths_as_thunder_has_them(headers, length):
    reader = request_reader()
    reader.feed(b"POST / HTTP/1.1\r\n" + headers + b"\r\nabcdef")
    assert reader.next().body == b"abcdef"[:length]


def test_bytes_that_are_no_text_come_back():
    (exchange, _) = recorded(("client", request(b"\xff\x00", b"X: \xe9\r\n")), ("box", answer(b"\xc3\xa9\xfe")))
    assert bytes_in(exchange["request"]) == b"\xff\x00"
    assert exchange["request"]["headers"][0].encode("latin-1") == b"X: \xe9"
    assert bytes_in(exchange["answer"]) == b"\xc3\xa9\xfe"
    assert json.loads(json.dumps(exchange)) == exchange
