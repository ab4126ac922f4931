"""Transport faults byte by byte, on a transport without a socket and a clock that only a test moves."""

import pytest
from hosting import UPGRADE, Connection, call, post, result

from fakedobby.faults import Fault
from thunderoci.websocket_frames import text_frame

PAUSE = 0.01


def struck(kind, **options):
    """Return a connection whose first answer this fault strikes."""
    connection = Connection()
    document = {"place": "transport", "kind": kind, "times": "once"} | options
    connection.host.emulation.faults.add(Fault.of(document))
    return connection


def frame(message):
    return b"\x81" + bytes([len(message)]) + message


@pytest.fixture
def whole():
    """What a connection without faults answers over HTTP."""
    return Connection().send(post())


def drops(connection):
    """Return what comes byte by byte: what comes at once, and what with each step of the clock until nothing does."""
    yield connection.received()
    while connection.clock.getDelayedCalls():
        connection.clock.advance(PAUSE)
        if not (came := connection.received()):
            return
        yield came


def test_a_dripped_answer(whole):
    connection = struck("drip")
    first = connection.send(post())
    came = [first, *list(drops(connection))[1:]]
    assert [len(one) for one in came] == [1] * len(whole)
    assert b"".join(came) == whole
    assert connection.send(post()) == whole


def test_the_pause_between_two_bytes(whole):
    connection = struck("drip", seconds=2)
    came = connection.send(post())
    connection.clock.advance(1.9)
    assert connection.received() == b""
    connection.clock.advance(0.2)
    assert came + connection.received() == whole[:2]


def test_what_is_sent_meanwhile_comes_behind_it(whole):
    connection = struck("drip")
    came = connection.send(post() + post(call(call_id=2)))
    connection.client.push(b'{"event":1}')
    came += b"".join(drops(connection))
    assert came.startswith(whole)
    behind = came.removeprefix(whole)
    assert behind.index(b'{"event":1}') < behind.index(result(call_id=2))


def test_frames_wait_for_a_dripped_one():
    connection = struck("drip")
    connection.send(UPGRADE)
    came = connection.send(frame(call()) + frame(call(call_id=2)))
    connection.client.push(b'{"event":1}')
    came += b"".join(drops(connection))
    assert came == text_frame(result()) + text_frame(result(call_id=2)) + text_frame(b'{"event":1}')


def test_two_that_drip_at_once():
    connection = struck("drip", times=2)
    connection.send(UPGRADE)
    came = connection.send(frame(call()) + frame(call(call_id=2))) + b"".join(drops(connection))
    assert came == text_frame(result()) + text_frame(result(call_id=2))


def test_a_client_that_leaves_while_its_answer_drips():
    connection = struck("drip")
    connection.send(post())
    connection.leave()
    connection.clock.advance(PAUSE)
    assert connection.received() == b""


def test_a_reset():
    connection = struck("reset")
    assert connection.send(post()) == b""
    assert connection.transport.aborted


def test_half_an_answer(whole):
    connection = struck("half")
    body = result()
    assert connection.send(post()) == whole.removesuffix(body) + body[: len(body) // 2]
    assert connection.transport.write_ended
    assert connection.send(post()) == b""


def test_half_a_frame():
    connection = struck("half")
    connection.send(UPGRADE)
    answer = text_frame(result())
    assert connection.send(frame(call())) == answer[: 2 + len(result()) // 2]
    assert connection.transport.write_ended


def test_a_hang(whole):
    connection = struck("hang")
    assert connection.send(post() + post()) == b""
    assert not connection.transport.ended
    connection.client.push(b"{}")
    assert connection.received().endswith(b"\r\n\r\n{}")
    assert whole


def test_a_hanging_call_holds_up_no_other_frame():
    connection = struck("hang")
    connection.send(UPGRADE)
    assert connection.send(frame(call()) + frame(call(call_id=2))) == text_frame(result(call_id=2))


def test_rubbish():
    connection = struck("rubbish")
    came = connection.send(post())
    assert came
    assert not came.startswith(b"HTTP")
    assert connection.transport.write_ended


def test_a_text_in_place_of_json(whole):
    connection = struck("rubbish", text="ä")
    came = connection.send(post())
    assert came.startswith(b"HTTP/1.1 200 ")
    assert came.endswith("Content-Length: 2\r\n\r\nä".encode())
    assert connection.send(post()) == whole


@pytest.mark.parametrize("kind", ["reset", "half", "drip", "hang", "rubbish"])
def test_a_notification_and_what_is_no_call(kind):
    notification = b'{"jsonrpc":"2.0","method":"org.rdk.OCIContainer.1.echo"}'
    plain = Connection().send(post(notification))
    connection = struck(kind, method="echo")
    assert connection.send(post(b"rubbish")).startswith(b"HTTP/1.1 200 ")  # it goes by its verb
    assert connection.send(post(notification)) != plain
