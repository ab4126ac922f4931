"""Long answers of the control API on their way to a client: a piece at a time, as it reads."""

import json

import pytest
from controlled import Answer, Controlled, turn
from hosting import Peer, call, post

from fakedobby.turns import LONG, PIECE
from thunderoci.limits import Limits

EXPORT = b"GET /emulator/journal/export HTTP/1.1\r\nHost: localhost\r\n\r\n"
SMALL = b"GET /emulator/journal?limit=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
ENTRIES = 900
TURNS = 100


@pytest.fixture
def api():
    api = Controlled()
    for _ in range(ENTRIES):
        api.journal.note("request", method="echo", text="x" * 1000)
    return api


def turn_on(api):
    """Let the loop turn until nothing happens any more."""
    for _ in range(TURNS):
        turn(api.clock)


def in_the_middle(api):
    """Return a client that does not read on in its long answer, and what it has received."""
    peer = Peer(api.factory)
    assert peer.send(EXPORT) == b""
    received = b""
    while not received:
        turn(api.clock)
        received += peer.received()
    peer.channel.pauseProducing()
    return peer, received


def test_a_piece_is_made_when_the_client_reads(api):
    peer, received = in_the_middle(api)
    turn_on(api)
    assert peer.received() == b""
    while api.factory.turns.answers:
        peer.channel.resumeProducing()
        peer.channel.pauseProducing()
        turn_on(api)
        received += peer.received()
        assert len(received) < 20 * PIECE
    answer = Answer(received)
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert [json.loads(line)["number"] for line in answer.body.splitlines()] == list(range(1, ENTRIES + 1))
    peer.channel.resumeProducing()
    assert Answer(peer.send(SMALL)).status == 200


def test_what_else_there_is_for_the_client_waits(api):
    """Neither an event, which may be pushed over HTTP, nor the next answer gets into the middle."""
    peer = Peer(api.factory)
    register = b'{"jsonrpc":"2.0","id":2,"method":"org.rdk.OCIContainer.1.register","params":{"event":"e","id":"me"}}'
    assert Answer(peer.send(post(register))).status == 200
    assert peer.send(EXPORT) == b""
    received = b""
    while not received:
        turn(api.clock)
        received += peer.received()
    api.plugin.emit("e", '{"in":"between"}')
    peer.channel.dataReceived(post(call("listContainers")))
    while api.factory.turns.answers:
        turn(api.clock)
        received += peer.received()
    answer = Answer(received)
    length = int(answer.headers["Content-Length"])
    assert json.loads(answer.body[:length].splitlines()[-1])["number"] > ENTRIES
    event, _, answer = answer.body[length:].partition(b"}}")
    assert b'"method":"me.e"' in event
    assert b'"id":1' in answer


def test_who_leaves_in_the_middle_makes_room_for_others(api):
    timers = len(api.clock.getDelayedCalls())
    clients = [in_the_middle(api)[0] for _ in range(LONG)]
    peer = Peer(api.factory)
    assert Answer(peer.send(EXPORT)).status == 409
    assert Answer(peer.send(SMALL)).status == 200
    clients[0].leave()
    assert peer.send(EXPORT) == b""
    for client in (peer, *clients[1:]):
        client.leave()
    assert api.factory.turns.answers == 0
    turn_on(api)
    assert len(api.clock.getDelayedCalls()) == timers


def test_who_does_not_read_on_is_cut(api):
    peer, _ = in_the_middle(api)
    turn_on(api)
    api.clock.advance(Limits().idle - 1)
    assert not peer.transport.ended
    api.clock.advance(1)
    assert peer.transport.disconnecting
    assert api.factory.turns.answers == 0
    api.clock.advance(60)
    assert peer.transport.aborted
    assert peer.received() == b""


def test_who_reads_slowly_is_not_cut(api):
    peer, received = in_the_middle(api)
    while api.factory.turns.answers:
        turn_on(api)
        api.clock.advance(Limits().idle - 1)
        peer.channel.resumeProducing()
        peer.channel.pauseProducing()
        received += peer.received()
    assert len(Answer(received).body.splitlines()) == ENTRIES
    assert not peer.transport.ended


def test_head_tells_the_length_and_makes_nothing(api):
    peer = Peer(api.factory)
    assert peer.send(EXPORT) == b""
    turn_on(api)
    answer = Answer(peer.received())
    assert peer.send(EXPORT.replace(b"GET", b"HEAD")) == b""
    turn_on(api)
    head = Answer(peer.received())
    assert head.headers.pop("Date")
    assert answer.headers.pop("Date")
    assert (head.headers, head.body) == (answer.headers, b"")
    assert api.factory.turns.answers == 0


def test_a_defect_in_the_middle_cuts_the_connection(api, monkeypatch, caplog):
    peer, _ = in_the_middle(api)

    def breaks(_entry):
        raise RuntimeError("a defect")

    monkeypatch.setattr("fakedobby.journalentry.as_json", breaks)
    peer.channel.resumeProducing()
    turn_on(api)
    assert peer.transport.aborted
    assert api.factory.turns.answers == 0
    assert "this is a defect of ours" in caplog.text
