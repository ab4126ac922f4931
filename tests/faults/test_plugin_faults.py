"""What curl, and node with ws, see of faults in the plugin."""

import pytest

from faultclients import SPEC, begin, curl, message

DONE = {"success": True}
NONE = {"containers": [], "success": True}


@pytest.mark.parametrize(
    ("options", "code", "error"),
    [
        ({}, 202, {"code": 1, "message": "ERROR_GENERAL"}),
        ({"code": -32000, "message": "no \u2603"}, 202, {"code": -32000, "message": "no \u2603"}),
        ({"code": 5}, 202, {"code": 5}),
        ({"message": "why"}, 202, {"code": 1, "message": "why"}),
        ({"code": 5, "message": None}, 202, {"code": 5}),
    ],
)
def test_error(emulator, options, code, error):
    emulator.add("plugin", "error", method="start*", **options)
    met = begin(emulator)
    assert (met.code, met.error) == (code, error)
    assert curl(emulator, "listContainers").result == NONE  # nothing was carried out


def test_the_third_start_fails(emulator):
    emulator.add("plugin", "error", method="startContainer*", nth=3, times="once")
    codes = [begin(emulator, f"x{number}").code for number in range(4)]
    assert codes == [200, 200, 202, 200]


def test_delay(emulator):
    emulator.add("plugin", "delay", seconds=0.3, method="start*")
    assert begin(emulator).seconds > 0.3
    assert curl(emulator, "listContainers").result["containers"][0]["Id"] == "x"


def test_a_delayed_call_is_carried_out_at_once_and_holds_up_no_other(emulator, node_client):
    emulator.add("plugin", "delay", seconds=0.5, method="getContainerState")
    met = node_client(
        emulator.ready["ws"],
        {"send": message("getContainerState", {"containerId": "x"}, 1)},
        {"send": message("listContainers", number=2)},
        {"until": {"id": 1}},
    )
    assert [one["id"] for one in met] == [2, 1]
    assert met[1]["error"] == {"code": 1, "message": "ERROR_GENERAL"}


@pytest.mark.parametrize(
    ("options", "result"),
    [
        ({"field": "success"}, {"containers": [{"Descriptor": 1, "Id": "x"}]}),
        ({"field": "success", "value": "yes/no"}, {"containers": [{"Descriptor": 1, "Id": "x"}], "success": "yes/no"}),
        ({"field": "containers", "value": None}, {"containers": None, **DONE}),
        ({"field": "containers.0.Id"}, {"containers": [{"Descriptor": 1}], **DONE}),
        ({"field": "containers.0.Id", "value": [1]}, {"containers": [{"Descriptor": 1, "Id": [1]}], **DONE}),
        ({"field": "containers.0"}, {"containers": [], **DONE}),
        ({"field": "containers.7.Id", "value": 1}, {"containers": [{"Descriptor": 1, "Id": "x"}], **DONE}),
        (
            {"field": "new", "value": {"a": 1.5}},
            {"containers": [{"Descriptor": 1, "Id": "x"}], **DONE, "new": {"a": 1.5}},
        ),
    ],
)
def test_field(emulator, options, result):
    begin(emulator)
    emulator.add("plugin", "field", method="listContainers", **options)
    met = curl(emulator, "listContainers").result
    if met["containers"] and "Descriptor" in met["containers"][0]:
        met["containers"][0]["Descriptor"] = 1
    assert met == result


def test_a_field_waits_for_a_result(emulator):
    emulator.add("plugin", "field", field="success", value=False, times="once")
    assert curl(emulator, "getContainerState", {"containerId": "x"}).error["code"] == 1
    assert begin(emulator).result["success"] is False
    assert curl(emulator, "listContainers").result["success"] is True


def test_event(emulator, node_client):
    params = {"descriptor": "7", "name": "none"}
    emulator.add("plugin", "event", method="listContainers", event="onContainerStopped", params=params)
    met = node_client(
        emulator.ready["ws"],
        {"send": message("register", {"event": "onContainerStopped", "id": "c"}, 1)},
        {"until": {"id": 1}},
        {"send": message("listContainers", number=2)},
        {"until": {"method": "c.onContainerStopped"}},
    )
    assert {"jsonrpc": "2.0", "method": "c.onContainerStopped", "params": params} in met


def test_deactivate(emulator):
    emulator.add("plugin", "deactivate", method="pauseContainer", times="once")
    begin(emulator)
    assert (
        curl(emulator, "pauseContainer", {"containerId": "x"}).error["message"]
        == "The service is in an illegal state!!!."
    )
    assert curl(emulator, "listContainers").error["code"] == 5
    assert curl(emulator, "Controller.1.activate", {"callsign": "org.rdk.OCIContainer"}).code == 200
    assert [one["Id"] for one in curl(emulator, "listContainers").result["containers"]] == ["x"]


def test_the_controller_can_be_struck_but_not_deactivated(emulator):
    emulator.add("plugin", "deactivate", method="Controller.*")
    emulator.add("plugin", "error", method="Controller.subsystems", code=9)
    assert curl(emulator, "Controller.1.subsystems").error == {"code": 9}
    assert curl(emulator, "Controller.1.status").code == 200
    assert [fault["struck"] for fault in emulator.faults()] == [0, 1]


def test_by_container(emulator):
    emulator.add("plugin", "error", container="a*", code=9)
    assert begin(emulator, "b").code == 200
    assert begin(emulator, "app").error == {"code": 9}
    assert curl(emulator, "listContainers").code == 200


def test_log_journal_and_status(start):
    emulator = start()
    emulator.add("plugin", "error", method="pause*", times="once")
    for _ in range(2):
        curl(emulator, "pauseContainer", {"containerId": "x"})
    entries = emulator.journal("fault")
    assert [one["what"] for one in entries] == ["added", "struck"]
    assert {"fault": "f1", "method": "pauseContainer", "container": "x"}.items() <= entries[1].items()
    (shown,) = emulator.do("GET", "status")["faults"]
    assert {"id": "f1", "method": "pause*", "times": 1, "seen": 2, "struck": 1}.items() <= shown.items()
    status, errors = emulator.program.end()
    assert status == 0
    does = "the call is answered with an error, and not carried out"
    assert errors.splitlines() == [
        f"WARNING fakedobby.emulation: added the fault f1 (plugin, error, method pause*, times 1): {does}",
        f"WARNING fakedobby.emulation: the fault f1 strikes pauseContainer of 'x': {does}",
    ]


@pytest.mark.parametrize(
    ("fault", "chain"),
    [
        (("transport", "reset", {}), ["fault", "request"]),
        (("plugin", "error", {}), ["fault", "request"]),
        (("dobby", "error", {}), ["fault", "call", "request"]),
    ],
)
def test_the_journal_knows_what_a_fault_struck(emulator, fault, chain):
    place, kind, options = fault
    emulator.add(place, kind, **options)
    begin(emulator)
    assert causes(emulator, lambda entry: entry.get("what") == "struck") == chain


STOP = {"send": message("stopContainer", {"containerId": "x"}, 3)}


@pytest.mark.parametrize(
    ("fault", "chain"),
    [
        (("plugin", "event", {"event": "onContainerStopped", "method": "start*"}), ["event", "fault", "request"]),
        (("dobby", "crash", {"seconds": 1}), ["event", "signal", "fault", "call", "request"]),
        (
            ("dobby", "delay-signal", {"method": "Stopped", "seconds": 1}),
            ["event", "signal", "fault", "call", "request"],
        ),
    ],
)
def test_the_journal_knows_what_a_fault_led_to(still, node_client, fault, chain):
    place, kind, options = fault
    still.add(place, kind, **options)
    met = node_client(
        still.ready["ws"],
        {"send": message("register", {"event": "onContainerStopped", "id": "c"}, 1)},
        {"send": message("startContainerFromDobbySpec", {"containerId": "x", "dobbySpec": SPEC}, 2)},
        {"until": {"id": 2}},
        *([STOP, {"until": {"id": 3}}] if kind == "delay-signal" else []),
        {"post": [still.ready["control"] + "clock/advance", {"seconds": 10}]},
        {"until": {"method": "c.onContainerStopped"}},
    )
    assert met
    assert causes(still, lambda entry: entry["kind"] == "event") == chain


def causes(emulator, is_last):
    """Return the kinds of an entry in the journal, of its cause, and so on."""
    entries = emulator.do("GET", "journal")["entries"]
    by_number = {entry["number"]: entry for entry in entries}
    entry = next(entry for entry in entries if is_last(entry))
    chain = []
    while entry is not None:
        chain.append(entry["kind"])
        entry = by_number.get(entry["cause"])
    return chain
