"""The facts about built-in methods and events, each in a row (tests/facts/thunder.toml, sections C and D.4)."""

import json

import pytest
from factbench import CALLSIGN, EXECUTED, PLAIN, R447, RDK, Bench, Connection, Socket, body_of, message, row, status_of

from thunderoci.quirks import SILENCE

FLAVOURS = [RDK, PLAIN, R447]
REGISTERED, UNREGISTERED = "Registration already done!!!.", "Unregister was already done!!!."
STARTED = '{"event":"onContainerStarted","id":"me"}'


def error(code, text):
    return {"error": {"code": code, "message": text}}


def register(event="onContainerStarted", client="me", method="register"):
    return message(method, json.dumps({"event": event, "id": client}))


@pytest.mark.parametrize("method", ["listContainers", "nope"])
@pytest.mark.parametrize(
    ("flavour", "quoted", "bare"),
    [
        row("TC-exists-string TC-exists-bare", PLAIN, "0", "1"),
        row("TC-exists-string-rdk TC-exists-bare-rdk", RDK, "22", "0"),
        row("TC-exists-string-rdk TC-exists-bare-rdk", R447, "22", "0"),
    ],
)
def test_exists(method, flavour, quoted, bare):
    bench = Bench(flavour=flavour)
    assert bench.raw("exists", f'"{method}"') == quoted
    assert bench.raw("exists", method) == (bare if method == "listContainers" else quoted)


@pytest.mark.parametrize(
    "params",
    [
        *(row("TC-exists-other", params) for params in ("null", "5", '{"method":"listContainers"}', "[]")),
        *(row("TC-exists-builtins", params) for params in ("exists", "register", "unregister")),
    ],
)
def test_exists_in_vain(params):
    assert Bench().raw("exists", params) == "22"
    assert Bench(flavour=PLAIN).raw("exists", params) == "0"


@pytest.mark.parametrize("method", ["versions", "version", "properties"])
@pytest.mark.fact("TC-no-versions")
def test_methods_that_there_are_not(method):
    assert Bench().call(method) == error(53, "ERROR_UNKNOWN_METHOD")
    assert Bench(flavour=PLAIN).call(method) == error(-32601, "Unknown method.")


@pytest.mark.parametrize(
    ("params", "name"),
    [
        row("TC-register", '{"event":"onContainerStarted","id":"me"}', "me.onContainerStarted"),
        row("TC-register-types", '{"event":"onContainerStarted","id":5}', "5.onContainerStarted"),
        row("TC-register-types", '{"event":"onContainerStarted","id":{"a":1}}', '{"a":1}.onContainerStarted'),
        row("TC-register-types TC-event-empty-id", '{"event":"onContainerStarted","id":null}', ".onContainerStarted"),
        row("TC-register-types TC-event-empty-id", '{"event":"onContainerStarted"}', ".onContainerStarted"),
        row("TC-register-any-event", '{"event":"ONCONTAINERSTARTED","id":"me"}', None),
        row("TC-register-any-event", '{"event":"nope","id":"me"}', None),
    ],
)
@pytest.mark.fact("TC-event", "TD4-started")
def test_register_and_the_event(params, name):
    bench = Bench()
    socket = Socket(bench)
    assert socket.say(message("register", params)) == ['{"jsonrpc":"2.0","id":1,"result":0}']
    bench.bus.signal("Started", "is", 91, "x")
    events = (
        []
        if name is None
        else [f'{{"jsonrpc":"2.0","method":{json.dumps(name)},"params":{{"descriptor":"91","name":"x"}}}}']
    )
    assert socket.say() == events


@pytest.mark.parametrize("params", ["null", "{}", "5"])
@pytest.mark.fact("TC-register-no-params")
def test_register_without_params(params):
    socket = Socket(Bench())
    assert socket.say(message("register", params)) == ['{"jsonrpc":"2.0","id":1,"result":0}']
    assert json.loads(*socket.say(register("", ""))) == {"jsonrpc": "2.0", "id": 1} | error(-32601, REGISTERED)


@pytest.mark.parametrize("version", ["2", "99", "0"])
@pytest.mark.parametrize("method", ["register", "unregister"])
@pytest.mark.fact("TC-register-any-version")
def test_register_with_another_version(version, method):
    bench = Bench()
    if method == "unregister":
        bench.post(register())
    params = {"event": "onContainerStarted", "id": "me"}
    assert bench.call(f"{CALLSIGN}.{version}.{method}", params) == {"result": 0}


@pytest.mark.parametrize(
    ("flavour", "code"),
    [
        row("TC-register-twice TC-unregister-unknown", RDK, -32601),
        row("TC-register-twice TC-unregister-unknown", PLAIN, -32601),
        row("TC-register-twice-r447 TC-unregister-unknown-r447", R447, 22),
    ],
)
@pytest.mark.fact("TC-register", "TC-unregister", "TC-other-connection")
def test_once_is_enough(flavour, code):
    bench = Bench(flavour=flavour)
    other = Connection(bench)

    def answers(connection, *requests):
        return [body_of(connection.post(request)) for request in requests]

    def outcome(content):
        return {"jsonrpc": "2.0", "id": 1} | content

    done, again = outcome({"result": 0}), outcome(error(code, REGISTERED))
    gone = outcome(error(code, UNREGISTERED))
    unregister = register(method="unregister")
    assert answers(bench.connection, unregister, register(), register()) == [gone, done, again]
    assert answers(other, unregister) == [gone]
    assert answers(bench.connection, register("x", method="unregister"), register(client="x", method="unregister")) == [
        gone,
        gone,
    ]
    assert answers(bench.connection, unregister, unregister) == [done, gone]


@pytest.mark.fact("TC-register-notification")
def test_register_without_an_id():
    for quirks, status in [((SILENCE,), ""), ((), "204 No Content")]:
        bench = Bench(*quirks)
        assert status_of(bench.post(register().replace('"id":1,', "", 1))) == status
        bench.bus.signal("Started", "is", 91, "x")
        assert b"me.onContainerStarted" in bench.connection.received()


@pytest.mark.fact("TC-connection-gone")
def test_the_end_of_a_connection():
    bench = Bench()
    socket, other = Socket(bench), Socket(bench)
    socket.say(register())
    other.say(register())
    socket.channel.connectionLost(None)
    bench.bus.signal("Started", "is", 91, "x")
    assert socket.say() == []
    assert len(other.say()) == 1
    assert sum(len(service.subscriptions.of("onContainerStarted")) for service in bench.host) == 1


@pytest.mark.fact("TC-deactivated")
def test_deactivation_ends_registrations():
    bench = Bench()
    socket = Socket(bench)
    socket.say(register())
    bench.deactivate()
    bench.call("Controller.1.activate", {"callsign": CALLSIGN})
    bench.bus.signal("Started", "is", 91, "x")
    assert socket.say() == []
    assert json.loads(*socket.say(register()))["result"] == 0


@pytest.mark.fact("TC-event-order")
def test_the_order_of_events():
    bench = Bench()
    socket = Socket(bench)
    socket.say(*(register(client=name) for name in ("b", "a", "c")))
    bench.bus.signal("Started", "is", 91, "x")
    assert [json.loads(text)["method"][0] for text in socket.say()] == ["b", "a", "c"]


@pytest.mark.fact("TC-http", "TC-http-headers")
def test_register_over_http():
    bench = Bench()
    assert EXECUTED in bench.post(register())
    bench.bus.signal("Started", "is", 91, "x")
    assert bench.connection.received().decode() == (
        "HTTP/1.1 200 OK\r\n"
        "Access-Control-Allow-Origin: *\r\n"
        "Cache-Control: no-cache, private, no-store, must-revalidate, max-stale=0, post-check=0, pre-check=0\r\n"
        "Content-Length: 90\r\n\r\n"
        '{"jsonrpc":"2.0","method":"me.onContainerStarted","params":{"descriptor":"91","name":"x"}}'
    )
    assert EXECUTED in bench.post(message())


@pytest.mark.parametrize("method", ["deactivate", "unavailable"])
@pytest.mark.fact("TC-statechange", "TC-all", "TC-before-answer")
def test_events_of_the_controller(method):
    state = {"deactivate": "deactivated"}.get(method, method)
    socket = Socket(Bench())
    for event in ("statechange", "all"):
        socket.say(register(event).replace(CALLSIGN, "Controller"))
    texts = socket.say(message(f"Controller.1.{method}", f'{{"callsign":"{CALLSIGN}"}}'))
    change = f'"callsign":"{CALLSIGN}","state":"{state.capitalize()}","reason":"Requested"'
    data = f'"callsign":"{CALLSIGN}","data":{{"state":"{state}","reason":"Requested"}}'
    assert texts == [
        f'{{"jsonrpc":"2.0","method":"me.statechange","params":{{{change}}}}}',
        f'{{"jsonrpc":"2.0","method":"me.all","params":{{{data}}}}}',
        '{"jsonrpc":"2.0","id":1,"result":null}',
    ]


EVENTS = ("onContainerStateChanged", "onContainerStarted", "onContainerStopped", "onContainerFailed")


def changed(state, container_id="x"):
    return "onContainerStateChanged", f'{{"containerId":"{container_id}","state":"{state}"}}'


def told(event, container_id="x"):
    return event, f'{{"containerId":"{container_id}","name":"{container_id}"}}'


@pytest.mark.parametrize(
    ("profile", "signal", "events"),
    [
        row("TD4-started", "rdkservices", ("Started", "is", 91, "x"), [(EVENTS[1], '{"descriptor":"91","name":"x"}')]),
        row("TD4-awoken", "rdkservices", ("Awoken", "is", 91, "x"), [(EVENTS[1], '{"descriptor":"91","name":"x"}')]),
        row("TD4-stopped", "rdkservices", ("Stopped", "is", 91, "x"), [(EVENTS[2], '{"descriptor":"91","name":"x"}')]),
        row("TD4-hibernated", "rdkservices", ("Hibernated", "is", 91, "x"), []),
        row("TD4-unknown", "rdkservices", ("Stopped", "is", -1, ""), [(EVENTS[2], '{"descriptor":"-1","name":""}')]),
        row("TD4-ent-started", "entservices", ("Started", "is", 91, "x"), [changed("RUNNING"), told(EVENTS[1])]),
        row("TD4-ent-started", "entservices", ("Awoken", "is", 91, "x"), [changed("RUNNING"), told(EVENTS[1])]),
        row("TD4-ent-stopped", "entservices", ("Stopped", "is", 91, "x"), [changed("STOPPED"), told(EVENTS[2])]),
        row("TD4-ent-hibernated", "entservices", ("Hibernated", "is", 91, "x"), [changed("HIBERNATED")]),
        row("TD4-unknown", "entservices", ("Stopped", "is", -1, ""), [changed("STOPPED", ""), told(EVENTS[2], "")]),
        *(
            row("TD4-ignored", profile, signal, [])
            for profile in ("rdkservices", "entservices")
            for signal in (("StoppedWithStatus", "isi", 91, "x", 0), ("Started", "us", 91, "x"), ("Stopped", "i", 91))
        ),
    ],
)
def test_events_of_containers(profile, signal, events):
    bench = Bench(profile=profile)
    socket = Socket(bench)
    socket.say(*(register(event) for event in EVENTS))
    bench.bus.signal(*signal)
    assert socket.say() == [f'{{"jsonrpc":"2.0","method":"me.{event}","params":{params}}}' for event, params in events]


@pytest.mark.parametrize(
    ("profile", "params"),
    [
        row("TD4-failed", "rdkservices", '{"descriptor":91,"name":"x","errorCode":1}'),
        row("TD4-ent-failed", "entservices", '{"containerId":"x","name":"x","error":1}'),
    ],
)
def test_a_container_that_failed(profile, params):
    """Nothing but a test tells of it, and so the test says it in the form of the profile."""
    bench = Bench(profile=profile)
    socket = Socket(bench)
    socket.say(register("onContainerFailed"))
    bench.host.emit(CALLSIGN, "onContainerFailed", params)
    assert socket.say() == [f'{{"jsonrpc":"2.0","method":"me.onContainerFailed","params":{params}}}']


@pytest.mark.parametrize("profile", ["rdkservices", "entservices"])
@pytest.mark.fact("TD4-no-event")
def test_pause_and_resume_cause_no_event(profile):
    socket = Socket(Bench(profile=profile))
    socket.say(*(register(event) for event in EVENTS))
    texts = socket.say(*(message(f"{name}Container", '{"containerId":"91"}') for name in ("pause", "resume")))
    assert ["result" in json.loads(text) for text in texts] == [True, True]
