"""The control API as bytes on a connection: what is refused and how, and what HTTP asks of it."""

import json
import re

import pytest
from controlled import Answer, Controlled, PaperDobby
from hosting import call, post

from fakedobby.faultkinds import DEADLY, KINDS
from fakedobby.operations import document
from thunderoci.answer import NOT_FOUND
from thunderoci.control.access import Access
from thunderoci.control.body import LARGEST

NO_PLUGIN = Answer(bytes(NOT_FOUND)).headers
DEEP = b'{"a":' * 100_000


def test_every_operation_of_the_document_has_a_method():
    operations = Controlled(daemon=PaperDobby()).operations
    assert len(document.operations()) == 29
    assert list(operations.by_name()) == list(document.operations())


def test_the_document_is_served():
    api = Controlled()
    assert api.get("/openapi.json") == json.loads(document.text())


def test_the_document_has_the_faults_that_there_are():
    variants = document.document()["components"]["schemas"]["Fault"]["oneOf"]
    common = {"id", "method", "container", "nth", "times", "probability", "seed", "seen", "struck", "place", "kind"}
    documented = {
        (one["properties"]["place"]["const"], one["properties"]["kind"]["const"]): (
            set(one["required"]) - {"place", "kind"},
            set(one["properties"]) - common,
        )
        for one in variants
    }
    assert documented == {
        (place, kind): (set(what.needs), {*what.needs, *what.takes})
        for place, kinds in KINDS.items()
        for kind, what in kinds.items()
    }
    assert document.document()["components"]["schemas"]["Fault.signal"]["enum"] == sorted(DEADLY)


@pytest.mark.parametrize(
    ("verb", "path", "allow"),
    [
        ("POST", "/health", "GET, HEAD, OPTIONS"),
        ("PATCH", "/faults", "DELETE, GET, HEAD, OPTIONS, POST"),
        ("HEAD", "/events", "OPTIONS, POST"),
        ("GET", "/state/reset", "OPTIONS, POST"),
        ("FOO", "/faults/f1", "DELETE, GET, HEAD, OPTIONS"),
        ("TRACE", "/clock", "GET, HEAD, OPTIONS"),
    ],
)
def test_another_verb_is_told_which_there_are(verb, path, allow):
    answer = Controlled().ask(verb, f"/emulator{path}")
    assert (answer.status, answer.headers["Allow"]) == (405, allow)
    if verb != "HEAD":
        assert answer.json["title"] == "NotAllowed"


@pytest.mark.parametrize("path", ["", "/", "/healt", "/health/", "//health", "/faults/a/b", "/containers//exit/x"])
def test_an_unknown_path_is_told_where_to_look(path):
    problem = Controlled().refused("GET", path)
    assert (problem["status"], problem["title"]) == (404, "NoSuchThing")
    assert "/emulator/openapi.json" in problem["detail"]


@pytest.mark.parametrize("path", ["/emulatorx", "/Emulator/health", "/emulato", "/x/emulator/health"])
def test_other_paths_are_thunders(path):
    answer = Controlled().ask("GET", path)
    assert (answer.status, answer.headers) == (404, NO_PLUGIN)


def test_without_the_api_its_paths_are_thunders_too():
    api = Controlled()
    api.factory.control = None
    answer = api.ask("GET", "/emulator/health")
    assert (answer.status, answer.headers, answer.body) == (404, NO_PLUGIN, b"")


def test_head_is_told_the_length_and_gets_no_body():
    api = Controlled()
    got, told = api.ask("GET", "/emulator/faults"), api.ask("HEAD", "/emulator/faults")
    assert (told.headers, told.body) == (got.headers, b"")
    assert api.get("/faults") == {"faults": []}  # the connection is still in step


def test_options_tell_the_verbs():
    answer = Controlled().ask("OPTIONS", "/emulator/faults")
    assert (answer.status, answer.headers["Allow"], answer.body) == (204, "DELETE, GET, HEAD, OPTIONS, POST", b"")
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "The body is not JSON: .*"),
        (b'{"event":"a","event":"b"}', "The body is not JSON: the member 'event' is there twice."),
        (b'{"event":"a","params":NaN}', "The body is not JSON: NaN is no number."),
        (b'{"event":"a","params":-Infinity}', "The body is not JSON: -Infinity is no number."),
        (b'{"event":"a","params":1e999}', "The body is not JSON: the number 1e999 is too large."),
        (b'{"event":"a","params":' + b"1" * 5000 + b"}", "The body is not JSON: .*"),
        (b'{"event":"a"} {}', "The body is not JSON: .*"),
        (b'{"event":"\xff"}', "The body is not UTF-8: byte 10 is wrong."),
        (b'\xef\xbb\xbf{"event":"a"}', "The body is not JSON: .*"),
        (b'{"event":"\\ud800"}', "The body holds half of a surrogate pair, which is no character."),
        (DEEP, "The body is nested too deep."),
        (b"[]", r"\[\] is not of type 'object'."),
        (b"null", "None is not of type 'object'."),
        (b'"event"', "'event' is not of type 'object'."),
        (b"{}", "'event' is a required property."),
    ],
)
def test_a_body_is_read_strictly(body, detail):
    problem = Controlled().refused("POST", "/events", body)
    assert (problem["status"], problem["where"]) == (400, "$")
    assert re.fullmatch(detail, problem["detail"])


def test_a_pair_of_surrogates_is_a_character():
    api = Controlled()
    assert api.do("POST", "/events", b'{"event":"\\ud83d\\ude00"}') == {"delivered": 0}


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("/events", {"event": 1}, "$.event"),
        ("/events", {"event": ""}, "$.event"),
        ("/events", {"event": "a", "more": 1}, "$"),
        ("/clock/speed", {"speed": -1}, "$.speed"),
        ("/clock/speed", {"speed": "1"}, "$.speed"),
        ("/clock/freeze", {"now": True}, "$"),
        ("/containers", {"id": "a", "program": {"memory": [[0, 1], [1]]}}, "$.program.memory[1]"),
        ("/containers/a/exit", {"status": 256}, "$.status"),
        ("/containers/a/crash", {"signal": "SIGCONT"}, "$.signal"),
        ("/faults", {"place": "dobby", "kind": "gone", "seconds": -1}, "$.seconds"),
        ("/faults", {"place": "dobby", "kind": "melts"}, "$.kind"),
        ("/faults", {"place": "dobby", "kind": "gone", "id": ""}, "$.id"),
    ],
)
def test_a_body_of_another_shape_is_told_where_it_is_wrong(path, body, where):
    problem = Controlled(daemon=PaperDobby()).refused("POST", path, body)
    assert (problem["status"], problem["title"], problem["where"]) == (400, "BadInput", where)
    assert problem["detail"].endswith(".")


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("since=-1", "since"),
        ("since=x", "since"),
        ("since=1.5", "since"),
        ("since=", "since"),
        ("since=1&since=2", "since"),
        ("since=%D9%A3", "since"),
        ("kind=requests", "kind"),
        ("kind=request,", "kind"),
        ("limit=0", "limit"),
        ("wait=61", "wait"),
        ("wait=inf", "wait"),
        ("method=", "method"),
        ("sinze=1", "sinze"),
    ],
)
def test_a_bad_query_is_told_which_parameter_is_wrong(query, where):
    problem = Controlled().refused("GET", f"/journal?{query}")
    assert (problem["status"], problem["where"]) == (400, where)


def test_a_query_that_is_no_text():
    assert Controlled().refused("GET", "/journal?method=%ff")["detail"].startswith("The query can't be read")


def test_where_none_is_taken_an_empty_body_object_and_query_do():
    api = Controlled()
    assert api.do("POST", "/clock/freeze", {}) == api.do("POST", "/clock/freeze", b"")
    assert api.refused("GET", "/health?x=1")["where"] == "x"


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({"Content-Type": "text/plain"}, "A body needs .* 'Content-Type: application/json', not 'text/plain'."),
        ({"Content-Type": None}, "A body needs .* 'Content-Type: application/json', and there is none."),
        ({"Content-Type": "application/json; charset=latin1"}, "A body needs .*"),
        ({"Content-Encoding": "gzip"}, "Send the body as it is, without Content-Encoding."),
    ],
)
def test_a_body_that_is_no_json_by_its_headers(headers, detail):
    problem = Controlled().refused("POST", "/events", {"event": "a"}, headers=headers)
    assert problem["status"] == 415
    assert re.fullmatch(detail, problem["detail"])


def test_json_in_utf_8_says_so_or_not():
    headers = {"Content-Type": "Application/JSON; charset=UTF-8"}
    assert Controlled().do("POST", "/events", {"event": "a"}, headers=headers) == {"delivered": 0}


def test_a_body_that_is_announced_too_large_is_not_waited_for():
    api = Controlled()
    head = f"POST /emulator/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: {LARGEST + 1}\r\n\r\n"
    answer = Answer(api.send(head.encode()))
    assert (answer.status, answer.json["title"], answer.headers["Connection"]) == (413, "TooLarge", "close")
    assert api.transport.ended


def test_a_body_that_grows_too_large_in_chunks_is_not_read_to_its_end():
    api = Controlled()
    api.send(b"POST /emulator/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"%x\r\n%b\r\n" % (2**20, b" " * 2**20)
    answers = b"".join(api.send(chunk) for _ in range(LARGEST // 2**20 + 1))
    answer = Answer(answers)
    assert (answer.status, answer.headers["Content-Type"]) == (413, "application/problem+json")
    assert api.transport.ended


def test_a_small_limit_for_calls_is_none_for_control():
    api = Controlled()
    api.factory.limits = api.channel.limits = api.channel.limits.__class__(body=10)
    assert api.do("POST", "/events", {"event": "a-name-of-more-than-ten"}) == {"delivered": 0}
    assert b"413" in api.send(post(b" " * 11))


def test_the_connection_stays_and_ends_as_http_has_it():
    api = Controlled()
    assert api.get("/health")["status"] == "ok"
    assert b'"result"' in api.send(post(call()))
    assert api.ask("GET", "/emulator/nothing").status == 404
    assert not api.transport.ended
    assert api.ask("GET", "/emulator/health", headers={"Connection": "close"}).status == 200
    assert api.transport.ended


def test_thunders_token_is_not_the_controls():
    api = Controlled()
    api.factory.token = "T"  # noqa: S105 (a token of this test's)
    assert api.get("/health")["status"] == "ok"
    assert b"401" in api.send(post(call()))


ALLOWED = Access("127.0.0.1", ["http://app.example"], "T")


def test_a_page_of_an_allowed_origin_may_ask_beforehand_without_the_token():
    asked = {"Origin": "http://app.example", "Access-Control-Request-Method": "POST"}
    private = {"Access-Control-Request-Private-Network": "true"}
    answer = Controlled(access=ALLOWED).ask("OPTIONS", "/emulator/faults", headers=asked)
    assert "Access-Control-Allow-Private-Network" not in answer.headers
    answer = Controlled(access=ALLOWED).ask("OPTIONS", "/emulator/faults", headers=asked | private)
    assert answer.headers["Access-Control-Allow-Private-Network"] == "true"
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "http://app.example"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize("path", ["/emulator/health", "/emulator/nothing"])
def test_a_page_of_an_allowed_origin_can_read_every_answer(path):
    headers = {"Origin": "http://app.example", "Authorization": "Bearer T"}
    answer = Controlled(access=ALLOWED).ask("GET", path, headers=headers)
    assert answer.headers["Access-Control-Allow-Origin"] == "http://app.example"


@pytest.mark.parametrize("verb", ["GET", "OPTIONS", "POST", "DELETE"])
def test_a_foreign_page_is_refused_whatever_it_wants_and_changes_nothing(verb):
    api = Controlled(access=ALLOWED)
    headers = {"Origin": "http://evil.example", "Authorization": "Bearer T", "Access-Control-Request-Method": "GET"}
    answer = api.ask(verb, "/emulator/faults", headers=headers)
    assert (answer.status, answer.json["title"]) == (403, "Forbidden")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert len(api.journal) == 0


def test_a_defect_of_ours_is_told_as_such(caplog):
    api = Controlled(daemon=PaperDobby())
    del PaperDobby.waiting  # whatever it is
    try:
        problem = api.refused("GET", "/progression")
    finally:
        PaperDobby.waiting = lambda _: ["starting com.a"]
    assert (problem["status"], problem["title"]) == (500, "Broken")
    assert "a defect of ours" in caplog.text
