"""What curl, and node with ws, see of faults on the way to them."""

import json

import pytest

from faultclients import begin, curl, message, run

TEXT = "<html>Bad Gateway</html>"
BODY = '{"jsonrpc":"2.0","id":1,"result":{"containers":[],"success":true}}'

# for each fault, what curl exits with, what it says, and what it got
HTTP = {
    "reset": ({}, 56, "Connection reset by peer", ""),
    "half": ({}, 18, f"{len(BODY) - len(BODY) // 2} bytes remaining to read", BODY[: len(BODY) // 2]),
    "drip": ({"seconds": 0.002}, 0, "", BODY),
    "hang": ({}, 28, "Operation timed out", ""),
    "rubbish": ({}, 1, "Received HTTP/0.9 when not allowed", ""),
    "rubbish text": ({"text": TEXT}, 0, "", TEXT),
}


@pytest.mark.parametrize("kind", HTTP)
def test_curl(emulator, kind):
    options, status, complaint, body = HTTP[kind]
    emulator.add("transport", kind.split()[0], times="once", **options)
    limit = ("--max-time", "1") if kind == "hang" else ()
    met = curl(emulator, "listContainers", None, *limit)
    assert (met.status, met.body.rstrip("\n")) == (status, body)
    assert complaint in met.errors
    if kind == "drip":
        assert met.seconds > len(BODY) * options["seconds"]
    # and it was this answer only
    assert curl(emulator, "listContainers").body == BODY


def test_the_call_is_carried_out_whatever_becomes_of_its_answer(emulator):
    emulator.add("transport", "reset", method="start*")
    assert begin(emulator, "x").status == 56
    assert [one["Id"] for one in curl(emulator, "listContainers").result["containers"]] == ["x"]


@pytest.mark.parametrize(
    ("pattern", "struck"),
    [
        ({"method": "getContainerState"}, [False, True, True, False]),
        ({"container": "b"}, [False, False, True, False]),
        ({"method": "Controller.*"}, [False, False, False, True]),
        ({"nth": 2, "times": "once"}, [False, True, False, False]),
    ],
)
def test_which_answers_it_strikes(emulator, pattern, struck):
    emulator.add("transport", "rubbish", text=TEXT, **pattern)
    calls = [("listContainers",), *(("getContainerState", {"containerId": name}) for name in "ab")]
    bodies = [curl(emulator, *call).body for call in [*calls, ("Controller.1.status",)]]
    assert [body == TEXT for body in bodies] == struck


def test_plain_requests_go_by_their_verb(emulator):
    emulator.add("transport", "rubbish", text=TEXT, method="GET")
    assert curl(emulator, "listContainers").body == BODY
    address = emulator.ready["url"].replace("/jsonrpc", "/Service/Controller")
    assert run("curl", "-sS", address) == (0, TEXT, "")


def test_two_drip_on_one_connection_one_after_the_other(emulator):
    emulator.add("transport", "drip", seconds=0.0005)
    url = emulator.ready["url"]
    calls = [json.dumps(message("listContainers", number=number)) for number in (1, 2)]
    command = ("curl", "-sS", "-d", calls[0], url, "--next", "-sS", "-d", calls[1], url)
    assert run(*command) == (0, BODY + BODY.replace('"id":1', '"id":2'), "")


CALL = {"send": message("listContainers", number=1)}
ANSWER = {"jsonrpc": "2.0", "id": 1, "result": {"containers": [], "success": True}}
OTHER = {"send": message("listContainers", number=2)}
"""Its answer comes behind the first one: Dobby replies in the order of the calls."""

# for each fault, what node's ws waits for, and all that it meets (it keeps a reset to itself)
SOCKET = {
    "reset": ({}, [CALL, {"until": {"close": 1006}}], [{"close": 1006}]),
    "half": ({}, [CALL, {"until": {"close": 1006}}], [{"close": 1006}]),
    "drip": ({"seconds": 0.001}, [CALL, OTHER, {"until": {"id": 2}}], [ANSWER, 2]),
    "hang": ({}, [CALL, OTHER, {"until": {"id": 2}}], [2]),
    "rubbish": (
        {},
        [CALL, {"until": {"close": 1006}}],
        [{"error": "WS_ERR_UNEXPECTED_RSV_2_3"}, {"close": 1006}],
    ),
    "rubbish text": ({"text": TEXT}, [CALL, OTHER, {"until": {"id": 2}}], [{"rubbish": TEXT}, 2]),
}


@pytest.mark.parametrize("kind", SOCKET)
def test_node(emulator, node_client, kind):
    options, steps, expected = SOCKET[kind]
    emulator.add("transport", kind.split()[0], times="once", **options)
    met = node_client(emulator.ready["ws"], *steps)
    assert [one["id"] if one.get("id") == 2 else one for one in met] == expected


def test_an_event_waits_until_an_answer_has_dripped(emulator, node_client):
    emulator.add("transport", "drip", seconds=0.001, method="startContainer*")
    params = {"containerId": "x", "dobbySpec": {"version": "1.0", "cwd": "/", "args": ["true"]}}
    params["dobbySpec"] |= {"user": {"uid": 1, "gid": 1}, "memLimit": 41943040}
    met = node_client(
        emulator.ready["ws"],
        {"send": message("register", {"event": "onContainerStopped", "id": "c"}, 1)},
        {"send": message("startContainerFromDobbySpec", params, 2)},
        {"until": {"method": "c.onContainerStopped"}},
    )
    assert [one.get("id", one.get("method")) for one in met] == [1, 2, "c.onContainerStopped"]
