"""What each operation does, with a fake Dobby of paper."""

import json

import pytest
from controlled import Answer, Controlled, PaperDobby, turn
from hosting import Peer, call, finished, post
from twisted.internet.task import Clock

from fakedobby.clock import StillClock
from fakedobby.errors import ControlError, NoSuchThing
from fakedobby.operations.journalside import WAITING
from fakedobby.operations.writing import in_json
from fakedobby.turns import LONG, Turns
from thunderoci import __version__

OCI = "org.rdk.OCIContainer"
FAULT = {"place": "plugin", "kind": "delay", "seconds": 1}


@pytest.fixture
def api():
    return Controlled(daemon=PaperDobby())


def dobby_of(api):
    return api.operations._daemon()


def subscribe(api, event="onContainerStarted", client_id="me"):
    params = json.dumps({"event": event, "id": client_id}).encode()
    body = b'{"jsonrpc":"2.0","id":1,"method":"%b.1.register","params":%b}' % (OCI.encode(), params)
    assert b'"result":0' in api.send(post(body))


def test_health(api):
    api.clock.advance(2.5)
    health = api.get("/health")
    assert (health["status"], health["version"], health["seconds"]) == ("ok", __version__, 2.5)


def test_status_shows_everything_at_once(api):
    subscribe(api)
    api.do("POST", "/faults", FAULT)
    status = api.get("/status")
    assert status == {
        "url": "http://127.0.0.1:9998/jsonrpc",
        "ws": "ws://x",
        "bus": "unix:path=x",
        "profile": "rdkservices",
        "flavour": "r4.4.1-rdk",
        "progression": "real",
        "clock": {"seconds": 0.0, "speed": 0, "next": None},
        "dobby": "there",
        "containers": 0,
        "plugins": [{"callsign": OCI, "state": "activated"}],
        "subscriptions": 1,
        "connections": 1,
        "faults": [api.get("/faults/f1")],
        "journal": {"entries": 4, "last": 4, "capacity": 5_000},
    }


def test_status_tells_whether_dobby_is_there(api):
    dobby_of(api).is_there = False
    assert api.get("/status")["dobby"] == "away"
    assert Controlled().get("/status")["dobby"] is None


def test_subscriptions(api):
    subscribe(api)
    assert api.get("/subscriptions") == {
        "subscriptions": [{"callsign": OCI, "event": "onContainerStarted", "id": "me", "client": 1}]
    }


def test_an_event_goes_to_whoever_listens_and_is_caused_by_who_asked(api):
    subscribe(api)
    answer = api.send(
        b"POST /emulator/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b'Content-Length: 50\r\n\r\n{"event":"onContainerStarted","params":{"name":1}}'
    )
    assert b'{"jsonrpc":"2.0","method":"me.onContainerStarted","params":{"name":1}}' in answer
    assert b'{"delivered":1}' in answer
    control, event = api.get("/journal?since=2")["entries"]
    assert (control["kind"], control["operation"]) == ("control", "sendEvent")
    assert (event["kind"], event["method"], event["cause"]) == ("event", "me.onContainerStarted", control["number"])


def test_an_event_of_a_plugin_that_is_not_there(api):
    problem = api.refused("POST", "/events", {"callsign": "org.rdk.No", "event": "a"})
    assert (problem["status"], problem["detail"]) == (404, "There is no plugin 'org.rdk.No'.")


def test_faults_come_and_go(api):
    added = api.ask("POST", "/emulator/faults", FAULT)
    assert (added.status, added.headers["Location"]) == (201, "/emulator/faults/f1")
    assert api.get("/faults/f1") == added.json
    assert api.refused("POST", "/faults", FAULT | {"id": "f1"})["status"] == 409
    assert api.do("POST", "/faults", FAULT | {"id": "mine", "times": "once"})["times"] == 1
    assert [fault["id"] for fault in api.get("/faults")["faults"]] == ["f1", "mine"]
    assert api.do("DELETE", "/faults/f1") is None
    assert api.refused("DELETE", "/faults/f1")["detail"] == "There is no fault 'f1'."
    assert api.refused("GET", "/faults/f1")["status"] == 404
    assert api.do("DELETE", "/faults") is None
    assert api.get("/faults") == {"faults": []}


@pytest.mark.parametrize("place", ["plugin", "transport"])
@pytest.mark.parametrize(
    ("method", "known"),
    [
        ("nosuch", False),
        ("echo", True),
        ("ech*", True),
        ("register", True),
        ("org.rdk.OCIContainer.echo", True),
        ("org.rdk.No.echo", False),
        ("*", True),
        ("activate", False),  # the Controller's
        ("Controller.activate", True),
    ],
)
def test_a_fault_that_is_for_nothing_is_warned_of(api, caplog, place, method, known):
    fault = {"kind": "error"} if place == "plugin" else {"kind": "reset"}
    api.do("POST", "/faults", fault | {"place": place, "method": method, "container": "a"})
    assert ("no plugin has a method of such a name" in caplog.text) is not known


def test_what_the_path_names_is_decoded(api):
    dobby_of(api)
    assert api.get("/containers/a%2Fb%20%C3%A9")["id"] == "a/b é"


def test_the_clock(api):
    assert api.get("/clock") == {"seconds": 0.0, "speed": 0, "next": None}
    assert api.do("POST", "/clock/speed", {"speed": 2}) == {"seconds": 0.0, "speed": 2.0, "next": None}
    api.emulation.clock.callLater(5, lambda: None)
    api.clock.advance(1)
    assert api.get("/clock") == {"seconds": 2.0, "speed": 2.0, "next": 5.0}
    assert api.do("POST", "/clock/freeze")["speed"] == 0


@pytest.mark.parametrize("speed", [float("nan"), float("inf"), -1.0, 1e7])
def test_a_speed_that_no_clock_has(api, speed):
    with pytest.raises(ControlError) as problem:
        finished(api.operations.by_name()["setClockSpeed"]({"speed": speed}))
    assert (problem.value.title, problem.value.where) == ("BadInput", "$.speed")
    assert api.get("/clock")["speed"] == 0


def test_a_clock_that_can_not_be_set():
    api = Controlled(clock=StillClock())
    assert api.get("/clock") == {"seconds": 0.0, "speed": 1.0, "next": None}
    assert api.refused("POST", "/clock/freeze")["status"] == 501


def test_an_advance_is_answered_when_it_is_over(api):
    assert api.ask("POST", "/emulator/clock/advance", {"seconds": 3}) is None
    dobby_of(api).advancing.callback(None)
    assert b'"seconds"' in api.received()
    assert dobby_of(api).asked == [("advance", 3)]


def test_progression(api):
    assert api.get("/progression") == {"progression": "real", "waiting": ["starting com.a"]}
    api.do("POST", "/progression/step", {"steps": 3})
    api.do("POST", "/progression/step")
    assert dobby_of(api).asked == [("step", 3), ("step", 1)]


def test_containers(api):
    created = api.ask("POST", "/emulator/containers", {"id": "com.a", "program": {"runtime": 5}})
    assert (created.status, created.headers["Location"]) == (201, "/emulator/containers/com.a")
    assert api.do("POST", "/containers/com.a/exit", {"status": 3}) == {"id": "com.a"}
    assert api.do("POST", "/containers/com.a/crash", {"signal": "SIGSEGV"}) == {"id": "com.a"}
    assert api.get("/containers") == {"containers": []}
    assert dobby_of(api).asked == [
        ("start", {"id": "com.a", "program": {"runtime": 5}}),
        ("exit", "com.a", 3),
        ("crash", "com.a", "SIGSEGV"),
    ]


def test_what_the_daemon_refuses_is_told_as_it_says(api):
    def refuse(container_id):
        raise NoSuchThing(kind="container", name=container_id)

    dobby_of(api).get_container = refuse
    problem = api.refused("GET", "/containers/com.a")
    assert problem == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "error": "NoSuchThing",
        "detail": "There is no container 'com.a'.",
    }


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("GET", "/state", None),
        ("GET", "/containers", None),
        ("POST", "/state/reset", None),
        ("POST", "/clock/advance", {"seconds": 1}),
        ("GET", "/progression", None),
    ],
)
def test_without_a_dobby_of_ours_it_is_said_so(verb, path, body):
    problem = Controlled().refused(verb, path, body)
    assert (problem["status"], problem["error"]) == (501, "NotHere")
    assert problem["detail"] == "The Dobby is not ours to control; that of 'thunderoci up' is."


RUNNING = [{"id": "com.a", "state": "Running", "program": {}}]


def test_the_state_is_set_and_read(api):
    deactivated = [{"callsign": OCI, "state": "deactivated"}]
    assert api.do("PUT", "/state", {"containers": RUNNING, "plugins": deactivated}) == api.get("/state")
    assert api.get("/state") == {"containers": RUNNING, "plugins": deactivated}
    assert api.plugin.emit is None
    api.do("PUT", "/state", {"plugins": [{"callsign": OCI, "state": "activated"}]})
    assert api.get("/state")["containers"] == RUNNING
    assert api.plugin.emit is not None


@pytest.mark.parametrize(("callsign", "status"), [("org.rdk.No", 404), ("Controller", 409)])
def test_a_state_that_can_not_be_set_changes_nothing(api, callsign, status):
    plugins = [{"callsign": OCI, "state": "deactivated"}, {"callsign": callsign, "state": "deactivated"}]
    problem = api.refused("PUT", "/state", {"containers": RUNNING, "plugins": plugins})
    assert (problem["status"], problem["where"]) == (status, "$.plugins[1].callsign")
    assert api.get("/state") == {"containers": [], "plugins": [{"callsign": OCI, "state": "activated"}]}


def test_a_reset_brings_back_the_start():
    first = Controlled(daemon=PaperDobby())
    first.do("POST", "/faults", FAULT | {"id": "first"})
    api = Controlled(daemon=PaperDobby())
    api.emulation.faults.add(next(iter(first.emulation.faults)))
    api.factory.control.operations = api.operations = type(api.operations)(
        api.host, api.emulation, api.operations._about, api.clock, PaperDobby()
    )
    subscribe(api)
    api.do("DELETE", "/faults")
    api.do("POST", "/faults", FAULT)
    api.do("PUT", "/state", {"containers": RUNNING, "plugins": [{"callsign": OCI, "state": "unavailable"}]})
    start = {"containers": [], "plugins": [{"callsign": OCI, "state": "activated"}]}
    assert api.do("POST", "/state/reset") == start
    assert api.get("/subscriptions") == {"subscriptions": []}
    assert [fault["id"] for fault in api.get("/faults")["faults"]] == ["first"]
    assert api.get("/journal") == {"entries": [], "last": 0, "dropped": 0, "cleared": 1}
    Peer(api.factory).send(post(call()))
    api.send(post(call()))
    requests = api.get("/journal?kind=request")["entries"]
    assert requests[0]["number"] == 1
    assert [entry["client"] for entry in requests] == [1, 2]


def test_a_snapshot_is_restored(api):
    api.do("PUT", "/state", {"containers": RUNNING})
    api.do("POST", "/faults", FAULT)
    snapshot = api.do("POST", "/state/snapshot")
    assert snapshot == {
        "containers": RUNNING,
        "plugins": [{"callsign": OCI, "state": "activated"}],
        "faults": [api.get("/faults/f1")],
        "clock": {"seconds": 0.0, "speed": 0.0},
        "nextDescriptor": 740,
    }
    api.do("DELETE", "/faults")
    api.do("PUT", "/state", {"containers": [], "plugins": [{"callsign": OCI, "state": "deactivated"}]})
    api.do("POST", "/state/restore", snapshot)
    assert api.do("POST", "/state/snapshot") == snapshot
    bad = snapshot | {"faults": [snapshot["faults"][0] | {"nth": 0}]}
    assert api.refused("POST", "/state/restore", bad)["where"].startswith("$.faults[0]")


def test_what_changes_something_is_in_the_journal_and_what_only_looks_is_not(api):
    for path in ("/health", "/status", "/journal", "/faults", "/clock"):
        api.get(path)
    api.do("POST", "/clock/speed", {"speed": 1})
    api.do("DELETE", "/faults")
    controls = [(entry["operation"], entry["arguments"]) for entry in api.get("/journal?kind=control")["entries"]]
    assert controls == [("setClockSpeed", {"speed": 1}), ("clearFaults", {})]


def test_the_journal_is_queried_page_by_page(api):
    for number in range(5):
        api.send(post(call(call_id=number)))
    assert [entry["number"] for entry in api.get("/journal?since=3&limit=2")["entries"]] == [4, 5]
    assert [entry["number"] for entry in api.get("/journal?limit=2")["entries"]] == [9, 10]
    page = api.get("/journal?kind=request&method=echo&since=8")
    assert ([entry["id"] for entry in page["entries"]], page["last"]) == ([4], 10)


def test_the_journal_is_exported_as_json_lines(api):
    api.send(post(call()))
    answer = api.ask("GET", "/emulator/journal/export")
    assert answer.headers["Content-Type"] == "application/jsonl"
    assert [json.loads(line) for line in answer.body.splitlines()] == api.get("/journal")["entries"]


def waiting(api, query="since=0&wait=10"):
    head = f"GET /emulator/journal?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert api.send(head.encode()) == b""


def arrived(api):
    api.clock.advance(0)
    answer = api.received()
    return json.loads(answer.partition(b"\r\n\r\n")[2]) if answer else None


def test_a_query_waits_for_an_entry_that_it_asks_for(api):
    waiting(api, "since=0&wait=10&kind=call")
    api.journal.note("signal")
    assert arrived(api) is None
    api.journal.note("call", method="List")
    assert [entry["number"] for entry in arrived(api)["entries"]] == [2]


def test_a_query_waits_no_longer_than_it_says(api):
    waiting(api)
    api.clock.advance(9.9)
    assert api.received() == b""
    api.clock.advance(0.2)
    assert arrived(api) == {"entries": [], "last": 0, "dropped": 0, "cleared": 0}
    assert not api.journal._waiting


def test_a_query_that_waits_hears_when_the_journal_is_cleared(api):
    api.journal.note("call")
    waiting(api, "since=1&wait=10")
    api.journal.clear()
    assert arrived(api) == {"entries": [], "last": 0, "dropped": 0, "cleared": 1}


def test_who_writes_an_entry_is_not_held_up_by_who_waits_for_it(api):
    waiting(api)
    api.journal.note("call")
    assert api.received() == b""
    assert arrived(api)["last"] == 1


def test_so_many_queries_may_wait_and_no_more(api):
    peers = [Peer(api.factory) for _ in range(WAITING + 1)]
    query = b"GET /emulator/journal?since=0&wait=10 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    *waiting, refused = [peer.send(query) for peer in peers]
    assert set(waiting) == {b""}
    assert Answer(refused).json["detail"] == (
        f"{WAITING} queries wait for an entry already, which is all that may. Ask without wait."
    )
    api.journal.note("call")
    api.clock.advance(0)
    assert {Answer(peer.received()).json["last"] for peer in peers[:-1]} == {1}
    assert not api.journal._waiting
    api.journal.clear()
    assert peers[-1].send(query) == b""


def test_who_leaves_waits_no_more(api, caplog):
    query = b"GET /emulator/journal?since=0&wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    peers = [Peer(api.factory) for _ in range(WAITING)]
    timers = len(api.clock.getDelayedCalls())
    for peer in peers:
        assert peer.send(query) == b""
        peer.leave()
    assert not api.journal._waiting
    assert len(api.clock.getDelayedCalls()) == timers - WAITING  # not even those of the clients that are silent
    assert api.send(query) == b""
    api.journal.note("call")
    api.clock.advance(0)
    assert Answer(api.received()).json["last"] == 1
    assert "Traceback" not in caplog.text


def test_who_leaves_has_no_answer_made(api):
    long_journal(api)
    peers = [Peer(api.factory) for _ in range(LONG)]
    for peer in peers:
        assert peer.send(EXPORT) == b""
        peer.leave()
    assert api.send(EXPORT) == b""
    turned(api, api)


def test_what_is_answered_leaves_nothing_to_be_given_up(api):
    """A connection may be kept for a hundred thousand questions."""
    peer = Peer(api.factory)
    for _ in range(3):
        assert peer.send(b"GET /emulator/journal HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    assert not peer.channel.pending._works


def test_who_leaves_has_done_what_was_asked_for(api):
    """What is half done is worse than what nobody waits for."""
    peer = Peer(api.factory)
    body = b'{"seconds":5}'
    headers = b"Host: localhost\r\nContent-Type: application/json\r\n"
    assert peer.send(post(body, headers, b"/emulator/clock/advance")) == b""
    peer.leave()
    dobby_of(api).advancing.callback(None)
    assert dobby_of(api).asked == [("advance", 5)]


EXPORT = b"GET /emulator/journal/export HTTP/1.1\r\nHost: localhost\r\n\r\n"


def long_journal(api, entries=900):
    for number in range(entries):
        params = json.dumps({"containerId": f"com.{number % 2}"}).encode()
        api.journal.note("request", method="echo", params=params, text="x" * 200)


def turned(api, peer):
    """Let the loop turn until a peer has all of its answer; return it, and in how many turns it came."""
    received = b""
    for turns in range(1000):
        received += peer.received()
        if received:
            answer = Answer(received)
            if len(answer.body) >= int(answer.headers["Content-Length"]):
                return answer, turns
        turn(api.clock)
    raise AssertionError("there is no answer")


@pytest.mark.parametrize(
    ("path", "most"),
    [("/journal/export", 0), ("/journal", 900), ("/journal?since=0", 900), ("/journal?container=com.1", 450)],
)
def test_a_long_answer_is_made_while_others_are_served(api, path, most):
    long_journal(api)
    peer = Peer(api.factory)
    assert peer.send(f"GET /emulator{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()) == b""
    assert api.get("/health")["status"] == "ok"
    turn(api.clock)
    assert api.get("/journal?limit=1")["last"] == 900
    answer, turns = turned(api, peer)
    assert turns > 5
    assert answer.headers["Content-Length"] == str(len(answer.body))
    if not most:
        numbers = [json.loads(line)["number"] for line in answer.body.splitlines()]
        assert numbers == list(range(1, 901))
    else:
        assert [entry["number"] for entry in answer.json["entries"]] == list(range(900 // most, 901, 900 // most))


def test_a_long_answer_is_of_one_moment(api):
    long_journal(api)
    peer = Peer(api.factory)
    head = "GET /emulator/journal{} HTTP/1.1\r\nHost: localhost\r\n\r\n".format
    peer.send(head("").encode())
    api.journal.note("call")
    page = turned(api, peer)[0].json
    assert (page["last"], len(page["entries"]), page["entries"][-1]["number"]) == (900, 900, 900)
    peer.send(head("").encode())
    api.journal.clear()
    api.journal.note("call")
    page = turned(api, peer)[0].json
    assert (page["last"], len(page["entries"]), page["cleared"]) == (901, 901, 0)
    page = api.get("/journal")
    assert (page["last"], len(page["entries"]), page["cleared"]) == (1, 1, 1)


def test_what_is_about_a_container_is_found_though_the_journal_changes_meanwhile(api):
    long_journal(api)
    one, other = Peer(api.factory), Peer(api.factory)
    head = b"GET /emulator/journal?container=com.1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for peer in (one, other):
        assert peer.send(head) == b""
        turn(api.clock)
    long_journal(api, 2)
    turn(api.clock)
    assert len(turned(api, one)[0].json["entries"]) == len(turned(api, other)[0].json["entries"]) == 451
    long_journal(api)
    assert one.send(head) == b""
    turn(api.clock)
    api.journal.clear()
    long_journal(api, 4)
    page = turned(api, one)[0].json
    assert [entry["number"] for entry in page["entries"]] == [2, 4]


def test_what_is_about_a_container_is_of_one_moment_though_the_journal_is_cleared_and_others_ask(api):
    long_journal(api)
    head = b"GET /emulator/journal?since=0&container=com.1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    one = Peer(api.factory)
    one.send(head)
    turned(api, one)  # all is read now
    assert one.send(head) == b""
    api.journal.clear()
    api.journal.note("request", params=b'{"containerId":"com.0"}')
    assert len(api.get("/journal?container=com.0")["entries"]) == 1
    page = turned(api, one)[0].json
    assert [entry["number"] for entry in page["entries"]] == list(range(2, 901, 2))
    assert (page["last"], page["cleared"]) == (900, 0)


def test_a_query_that_waits_misses_nothing_that_comes_while_it_looks(api):
    long_journal(api)
    peer = Peer(api.factory)
    assert peer.send(b"GET /emulator/journal?since=0&kind=call&wait=10 HTTP/1.1\r\nHost: localhost\r\n\r\n") == b""
    api.journal.note("call", method="List")
    answer, _ = turned(api, peer)
    assert [entry["number"] for entry in answer.json["entries"]] == [901]


def test_so_many_long_answers_are_in_the_making_and_no_more(api):
    long_journal(api)
    peers = [Peer(api.factory) for _ in range(LONG + 1)]
    *waiting, refused = [peer.send(EXPORT) for peer in peers]
    assert set(waiting) == {b""}
    refusal = Answer(refused)
    assert (refusal.status, refusal.json["error"]) == (409, "NotNow")
    assert api.get("/journal?limit=1")["last"] == 900
    assert {turned(api, peer)[0].body.count(b"\n") for peer in peers[:-1]} == {900}


@pytest.mark.parametrize("value", [None, "", "é", 1.5, [1], {}, {"a": []}, {"a": [1, "b", {"c": []}], "b": {"d": [1]}}])
def test_any_value_is_written_as_json(value):
    text = finished(in_json(value, Turns(Clock()).work()))
    assert text == json.dumps(value, separators=(",", ":"))


def test_operations_are_called_by_name_with_all_that_they_need_in_one():
    api = Controlled(daemon=PaperDobby())
    by_name = api.operations.by_name()

    def do(name, **arguments):
        return json.loads(finished(by_name[name](arguments)))

    assert do("addFault", **FAULT)["id"] == "f1"
    assert do("getFault", id="f1")["kind"] == "delay"
    assert do("queryJournal", kind="control", limit=5)["last"] == 2
    assert do("exitContainer", id="com.a", status=0) == {"id": "com.a"}
    assert do("clearJournal") is None
    assert do("exportJournal") == ""
    for name, arguments, title in (
        ("getFault", {}, "BadInput"),
        ("getFault", {"id": 7}, "BadInput"),
        ("getFault", {"id": "f1", "more": 1}, "BadInput"),
        ("queryJournal", {"since": "1"}, "BadInput"),
        ("getFault", {"id": "f9"}, "NoSuchThing"),
    ):
        with pytest.raises(ControlError) as problem:
            finished(by_name[name](arguments))
        assert problem.value.title == title
