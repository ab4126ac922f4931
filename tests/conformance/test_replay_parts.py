"""The parts of a replay that need no network: places for values, the shape of answers, and the order of sending."""

import argparse
import io
import json
import os
import pty

import pytest

from conformance.commands import read
from conformance.curl import CurlCommand
from conformance.documented import Answer, Documented
from conformance.errors import BadCurl, BadDocument, BadSetting, NothingToReplay, UserError
from conformance.exchange import Exchange, Request
from conformance.placeholders import fill, places, settings
from conformance.replay_judge import assess
from conformance.replay_options import add
from conformance.replay_order import steps
from conformance.replay_plan import plan
from conformance.shape import differences
from conformance.spec import PROFILES, text


def command(body="", url="http://h/jsonrpc", headers=()):
    return CurlCommand("title", 7, "POST", url, headers, body)


def call(name, **params):
    return Documented(command(json.dumps({"jsonrpc": "2.0", "id": 3, "method": f"p.1.{name}", "params": params})), None)


def test_places_are_found_everywhere():
    found = places(command("[-A b-] ${C} <d e> ${F:-g} < h> <i >", "http://<host>/${p}", (("X", "<x>"),)))
    assert [(place.name, place.default) for place in found] == [
        ("host", None), ("p", None), ("x", None), ("A b", None), ("C", None), ("d e", None), ("F", "g")
    ]  # fmt: skip


def test_a_value_is_escaped_for_where_it_stands():
    place = "[-A-]"
    filled = fill(
        command(f'{{"s": "x \\" {place}", "n": {place}}}', f"http://h/{place}", (("X", place),)), {"a": '"1 2"'}, "d"
    )
    assert filled.body == '{"s": "x \\" \\"1 2\\"", "n": "1 2"}'
    assert (filled.url, filled.headers) == ("http://h/%221%202%22", (("X", '"1 2"'),))


def test_a_value_is_not_looked_through_again():
    assert fill(command("<a> <b>"), {"a": "<b>"}, "d").body == "<b> <b>"


def test_a_line_feed_cannot_stand_in_a_header():
    with pytest.raises(BadCurl, match=r"line 7.*can't stand in a header"):
        fill(command(headers=(("X", "<a>"),)), {"a": "1\n2"}, "d")


def test_names_are_the_same_in_every_spelling():
    assert settings(["INSERT BUNDLE PATH=/x=y", "insert-bundle_path=/x=y"]) == {"insertbundlepath": "/x=y"}


@pytest.mark.parametrize("pairs", [["a"], ["=x"], ["- =x"], ["a=1", "A=2"]])
def test_settings_that_are_none(pairs):
    with pytest.raises(BadSetting):
        settings(pairs)


@pytest.mark.parametrize(
    ("documented", "answered", "paths"),
    [
        ({"a": 1, "b": "x", "c": [1], "d": None}, {"a": 2.5, "b": "", "c": [], "d": {}}, []),
        ({"a": None}, {"a": 1}, []),
        ({"a": [{"b": 1}, {"c": 1}]}, {"a": [{"b": 2}, {"b": "3"}]}, ["$.a[1].b"]),
        ({"a": []}, {"a": [1, "x"]}, []),
        ({"a": True}, {"a": 1}, ["$.a"]),
        ({"a": 1}, {"a": True}, ["$.a"]),
        ({"a": {}}, {"a": []}, ["$.a"]),
        ({"a": 1, "b c": {"d": 1}}, {"b c": {"d": "1"}}, ["$", '$["b c"].d']),
        ({"a": 1}, {"a": 1, "z": 2}, ["$.z"]),
    ],
)
def test_shapes(documented, answered, paths):
    assert [found.path for found in differences(documented, answered, strict=True)] == paths


def test_members_that_are_not_documented_count_only_when_asked_for():
    assert [found.counts for found in differences({}, {"a": 1})] == [False]
    assert [found.counts for found in differences({}, {"a": 1}, strict=True)] == [True]


@pytest.mark.parametrize(
    ("names", "order"),
    [
        ("stop get start", "start get stop"),
        ("deactivate removeNote delete stop resume pause exec list launch create activate",
         "activate create launch list exec pause resume removeNote stop delete deactivate"),
        ("start startFromSpec stop", "start stop startFromSpec stop"),
        ("stop stopHard start", "start stop start stopHard"),
        ("zeta alpha", "zeta alpha"),
    ],
)  # fmt: skip
def test_the_order_of_a_lifecycle(names, order):
    sent = list(steps([call(name, containerId="x") for name in names.split()], "lifecycle"))
    assert [json.loads(step.documented.command.body)["method"].removeprefix("p.1.") for step in sent] == order.split()
    assert len([step for step in sent if step.why]) == len(order.split()) - len(names.split())


def test_the_order_of_the_document():
    sent = steps([call("stop", id="x"), call("start", id="x"), call("start", id="x")], "document")
    assert ["stop" in step.documented.command.body for step in sent] == [True, False, False]


OK = {"jsonrpc": "2.0", "id": 3, "result": {"success": True}}
ERROR = {"jsonrpc": "2.0", "id": 3, "error": {"code": 1, "message": "no"}}


@pytest.mark.parametrize(
    ("method", "documented", "answered", "paths"),
    [
        ("any.method", None, {**OK, "result": 7}, []),
        ("any.method", None, ERROR, ["$"]),
        ("any.method", {**OK, "id": 42}, OK, []),
        ("any.method", OK, {**OK, "id": 4}, ["$.id"]),
        ("any.method", OK, ERROR, ["$"]),
        ("any.method", OK, {**OK, "result": {"success": False}}, ["$"]),
        ("any.method", ERROR, ERROR, []),
        ("any.method", ERROR, {**OK, "result": {"success": False}}, []),
        ("any.method", ERROR, OK, ["$"]),
        ("any.method", {"a": 1}, {**OK, "result": {"a": "1"}}, ["$.result.a"]),
        ("any.method", [1], {**OK, "result": ["1"]}, ["$.result[0]"]),
        ("org.rdk.OCIContainer.1.startContainer", OK, OK, ["$.result"]),
        ("org.rdk.OCIContainer.startContainer", None, OK, ["$.result"]),
        ("org.rdk.Other.1.startContainer", None, OK, []),
    ],
)
def test_answers(method, documented, answered, paths):
    body = json.dumps({"jsonrpc": "2.0", "id": 3, "method": method})
    answer = None if documented is None else Answer(9, documented)
    request = Request("http://h/jsonrpc", (), body.encode())
    exchange = Exchange(request, 200, "OK", (), json.dumps(answered).encode(), 0.1)
    assert [found.path for found in assess(exchange, Documented(command(body), answer), profile="rdkservices")] == paths


def test_a_profile_that_is_not_known_leaves_the_specification_out():
    body = json.dumps({"jsonrpc": "2.0", "id": 3, "method": "org.rdk.OCIContainer.startContainer"})
    exchange = Exchange(Request("http://h/", (), body.encode()), 200, "", (), json.dumps(OK).encode(), 0.1)
    assert assess(exchange, Documented(command(body), None), profile="unknown") == []


@pytest.mark.parametrize(("status", "body", "paths"), [(200, b'{"a":1}', []), (404, b"", ["HTTP"]), (200, b"x", ["$"])])
def test_answers_to_what_is_no_call(status, body, paths):
    exchange = Exchange(Request("http://h/", (), b"", "GET"), status, "", (), body, 0.1)
    assert [found.path for found in assess(exchange, Documented(command(), Answer(1, {"a": 2})))] == paths


def test_a_documented_answer_that_is_no_json_is_a_difference():
    document = read(
        '```\ncurl h/jsonrpc -d \'{"id":3,"method":"m"}\'\n```\n### Response\n```json\n{...}\n```\n', "d.md"
    )
    (found,) = document.commands
    exchange = Exchange(found.command.request, 200, "", (), json.dumps(OK).encode(), 0.1)
    (difference,) = assess(exchange, found)
    assert (difference.path, difference.counts) == ("line 6 of the document", True)


def options(*arguments):
    parser = argparse.ArgumentParser()
    add(parser)
    return parser.parse_args(arguments)


@pytest.fixture
def document(tmp_path):
    def write(text):
        file = tmp_path / "doc.md"
        file.write_text(text)
        return str(file)

    return write


@pytest.mark.parametrize("text", ["", "curl http://h -d x", '```json\n{"method": "m"}\n```\n'])
def test_a_document_without_commands(document, text):
    with pytest.raises(NothingToReplay):
        plan(options(document(text)))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [(["--set", "b=1"], "no place with this name; it has a"), (["ftp://x"], "ftp"), (["--set", "x"], "not NAME=VALUE")],
)
def test_what_cannot_be_planned(document, arguments, complaint):
    with pytest.raises(UserError, match=complaint):
        plan(options(document("```\ncurl http://h -d '<a>'\n```\n"), *arguments))


def test_the_documents_that_we_bring_have_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for profile in PROFILES:
        what = plan(options(profile, "--bundle-path", "/b"))
        assert (what.source, what.problems, what.unset) == (profile, [], [])
        commands = read(text(f"{profile}.md"), profile).commands
        assert {step.documented.command.line for step in what.steps} == {found.command.line for found in commands}
    (tmp_path / "rdkservices").write_text("```\ncurl http://h -d '{}'\n```\n", encoding="utf-8")
    assert len(plan(options("rdkservices")).steps) == 1
    with pytest.raises(BadDocument, match=r"legacy cannot be read: No such file"):
        plan(options("legacy"))


def test_a_place_in_the_host_does_not_matter_when_a_url_is_given(document, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    file = document("```\ncurl http://<ip>:9998/jsonrpc -d x\n```\n")
    assert [len(plan(options(file, *url)).unset) for url in ([], ["127.0.0.1"])] == [1, 0]
    assert len(plan(options(file, "127.0.0.1", "--set", "ip=x")).steps) == 1


def test_values_are_asked_for_on_a_terminal(document, monkeypatch, capsys):
    ours, theirs = pty.openpty()
    os.write(ours, b"given\n\n")
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        what = plan(options(document("```\ncurl http://h -d '<a>'\ncurl http://h -d '<b>'\n```\n")))
    os.close(ours)
    assert [step.documented.command.body for step in what.steps] == ["given"]
    assert [place.name for _, lacking in what.unset for place in lacking] == ["b"]
    assert "value of <a>: " in capsys.readouterr().err
