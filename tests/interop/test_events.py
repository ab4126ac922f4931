"""What clients hear of containers, whatever happened to them and however they listen."""

import json

import pytest

from conformance import bundle
from rawclient import CALL
from tests_support import BUSES, SPEC, run
from thunderclient import CALLSIGN, EVENTS, NONE, HTTPClient, ScriptedDobby, WebSocket, message, until

PROFILES = ["rdkservices", "entservices"]
EVENT_HEADERS = [
    "Access-Control-Allow-Origin: *",
    "Cache-Control: no-cache, private, no-store, must-revalidate, max-stale=0, post-check=0, pre-check=0",
]


@pytest.fixture(params=PROFILES)
def profile(request):
    return request.param


@pytest.fixture(params=BUSES)
def emulator(emulators, request, profile):
    return emulators("--bus", request.param, "--profile", profile)


@pytest.fixture
def clients(emulator):
    """Connect clients under ids of their own; what they started is stopped."""
    connected = []

    def connect(client_id="c", path=""):
        connected.append(WebSocket(emulator.ready["ws"] + path, client_id=client_id))
        return connected[-1]

    yield connect
    for client in connected:
        client.close()
    with WebSocket(emulator.ready["ws"]) as client:
        client.register("onContainerStopped")
        for container in client.call("listContainers")["containers"]:
            stop = {"containerId": container["Id"], "force": True}
            assert client.call("stopContainer", stop)["success"] is True
            while client.event()[0] != "client.onContainerStopped":
                pass


def start(client, name="x", **changes):
    answer = client.call("startContainerFromDobbySpec", {"containerId": name, "dobbySpec": SPEC | changes})
    assert answer["success"] is True
    return answer["descriptor"]


def started(profile, descriptor, name="x", client_id="c"):
    """Return the events of a start, in their order."""
    if profile == "rdkservices":
        return [(f"{client_id}.onContainerStarted", {"descriptor": str(descriptor), "name": name})]
    return [
        (f"{client_id}.onContainerStateChanged", {"containerId": name, "state": "RUNNING"}),
        (f"{client_id}.onContainerStarted", {"containerId": name, "name": name}),
    ]


def stopped(profile, descriptor, name="x", client_id="c"):
    """Return the events of an end, in their order."""
    if profile == "rdkservices":
        return [(f"{client_id}.onContainerStopped", {"descriptor": str(descriptor), "name": name})]
    return [
        (f"{client_id}.onContainerStateChanged", {"containerId": name, "state": "STOPPED"}),
        (f"{client_id}.onContainerStopped", {"containerId": name, "name": name}),
    ]


def test_start_and_stop(clients, profile):
    client = clients()
    client.register(*EVENTS[profile])
    descriptor = start(client)
    assert client.heard() == started(profile, descriptor)
    client.call("stopContainer", {"containerId": "x"})
    expected = stopped(profile, descriptor)
    assert client.events(len(expected)) == expected
    assert client.heard() == []


def test_start_from_a_bundle(clients, profile, tmp_path):
    client = clients()
    client.register(*EVENTS[profile])
    params = {"containerId": "x", "bundlePath": str(bundle.write(tmp_path))}
    answer = client.call("startContainer", params)
    assert client.heard() == started(profile, answer["descriptor"])


def test_a_container_that_ends_by_itself(clients, profile):
    client = clients()
    client.register(*EVENTS[profile])
    descriptor = start(client, args=["true"])
    expected = started(profile, descriptor) + stopped(profile, descriptor)
    assert client.events(len(expected)) == expected
    assert client.heard() == []


def test_what_did_not_start_is_no_event(clients, profile):
    client = clients()
    client.register(*EVENTS[profile])
    start(client)
    client.heard()
    for params in ({"containerId": "x", "dobbySpec": SPEC}, {"containerId": "y", "dobbySpec": {}}):
        answer = client.call("startContainerFromDobbySpec", params)
        assert answer.get("success", answer.get("code")) in {False, 1}
    assert client.heard() == []


def test_pausing_and_resuming_tell_nothing(clients, profile):
    client = clients()
    client.register(*EVENTS[profile], "onContainerPaused", "onContainerResumed")
    start(client)
    client.heard()
    for method in ("pauseContainer", "resumeContainer"):
        assert client.call(method, {"containerId": "x"})["success"] is True
        assert client.heard() == []


def test_hibernating_and_waking_up(clients, profile, emulator):
    client = clients()
    client.register(*EVENTS[profile])
    descriptor = start(client)
    client.heard()
    with ClientOfDobby(emulator.ready["bus"]) as dobby:
        if profile == "rdkservices":  # which has no method for it; somebody else does it
            assert dobby.ask("Hibernate", "is", descriptor, "") == [True]
            dobby.wait("Hibernated")
            assert client.heard() == []
            assert client.call("getContainerState", {"containerId": "x"})["state"] == "Unknown"
            assert dobby.ask("Wakeup", "i", descriptor) == [True]
        else:
            assert client.call("hibernateContainer", {"containerId": "x", "options": ""})["success"] is True
            assert client.event() == ("c.onContainerStateChanged", {"containerId": "x", "state": "HIBERNATED"})
            assert client.call("getContainerState", {"containerId": "x"})["state"] == "HIBERNATED"
            assert client.call("wakeupContainer", {"containerId": "x"})["success"] is True
        dobby.wait("Awoken")
    assert client.heard() == started(profile, descriptor)


class ClientOfDobby(ScriptedDobby):
    """Somebody else who talks to Dobby."""

    def __init__(self, address):
        super(ScriptedDobby, self).__init__(address)
        self.bus("AddMatch", "s", ["type='signal',path='/org/rdk/dobby'"])

    def ask(self, member, signature, *values):
        name = "org.rdk.dobby"
        return self.call(name, "/org/rdk/dobby", f"{name}.ctrl1", member, signature, values).body

    def wait(self, member):
        """Return when Dobby has sent this signal."""
        passed, self.passed = self.passed, []
        while member not in {signal.member for signal in passed if signal.kind != CALL}:
            passed = [self.next()]


def test_everybody_hears_and_in_the_order_of_subscriptions(clients, profile):
    first, second, mute = clients("a"), clients("b"), clients("c")
    second.register("onContainerStarted")
    first.register("onContainerStarted")
    assert first.call(f"{CALLSIGN}.1.register", {"event": "onContainerStarted", "id": "again"}) == 0
    descriptor = start(mute)
    (_, params) = started(profile, descriptor)[-1]
    assert second.heard() == [("b.onContainerStarted", params)]
    assert first.heard() == [("a.onContainerStarted", params), ("again.onContainerStarted", params)]
    assert mute.heard() == []


def test_a_subscription_ends_with_unregister(clients, profile):
    client, other = clients("a"), clients("b")
    for one in (client, other):
        one.register("onContainerStarted")
    client.register("onContainerStarted", unregister=True)
    # nobody ends the subscription of somebody else
    answer = client.call(f"{CALLSIGN}.1.unregister", {"event": "onContainerStarted", "id": "b"})
    assert answer["message"] == "Unregister was already done!!!."
    descriptor = start(client)
    assert client.heard() == []
    assert other.heard() == started(profile, descriptor, client_id="b")[-1:]


def test_a_subscription_ends_with_its_connection(clients, profile):
    leaving, staying = clients("a"), clients("b")
    for one in (leaving, staying):
        one.register(*EVENTS[profile])
    assert len(staying.call("Controller.1.links")) == 2
    leaving.close()
    until(lambda: len(staying.call("Controller.1.links")) == 1)  # the host knows, too
    descriptor = start(staying)
    assert staying.heard() == started(profile, descriptor, client_id="b")
    again = clients("a")
    start(staying, "y")
    assert again.heard() == []


def test_registering_twice(clients):
    client = clients()
    client.register("onContainerStarted")
    answer = client.call(f"{CALLSIGN}.1.register", {"event": "onContainerStarted", "id": "c"})
    assert answer == {"code": -32601, "message": "Registration already done!!!."}


def test_registering_on_the_path_of_the_plugin(clients, profile):
    client = clients(path=f"/{CALLSIGN}")
    client.register("onContainerStarted", callsign="whatever")
    descriptor = start(client)
    assert client.heard() == started(profile, descriptor)[-1:]


def test_events_are_pushed_on_the_connection_of_an_http_client(clients, profile, emulator):
    client = clients()
    with HTTPClient(emulator.ready["url"]) as listener:
        for event in EVENTS[profile]:
            assert listener.call("register", {"event": event, "id": "c"}) == 0
        descriptor = start(client)
        for name, params in started(profile, descriptor):
            status, headers, body = listener.receive()
            assert (status, headers[:-1]) == ("HTTP/1.1 200 OK", EVENT_HEADERS)
            assert body == {"jsonrpc": "2.0", "method": name, "params": params}
        # calls go on, on the same connection
        assert listener.call("listContainers")["containers"] == [{"Descriptor": descriptor, "Id": "x"}]
        client.call("stopContainer", {"containerId": "x"})
        for name, params in stopped(profile, descriptor):
            assert listener.receive()[2] == {"jsonrpc": "2.0", "method": name, "params": params}


def test_curl_takes_the_event_for_its_answer(emulator, clients, profile):  # noqa: ARG001 (it stops the container)
    url = emulator.ready["url"]
    register = message("register", {"event": "onContainerStarted", "id": "curl"})
    begin = message("startContainerFromDobbySpec", {"containerId": "x", "dobbySpec": SPEC}, 2)
    command = ("curl", "-s", "-w", " %{http_code}\n", url)
    status, output, _ = run(*command, "-d", register, "--next", "-s", url, "-d", begin)
    assert status == 0
    answer, event = output.splitlines()
    assert answer == '{"jsonrpc":"2.0","id":1,"result":0} 200'
    # Dobby tells of the start before it answers, and so the event is first on the connection
    assert json.loads(event)["method"] == "curl.onContainerStarted"
    assert json.loads(event)["params"]["name"] == "x"


def test_a_subscription_without_an_id(clients, emulator):
    client = clients()
    with HTTPClient(emulator.ready["url"]) as listener:
        assert listener.call("register", {"event": "onContainerStarted"}) == 0
        descriptor = start(client)
        assert listener.receive()[2]["method"] == ".onContainerStarted"
        assert listener.call("listContainers")["containers"][0]["Descriptor"] == descriptor


def test_events_of_what_dobby_does_not_list(spawn, message_bus, profile):
    host = spawn("thunderoci", "serve", "--bus", message_bus.address, "--port", "0", "--profile", profile)
    with ScriptedDobby(message_bus.address) as dobby, WebSocket(host.ready["ws"], client_id="c") as client:
        client.register(*EVENTS[profile])
        for number, name in ((7, "x"), (0, ""), (-1, "ä/\x7f")):
            dobby.tell("Started", "is", (number, name))
            expected = started(profile, number, name)
            assert client.events(len(expected)) == expected
        # each event has the plugin look the container up, and use nothing of it
        looked = [dobby.next_call("List") for _ in range(0 if profile == "rdkservices" else 6)]
        assert len({call.serial for call in looked}) == len(looked)
        number = client.send("listContainers")
        for call in looked:
            dobby.refuse(call)
        dobby.list()
        assert client.answer(number) == NONE[profile]


def test_signals_of_the_wrong_kind(spawn, message_bus, profile):
    host = spawn("thunderoci", "serve", "--bus", message_bus.address, "--port", "0", "--profile", profile)
    with ScriptedDobby(message_bus.address) as dobby, WebSocket(host.ready["ws"], client_id="c") as client:
        client.register(*EVENTS[profile])
        dobby.tell("Started", "si", ("x", 1))
        dobby.tell("Started", "", ())
        dobby.tell("Stopped", "us", (1, "x"))
        dobby.tell("Stopped", "isi", (1, "x", 0))
        dobby.tell("Awoken", "i", (1,))
        dobby.tell("Hibernated", "(is)", ((1, "x"),))
        dobby.tell("StoppedWithStatus", "isi", (1, "x", 0))
        dobby.tell("Paused", "is", (1, "x"))
        dobby.tell("Started", "is", (2, "right"))
        expected = started(profile, 2, "right")
        assert client.events(len(expected)) == expected
    status, errors = host.end()
    assert status == 0
    assert "Traceback" not in errors
    assert errors.count("with the types (") == 6


def test_dbus_send_counts_as_dobby(spawn, message_bus):
    host = spawn("thunderoci", "serve", "--bus", message_bus.address, "--port", "0")
    command = ("dbus-send", f"--bus={message_bus.address}", "/org/rdk/dobby")
    with WebSocket(host.ready["ws"]) as client:
        client.register("onContainerStopped")
        assert run(*command, "org.rdk.dobby.ctrl1.Stopped", "int32:5", "string:by hand")[0] == 0
        assert client.event() == ("client.onContainerStopped", {"descriptor": "5", "name": "by hand"})
