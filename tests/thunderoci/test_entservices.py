"""Where the recorded traffic says nothing: the decisions of the entservices plugin (facts/thunder.md D)."""

import pytest
from hosting import Box
from scriptedbus import finished
from twisted.internet.defer import Deferred

from thunderoci.message import parse_request
from thunderoci.ocicontainer import CALLSIGN
from thunderoci.quirks import INVALID_INFO, ONE_QUEUE

FALSE = {"sig": "b", "body": [False]}


def box(**options):
    return Box("entservices", **options)


def outcome(success, reason="", **members):
    return members | {"success": success, "errorReason": reason}


def text_of(box, method, params="{}"):
    """Return the bytes of an answer, which need not be JSON."""
    return box.answer(f'{{"id":1,"method":"{CALLSIGN}.1.{method}","params":{params}}}'.encode()).body.decode()


SIMPLE = {
    "pauseContainer": ("Pause", {}, []),
    "resumeContainer": ("Resume", {}, []),
    "hibernateContainer": ("Hibernate", {"options": "o"}, ["o"]),
    "wakeupContainer": ("Wakeup", {}, []),
    "executeCommand": ("Exec", {"options": "o", "command": "c"}, ["o", "c"]),
    "annotate": ("Annotate", {"key": "k", "value": "v"}, ["k", "v"]),
    "removeAnnotation": ("RemoveAnnotation", {"key": "k"}, ["k"]),
    "mount": ("Mount", {"source": "/s", "target": "/t", "type": "bind", "options": ["x"]}, ["/s", "/t", [], ""]),
    "unmount": ("Unmount", {"target": "/t"}, ["/t"]),
}
"""By method: Dobby's, the params besides the container, and what Dobby gets of them."""


@pytest.mark.parametrize("method", SIMPLE)
def test_methods_of_one_container(method):
    member, params, arguments = SIMPLE[method]
    it = box()
    assert it.oci(method, containerId="com.example.a", **params) == outcome(True)
    assert it.oci(method, containerId=91, **params) == outcome(True)
    assert it.dobbys(member) == [[91, *arguments]] * 2
    it.bus.load({member: FALSE})
    assert it.oci(method, containerId="91", **params) == outcome(False)
    it.bus.load({member: {"error": "org.freedesktop.DBus.Error.Failed"}})
    assert it.oci(method, containerId="91", **params) == outcome(False)


@pytest.mark.parametrize("method", SIMPLE)
def test_nothing_is_required(method):
    member, _, arguments = SIMPLE[method]
    it = box()
    assert it.oci(method) == outcome(False)
    assert it.dobbys(member) == []
    assert it.oci(method, containerId="91") == outcome(True)
    empty = [[] if argument == [] else "" for argument in arguments]
    assert it.dobbys(member) == [[91, *empty]]


@pytest.mark.parametrize("method", [*SIMPLE, "stopContainer", "getContainerState"])
def test_a_negative_descriptor_counts_as_none(method):
    it = box(table={"List": {"sig": "aias", "body": [[-1, 5], ["a", "a"]]}})
    assert it.oci(method, containerId="a")["success"] is False
    assert it.dobbys() == [[]]


def test_stop():
    it = box()
    assert it.oci("stopContainer", containerId="nobody", force=True) == outcome(False, "Container not found")
    for force in (True, 1, False, 0, None):
        assert it.oci("stopContainer", containerId="91", force=force) == outcome(True)
    assert it.oci("stopContainer", containerId="91") == outcome(True)
    assert it.dobbys("Stop") == [[91, force] for force in (True, True, False, False, False, False)]
    it.bus.load({"Stop": FALSE})
    assert it.oci("stopContainer", containerId="91") == outcome(False)


@pytest.mark.parametrize("force", ["true", 2, "", {}, 1.5])
def test_one_bad_member_spoils_all(force):
    it = box()
    assert it.oci("stopContainer", containerId="91", force=force) == outcome(False, "Container not found")
    assert it.dobbys("Stop") == []


@pytest.mark.parametrize("descriptor", [0, -1])
def test_starts_that_fail(descriptor):
    started = {"sig": "i", "body": [descriptor]}
    it = box(table={"StartFromBundle": started, "StartFromSpec": started})
    assert it.oci("startContainer") == outcome(False, "dobby start failed", descriptor=descriptor)
    assert it.oci("startContainerFromDobbySpec") == outcome(False, "", descriptor=descriptor)
    assert it.dobbys() == [["", "", [], "", "", [], 0, 0], ["", "", [], "", "", []]]


def test_starts():
    it = box()
    params = {"containerId": "a", "command": ["ls"], "westerosSocket": "wayland-0"}
    assert it.oci("startContainer", bundlePath="/b", **params) == outcome(True, descriptor=92)
    assert it.oci("startContainerFromDobbySpec", dobbySpec={"a": 1}, **params) == outcome(True, descriptor=92)
    assert it.dobbys() == [
        ["a", "/b", [], '["ls"]', "wayland-0", [], 0, 0],
        ["a", '{"a":1}', [], '["ls"]', "wayland-0", []],
    ]


@pytest.mark.parametrize(
    ("state", "name"),
    [
        *enumerate(["INVALID", "STARTING", "RUNNING", "STOPPING", "PAUSED", "HIBERNATING", "HIBERNATED", "AWAKENING"]),
        *((8, "INVALID"), (-1, "INVALID")),
    ],
)
def test_states(state, name):
    it = box(table={"GetState": {"sig": "i", "body": [state]}})
    assert it.oci("getContainerState", containerId="91") == outcome(True, state=name)
    assert it.oci("getContainerState", containerId="nobody") == outcome(False, state="INVALID")


def test_information():
    it = box(table={"GetInfo": {"sig": "s", "body": ['{"a" : 1e10,\n"é": "é"}']}})
    shown = '{"jsonrpc":"2.0","id":1,"result":{"info":{"a" : 1e10,\n"é": "é"},"success":true,"errorReason":""}}'
    assert text_of(it, "getContainerInfo", '{"containerId":91}') == shown


REASON = "Failed to get info for container"


@pytest.mark.parametrize(
    ("options", "member"),
    [
        ({"quirks": (INVALID_INFO,)}, '"info":,'),
        ({}, ""),
        ({"flavour": "r4.4.7", "quirks": (INVALID_INFO,)}, ""),
        ({"flavour": "r4.4.7"}, ""),
    ],
)
@pytest.mark.parametrize(("container_id", "text", "reason"), [("nobody", "{}", ""), ("91", "", REASON)])
def test_information_that_can_not_be_had(options, member, container_id, text, reason):
    it = box(**options, table={"GetInfo": {"sig": "s", "body": [text]}})
    assert text_of(it, "getContainerInfo", f'{{"containerId":"{container_id}"}}') == (
        f'{{"jsonrpc":"2.0","id":1,"result":{{{member}"success":false,"errorReason":"{reason}"}}}}'
    )


def test_information_that_is_no_json_is_pasted_with_the_quirk_only():
    table = {"GetInfo": {"sig": "s", "body": ["hello"]}}
    pasted = '"result":{"info":hello,"success":true,"errorReason":""}'
    assert pasted in text_of(box(quirks=(INVALID_INFO,), table=table), "getContainerInfo", '{"containerId":91}')
    assert box(table=table).oci("getContainerInfo", containerId=91) == outcome(False, "Dobby's information is no JSON")


def test_without_a_dobby_the_list_is_empty_and_everything_else_says_so():
    it = box(table={"absent": True})
    assert it.oci("listContainers") == outcome(True, containers=[])
    assert it.oci("getContainerState", containerId="91") == outcome(False, state="INVALID")
    assert it.oci("startContainer", containerId="a") == outcome(False, "dobby start failed", descriptor=-1)
    for method in SIMPLE:
        assert it.oci(method, containerId="91") == outcome(False)


EVENTS = ("onContainerStarted", "onContainerStopped", "onContainerStateChanged")


@pytest.mark.parametrize(
    ("signal", "state", "event"),
    [
        ("Started", "RUNNING", "onContainerStarted"),
        ("Awoken", "RUNNING", "onContainerStarted"),
        ("Stopped", "STOPPED", "onContainerStopped"),
        ("Hibernated", "HIBERNATED", None),
    ],
)
@pytest.mark.parametrize("container_id", ["com.example.a", "", 'a"/é'])
def test_events(signal, state, event, container_id):
    it = box()
    for name in EVENTS:
        it.oci("register", event=name, id="me")
    it.bus.emit(signal, "is", [91, container_id])
    change = ("me.onContainerStateChanged", {"containerId": container_id, "state": state})
    more = [(f"me.{event}", {"containerId": container_id, "name": container_id})] if event else []
    assert [(heard["method"], heard["params"]) for heard in it.client.heard] == [change, *more]
    # the plugin looks the container up for each, which is seen on the bus
    assert it.bus.calls == [["List", "", []]] * (1 + len(more))


def test_events_wait_for_no_dobby():
    it = box(table={"List": {"noreply": True}})
    it.oci("register", event="onContainerStarted", id="me")
    it.bus.emit("Started", "is", [91, "a"])
    assert len(it.client.heard) == 1


def test_with_one_queue_the_lists_for_events_hold_up_calls():
    it = box(quirks=(ONE_QUEUE,), table={"List": {"noreply": True}})
    it.bus.emit("Hibernated", "is", [91, "a"])
    request = parse_request(f'{{"id":1,"method":"{CALLSIGN}.1.startContainer"}}'.encode(), it.host.flavour)
    answers = []
    Deferred.fromCoroutine(it.host.handle(request, it.client)).addCallback(answers.append)
    it.clock.advance(24.9)
    assert answers == []
    it.clock.advance(0.1)
    assert b'"descriptor":92' in answers[0].body


def test_deactivation():
    it = box()
    finished(it.host.deactivate(it.host.service_at(CALLSIGN)))
    assert it.bus.matches == []
    finished(it.host.activate(it.host.service_at(CALLSIGN)))
    assert len(it.bus.matches) == 4
