"""A client that sends requests without waiting for answers, or without reading them, holds up nobody."""

import pytest
from hosting import Connection, call, post, result, turns

from thunderoci.http import READ_AHEAD
from thunderoci.quirks import HALF_CLOSE, PIPELINE_ORDER

BARE = b"GET /nope HTTP/1.1\r\n\r\n"


@pytest.fixture
def not_found():
    return Connection().send(BARE)


def fill_with_each_write(connection):
    """Let each write fill the transport; return what is written."""
    written = []

    def write(data):
        written.append(data)
        connection.channel.pauseProducing()

    connection.transport.write = write
    return written


def test_nothing_is_read_while_the_client_does_not_read_even_if_a_request_is_worked_on():
    connection = Connection()
    connection.send(post(call("wait")))
    connection.channel.pauseProducing()
    assert connection.transport.producerState == "paused"
    connection.plugin.waiting[0].callback("1")
    assert connection.transport.producerState == "paused"
    connection.channel.resumeProducing()
    assert connection.received().endswith(result("1"))
    assert connection.transport.producerState == "producing"


def test_so_much_is_read_behind_a_request_that_is_worked_on():
    connection = Connection()
    connection.send(post(call("wait")))
    connection.send(b" " * (READ_AHEAD - 10))
    assert connection.transport.producerState == "producing"
    connection.send(b" " * 11)
    assert connection.transport.producerState == "paused"
    connection.plugin.waiting[0].callback("1")
    assert connection.transport.producerState == "producing"


def test_no_request_is_begun_while_the_client_does_not_read():
    connection = Connection()
    written = fill_with_each_write(connection)
    connection.send(b"".join(post(call(call_id=number)) for number in range(1, 4)))
    for number in range(1, 4):
        assert len(connection.plugin.calls) == len(written) == number
        assert connection.transport.producerState == "paused"
        connection.channel.resumeProducing()
    assert [answer.endswith(result(call_id=number)) for number, answer in enumerate(written, 1)] == [True] * 3
    assert connection.transport.producerState == "producing"


def test_with_the_quirk_neither():
    connection = Connection(PIPELINE_ORDER)
    written = fill_with_each_write(connection)
    connection.send(post() * 3)
    assert len(connection.plugin.calls) == len(written) == 1
    connection.channel.resumeProducing()
    assert len(connection.plugin.calls) == 2


@pytest.mark.parametrize("pieces", [1, 3])
def test_many_requests_are_answered_in_several_turns(not_found, pieces):
    connection = Connection()
    data = BARE * 100
    size = len(data) // pieces + 1
    sent = [connection.send(data[at : at + size]) for at in range(0, len(data), size)]
    assert connection.transport.producerState == "paused"
    sent += turns(connection)
    assert b"".join(sent) == not_found * 100
    assert max(len(one) for one in sent) <= 40 * len(not_found)
    assert connection.transport.producerState == "producing"
    assert connection.send(post()).endswith(result())


def test_the_order_is_kept_across_turns(not_found):
    connection = Connection()
    sent = connection.send(BARE * 40 + post(call("wait")) + BARE * 40 + post())
    sent += b"".join(turns(connection))
    assert sent == not_found * 40
    connection.plugin.waiting[0].callback("1")
    sent = connection.received() + b"".join(turns(connection))
    assert sent.count(not_found) == 40
    assert sent.index(result("1")) < sent.index(not_found)
    assert sent.endswith(result())


def test_a_client_that_ends_its_side_gets_what_waits_for_another_turn(not_found):
    connection = Connection()
    sent = connection.send(BARE * 100)
    connection.channel.readConnectionLost()
    assert not connection.transport.disconnecting
    assert sent + b"".join(turns(connection)) == not_found * 100
    assert connection.transport.disconnecting


def test_a_client_that_ends_its_side_gets_what_it_has_not_read():
    connection = Connection()
    written = fill_with_each_write(connection)
    connection.send(post() * 3)
    connection.channel.readConnectionLost()
    for _ in range(3):
        assert not connection.transport.disconnecting
        connection.channel.resumeProducing()
    assert len(written) == 3
    assert connection.transport.disconnecting


@pytest.mark.parametrize("behind", [b"", b"POST /json"], ids=["nothing", "a part of another request"])
def test_a_client_that_ends_its_side_gets_what_keeps_no_order(behind):
    connection = Connection(PIPELINE_ORDER)
    connection.send(post(call("wait")) * 2 + behind)
    connection.channel.readConnectionLost()
    for waiting in reversed(connection.plugin.waiting):
        assert not connection.transport.ended
        waiting.callback("1")
        assert result("1") in connection.received()
    assert connection.transport.disconnecting


def test_with_the_quirk_of_those_it_does_not():
    connection = Connection(PIPELINE_ORDER, HALF_CLOSE)
    connection.send(post(call("wait")))
    connection.channel.readConnectionLost()
    assert connection.transport.disconnecting


def test_whoever_leaves_leaves_nothing_to_do():
    connection = Connection()
    connection.send(BARE * 100)
    connection.leave()
    assert not connection.clock.getDelayedCalls()


def test_a_client_that_reads_slowly_is_not_idle():
    connection = Connection()
    fill_with_each_write(connection)
    connection.send(post() * 4)
    for _ in range(3):
        connection.clock.advance(100)
        assert not connection.transport.disconnecting
        connection.channel.resumeProducing()
    connection.clock.advance(180)
    assert connection.transport.disconnecting
