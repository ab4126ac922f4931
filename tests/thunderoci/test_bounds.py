"""What one client can do to all others: nothing, however it spends its bytes."""

import pytest
from hosting import CALLSIGN, UPGRADE, Box, Connection, EchoPlugin, Hosted, Peer, call, post, result
from scriptedbus import finished

from thunderoci.limits import Limits
from thunderoci.message import Rejected, parse_request
from thunderoci.profiles import FLAVOURS
from thunderoci.quirks import (
    ESCAPED_QUOTES,
    FOUR_WORKERS,
    RAW_UTF8,
    STUCK_SOCKET,
    TEXT_NULL,
    UNQUOTED_ENVIRONMENT,
    VERSION_NUMBER,
)
from thunderoci.rawjson import compact
from thunderoci.websocket_frames import TOO_BIG, FrameReader, Text, close_frame, text_frame


@pytest.mark.parametrize("quirks", [(), (STUCK_SOCKET,)])
def test_a_message_in_several_text_frames_has_the_limit_of_one(quirks):
    connection = Connection(*quirks, limits=Limits(message=100))
    connection.send(UPGRADE + text_frame(b'{"id":1,"params":['))
    assert connection.send(text_frame(b"1" * 80)) == b""
    assert connection.send(text_frame(b"1" * 80)) == close_frame(TOO_BIG)
    assert connection.transport.write_ended


def test_what_is_held_is_not_copied_for_each_frame():
    connection = Connection()
    connection.send(UPGRADE + text_frame(b'{"id":1,"params":{"a":"' + b"x" * 15_000_000))
    connection.clock.advance(0)  # it is read in slices
    for _ in range(20_000):  # 300 GB, if it were
        connection.channel.dataReceived(text_frame(b"x"))
    assert connection.send(text_frame(b'"},"method":"' + CALLSIGN.encode() + b'.1.echo"}')).endswith(result())


def test_empty_fragments_take_no_room():
    reader = FrameReader(10)
    assert reader.feed(b"\x01\x00" * 10_000) == []
    assert len(reader._fragments) == 0
    assert reader.feed(b"\x00\x01a" + b"\x80\x01b") == [Text(b"ab", large=False)]
    assert reader.feed(b"\x02\x00" + b"\x80\x00")[0].opcode == 2


def test_reading_pauses_while_the_client_is_behind():
    connection = Connection()
    connection.send(UPGRADE)
    channel = connection.channel
    channel.pauseProducing()
    for _ in range(3):
        connection.send(text_frame(call()))
    written = []

    def write(message):  # each message fills the transport
        written.append(message)
        channel.pauseProducing()

    connection.transport.write = write
    for count in (1, 3):
        channel.resumeProducing()
        assert b"".join(written) == text_frame(result()) * count
        assert len(connection.plugin.calls) == count
        assert connection.transport.producerState == "paused"
    channel.resumeProducing()
    assert connection.transport.producerState == "producing"


@pytest.mark.parametrize("params", [b"[\0]", b'{"a":"x\0y"}', b'{"a":"\\\0"}', b'{"a":\0}', b'[[["\0"]]]'])
@pytest.mark.parametrize("flavour", FLAVOURS.values(), ids=lambda flavour: flavour.name)
def test_a_nul_byte_in_params(flavour, params):
    with pytest.raises(Rejected):
        parse_request(b'{"id":1,"method":"m","params":{"p":%b}}' % params, flavour)


@pytest.mark.parametrize("profile", ["rdkservices", "entservices"])
def test_an_escaped_nul_ends_a_text_for_dobby(profile):
    box = Box(profile)
    answer = box.oci("executeCommand", containerId="com.example.a", options="", command="a\0b")
    assert box.dobbys("Exec") == [[91, "", "a"]]
    assert answer["success"] is True


def test_an_answer_of_dobbys_that_never_ends_its_string():
    text = '{"a":"' + '\\"' * 200_000
    assert compact(text) == text
    assert compact('{ "a\\') == '{"a\\'


@pytest.mark.parametrize(
    ("flavour", "params", "quirk"),
    [
        ("r4.4.1", '{"a":"\\"x\\""}', ESCAPED_QUOTES),
        ("r4.4.1", '{"a":"ü"}', RAW_UTF8),
        ("r4.4.7", '{"a":"null"}', TEXT_NULL),
    ],
)
def test_the_log_says_once_what_a_box_makes_of_params(caplog, flavour, params, quirk):
    hosted = Hosted(EchoPlugin(), flavour=flavour)
    for _ in range(2):
        hosted.answer(f'{{"id":1,"method":"{CALLSIGN}.1.echo","params":{params}}}'.encode())
    assert caplog.text.count(f"--quirk {quirk.id}") == 1
    assert caplog.text.count("--quirk") == 1


def test_the_log_says_once_what_a_box_does_elsewhere(caplog):
    connection = Connection()
    for _ in range(2):
        connection.hosted.answer(b'{"jsonrpc":null,"id":1,"method":"Controller.1.version"}')
        connection.hosted.call("Controller.1.environment@HOME")
    for quirk in (VERSION_NUMBER, UNQUOTED_ENVIRONMENT):
        assert caplog.text.count(f"--quirk {quirk.id}") == 1


def test_the_fifth_call_at_a_time_would_wait_on_a_box(caplog):
    connection = Connection()
    connection.send(UPGRADE)
    for number in range(1, 5):
        connection.send(text_frame(call("wait", number)))
    assert FOUR_WORKERS.id not in caplog.text
    connection.send(text_frame(call("wait", 5)))
    assert caplog.text.count(FOUR_WORKERS.id) == 1


def test_one_silence_is_told_of_once_on_both_ways_in(caplog):
    connection = Connection()
    connection.send(b"NOPE / HTTP/1.1\r\n\r\n")
    connection.send(post(b"[]"))
    assert caplog.text.count("--quirk T-silence") == 1


def test_events_keep_a_connection_that_only_listens():
    connection = Connection()
    connection.send(post(b'{"id":1,"method":"%b.1.register","params":{"event":"e","id":"me"}}' % CALLSIGN.encode()))
    for _ in range(4):
        connection.clock.advance(Limits().idle * 0.9)
        connection.plugin.emit("e", "{}")
        assert not connection.transport.ended
    connection.clock.advance(Limits().idle)
    assert connection.transport.ended


def test_who_has_gone_while_waiting_for_a_worker_is_not_remembered():
    hosted = Hosted(EchoPlugin())
    client = hosted.listener()
    hosted.host.disconnect(client)
    assert hosted.call(f"{CALLSIGN}.1.register", {"event": "e", "id": "me"}, client) == 0
    assert hosted.host.service_at(CALLSIGN).subscriptions.of("e") == []


def test_frames_behind_the_body_of_a_handshake():
    upgrade = UPGRADE.replace(b"GET", b"POST").replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\nabc")
    assert Connection().send(upgrade + text_frame(call())).endswith(text_frame(result()))


@pytest.mark.fact("TD5-name-taken")
@pytest.mark.parametrize("needs_name", [True, False])
def test_somebody_else_has_our_name(caplog, needs_name):
    box = Box()
    box.bus.name_taken = True
    box.dobby._needs_name = needs_name
    finished(box.dobby.listen(lambda *_: None))
    assert box.oci("listContainers")["containers"] == (
        [] if needs_name else [{"Descriptor": 91, "Id": "com.example.a"}]
    )
    assert ("somebody else has the name" in caplog.text) is needs_name


def test_events_have_a_bound_of_their_own(caplog):
    connection = Connection(limits=Limits(unread_events=1000))
    connection.send(UPGRADE)
    connection.channel.pauseProducing()
    connection.channel.outbox.write(b"x" * 5000)  # an answer, which was asked for
    for _ in range(10):
        connection.client.push(b"x" * 90)
    assert not connection.transport.aborted
    connection.channel.resumeProducing()
    assert connection.received().count(b"x") == 5900
    connection.channel.pauseProducing()
    for _ in range(12):
        connection.client.push(b"x" * 90)
    assert connection.transport.aborted
    assert "it does not read, and more than 1000 bytes of events wait for it" in caplog.text


def test_one_socket_has_so_many_calls_worked_on_and_the_rest_waits():
    connection = Connection(limits=Limits(calls=3))
    connection.send(UPGRADE)
    plugin = connection.plugin
    connection.send(b"".join(text_frame(call("wait", number)) for number in range(1, 8)))
    assert len(plugin.waiting) == 3
    assert connection.transport.producerState == "paused"
    for done in range(7):
        plugin.waiting[done].callback(str(done))
        connection.clock.advance(0)
        assert len(plugin.waiting) == min(7, done + 4)
        assert connection.received() == text_frame(result(str(done), done + 1))
        assert connection.transport.producerState == ("paused" if done < 3 else "producing")
    assert connection.send(text_frame(call())) == text_frame(result())


def test_calls_that_are_done_at_once_hold_up_nothing():
    connection = Connection(limits=Limits(calls=1))
    connection.send(UPGRADE)
    assert connection.send(text_frame(call()) * 10) == text_frame(result()) * 10
    assert connection.transport.producerState == "producing"


def test_the_order_of_frames_is_kept_while_they_wait():
    connection = Connection(limits=Limits(calls=1, message=100))
    connection.send(UPGRADE)
    connection.send(text_frame(call("wait")) + b"\x89\x00" + text_frame(b"x" * 101))
    connection.plugin.waiting[0].callback("1")
    connection.clock.advance(0)
    assert connection.received() == text_frame(result("1")) + b"\x8a\x00" + close_frame(TOO_BIG)
    assert (
        connection.transport.producerState == "producing"
    )  # what still comes is thrown away, so that the client reads


def test_requests_behind_one_that_is_worked_on_wait_unread():
    connection = Connection()
    transport = connection.transport
    assert connection.send(post(call("wait")) + post() * 9) == b""
    assert transport.producerState == "producing"
    more = 2**14 // len(post()) + 1
    assert connection.send(post() * more) == b""
    assert transport.producerState == "paused"
    connection.plugin.waiting[0].callback("1")
    connection.clock.advance(0)  # so many are answered in several turns
    assert connection.received().count(result()) == 9 + more
    assert transport.producerState == "producing"


def test_whoever_leaves_has_nothing_done_any_more():
    connection = Connection(limits=Limits(calls=1))
    connection.send(UPGRADE)
    connection.send(text_frame(call("wait")) + text_frame(call()))
    connection.leave()
    connection.plugin.waiting[0].callback("1")
    connection.clock.advance(0)
    assert connection.plugin.calls == []


def test_clients_leave_file_descriptors_for_the_rest(caplog, monkeypatch):
    connection = Connection()
    others = [Peer(connection.factory) for _ in range(2)]
    # each channel stands for a file of this process
    monkeypatch.setattr("fakedobby.openfiles._lowest_free", lambda: 35 + len(connection.factory._channels))
    monkeypatch.setattr("fakedobby.openfiles.resource.getrlimit", lambda _: (69, 69))
    for _ in range(5):
        assert connection.factory.buildProtocol(None) is None
    assert caplog.text.count("refused a client") == 1
    assert "'ulimit -n' allows 69" in caplog.text
    others[0].leave()
    assert Peer(connection.factory).send(post()).endswith(result())
    assert "takes clients again; 5 were refused" in caplog.text
