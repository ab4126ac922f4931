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
        assert answer.json["error"] == "NotAllowed"


@pytest.mark.parametrize("path", ["", "/", "/healt", "/health/", "//health", "/faults/a/b", "/containers//exit/x"])
def test_an_unknown_path_is_told_where_to_look(path):
    problem = Controlled().refused("GET", path)
    assert (problem["status"], problem["error"]) == (404, "NoSuchThing")
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
        (b"[]", r"An object expected, not \[\]."),
        (b"null", "An object expected, not null."),
        (b'"event"', "An object expected, not 'event'."),
        (b"{}", "The member 'event' is missing: a text that is not empty expected."),
    ],
)
def test_a_body_is_read_strictly(body, detail):
    problem = Controlled().refused("POST", "/events", body)
    assert (problem["status"], problem["where"]) == (400, "$")
    assert re.fullmatch(detail, problem["detail"])


def test_a_pair_of_surrogates_is_a_character():
    api = Controlled()
    assert api.do("POST", "/events", b'{"event":"\\ud83d\\ude00"}') == {"delivered": 0}


MEMORY = {"id": "a", "program": {"memory": [[0, 1], [1]]}}
SNAPSHOT = {"containers": [], "clock": {"seconds": 0, "speed": 0}, "nextDescriptor": 735}


@pytest.mark.parametrize(
    ("path", "body", "where", "detail"),
    [
        ("/events", {"event": 1}, "$.event", "A text that is not empty expected, not 1."),
        ("/events", {"event": ""}, "$.event", "A text that is not empty expected, not ''."),
        (
            "/events",
            {"event": "a", "more": 1},
            "$.more",
            "There is no such member; these there are: callsign, event, params.",
        ),
        ("/clock/speed", {"speed": -1}, "$.speed", "A number from 0 to 1000000 expected, not -1."),
        ("/clock/speed", {"speed": "1"}, "$.speed", "A number from 0 to 1000000 expected, not '1'."),
        ("/clock/freeze", {"now": True}, "$.now", "There is no such member; none is taken here."),
        ("/containers", {"id": "a"}, "$", "Exactly one of 'program', 'bundle' and 'spec' expected."),
        ("/containers", {"id": "a", "bundle": "/a", "spec": {}}, "$", "Exactly one of 'program', 'bundle' and .*"),
        ("/containers", {"id": "1", "spec": {}}, "$.id", "A container id with a letter in it expected, not '1'."),
        ("/containers", MEMORY, "$.program.memory[1]", r"A point \[seconds, bytes\] expected, not an array."),
        (
            "/containers",
            {"id": "a", "program": 5},
            "$.program",
            "A program, or the name of one that the scenario has, expected.",
        ),
        (
            "/containers",
            {"id": "a", "program": {"term": {"after": -1}}},
            "$.program.term.after",
            "A number from 0 to 1000000000 expected, not -1.",
        ),
        ("/containers", {"id": "a", "program": {"exit": 1, "signal": "SIGINT"}}, "$.program", "One of .*, not both .*"),
        ("/containers/a/exit", {"status": 256}, "$.status", "A whole number from 0 to 255 expected, not 256."),
        ("/containers/a/crash", {"signal": "SIGCONT"}, "$.signal", "One of .* expected, not 'SIGCONT'."),
        ("/faults", {"place": "dobby", "kind": "gone", "seconds": -1}, "$.seconds", "Expected a number .*, not -1."),
        ("/faults", {"place": "dobby", "kind": "melts"}, "$.kind", "Expected one of failure, .*, not 'melts'."),
        ("/faults", {"place": "dobby", "kind": "gone", "id": ""}, "$.id", "An id is not empty; leave it out, .*"),
        (
            "/state/restore",
            SNAPSHOT | {"faults": [{"place": "dobby", "kind": "error"}, {"place": "dobby", "kind": "gone", "nth": 0}]},
            "$.faults[1].nth",
            "A whole number from 1 to .* expected, not 0.",
        ),
        (
            "/state/restore",
            SNAPSHOT | {"faults": [{"place": "moon", "kind": "gone"}]},
            "$.faults[0]",
            "An object with the place and kind of a fault, .*",
        ),
    ],
)
def test_a_body_of_another_shape_is_told_where_it_is_wrong_and_what_was_expected(path, body, where, detail):
    problem = Controlled(daemon=PaperDobby()).refused("POST", path, body)
    assert (problem["status"], problem["error"], problem["where"]) == (400, "BadInput", where)
    assert re.fullmatch(detail, problem["detail"])


def test_a_problem_of_no_type_of_its_own_has_the_title_of_its_status():
    problem = Controlled().refused("GET", "/state")
    assert (problem["type"], problem["status"], problem["title"]) == ("about:blank", 501, "Not Implemented")
    assert problem["error"] == "NotHere"
    assert Controlled().refused("GET", "/nothing")["title"] == "Not Found"


@pytest.mark.parametrize(
    ("wait", "detail"),
    [
        ("1e9", "A number from 0 to 60 expected, not 1000000000.0."),
        ("-1e-3", "A number from 0 to 60 expected, not -0.001."),
        ("61", "A number from 0 to 60 expected, not 61.0."),
        ("1e", "A number from 0 to 60 expected, not '1e'."),
    ],
)
def test_a_number_in_a_query_is_one_however_it_is_written(wait, detail):
    assert Controlled().refused("GET", f"/journal?wait={wait}")["detail"] == detail


def test_a_short_wait_with_an_exponent():
    api = Controlled()
    api.journal.note("signal")
    assert len(api.get("/journal?wait=1e-9")["entries"]) == 1


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
    assert (answer.status, answer.json["error"], answer.headers["Connection"]) == (413, "TooLarge", "close")
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
    api.factory.limits = api.channel.limits = api.channel.limits.__class__(message=10)
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
    assert (answer.status, answer.json["error"]) == (403, "Forbidden")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert len(api.journal) == 0


def test_a_defect_of_ours_is_told_as_such(caplog):
    api = Controlled(daemon=PaperDobby())
    del PaperDobby.waiting  # whatever it is
    try:
        problem = api.refused("GET", "/progression")
    finally:
        PaperDobby.waiting = lambda _: ["starting com.a"]
    assert (problem["status"], problem["error"]) == (500, "Broken")
    assert "a defect of ours" in caplog.text
