"""The facts about WebSocket, each in a row (tests/facts/thunder.toml, section C-websocket)."""

import json

import pytest
from factbench import (
    CALLSIGN,
    EXECUTED,
    PLAIN,
    R447,
    RDK,
    UPGRADE,
    Bench,
    Connection,
    Socket,
    message,
    reply,
    row,
    status_of,
    texts_in,
)

from thunderoci.quirks import LARGE_FRAME, SILENCE, STUCK_SOCKET
from thunderoci.websocket_frames import text_frame

CALL = message()
PING, PONG = b"\x89\x00", b"\x8a\x00"
NOT_ACTIVE = {"code": 2, "message": "Service is not active"}
PROTOCOL = "Sec-WebSocket-Protocol: "


def ids(texts):
    return [json.loads(text)["id"] for text in texts]


def masked(first, payload):
    """Return a frame as clients send it, with this first byte; its key is zero."""
    return bytes([first, 0x80 | len(payload)]) + bytes(4) + payload


def frame(first, payload):
    """Return a short frame without a mask."""
    return bytes([first, len(payload)]) + payload


SHORT = b'{"id":1,"method":"Controller.1.version"}'
ANSWER = Bench().post(SHORT).partition("\r\n\r\n")[2]


@pytest.mark.fact("TCW-handshake", "TCW-protocol-first")
def test_the_handshake():
    assert Socket(Bench(), headers=PROTOCOL + "json\r\n").handshake == (
        "HTTP/1.1 101 SWITCH_PROTOCOL\r\nConnection: UPGRADE\r\nUpgrade: WEBSOCKET\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: json\r\n"
        "Content-Length: 0\r\n\r\n"
    )


@pytest.mark.fact("TCW-connection")
def test_a_handshake_without_connection():
    answer = Bench().connection.ask(UPGRADE.replace(b"Connection: Upgrade\r\n", b""))
    assert status_of(answer) == "200 OK"
    assert "application/json" in answer


@pytest.mark.parametrize(
    "request_bytes",
    [
        UPGRADE.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Version: 99\r\n\r\n"),
        UPGRADE.replace(b"dGhlIHNhbXBsZSBub25jZQ==", b""),
        b"GET /jsonrpc HTTP/1.1\r\nConnection: upgrade\r\n\r\n",
        UPGRADE.replace(b"GET", b"POST"),
        UPGRADE.replace(b"\r\n\r\n", b"\r\nOrigin: http://example.com\r\n\r\n"),
    ],
)
@pytest.mark.fact("TCW-unchecked")
def test_what_a_handshake_need_not_have(request_bytes):
    assert status_of(Bench().connection.ask(request_bytes)) == "101 SWITCH_PROTOCOL"


@pytest.mark.fact("TCW-no-extensions")
def test_no_extension():
    socket = Socket(Bench(), headers="Sec-WebSocket-Extensions: permessage-deflate\r\n")
    assert "extensions" not in socket.handshake.lower()


@pytest.mark.parametrize("path", ["/jsonrpc", f"/jsonrpc/{CALLSIGN}"])
@pytest.mark.parametrize(
    ("headers", "echoed"),
    [
        row("TCW-any-protocol", "", None),
        *(
            row("TCW-any-protocol TCW-protocol-first", f"{PROTOCOL}{name}\r\n", name)
            for name in ("notification", "json", "jsonrpc", "text", "raw", "foo")
        ),
        row("TCW-protocol-first", f"{PROTOCOL}foo, jsonrpc\r\n", "foo"),
        row("TCW-protocol-last-line", f"{PROTOCOL}json\r\n{PROTOCOL}foo\r\n", "foo"),
    ],
)
def test_subprotocols(path, headers, echoed):
    socket = Socket(Bench(), path, headers)
    lines = [line for line in socket.handshake.split("\r\n") if line.startswith(PROTOCOL)]
    assert lines == ([] if echoed is None else [PROTOCOL + echoed])
    assert len(socket.say(message("listContainers"))) == 1


@pytest.mark.parametrize("protocol", ["json", "notification"])
@pytest.mark.fact("TCW-service", "TCW-service-silent")
def test_subprotocols_below_service(protocol):
    path = f"/Service/{CALLSIGN}"
    assert ids(Socket(Bench(SILENCE), path, PROTOCOL + "jsonrpc\r\n").say(message("listContainers"))) == [1]
    assert Socket(Bench(SILENCE), path, f"{PROTOCOL}{protocol}\r\n").say(message("listContainers")) == []
    assert ids(Socket(Bench(), path, f"{PROTOCOL}{protocol}\r\n").say(message("listContainers"))) == [None]


@pytest.mark.parametrize("path", ["/jsonrpc/unknown", "/", "/nope"])
@pytest.mark.fact("TCW-no-service")
def test_paths_without_a_service(path):
    answer = Bench().connection.ask(UPGRADE.replace(b"/jsonrpc", path.encode()))
    assert status_of(answer) == "503 Could not find a correct service for this socket."


@pytest.mark.parametrize("flavour", [RDK, PLAIN, R447])
@pytest.mark.fact("TCW-deactivated", "TB-inactive-direct")
def test_the_path_of_a_deactivated_plugin(flavour):
    bench = Bench(flavour=flavour)
    bench.deactivate()
    (text,) = Socket(bench, f"/jsonrpc/{CALLSIGN}").say(message("listContainers"))
    assert json.loads(text)["error"] == NOT_ACTIVE


@pytest.mark.fact("TCW-parallel")
def test_calls_side_by_side():
    bench = Bench(dobby={"List": None})
    socket = Socket(bench)
    calls = [message("listContainers", message_id=str(number)) for number in (1, 2)]
    assert ids(socket.say(*calls, message(message_id="3"))) == [3]
    for answered in reversed(bench.bus.waiting):
        answered.callback(reply("aias", [], []))
    assert ids(socket.say()) == [2, 1]


@pytest.mark.parametrize(
    ("data", "answers"),
    [
        row("TCW-unmasked", frame(0x81, SHORT), 1),
        row("TCW-unmasked", masked(0x81, SHORT), 1),
        row("TCW-fragments", frame(0x01, SHORT[:9]) + frame(0x00, SHORT[9:20]) + frame(0x80, SHORT[20:]), 1),
        row("TCW-fragments", frame(0x01, SHORT[:9]) + PING + frame(0x80, SHORT[9:]), 1),
        row("TCW-split", frame(0x81, SHORT[:9]) + frame(0x81, SHORT[9:]), 1),
        row("TCW-one-write", frame(0x81, SHORT) + frame(0x81, SHORT), 2),
        row("TCW-two-objects", frame(0x81, SHORT + SHORT), 1),
        *(row("TCW-rsv", frame(0x81 | bits, SHORT), 1) for bits in (0x40, 0x20, 0x10, 0x70)),
        row("TCW-empty", frame(0x81, b""), 0),
    ],
)
def test_frames(data, answers):
    socket = Socket(Bench())
    assert texts_in(socket.send(data)) == [ANSWER] * answers
    assert socket.say(SHORT.decode()) == [ANSWER]


@pytest.mark.parametrize(
    "data",
    [
        row("TCW-ignored", frame(0x82, SHORT)),
        row("TCW-ignored", frame(0x83, SHORT)),
        row("TCW-ignored", frame(0x8B, b"")),
        row("TCW-ignored", frame(0x81, b"hello")),
        row("TCW-silence", frame(0x81, b"42")),
        row("TCW-silence", frame(0x81, SHORT.replace(b":1,", b":1.5,"))),
        row("TCW-silence", frame(0x81, b"[" + SHORT + b"]")),
    ],
)
def test_frames_that_are_no_calls(data):
    socket = Socket(Bench(SILENCE))
    assert socket.send(data) == b""
    assert socket.say(SHORT.decode()) == [ANSWER]
    assert socket.open
    assert ids(texts_in(Socket(Bench()).send(data))) == [None]


@pytest.mark.fact("TCW-silence")
def test_a_call_without_an_id():
    for quirks in ((SILENCE,), ()):
        bench = Bench(*quirks)
        assert Socket(bench).say(message("listContainers").replace('"id":1,', "")) == []
        assert bench.bus.members == ["List"]


@pytest.mark.parametrize("text", ["{", '{"jsonrpc":"2.0","id":1,"method":"Controller.1.vers'])
@pytest.mark.fact("TCW-stuck")
def test_an_object_without_its_end(text):
    socket = Socket(Bench(STUCK_SOCKET, SILENCE))
    assert socket.say(text, CALL, CALL) == []
    assert socket.open
    assert ids(Socket(Bench()).say(text, CALL, CALL)) == [None, 1, 1]


@pytest.mark.fact("TCW-pong", "TCW-close", "TCW-after-close")
def test_pings_and_close_frames():
    socket = Socket(Bench())
    assert socket.send(masked(0x89, b"abc")) == PONG
    assert socket.send(masked(0x88, b"\x03\xe8bye")) == b"\x88\x00"
    assert socket.open
    assert socket.say(SHORT.decode()) == [ANSWER]


@pytest.mark.fact("TCW-server-ping", "TCW-no-pong")
def test_a_silent_client():
    bench = Bench()
    socket = Socket(bench)
    heard = []
    for _ in range(6):
        bench.clock.advance(180)
        heard.append(socket.received())
    assert heard == [b"", PING, b"", PING, b"", PING]
    assert socket.open
    assert socket.say(SHORT.decode()) == [ANSWER]


@pytest.mark.parametrize(
    ("quirks", "flavour", "goes_on"),
    [
        row("TCW-large", (LARGE_FRAME,), RDK, False),
        row("TCW-large", (LARGE_FRAME,), PLAIN, False),
        row("TCW-large", (), RDK, True),
        row("TCW-large-r447", (LARGE_FRAME,), R447, True),
    ],
)
def test_a_large_frame(quirks, flavour, goes_on):
    socket = Socket(Bench(*quirks, flavour=flavour))
    large = text_frame(CALL.encode().replace(b"null", b'"%b"' % (b"x" * 65536)))
    assert ids(texts_in(socket.send(large))) == [1]
    assert ids(socket.say(CALL)) == [1] * goes_on
    assert EXECUTED in Connection(socket.bench).post(CALL)
