"""Where the recorded traffic says nothing: the decisions of the rdkservices plugin (facts/thunder.md D)."""

import pytest
from hosting import Box

from thunderoci.ocicontainer import CALLSIGN

FAILURE = {"code": 1, "message": "ERROR_GENERAL"}


def running(*containers, **answers):
    """A Dobby that runs these containers."""
    lists = [list(column) for column in zip(*containers, strict=True)] or [[], []]
    return {"List": {"sig": "aias", "body": lists}} | answers


def info(text):
    return {"GetInfo": {"sig": "s", "body": [text]}}


def test_descriptor_zero_is_found_and_negative_ones_are_not():
    box = Box(table=running((0, "zero"), (-1, "negative"), (5, "negative")))
    assert box.oci("getContainerState", containerId="zero")["state"] == "Running"
    assert box.oci("getContainerState", containerId="0")["containerId"] == "0"
    assert box.oci("getContainerState", containerId="negative") == FAILURE
    assert box.oci("getContainerState", containerId="-1") == FAILURE
    assert box.dobbys("GetState") == [[0], [0]]


@pytest.mark.parametrize("descriptor", [0, -1, -5])
def test_a_start_without_a_positive_descriptor_is_a_failure(descriptor):
    started = {"sig": "i", "body": [descriptor]}
    box = Box(table={"StartFromBundle": started, "StartFromSpec": started})
    assert box.oci("startContainer", containerId="a", bundlePath="/b") == FAILURE
    assert box.oci("startContainerFromDobbySpec", containerId="a", dobbySpec={}) == FAILURE


def test_a_descriptor_wins_over_an_id_that_is_listed_later():
    box = Box(table=running((93, "a"), (5, "93"), (6, "a")))
    box.oci("pauseContainer", containerId="93")
    box.oci("pauseContainer", containerId="a")
    assert box.dobbys("Pause") == [[93], [93]]


@pytest.mark.parametrize("container_id", ["091", "+91", "91 ", " 91", "91.0", "COM.EXAMPLE.A", ""])
def test_ids_and_descriptors_are_compared_as_texts(container_id):
    box = Box()
    assert box.oci("pauseContainer", containerId=container_id) == FAILURE
    assert box.dobbys("Pause") == []


@pytest.mark.parametrize(
    ("flavour", "text", "shown"),
    [
        ("r4.4.1-rdk", "null", {}),
        ("r4.4.7", "null", None),
        ("r4.4.7", '{ "a" : { "b" : 1.0 } }', {"a": {"b": 1.0}}),
    ],
)
def test_information_by_flavour(flavour, text, shown):
    box = Box(flavour=flavour, table=info(text))
    assert box.oci("getContainerInfo", containerId="91") == {"info": shown, "success": True}


@pytest.mark.parametrize("text", ["", "hello", "[]", "5", '{"a":1} x', '{"a":1'])
def test_information_that_is_no_object_is_a_failure(text):
    assert Box(table=info(text)).oci("getContainerInfo", containerId="91") == FAILURE


@pytest.mark.parametrize(("flavour", "accepted"), [("r4.4.1-rdk", True), ("r4.4.1", True), ("r4.4.7", False)])
def test_null_as_a_string_by_flavour(flavour, accepted):
    box = Box(flavour=flavour)
    answer = box.oci("startContainer", containerId=None, bundlePath=None)
    assert ("success" in answer) is accepted
    assert box.dobbys() == ([["", "", [], "", "", [], 0, 0]] if accepted else [])


@pytest.mark.parametrize("value", [5, True, {}, [], 1.5])
@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("getContainerState", "containerId"),
        ("getContainerInfo", "containerId"),
        ("startContainer", "containerId"),
        ("startContainer", "bundlePath"),
        ("startContainerFromDobbySpec", "containerId"),
        ("stopContainer", "containerId"),
        ("pauseContainer", "containerId"),
        ("resumeContainer", "containerId"),
        ("executeCommand", "containerId"),
        ("executeCommand", "command"),
    ],
)
def test_what_has_to_be_a_string_is_refused_before_dobby_hears_of_it(method, name, value):
    params = {"containerId": "91", "bundlePath": "/b", "command": "ls"} | {name: value}
    box = Box()
    assert box.oci(method, **params) == FAILURE
    del params[name]
    assert box.oci(method, **params) == FAILURE
    assert box.dobbys() == []


@pytest.mark.parametrize(
    ("state", "name"),
    [
        *enumerate(["Invalid", "Starting", "Running", "Stopping", "Paused", "Unknown", "Unknown", "Unknown"]),
        *((8, "Invalid"), (99, "Invalid"), (-1, "Invalid")),
    ],
)
def test_states(state, name):
    box = Box(table={"GetState": {"sig": "i", "body": [state]}})
    assert box.oci("getContainerState", containerId="91") == {"containerId": "91", "state": name, "success": True}


def test_only_true_is_force():
    box = Box()
    for force in (True, False, "true", 1, None, {}):
        box.oci("stopContainer", containerId="91", force=force)
    box.oci("stopContainer", containerId="91")
    assert box.dobbys("Stop") == [[91, True], *[[91, False]] * 6]


@pytest.mark.parametrize(
    "method", ["hibernateContainer", "wakeupContainer", "annotate", "removeAnnotation", "mount", "unmount"]
)
def test_what_the_other_generation_has_is_unknown(method):
    assert Box().oci(method)["code"] == 53


def test_without_a_dobby_the_list_is_empty_and_everything_else_fails():
    box = Box(table={"absent": True})
    assert box.oci("listContainers") == {"containers": [], "success": True}
    for method in ("getContainerState", "getContainerInfo", "stopContainer", "pauseContainer", "resumeContainer"):
        assert box.oci(method, containerId="91") == FAILURE
    assert box.oci("startContainer", containerId="a", bundlePath="/b") == FAILURE
    box.bus.load({})
    assert box.oci("pauseContainer", containerId="91") == {"success": True}


def test_the_log_says_why(caplog):
    caplog.set_level("INFO")
    box = Box()
    box.oci("getContainerState", containerId="nobody")
    box.oci("getContainerState")
    assert "Dobby runs no container 'nobody'" in caplog.text
    assert "'containerId' is missing" in caplog.text


EVENTS = ("onContainerStarted", "onContainerStopped", "onContainerStateChanged", "onContainerFailed")


def listening(box):
    for event in EVENTS:
        assert box.oci("register", event=event, id="me") == 0
    return box.client.heard


@pytest.mark.parametrize(
    ("signal", "event"),
    [
        ("Started", "onContainerStarted"),
        ("Awoken", "onContainerStarted"),
        ("Stopped", "onContainerStopped"),
        ("Hibernated", None),
        ("StoppedWithStatus", None),
    ],
)
@pytest.mark.parametrize(("descriptor", "container_id"), [(91, "com.example.a"), (-1, ""), (5, 'a"/é')])
def test_events(signal, event, descriptor, container_id):
    box = Box()
    heard = listening(box)
    box.bus.emit(signal, "is", [descriptor, container_id])
    params = {"descriptor": str(descriptor), "name": container_id}
    assert heard == ([{"jsonrpc": "2.0", "method": f"me.{event}", "params": params}] if event else [])
    assert box.dobbys() == []


def test_what_only_others_than_dobby_tell_goes_out_too():
    box = Box()
    heard = listening(box)
    box.host.emit(CALLSIGN, "onContainerFailed", '{"descriptor":91,"name":"a","errorCode":1}')
    box.host.emit("org.rdk.Nobody", "onContainerFailed", "{}")
    ((name, params),) = [(event["method"], event["params"]) for event in heard]
    assert (name, params) == ("me.onContainerFailed", {"descriptor": 91, "name": "a", "errorCode": 1})


def test_a_deactivated_plugin_hears_nothing_and_asks_dobby_for_nothing():
    box = Box()
    listening(box)
    box.call("Controller.1.deactivate", {"callsign": CALLSIGN})
    assert box.bus.matches == []
    box.host.emit(CALLSIGN, "onContainerFailed", "{}")
    assert box.client.heard == []
    box.call("Controller.1.activate", {"callsign": CALLSIGN})
    assert len(box.bus.matches) == 4
    box.bus.emit("Started", "is", [91, "a"])
    assert box.client.heard == []
    heard = listening(box)
    box.bus.emit("Started", "is", [91, "a"])
    assert len(heard) == 1


def test_the_list_is_shown_anew_when_it_changes():
    table = running((1, "a"))
    box = Box(table=table)
    shown = [box.oci("listContainers")["containers"] for _ in range(2)]
    box.bus.load(running((1, "a"), (2, "b")))
    shown.append(box.oci("listContainers")["containers"])
    box.bus.load(table)
    shown.append(box.oci("listContainers")["containers"])
    assert [[one["Id"] for one in containers] for containers in shown] == [["a"], ["a"], ["a", "b"], ["a"]]
