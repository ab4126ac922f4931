"""What the plugin host writes into the journal, and what caused what."""

import json

import pytest
from hosting import UPGRADE, Connection, Peer, Served, call, post
from twisted.internet.defer import Deferred

from fakedobby.journalentry import as_json
from thunderoci.message import Request
from thunderoci.ocicontainer import CALLSIGN

LEFT_OUT = {"at", "number", "seconds"}


def written(journal):
    """Return all entries as JSON, without times; their numbers are their places."""
    documents = [as_json(entry) for entry in journal]
    assert [one["number"] for one in documents] == list(range(1, len(documents) + 1))
    return [{name: value for name, value in one.items() if name not in LEFT_OUT} for one in documents]


def message(method, params=None, call_id=1):
    members = {"jsonrpc": "2.0", "id": call_id, "method": method} | ({} if params is None else {"params": params})
    return json.dumps({name: value for name, value in members.items() if value is not None}).encode()


def in_frame(text):
    return bytes([0x81, 0x80 | 126]) + len(text).to_bytes(2) + bytes(4) + text


def test_a_call_from_the_request_to_the_answer():
    served = Served()
    served.connect().send(post(message(f"{CALLSIGN}.1.getContainerState", {"containerId": "com.example.a"})))
    request = {
        "kind": "request",
        "cause": None,
        "client": 1,
        "transport": "http",
        "method": f"{CALLSIGN}.1.getContainerState",
        "id": 1,
        "params": {"containerId": "com.example.a"},
    }
    assert written(served.thunder.emulation.journal) == [
        request,
        {"kind": "call", "cause": 1, "method": "List", "arguments": []},
        {"kind": "reply", "cause": 2, "method": "List", "values": [[91], ["com.example.a"]]},
        {"kind": "call", "cause": 1, "method": "GetState", "arguments": [91]},
        {"kind": "reply", "cause": 4, "method": "GetState", "values": [2]},
        {
            "kind": "answer",
            "cause": 1,
            "client": 1,
            "result": {"containerId": "com.example.a", "state": "Running", "success": True},
        },
    ]


def test_a_failing_dobby_and_the_error_that_follows():
    served = Served()
    served.bus.load({"List": {"error": "org.example.Broken"}})
    served.connect().send(post(message(f"{CALLSIGN}.1.getContainerState", {"containerId": "a"})))
    _, _, reply, answer = written(served.thunder.emulation.journal)
    assert reply == {"kind": "reply", "cause": 2, "method": "List", "error": "org.example.Broken"}
    assert answer["error"]["code"] == 1


def test_over_websocket_with_an_event_and_what_led_to_it():
    served = Served()
    peer = served.connect()
    peer.send(UPGRADE)
    peer.send(in_frame(message(f"{CALLSIGN}.1.register", {"event": "onContainerStarted", "id": "me"})))
    served.bus.emit("Started", "is", [734, "com.a"])
    request, answer, signal, *calls, event = written(served.thunder.emulation.journal)
    assert (request["transport"], answer["result"]) == ("websocket", 0)
    assert signal == {"kind": "signal", "cause": None, "method": "Started", "arguments": [734, "com.a"]}
    assert {one["cause"] for one in calls} <= {3, 4}
    assert event == {
        "kind": "event",
        "cause": 3,
        "client": 1,
        "method": "me.onContainerStarted",
        "params": {"descriptor": "734", "name": "com.a"},
    }


@pytest.mark.parametrize("over", [post, in_frame])
@pytest.mark.parametrize(
    ("text", "code"), [(b"rubbish", -32700), (b"[]", -32600), (b'{"id":"abc","method":"x"}', -32600), (b"null", -32600)]
)
def test_what_is_no_request_is_noted_as_it_came(over, text, code):
    peer = Connection()
    if over is in_frame:
        peer.send(UPGRADE)
    peer.send(over(text))
    request, answer = written(peer.host.emulation.journal)
    assert (request["kind"], request["text"], request["client"]) == ("request", text.decode(), 1)
    assert "method" not in request
    assert request["rejected"].endswith(".")
    assert (answer["kind"], answer["cause"], answer["error"]["code"]) == ("answer", 1, code)


def test_a_notification_has_no_answer():
    peer = Connection()
    peer.send(post(message(f"{CALLSIGN}.1.echo", call_id=None)))
    (request,) = written(peer.host.emulation.journal)
    assert request["id"] is None


def test_a_path_that_names_the_plugin_is_noted():
    peer = Connection()
    peer.send(post(message("echo"), path=b"/jsonrpc/" + CALLSIGN.encode()))
    request, _ = written(peer.host.emulation.journal)
    assert (request["callsign"], request["method"]) == (CALLSIGN, "echo")


def test_calls_that_overlap_keep_their_causes():
    peer = Connection()
    for number in (1, 2):
        Deferred.fromCoroutine(peer.host.handle(Request(number, f"{CALLSIGN}.1.wait", None), peer.client))
    second, first = peer.plugin.waiting[::-1]
    second.callback('"b"')
    first.callback('"a"')
    assert [(one["kind"], one["cause"], one.get("result")) for one in written(peer.host.emulation.journal)] == [
        ("request", None, None),
        ("request", None, None),
        ("answer", 2, "b"),
        ("answer", 1, "a"),
    ]


def test_connections_are_numbered_by_their_first_call_whatever_came_before():
    first = Connection()
    host = first.host
    second = Peer(first.factory)
    second.send(post(call()))
    first.send(post(call()))
    second.send(post(call()))
    assert [one["client"] for one in written(host.emulation.journal) if one["kind"] == "request"] == [1, 2, 1]


def test_a_rejected_text_is_not_kept_beyond_its_beginning():
    peer = Connection()
    peer.send(post(b"x" * 100_000))
    request, _ = written(peer.host.emulation.journal)
    assert request["text"] == "x" * 1000
