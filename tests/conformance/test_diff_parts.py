"""What a diff makes of what was said; nothing is sent."""

import json

import pytest

from conformance import diff, recording
from conformance.diff_plain import Plain
from conformance.diff_recorded import RecordedSide, Script, containers
from conformance.diff_report import Difference, Report, compare
from conformance.diff_step import DESCRIPTOR, DESCRIPTOR_NUMBER
from conformance.errors import BadRecording

RUN = "0123abcd"
OURS = f"conf-{RUN}-Life"
START = "startContainerFromDobbySpec"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"hash": "1f2e", "major": 1}, {"hash": "<hash>", "major": 1}),
        ({"timestamp": 12, "observers": 3}, {"timestamp": "<time>", "observers": "<number>"}),
        (
            {"info": {"pids": [1, 2], "a": 1.5, "on": True}},
            {"info": {"pids": ["<numbers>"], "a": "<number>", "on": True}},
        ),
        ({"descriptor": 734}, {"descriptor": "<descriptor of conf-*-Life>"}),
        ({"descriptor": "734"}, {"descriptor": "<descriptor of conf-*-Life>"}),
        ({"descriptor": 735, "more": "735"}, {"descriptor": "<descriptor>", "more": "735"}),
        ({"descriptor": -1}, {"descriptor": -1}),
        ({"name": OURS, "text": f"no {OURS}!"}, {"name": "conf-*-Life", "text": "no conf-*-Life!"}),
        ([{"callsign": "b"}, {"callsign": "a"}], [{"callsign": "a"}, {"callsign": "b"}]),
        ([2, 1], [2, 1]),
    ],
)
def test_what_is_of_the_moment_is_left_out(said, shown):
    plain = Plain()
    plain.learn(OURS, 734)
    assert plain.value(said) == shown


def test_a_listing_shows_our_own_containers_in_a_fixed_order():
    plain = Plain({"b": "b", "a": "a"})
    listing = [{"Descriptor": 3, "Id": "b"}, {"Descriptor": 9, "Id": "another's"}, {"Descriptor": 5, "Id": "a"}]
    assert [each["Id"] for each in plain.value({"containers": listing})["containers"]] == ["a", "b"]


def test_answers():
    plain = Plain()
    assert plain.answer(200, {"jsonrpc": "2.0", "id": 3, "result": 0}, 3) == {"HTTP": 200, "result": 0}
    assert plain.answer(None, {"jsonrpc": 2.0, "id": 4}, 3) == {"jsonrpc": 2.0, "id": 4}
    assert plain.answer(200, '{"id":3,"info":,}\x1b', 3) == {"HTTP": 200, "text": '{"id":<id>,"info":,}\\x1b'}
    assert plain.answer(200, [1], 3) == {"HTTP": 200, "JSON": [1]}


def test_differences_are_as_deep_as_they_can_be():
    a = {"same": {"x": [1]}, "deep": {"x": {"y": 1, "z": 2}}, "list": {"l": [{"a": 1}, 2]}, "type": {"t": 1}, "a": {}}
    b = {"same": {"x": [1]}, "deep": {"x": {"y": 1}}, "list": {"l": [{"a": 2}, 2]}, "type": {"t": True}, "b": []}
    assert compare(a, b) == [
        Difference("deep", "x.z", "2", "absent"),
        Difference("list", "l[0].a", "1", "2"),
        Difference("type", "t", "1", "true"),
        Difference("a", "", "{}", "absent"),
        Difference("b", "", "absent", "[]"),
    ]


def test_the_exit_status():
    assert Report(("a", "b")).status == 3
    assert Report(("a", "b"), compared=1).status == 0
    assert Report(("a", "b"), [Difference("s", "", "1", "2")], 1).status == 1


def lines(*entries):
    header = {"kind": "header", "format": "thunderoci-recording/1"}
    return "".join(json.dumps(each) + "\n" for each in (header, *entries))


def exchange(at, method, params, result, *, number=1):
    body = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    answer = {"jsonrpc": "2.0", "id": number, "result": result}
    return {
        "kind": "exchange",
        "connection": at,
        "at": at,
        "request": {"line": "POST /jsonrpc?token=<redacted> HTTP/1.1", "headers": [], "body": json.dumps(body)},
        "answer": {"head": "HTTP/1.1 200 OK\r\n\r\n", "body": json.dumps(answer)},
    }


PLUGIN = "org.rdk.OCIContainer"


@pytest.fixture
def load(tmp_path):
    def write(text):
        file = tmp_path / "box.jsonl"
        file.write_text(text)
        return recording.load(str(file))

    return write


def test_what_a_recording_sends_is_about_containers_of_the_diff_alone(load):
    def stop(at, container):
        return exchange(at, f"{PLUGIN}.1.stopContainer", {"containerId": container}, {"success": True})

    recorded = load(
        lines(
            stop(1, "734"),  # before it is anybody's descriptor it is a name
            exchange(2, f"{PLUGIN}.1.{START}", {"containerId": "app", "dobbySpec": {}}, {"descriptor": 735}),
            stop(3, "app"),
            stop(4, "735"),
            stop(5, 735),
            stop(6, 736),
            stop(7, True),
            stop(8, "of somebody"),
            exchange(9, f"{PLUGIN}.1.annotate", {"containerId": "app", "key": "<redacted>"}, {}),
            exchange(10, "Controller.1.status@org.rdk.OCIContainer", None, []),
            exchange(11, "Controller.1.deactivate", {"callsign": "x"}, None),
            exchange(12, "org.rdk.System.1.reboot", None, None),
        )
    )
    assert containers(recorded) == ["734", "app", "of somebody"]
    script = Script(recorded, RUN, PLUGIN)
    steps = [step for step, _, _ in script.steps()]
    named = [step.params and step.params.get("containerId") for step in steps]
    app = f"conf-{RUN}-app"
    assert named == [
        f"conf-{RUN}-734",
        app,
        app,
        DESCRIPTOR,
        DESCRIPTOR_NUMBER,
        True,
        f"conf-{RUN}-of somebody",
        None,
    ]
    assert {step.container for step in steps[1:5]} == {app}
    assert [step.starts for step in steps].count(True) == 1
    assert script.not_sent == [
        "line 7 stopContainer (the descriptor of a container that was not started here)",
        "line 10 annotate (redacted params)",
        "line 12 Controller.1.deactivate (it may change something)",
        "line 13 org.rdk.System.1.reboot (not of the plugin)",
    ]
    assert Report(("a", "b"), not_sent=["line 9 x (y)", "line 10 x (y)"]).as_text().splitlines()[3:5] == [
        "not sent: line 9 x (y)",
        "not sent: line 10 x (y)",
    ]
    assert json.loads(steps[3].text(1, 99))["params"] == {"containerId": "99"}
    assert json.loads(steps[4].text(1, 99))["params"] == {"containerId": 99}


def test_a_defect_is_a_sentence_and_no_difference(monkeypatch, capsys):
    class Broken:
        def __init__(self, _options):
            raise KeyError("a defect")

    monkeypatch.setattr(diff, "Diff", Broken)
    assert diff.run(None) == 3
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith("thunderoci: this is a defect of ours, please report it: KeyError: 'a defect' (")
    assert errors.count("\n") == 1


def test_a_descriptor_is_found_again_whatever_its_container_is_called_in_the_report(load):
    recorded = load(
        lines(
            exchange(1, f"{PLUGIN}.1.{START}", {"containerId": "conf-99999999-Life"}, {"descriptor": 734}),
            exchange(2, f"{PLUGIN}.1.{START}", {"containerId": "conf-88888888-Life"}, {"descriptor": 735}),
            exchange(3, f"{PLUGIN}.1.stopContainer", {"containerId": "734"}, {"success": True}),
            exchange(4, f"{PLUGIN}.1.stopContainer", {"containerId": 735}, {"success": True}),
        )
    )
    script = Script(recorded, RUN, PLUGIN)
    steps = [step for step, _, _ in script.steps()]
    assert [step.container for step in steps] == [f"conf-{RUN}-conf-{run}-Life" for run in ("99999999", "88888888") * 2]
    assert [step.params["containerId"] for step in steps[2:]] == [DESCRIPTOR, DESCRIPTOR_NUMBER]
    script.plain.learn(steps[0].container, 9)
    script.plain.learn(steps[1].container, 10)
    assert [script.plain.descriptor(step.container) for step in steps] == [9, 10, 9, 10]
    assert script.plain.value({"descriptor": 9}) == {"descriptor": "<descriptor of conf-*-Life>"}


def test_over_http_the_recorded_ids_are_sent_and_on_a_websocket_numbers_of_our_own(load):
    def said(who, message):
        return {"kind": "message", "connection": 9, "at": 2, "from": who, "opcode": "text", "body": json.dumps(message)}

    listing = f"{PLUGIN}.1.listContainers"
    recorded = load(
        lines(
            exchange(1, listing, None, 0, number="7"),
            said("client", {"jsonrpc": "2.0", "id": "a", "method": listing}),
            said("box", {"jsonrpc": "2.0", "id": "a", "result": 0}),
        )
    )
    steps = [step for step, _, _ in Script(recorded, RUN, PLUGIN).steps()]
    assert [json.loads(step.text(3, None))["id"] for step in steps] == ["7", 3]
    assert list(RecordedSide(recorded).transcript().values()) == [{"HTTP": 200, "result": 0}, {"result": 0}]


def test_two_recordings_are_the_same_whatever_their_descriptors(load):
    def text(descriptor):
        start = exchange(1, f"{PLUGIN}.1.{START}", {"containerId": "app"}, {"descriptor": descriptor, "success": True})
        state = exchange(2, f"{PLUGIN}.1.getContainerState", {"containerId": str(descriptor)}, {"state": "Running"})
        return lines(start, state)

    one, other = RecordedSide(load(text(734))), RecordedSide(load(text(9)))
    assert other.as_asked_in(one) == one.transcript()


def test_repeated_calls_are_compared_in_their_order(load):
    def listing(*results):
        return lines(*(exchange(at, f"{PLUGIN}.1.listContainers", None, each) for at, each in enumerate(results)))

    one, other = RecordedSide(load(listing(1, 2))), RecordedSide(load(listing(1, 2, 3)))
    found = other.as_asked_in(one)
    assert [each["result"] for each in found.values()] == [1, 2, 3]
    assert list(found)[2] == "B's line 4: org.rdk.OCIContainer.1.listContainers"
    assert [each.get("result") for each in one.as_asked_in(other).values()] == [1, 2, None]


@pytest.mark.parametrize("body", ["", "{}", '{"method":3}', "[]"])
def test_what_a_box_said_to_garbage_is_no_event(load, body):
    answer = {"head": "HTTP/1.1 400 Bad Request\r\n\r\n", "body": body}
    assert load(lines({"kind": "push", "connection": 1, "at": 1, "answer": answer})).events == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "line 1: .*there is nothing in it"),
        ("x\n", "line 1: .*Expecting value"),
        ('{"kind":"header","format":"other"}\n', "line 1: .*it has no header with the format thunderoci-recording/1"),
        (lines({"kind": "exchange"}), "line 2: .*'at'"),
        (lines() + "{\n" + lines(), None),
        (lines() + "{", None),
        (lines() + "{\n", "line 2: "),
    ],
)
def test_what_is_no_recording(load, text, why):
    if why is None:
        assert load(text).calls == []
        return
    with pytest.raises(BadRecording, match=why):
        load(text)
