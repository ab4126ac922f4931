"""Which recorded answer a call gets, and which events follow it; no socket is open."""

import json

import pytest

from thunderoci.errors import BadRecording, RecordingUnreadable
from thunderoci.recording.format import FORMAT
from thunderoci.recording.recording import load
from thunderoci.recording.redaction import Redactor
from thunderoci.replaying.answering import body_for, http_answer, http_failure, switched
from thunderoci.replaying.book import Book
from thunderoci.replaying.call import of_http, of_message
from thunderoci.replaying.timeline import timeline

HEADER = {"kind": "header", "format": FORMAT, "redacted": ["pin"]}
HEAD = "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX-Odd:  y\r\n\r\n"
PLUGIN = "org.rdk.OCIContainer.1."


def rpc(method, params=None, number=1):
    call = {"jsonrpc": "2.0", "id": number, "method": PLUGIN + method}
    return json.dumps(call if params is None else call | {"params": params})


def answered(result, number=1):
    return json.dumps({"jsonrpc": "2.0", "id": number, "result": result})


def exchange(request, answer, *, at=0.0, connection=1, line="POST /jsonrpc HTTP/1.1"):
    body = None if answer is None else {"head": HEAD % len(answer), "body": answer}
    request = {"line": line, "headers": [], "body": request}
    return {"kind": "exchange", "connection": connection, "at": at, "seconds": 0.1, "request": request, "answer": body}


def opened(connection, path="/jsonrpc"):
    line = exchange("", "", connection=connection, line=f"GET {path} HTTP/1.1")
    line["answer"]["head"] = "HTTP/1.1 101 SWITCH_PROTOCOL\r\nSec-WebSocket-Accept: old\r\n\r\n"
    return line


def message(who, body, *, at=0.0, connection=9):
    return {"kind": "message", "connection": connection, "at": at, "from": who, "opcode": "text", "body": body}


def event(name, container, **where):
    return message("box", json.dumps({"method": f"me.{name}", "params": {"name": container}}), **where)


@pytest.fixture
def recorded(tmp_path):
    def write(*lines):
        file = tmp_path / "box.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in (HEADER, *lines)))
        return timeline(load(str(file)))

    return write


def over_http(body, line="POST /jsonrpc HTTP/1.1"):
    return of_http(line, body.encode(), Redactor(["pin"]))


def test_repeated_calls_get_the_answers_in_their_order_and_the_last_one_again(recorded):
    book = Book(recorded(*(exchange(rpc("listContainers", number=n), answered(n, n)) for n in (1, 2, 3))).told)
    call = rpc("listContainers", number=77)
    results = [json.loads(body_for(book.find(over_http(call)), call.encode())) for _ in range(5)]
    assert [each["result"] for each in results] == [1, 2, 3, 3, 3]
    assert {each["id"] for each in results} == {77}


def test_the_order_goes_on_over_the_other_transport(recorded):
    lines = (exchange(rpc("listContainers", number=n), answered(n, n)) for n in (1, 2, 3))
    book = Book(recorded(*lines).told)
    call = rpc("listContainers")
    calls = [over_http(call), of_message("/jsonrpc", call.encode(), Redactor())]
    assert [json.loads(book.find(calls[at]).body)["result"] for at in (0, 1, 0, 1)] == [1, 2, 3, 3]


def test_what_was_recorded_over_both_transports_has_an_order_on_each(recorded):
    call = rpc("listContainers")
    found = recorded(
        exchange(call, answered("http 1"), at=1),
        opened(9),
        message("client", call, at=2),
        message("box", answered("websocket 1"), at=2),
        exchange(call, answered("http 2"), at=3),
    )
    book = Book(found.told)
    calls = [over_http(call), of_message("/jsonrpc", call.encode(), Redactor())]
    results = [json.loads(book.find(calls[at]).body)["result"] for at in (1, 0, 1, 0)]
    assert results == ["websocket 1", "http 1", "websocket 1", "http 2"]


def test_what_has_no_recorded_status_line_gets_that_of_thunder():
    call = rpc("listContainers")
    assert http_failure(over_http(call), call.encode(), "no").startswith(
        b"HTTP/1.1 202 Failure on JSONRPC: 4294935296\r\n"
    )


def test_params_match_whatever_the_order_of_their_members_and_their_secrets(recorded):
    request = rpc("startContainer", {"containerId": "a", "pin": "<redacted>", "x": {"b": 1, "c": [1, 2]}})
    book = Book(recorded(exchange(request, answered(1), line="POST /jsonrpc?token=<redacted> HTTP/1.1")).told)
    same = {"x": {"c": [1, 2], "b": 1}, "pin": "1234", "containerId": "a"}
    assert book.find(over_http(rpc("startContainer", same), "POST /jsonrpc?token=other HTTP/1.1"))
    assert book.find(over_http(rpc("startContainer", same)))
    assert book.find(of_message("/jsonrpc", rpc("startContainer", same).encode(), Redactor(["pin"])))
    assert not book.find(over_http(rpc("startContainer", same | {"x": {"c": [2, 1], "b": 1}})))
    assert not book.find(over_http(rpc("startContainer", same), "POST /jsonrpc/org.rdk.OCIContainer HTTP/1.1"))


def test_the_nearest_is_the_same_method_with_like_params(recorded):
    book = Book(
        recorded(
            exchange(rpc("getContainerState", {"containerId": "another"}), answered(1)),
            exchange(rpc("getContainerState", {"containerId": "my-app"}), answered(1)),
            exchange(rpc("stopContainer", {"containerId": "my-app1"}), answered(1)),
        ).told
    )
    nearest = book.nearest(over_http(rpc("getContainerState", {"containerId": "my-app1"})))
    assert (nearest.line, nearest.call.name) == (3, "getContainerState")
    assert Book([]).nearest(over_http(rpc("x"))) is None


def test_a_subscription_is_found_under_another_id(recorded):
    found = recorded(
        opened(9),
        message("client", rpc("register", {"event": "onContainerStarted", "id": "me"})),
        message("box", answered(0)),
    )
    book = Book(found.told)
    call = rpc("register", {"event": "onContainerStarted", "id": "someone-4711"})
    assert json.loads(book.find(of_message("/jsonrpc", call.encode(), Redactor())).body)["result"] == 0
    call = rpc("register", {"event": "onContainerStopped", "id": "me"})
    assert book.find(of_message("/jsonrpc", call.encode(), Redactor())) is None


def test_events_belong_to_the_call_that_was_about_the_same_container(recorded):
    found = recorded(
        opened(9),
        message("client", rpc("register", {"event": "onContainerStarted", "id": "me"}, 1), at=1),
        message("box", answered(0, 1), at=1.1),
        exchange(rpc("startContainer", {"containerId": "a"}, 2), answered(1, 2), at=2),
        exchange(rpc("startContainer", {"containerId": "b"}, 3), answered(1, 3), at=3),
        exchange(rpc("getContainerState", {"containerId": "a"}, 4), answered(1, 4), at=4),
        event("onContainerStarted", "a", at=5),
        message("client", rpc("register", {"event": "onContainerStarted", "id": "me"}, 1), at=5.1, connection=10),
        event("onContainerStarted", "b", at=6),
        event("onContainerStarted", "b", at=6.01, connection=10),
        event("onContainerStarted", "b", at=7),
        event("onContainerStarted", "unheard of", at=8),
    )
    events = {told.call.member("containerId"): told.events for told in found.told if told.call.name == "startContainer"}
    assert [(each.name, each.params["name"], each.at) for each in events["a"]] == [("onContainerStarted", "a", 5)]
    assert [each.params["name"] for each in events["b"]] == ["b", "b", "unheard of"]
    assert {each.callsign for each in events["b"]} == {"org.rdk.OCIContainer"}
    assert found.stray == 0


def test_an_event_before_any_call_is_nobodys(recorded):
    assert recorded(event("onContainerStarted", "a")).stray == 1


@pytest.mark.parametrize("kind", ["push", "unasked"])
@pytest.mark.parametrize("body", ["", "{}", "[]", "no JSON", '{"method":3}'])
def test_what_a_box_said_to_garbage_is_no_event(recorded, kind, body):
    answer = {"head": HEAD % len(body), "body": body}
    found = recorded(
        exchange(rpc("listContainers"), answered(1)), {"kind": kind, "connection": 2, "at": 1, "answer": answer}
    )
    assert found.stray == 0
    assert [told.events for told in found.told] == [[]]


def test_answers_on_a_websocket_are_found_by_their_ids(recorded):
    found = recorded(
        message("client", rpc("pauseContainer", number=1), at=1),
        message("client", rpc("resumeContainer", number="2"), at=1),
        message("client", "{", at=1),
        message("client", rpc("stopContainer", number=4), at=1),
        message("box", answered("resumed", 2), at=2),
        message("box", answered("paused", 1), at=2),
        message("box", json.dumps({"id": None, "error": {"code": -32700}}), at=2),
    )
    bodies = [told.body and json.loads(told.body) for told in found.told]
    assert [body and body.get("result") for body in bodies] == ["paused", "resumed", None, None]
    assert bodies[2]["error"]["code"] == -32700
    assert bodies[3] is None


def test_an_answer_over_http_keeps_its_head_but_for_the_length(recorded):
    (told,) = recorded(exchange(rpc("listContainers"), answered(5))).told
    answer, ends = http_answer(told, rpc("listContainers", number="my id").encode(), b"POST")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.decode() == f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nX-Odd:  y"
    assert json.loads(body) == {"jsonrpc": "2.0", "id": "my id", "result": 5}
    assert not ends
    told.head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer, _ = http_answer(told, rpc("listContainers").encode(), b"POST")
    assert answer == told.head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(answered(5)), answered(5).encode())
    told.head = b"HTTP/1.1 200 OK\r\n\r\n"
    assert http_answer(told, rpc("listContainers").encode(), b"POST") == (told.head + answered(5).encode(), True)


def test_an_answer_with_the_id_null_keeps_it(recorded):
    (told,) = recorded(exchange(rpc("x", number=1.5), '{"jsonrpc":"2.0","id":null,"error":{"code":-32600}}')).told
    assert body_for(told, rpc("x", number=1.5).encode()) == told.body


def test_the_handshake_is_the_recorded_one_with_what_is_the_clients():
    head = b"HTTP/1.1 101 S\r\nSec-WebSocket-Accept: old\r\nSec-WebSocket-Protocol: notification\r\nX: y\r\n\r\n"
    key = b"dGhlIHNhbXBsZSBub25jZQ=="
    accept = b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    assert switched(head, key, b"json") == (
        b"HTTP/1.1 101 S\r\n" + accept + b"Sec-WebSocket-Protocol: json\r\nX: y\r\n\r\n"
    )
    assert switched(head, key, None) == b"HTTP/1.1 101 S\r\n" + accept + b"X: y\r\n\r\n"
    assert accept in switched(None, key, None)


HEADER_LINE = json.dumps(HEADER)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: there is nothing in it"),
        ("{", "line 1: it is not JSON"),
        ('{"kind":"header","format":"other/9"}\n', "line 1: its format is other/9, and this version reads " + FORMAT),
        ('{"kind":"closed","connection":1,"at":1}\n', "line 1: a header with the format"),
        (HEADER_LINE + '\n{"kind":"exchange","at":1}\n', "line 2: a line of the kind exchange needs connection and"),
        (HEADER_LINE + "\n[]\n", "line 2: its kind is none of header, exchange"),
        (HEADER_LINE + "\n{\n", "line 2: it is not JSON"),
        (HEADER_LINE + '\n{\n{"kind":"closed","connection":1,"at":1}\n', "line 2: it is not JSON"),
        (HEADER_LINE + '\n{"kind":"closed","connection":[],"at":1}\n', "line 2: its connection is no number"),
        (
            HEADER_LINE + '\n{"kind":"exchange","connection":1,"at":1,"request":3,"answer":null}\n',
            "line 2: it can't be",
        ),
    ],
)
def test_what_is_no_recording(tmp_path, text, complaint):
    file = tmp_path / "box.jsonl"
    file.write_text(text)
    with pytest.raises(BadRecording, match=complaint):
        timeline(load(str(file)))


@pytest.mark.parametrize("behind", ["", "\n" + HEADER_LINE + "\n"])
def test_a_line_that_a_killed_recorder_left_is_passed_over(tmp_path, behind):
    file = tmp_path / "box.jsonl"
    file.write_text(f'{HEADER_LINE}\n{{"kind": "exch{behind}')
    assert len(load(str(file)).sessions) == 1 + bool(behind)


def test_a_file_that_is_not_there():
    with pytest.raises(RecordingUnreadable, match="No such file"):
        load("/nowhere/box.jsonl")
