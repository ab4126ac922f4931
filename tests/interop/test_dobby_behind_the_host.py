"""The plugin host when its Dobby is away, slow, restarted or mad, and when its message bus is."""

import re
import signal
from pathlib import Path

import pytest

from rawclient import CALL, RawClient
from tests_support import SPEC
from thunderclient import CALLSIGN, DONE, EVENTS, NONE, HTTPClient, ScriptedDobby, WebSocket

HOST_NAME = "com.sky.dobby.thunder"
GENERAL = {"code": 1, "message": "ERROR_GENERAL"}
FAILED = {"success": False, "errorReason": ""}
START = ("startContainerFromDobbySpec", {"containerId": "x", "dobbySpec": SPEC})
FOR_EVER = "went away; as on a box, it is not looked for again"
ON_X = {"containerId": "x"}


@pytest.fixture(params=["rdkservices", "entservices"])
def profile(request):
    return request.param


@pytest.fixture
def serve(spawn, profile):
    """Start a plugin host on the bus at an address; what it answers is JSON."""

    def start(address, *options):
        command = ("thunderoci", "serve", "--port", "0", "--profile", profile, "--no-quirk", "T-invalid-info")
        return spawn(*command, "--bus", address, *options)

    return start


def not_found(profile):
    """Return what each method answers when Dobby lists no container."""
    if profile == "rdkservices":
        methods = ("getContainerState", "getContainerInfo", "stopContainer", "pauseContainer", "resumeContainer")
        return dict.fromkeys(methods, GENERAL)
    return {
        "getContainerState": {"state": "INVALID", **FAILED},
        "getContainerInfo": FAILED,
        "stopContainer": {"success": False, "errorReason": "Container not found"},
        "pauseContainer": FAILED,
        "resumeContainer": FAILED,
        "hibernateContainer": FAILED,
        "annotate": FAILED,
        "mount": FAILED,
    }


def not_started(profile, reason=""):
    return GENERAL if profile == "rdkservices" else {"descriptor": -1, "success": False, "errorReason": reason}


def fails_as_without_dobby(client, profile):
    """Check every answer of a host that has no Dobby."""
    assert client.call("listContainers") == NONE[profile]
    for method, answer in not_found(profile).items():
        assert client.call(method, ON_X) == answer, method
    assert client.call(*START) == not_started(profile)
    bundle = {"containerId": "x", "bundlePath": "/nowhere"}
    assert client.call("startContainer", bundle) == not_started(profile, "dobby start failed")
    assert client.call("Controller.1.version")["major"] == 4


def works(client, profile):
    """Start a container, hear of it, and stop it."""
    answer = client.call(*START)
    assert answer.pop("descriptor") > 0
    assert answer == DONE[profile]
    assert client.events(len(EVENTS[profile]) - 1)[-1][0] == "client.onContainerStarted"
    assert client.call("stopContainer", ON_X) == DONE[profile]
    assert client.events(len(EVENTS[profile]) - 1)[-1][0] == "client.onContainerStopped"


def test_a_dobby_that_comes_late(serve, spawn, message_bus, profile):
    host = serve(message_bus.address)
    with WebSocket(host.ready["ws"]) as client:
        client.register(*EVENTS[profile])
        fails_as_without_dobby(client, profile)
        spawn("fakedobby", "--bus", message_bus.address, "--progression", "immediate")
        works(client, profile)
    assert host.end() == (0, "")


def test_a_dobby_that_dies_and_comes_back(serve, spawn, message_bus, profile):
    host = serve(message_bus.address)
    daemon = spawn("fakedobby", "--bus", message_bus.address, "--progression", "immediate")
    with WebSocket(host.ready["ws"]) as client:
        client.register(*EVENTS[profile])
        client.call(*START)
        assert client.heard()[-1][0] == "client.onContainerStarted"
        daemon.end(signal.SIGKILL)
        fails_as_without_dobby(client, profile)
        assert client.heard() == []
        spawn("fakedobby", "--bus", message_bus.address, "--progression", "immediate")
        assert client.call("listContainers") == NONE[profile]
        works(client, profile)
    assert host.end() == (0, "")


def test_a_dobby_that_dies_during_a_call(serve, message_bus, profile):
    host = serve(message_bus.address)
    with WebSocket(host.ready["ws"]) as client:
        with ScriptedDobby(message_bus.address) as dobby:
            number = client.send("pauseContainer", ON_X)
            dobby.list(x=7)
            dobby.next_call("Pause")
        assert client.answer(number) == (GENERAL if profile == "rdkservices" else FAILED)
        with ScriptedDobby(message_bus.address) as dobby:
            number = client.send("pauseContainer", ON_X)
            dobby.list(x=7)
            dobby.reply(dobby.next_call("Pause"), "b", True)
            assert client.answer(number) == DONE[profile]


def test_a_slow_call_holds_up_no_other(serve, message_bus, profile):
    host = serve(message_bus.address)
    with (
        ScriptedDobby(message_bus.address) as dobby,
        WebSocket(host.ready["ws"]) as client,
        HTTPClient(host.ready["url"]) as other,
    ):
        slow = [client.send("pauseContainer", ON_X) for _ in range(20)]
        # all lists are asked for before one is given: a pause would come in between where the host reads slowly
        for asked in [dobby.next_call("List") for _ in slow]:
            dobby.reply(asked, "aias", [7], ["x"])
        pending = [dobby.next_call("Pause") for _ in slow]
        version = client.send("Controller.1.version")
        assert client.next()["id"] == version
        listed = client.send("listContainers")
        dobby.list()
        assert client.next()["id"] == listed
        other.send("listContainers")
        dobby.list()
        assert other.receive()[2]["result"] == NONE[profile]
        # and in the order in which Dobby answers, whatever the order of the calls
        for number, call in zip(reversed(slow), reversed(pending), strict=True):
            dobby.reply(call, "b", True)
            assert client.next() == {"jsonrpc": "2.0", "id": number, "result": DONE[profile]}


@pytest.mark.parametrize("profile", ["rdkservices"], indirect=True)
def test_the_quirk_of_one_queue(serve, message_bus, profile):
    host = serve(message_bus.address, "--quirk", "T-one-queue")
    with ScriptedDobby(message_bus.address) as dobby, WebSocket(host.ready["ws"]) as client:
        first = client.send("listContainers")
        call = dobby.next_call("List")
        second = client.send("listContainers")
        version = client.send("Controller.1.version")
        assert client.next()["id"] == version
        assert not [passed for passed in dobby.fence() if passed.kind == CALL]
        dobby.reply(call, "aias", [], [])
        assert client.answer(first) == NONE[profile]
        dobby.list()
        assert client.answer(second) == NONE[profile]


@pytest.mark.parametrize("profile", ["rdkservices"], indirect=True)
def test_the_quirk_of_four_workers(serve, message_bus, profile):
    host = serve(message_bus.address, "--quirk", "T-four-workers")
    with ScriptedDobby(message_bus.address) as dobby, WebSocket(host.ready["ws"]) as client:
        slow = [client.send("listContainers") for _ in range(5)]
        calls = [dobby.next_call("List") for _ in range(4)]
        version = client.send("Controller.1.version")
        assert not [passed for passed in dobby.fence() if passed.kind == CALL]
        dobby.reply(calls[0], "aias", [], [])
        # the fifth takes the place of the first, and the version still waits
        assert client.next()["id"] == slow[0]
        fifth = dobby.next_call("List")
        dobby.reply(calls[1], "aias", [], [])
        assert {client.next()["id"] for _ in range(2)} == {slow[1], version}
        dobby.reply(fifth, "aias", [], [])
        assert client.answer(slow[4]) == NONE[profile]


def failures(profile):
    """Return for each method: its params, the calls to Dobby, and the answer when the last of them fails."""
    rdkservices = profile == "rdkservices"
    general = GENERAL if rdkservices else FAILED
    state = {"containerId": "x", "state": "Invalid", "success": True}
    cases = {
        "listContainers": ({}, ["List"], NONE[profile]),
        "getContainerState": (
            ON_X,
            ["List", "GetState"],
            state if rdkservices else {"state": "INVALID", **DONE[profile]},
        ),
        "getContainerInfo": (
            ON_X,
            ["List", "GetInfo"],
            general if rdkservices else {"success": False, "errorReason": "Failed to get info for container"},
        ),
        "startContainerFromDobbySpec": (START[1], ["StartFromSpec"], not_started(profile)),
        "startContainer": (
            {**ON_X, "bundlePath": "/b"},
            ["StartFromBundle"],
            not_started(profile, "dobby start failed"),
        ),
        "stopContainer": (ON_X, ["List", "Stop"], general),
        "pauseContainer": (ON_X, ["List", "Pause"], general),
        "resumeContainer": (ON_X, ["List", "Resume"], general),
        "executeCommand": ({**ON_X, "command": "ls", "options": ""}, ["List", "Exec"], general),
    }
    if not rdkservices:
        for method, member in (
            ("hibernateContainer", "Hibernate"),
            ("wakeupContainer", "Wakeup"),
            ("annotate", "Annotate"),
            ("removeAnnotation", "RemoveAnnotation"),
            ("mount", "Mount"),
            ("unmount", "Unmount"),
        ):
            cases[method] = (ON_X, ["List", member], FAILED)
    return cases.items()


def test_a_dobby_that_never_answers(serve, message_bus, profile):
    host = serve(message_bus.address, "--dobby-timeout", "2")
    with ScriptedDobby(message_bus.address) as dobby, WebSocket(host.ready["ws"]) as client:
        numbers = {method: client.send(method, params) for method, (params, _, _) in failures(profile)}
        pending = [dobby.next_call("List")]  # of listContainers
        lacking = [member for _, (_, members, _) in failures(profile) for member in members][1:]
        while lacking:
            call = dobby.next_call()
            lacking.remove(call.member)
            if call.member == "List":
                dobby.reply(call, "aias", [7], ["x"])
            else:
                pending.append(call)
        for method, (_, _, expected) in failures(profile):
            assert client.answer(numbers[method]) == expected, method
        # an answer that comes too late is nobody's
        for call in pending:
            dobby.reply(call, "b", True)
        number = client.send("getContainerState", ON_X)
        dobby.list(x=7)
        dobby.reply(dobby.next_call("GetState"), "i", 4)
        assert client.answer(number)["state"].upper() == "PAUSED"
    status, errors = host.end()
    assert status == 0
    assert re.findall(r"--quirk (\S+)\)", errors) == ["T-four-workers"]
    assert errors.count("\n") == 1


def test_a_dobby_that_refuses(serve, message_bus, profile):
    host = serve(message_bus.address)
    with ScriptedDobby(message_bus.address) as dobby, WebSocket(host.ready["ws"]) as client:
        for method, (params, calls, expected) in failures(profile):
            number = client.send(method, params)
            for _ in calls[:-1]:
                dobby.list(x=7)
            dobby.refuse(dobby.next_call(calls[-1]))
            assert client.answer(number) == expected, method
    assert host.end() == (0, "")


RUBBISH = {
    "List": [("", ()), ("aiai", ([1], [1])), ("auas", ([1], ["x"])), ("aiass", ([1], ["x"], "y")), ("s", ("x",))],
    "GetState": [("", ()), ("u", (2,)), ("b", (True,)), ("ii", (2, 2)), ("s", ("2",))],
    "GetInfo": [("", ()), ("b", (True,)), ("ss", ("{}", "{}")), ("v", ("{}",))],
    "StartFromSpec": [("", ()), ("u", (7,)), ("b", (True,)), ("s", ("7",))],
    "StartFromBundle": [("", ()), ("x", (7,))],
}
RUBBISH_BOOL = [("", ()), ("i", (1,)), ("s", ("true",)), ("bb", (True, True))]


def test_a_dobby_that_answers_with_other_types(serve, message_bus, profile):
    host = serve(message_bus.address)
    with ScriptedDobby(message_bus.address) as dobby, WebSocket(host.ready["ws"]) as client:
        for method, (params, calls, expected) in failures(profile):
            for signature, values in RUBBISH.get(calls[-1], RUBBISH_BOOL):
                number = client.send(method, params)
                for _ in calls[:-1]:
                    dobby.list(x=7)
                dobby.reply(dobby.next_call(calls[-1]), signature, *values)
                assert client.answer(number) == expected, (method, signature)
        number = client.send("listContainers")
        dobby.reply(dobby.next_call("List"), "aias", [1, 2], ["x"])
        assert client.answer(number) == NONE[profile]
    status, errors = host.end()
    assert status == 0
    assert "Traceback" not in errors


@pytest.fixture(params=["dbus_daemon", "embedded_bus"])
def bus_program(request):
    """A bus that can be made again: `address`, `kill()`, and `again(prepare)`.

    The new bus calls `prepare` with an address of its own before anybody finds it at the old one.
    """
    return request.getfixturevalue(f"restartable_{request.param}")


class Restartable:
    """A bus at a path."""

    def __init__(self, start, folder):
        self._start = start
        self._path = Path(folder) / "bus"
        self._process = start(self._path)
        self.address = f"unix:path={self._path}"

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._path.unlink()

    def again(self, prepare):
        elsewhere = self._path.with_name("again")
        self._process = self._start(elsewhere)
        prepare(f"unix:path={elsewhere}")
        elsewhere.rename(self._path)


@pytest.fixture
def restartable_dbus_daemon(start_dbus_daemon, tmp_path):
    return Restartable(lambda path: start_dbus_daemon("--session", f"--address=unix:path={path}"), tmp_path)


@pytest.fixture
def restartable_embedded_bus(start_embedded_bus, tmp_path):
    return Restartable(start_embedded_bus, tmp_path)


class Observer(RawClient):
    """Sees every message on a bus."""

    def __init__(self, address):
        super().__init__(address)
        monitoring = "org.freedesktop.DBus.Monitoring"
        self.call("org.freedesktop.DBus", "/org/freedesktop/DBus", monitoring, "BecomeMonitor", "asu", [[], 0])

    def wait_for_the_host(self):
        """Return when a host has asked for the last of Dobby's signals, and has its answer."""
        asked = None
        while True:
            message = self.next()
            if message.member == "AddMatch" and "Awoken" in message.body[0]:
                asked = (message.sender, message.serial)
            elif asked is not None and (message.destination, message.reply_serial) == asked:
                return


def test_a_bus_that_is_started_again(serve, spawn, bus_program, profile):
    host = serve(bus_program.address)
    observers = []
    with WebSocket(host.ready["ws"]) as client, HTTPClient(host.ready["url"]) as listener:
        client.register(*EVENTS[profile])
        assert listener.call("register", {"event": "onContainerStopped", "id": "http"}) == 0
        daemon = spawn("fakedobby", "--bus", bus_program.address, "--progression", "immediate")
        works(client, profile)
        assert listener.receive()[2]["method"] == "http.onContainerStopped"
        bus_program.kill()
        assert daemon.wait()[0] == 1
        fails_as_without_dobby(client, profile)

        def prepare(address):
            observers.append(Observer(address))
            spawn("fakedobby", "--bus", address, "--progression", "immediate")

        bus_program.again(prepare)
        with observers[0] as observer:
            observer.wait_for_the_host()
        works(client, profile)
        assert listener.receive()[2]["method"] == "http.onContainerStopped"
        with RawClient(bus_program.address) as other:
            assert other.bus("NameHasOwner", "s", [HOST_NAME]).body == [True]
    status, errors = host.end()
    assert status == 0
    bus = f"WARNING thunderoci.buslink: the message bus at {bus_program.address}"
    assert errors.splitlines() == [
        f"{bus} went away; looking for it, which a box never does (--quirk T-no-reconnect)",
        f"{bus} is back",
    ]


@pytest.mark.parametrize("profile", ["rdkservices"], indirect=True)
def test_the_quirk_of_a_bus_that_is_lost_for_ever(serve, spawn, bus_program, profile):
    host = serve(bus_program.address, "--quirk", "T-no-reconnect")
    other = serve(bus_program.address)
    observers = []
    with WebSocket(host.ready["ws"]) as client, WebSocket(other.ready["ws"]) as patient:
        for one in (client, patient):
            one.register(*EVENTS[profile])
        bus_program.kill()
        fails_as_without_dobby(client, profile)

        def prepare(address):
            observers.append(Observer(address))
            spawn("fakedobby", "--bus", address, "--progression", "immediate")

        bus_program.again(prepare)
        with observers[0] as observer:
            observer.wait_for_the_host()
        # the host that is patient is back by now, this one would be too, and still is not
        works(patient, profile)
        fails_as_without_dobby(client, profile)
        assert client.heard() == []
    status, errors = host.end()
    assert status == 0
    assert errors.splitlines() == [f"WARNING thunderoci.buslink: the message bus at {bus_program.address} {FOR_EVER}"]


def test_a_bus_that_dies_with_calls_in_flight(serve, bus_program, profile):
    host = serve(bus_program.address)
    with ScriptedDobby(bus_program.address) as dobby, WebSocket(host.ready["ws"]) as client:
        numbers = [client.send("listContainers") for _ in range(50)]
        for _ in numbers:
            dobby.next_call("List")
        bus_program.kill()
        assert [client.answer(number) for number in numbers] == [NONE[profile]] * 50
        fails_as_without_dobby(client, profile)
    status, errors = host.end()
    assert status == 0
    assert "Traceback" not in errors


def test_a_name_that_somebody_else_has(serve, spawn, message_bus, profile):
    with RawClient(message_bus.address) as other:
        assert other.bus("RequestName", "su", [HOST_NAME, 0]).body == [1]
        host = serve(message_bus.address)
        spawn("fakedobby", "--bus", message_bus.address, "--progression", "immediate")
        with WebSocket(host.ready["ws"]) as client:
            client.register(*EVENTS[profile])
            (status,) = client.call(f"Controller.1.status@{CALLSIGN}")
            assert status["state"] == "activated"
            works(client, profile)
