"""WebSocket connections without sockets (facts/thunder.md C, "WebSocket")."""

import json

import pytest
from hosting import UPGRADE, Connection, call, post, result, status_of

from thunderoci.limits import Limits
from thunderoci.quirks import LARGE_FRAME, SILENCE
from thunderoci.websocket_frames import FrameReader, Text, handshake, text_frame

ANSWERED = handshake(b"dGhlIHNhbXBsZSBub25jZQ==", None)
OK = text_frame(result())


def upgrade(path=b"/jsonrpc", verb=b"GET", protocol=None):
    extra = b"" if protocol is None else b"Sec-WebSocket-Protocol: %b\r\n" % protocol
    first, _, rest = UPGRADE.partition(b"\r\n")
    return first.replace(b"GET /jsonrpc", verb + b" " + path) + b"\r\n" + extra + rest


def opened(*quirks, request=UPGRADE, **options):
    connection = Connection(*quirks, **options)
    assert connection.send(request).startswith(b"HTTP/1.1 101 SWITCH_PROTOCOL\r\n")
    return connection


def texts(data):
    return [json.loads(event.data) for event in FrameReader(2**30).feed(data) if isinstance(event, Text)]


@pytest.mark.parametrize("verb", [b"GET", b"POST", b"BREW"])
@pytest.mark.parametrize(
    "path", [b"/jsonrpc", b"/jsonrpc/", b"/jsonrpc?token=x", b"/jsonrpc/org.rdk.OCIContainer", b"/Service/Controller"]
)
def test_these_paths_upgrade_with_any_verb(path, verb):
    assert Connection().send(upgrade(path, verb)) == ANSWERED


@pytest.mark.parametrize(
    "path", [b"/", b"/nope", b"/jsonrpc/unknown", b"/Service/unknown", b"/jsonrpc/org.rdk.OCIContainer.2", b"*"]
)
def test_other_paths_have_no_service(path):
    connection = Connection()
    assert connection.send(upgrade(path)) == (
        b"HTTP/1.1 503 Could not find a correct service for this socket.\r\nContent-Length: 0\r\n\r\n"
    )
    assert connection.send(UPGRADE) == ANSWERED


@pytest.mark.parametrize(
    "headers",
    [
        b"Connection: upgrade\r\n",
        b"Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n",
        b"CONNECTION:UPGRADE\r\nupgrade:WEBSOCKET\r\nSec-WebSocket-Version: 5\r\nOrigin: http://evil.example\r\n",
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n",
    ],
)
def test_what_upgrades_without_a_key(headers):
    assert Connection().send(b"GET /jsonrpc HTTP/1.1\r\n" + headers + b"\r\n") == handshake(b"", None)


@pytest.mark.parametrize("headers", [b"Upgrade: websocket\r\n", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"])
def test_what_does_not_upgrade_is_a_plain_request(headers):
    request = b"GET /jsonrpc/org.rdk.OCIContainer HTTP/1.1\r\n" + headers + b"\r\n"
    assert status_of(Connection().send(request)) == "500 There is no response from the requested service."


@pytest.mark.parametrize("cut", range(1, len(UPGRADE + text_frame(call()))))
def test_every_split_of_handshake_and_call(cut):
    data = UPGRADE + text_frame(call())
    connection = Connection()
    assert connection.send(data[:cut]) + connection.send(data[cut:]) == ANSWERED + OK


def test_a_handshake_behind_a_slow_call_waits_for_its_answer():
    connection = Connection()
    assert connection.send(post(call("wait")) + UPGRADE + text_frame(call())) == b""
    connection.plugin.waiting[0].callback("1")
    assert connection.received().endswith(result("1") + ANSWERED + OK)


def test_answers_come_as_the_calls_complete():
    connection = opened()
    assert connection.send(text_frame(call("wait", 1)) + text_frame(call("wait", 2)) + text_frame(call("echo", 3)))
    connection.plugin.waiting[1].callback("2")
    connection.plugin.waiting[0].callback("1")
    assert connection.received() == text_frame(result("2", 2)) + text_frame(result("1", 1))


def test_on_its_own_path_a_plugin_needs_no_callsign():
    connection = opened(request=upgrade(b"/jsonrpc/org.rdk.OCIContainer"))
    assert connection.send(text_frame(b'{"jsonrpc":"2.0","id":1,"method":"echo"}')) == OK


def test_a_notification_is_carried_out_and_not_answered():
    connection = opened()
    assert connection.send(text_frame(call().replace(b'"id":1,', b"")) + text_frame(call())) == OK
    assert len(connection.plugin.calls) == 2


def test_pings_have_an_empty_pong_and_a_close_frame_ends_nothing():
    connection = opened()
    assert connection.send(b"\x89\x03abc") == b"\x8a\x00"
    assert connection.send(b"\x88\x02\x03\xe8") == b"\x88\x00"
    assert connection.send(text_frame(call())) == OK
    assert not connection.transport.disconnecting


@pytest.mark.parametrize("frame", [b"\x82\x02{}", b"\x83\x01a", b"\x8b\x01a", b"\x81\x05hello", b"\x81\x015"])
def test_what_is_no_call_is_told_so_or_met_with_silence(frame):
    ((error, good),) = [texts(opened().send(frame + text_frame(call())))]
    assert error["id"] is None
    assert error["error"]["code"] in {-32700, -32600}
    assert good["result"] == "ok"
    assert opened(SILENCE).send(frame + text_frame(call())) == OK


def test_an_empty_text_is_nothing():
    assert opened().send(b"\x81\x00" + text_frame(call())) == OK


@pytest.mark.parametrize("path", [b"/Service/org.rdk.OCIContainer", b"/Service/Controller"])
@pytest.mark.parametrize("protocol", [b"json", b"notification", None])
def test_below_service_only_the_subprotocol_jsonrpc_takes_calls(path, protocol):
    ping = b"\x89\x00"
    connection = opened(SILENCE, request=upgrade(path, protocol=protocol))
    assert connection.send(text_frame(call()) + ping) == b"\x8a\x00"
    assert len(connection.plugin.calls) == 0
    (error,) = texts(opened(request=upgrade(path, protocol=protocol)).send(text_frame(call())))
    assert error["error"]["code"] == -32600
    assert "jsonrpc" in error["error"]["message"]


def test_below_service_the_subprotocol_jsonrpc_takes_calls():
    connection = opened(request=upgrade(b"/Service/org.rdk.OCIContainer", protocol=b"jsonrpc"))
    assert connection.send(text_frame(b'{"jsonrpc":"2.0","id":1,"method":"echo"}')) == OK


LARGE = call().replace(b"}", b" " * 65536 + b"}")


@pytest.mark.parametrize(
    ("quirks", "flavour", "after"),
    [
        ((LARGE_FRAME,), "r4.4.1", b""),
        ((LARGE_FRAME,), "r4.4.1-rdk", b""),
        ((LARGE_FRAME,), "r4.4.7", OK),
        ((), "r4.4.1", OK),
    ],
)
def test_after_a_large_frame(quirks, flavour, after, caplog):
    connection = opened(*quirks, flavour=flavour)
    assert connection.send(text_frame(LARGE)) == OK
    assert connection.send(text_frame(call())) == after
    connection.client.push(b"event")
    assert connection.received() == (after and text_frame(b"event"))
    assert ("--quirk T-large-frame" in caplog.text) == (not quirks)


def test_the_log_says_once_what_a_real_box_does(caplog):
    connection = opened()
    assert connection.send(text_frame(LARGE) * 2) == OK * 2
    assert caplog.text.count("T-large-frame") == 1


def test_a_message_beyond_the_limit_is_refused_and_the_connection_ended(caplog):
    connection = opened(limits=Limits(message=1000, linger=5))
    assert connection.send(text_frame(b" " * 1001)[:500]) == b"\x88\x02\x03\xf1"
    assert connection.transport.write_ended
    assert "1001 bytes" in caplog.text
    assert connection.send(text_frame(call())) == b""
    connection.clock.advance(5)
    assert connection.transport.disconnecting


def test_events_are_pushed_as_text():
    connection = opened()
    connection.send(text_frame(call()))
    connection.client.push(b'{"event":1}')
    assert connection.received() == text_frame(b'{"event":1}')


def test_a_subscription_made_over_http_goes_on_over_websocket():
    connection = Connection()
    connection.send(post())
    connection.send(UPGRADE)
    connection.client.push(b"event")
    assert connection.received() == text_frame(b"event")


def test_the_end_of_a_connection_is_told_to_the_host_and_late_answers_are_dropped(caplog):
    connection = opened()
    connection.send(text_frame(call("wait")))
    connection.channel.connectionLost(None)
    assert not connection.host.clients
    connection.plugin.waiting[0].callback("1")
    connection.client.push(b"event")
    assert connection.received() == b""
    assert not connection.clock.getDelayedCalls()
    assert not caplog.records


def test_an_idle_client_gets_a_ping_every_other_time():
    connection = opened()
    pings = []
    for _ in range(6):
        connection.clock.advance(180)
        pings.append(connection.received())
    assert pings == [b"", b"\x89\x00", b"", b"\x89\x00", b"", b"\x89\x00"]
    assert not connection.transport.disconnecting


def test_a_busy_client_gets_no_ping():
    connection = opened()
    for _ in range(4):
        assert connection.send(text_frame(call())) == OK
        connection.clock.advance(180)
    assert connection.received() == b""


def test_a_client_that_does_not_read_waits_and_is_dropped_at_the_limit(caplog):
    connection = opened(limits=Limits(unread_events=100))
    connection.send(text_frame(call()))
    push = connection.client.push
    connection.channel.pauseProducing()
    assert connection.transport.producerState == "paused"
    push(b"x" * 50)
    assert connection.received() == b""
    connection.channel.resumeProducing()
    assert connection.transport.producerState == "producing"
    assert connection.received() == text_frame(b"x" * 50)
    connection.channel.pauseProducing()
    push(b"y" * 50)
    assert not connection.transport.aborted
    push(b"z" * 50)
    assert connection.transport.aborted
    assert "127.0.0.1:40000" in caplog.text
    assert "100 bytes" in caplog.text
    push(b"late")
    assert connection.received() == b""


def test_a_client_that_ends_its_side_is_let_go():
    connection = opened()
    connection.channel.readConnectionLost()
    assert connection.transport.disconnecting


def broken(*_, **__):
    raise RuntimeError("a defect")


async def breaks_later(*_):
    broken()


@pytest.mark.parametrize(
    ("what", "how", "sent"),
    [
        ("handle", breaks_later, text_frame(call())),
        ("handle", breaks_later, text_frame(call() + b" " * 200_000)),
        ("rejected", broken, b"\x89\x00" * 600 + text_frame(b"!")),
    ],
    ids=["call", "long call", "in a turn to come"],
)
def test_a_defect_of_the_host_cuts_the_connection_whose_client_would_wait_for_ever(
    what, how, sent, caplog, monkeypatch
):
    connection = opened()
    monkeypatch.setattr(connection.host, what, how)
    connection.send(sent)
    connection.clock.advance(0)
    assert connection.transport.aborted
    assert caplog.text.count("this is a defect of ours") == 1
    assert "RuntimeError: a defect" in caplog.text
