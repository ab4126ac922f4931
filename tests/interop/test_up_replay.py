"""`thunderoci up --replay`: what was recorded of a real `thunderoci up`, served to real clients again."""

import json
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from test_record import ODD, PATIENCE

from tests_support import SPEC, run
from thunderclient import HTTPClient, WebSocket

HERE = Path(__file__).parent
UP = ("--port", "0", "--bus", "embedded", "--progression", "immediate")
LIST = '{"jsonrpc":"2.0","id":7,"method":"org.rdk.OCIContainer.1.listContainers"}'


@pytest.fixture
def recording(spawn, tmp_path):
    """Record what `act(ready)` does with an emulator; return the file."""

    def record(act, *options):
        box = spawn("thunderoci", "up", *UP, *options)
        file = tmp_path / "box.jsonl"
        upstream = ("--upstream", box.ready["url"], "--output", str(file))
        recorder = spawn("thunderoci", "record", "--port", "0", *upstream)
        act(recorder.ready)
        assert recorder.end() == (0, "")
        box.end()
        return file

    return record


def replay(spawn, file):
    return spawn("thunderoci", "up", "--replay", str(file), "--port", "0")


@pytest.fixture(params=["node", "python"])
def session(request):
    if request.param == "node":
        node = request.getfixturevalue("node")
        return lambda url: node("session.mjs", url)
    return lambda url: run(sys.executable, str(HERE / "session.py"), url)


@pytest.mark.parametrize("profile", ["rdkservices", "entservices"])
def test_a_session_hears_what_was_recorded(spawn, recording, session, profile):
    heard = []
    file = recording(lambda ready: heard.append(session(ready["ws"])), "--profile", profile)
    assert heard[0][0] == 0
    replayed = replay(spawn, file)
    assert session(replayed.ready["ws"]) == heard[0]
    assert replayed.end() == (0, "")


def test_curl_gets_the_recorded_bytes(spawn, recording):
    commands = [
        ("-d", LIST),
        ("-d", "{"),
        ("-d", LIST.replace("listContainers", "nothing")),
        ("-X", "OPTIONS", "-H", "Origin: http://x", "-H", "Access-Control-Request-Method: POST"),
        ("-I",),
    ]
    heard = []
    file = recording(lambda ready: heard.extend(run("curl", "-s", "-i", ready["url"], *each) for each in commands))
    replayed = replay(spawn, file)
    assert [run("curl", "-s", "-i", replayed.ready["url"], *each) for each in commands] == heard
    assert heard[0][1].startswith("HTTP/1.1 200 JSONRPC executed succesfully\n")
    status, output, _ = run("curl", "-sS", replayed.ready["url"], "-d", LIST.replace("7", '"mine"'))
    assert (status, json.loads(output)["id"]) == (0, "mine")


def test_events_of_calls_over_http_reach_whoever_registered(spawn, recording):
    def act(ready):
        with WebSocket(ready["ws"], client_id="recorded") as listener, HTTPClient(ready["url"]) as client:
            listener.register("onContainerStarted", "onContainerStopped")
            client.call("startContainerFromDobbySpec", {"containerId": "a", "dobbySpec": SPEC})
            listener.event()
            client.call("stopContainer", {"containerId": "a"})
            listener.event()

    replayed = replay(spawn, recording(act))
    first, second = (WebSocket(replayed.ready["ws"], client_id=name) for name in ("one", "two"))
    with first, second, HTTPClient(replayed.ready["url"]) as client:
        first.register("onContainerStarted", "onContainerStopped")
        second.register("onContainerStopped")
        assert client.call("startContainerFromDobbySpec", {"containerId": "a", "dobbySpec": SPEC})["success"]
        container = {"descriptor": "734", "name": "a"}
        assert first.event() == ("one.onContainerStarted", container)
        assert client.call("stopContainer", {"containerId": "a"}) == {"success": True}
        assert first.event() == ("one.onContainerStopped", container)
        assert second.event() == ("two.onContainerStopped", container)


def test_what_was_not_recorded_is_told_with_the_nearest(spawn, recording):
    file = recording(lambda ready: run("curl", "-s", ready["url"], "-d", LIST))
    replayed = replay(spawn, file)
    call = LIST.replace("}", ',"params":{"containerId":"x"}}').replace("listContainers", "getContainerState")
    status, output, _ = run("curl", "-sS", replayed.ready["url"], "-d", call)
    assert status == 0
    sentence = (
        'Not in the recording: org.rdk.OCIContainer.1.getContainerState with params {"containerId": "x"} at /jsonrpc; '
        "nearest is line 2, org.rdk.OCIContainer.1.listContainers with params null at /jsonrpc."
    )
    assert json.loads(output) == {"jsonrpc": "2.0", "id": 7, "error": {"code": -32000, "message": sentence}}
    with WebSocket(replayed.ready["ws"]) as client:
        assert client.call("nothing")["code"] == -32000
        assert client.call("listContainers") == {"containers": [], "success": True}
    status, output, _ = run("curl", "-sS", "-i", replayed.ready["url"].replace("/jsonrpc", "/Service"))
    assert output.startswith("HTTP/1.1 404 Not Found\n")
    status, errors = replayed.end()
    assert status == 0
    assert f"WARNING thunderoci.replaying.server: {sentence}" in errors
    assert "Traceback" not in errors


def test_odd_traffic_is_no_obstacle(spawn, recording):
    def act(ready):
        parts = urlsplit(ready["url"])
        for odd in ODD.values():
            with closing(socket.create_connection((parts.hostname, parts.port), PATIENCE)) as client:
                client.sendall(odd)
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass
        run("curl", "-s", ready["url"], "-d", LIST)

    file = recording(act)
    assert "unasked" in {json.loads(line)["kind"] for line in file.read_text().splitlines()}
    replayed = replay(spawn, file)
    assert json.loads(run("curl", "-sS", replayed.ready["url"], "-d", LIST)[1])["result"]["success"]
    assert replayed.end() == (0, "")


def test_silence_is_told_instead_of_kept(spawn, recording):
    def act(ready):
        run("curl", "-s", "-m", "1", ready["url"], "-d", LIST.replace("7", "1.5"))

    replayed = replay(spawn, recording(act, "--quirk", "T-silence"))
    status, output, _ = run("curl", "-sS", replayed.ready["url"], "-d", LIST.replace("7", "1.5"))
    error = json.loads(output)["error"]
    assert (status, error["code"]) == (0, -32000)
    assert error["message"].startswith("The box gave no answer when this was recorded in line 2: ")


def test_it_ends_with_whoever_started_it(recording):
    file = recording(lambda ready: run("curl", "-s", ready["url"], "-d", LIST))
    command = (sys.executable, "-m", "thunderoci", "up", "--port", "0", "--until-eof", "--replay", str(file))
    status, _, errors = run(*command, stdin=subprocess.DEVNULL)
    assert (status, errors) == (0, "")


def test_it_says_where_lines_are_missing(recording):
    file = recording(lambda ready: run("curl", "-s", ready["url"], "-d", LIST))
    with file.open("a") as recorded:
        recorded.write('{"kind": "lost", "at": 3.5, "lines": 12}\n')
    command = (sys.executable, "-m", "thunderoci", "up", "--port", "0", "--until-eof", "--replay", str(file))
    status, _, errors = run(*command, stdin=subprocess.DEVNULL)
    assert status == 0
    assert "12 lines are missing at line 4 of the recording: what was said there can't be served" in errors


@pytest.mark.parametrize(
    ("arguments", "expected", "complaint"),
    [
        (("--replay", "/nowhere"), 1, "The recording /nowhere can't be read: No such file or directory."),
        (("--replay", "x", "--profile", "entservices"), 2, "--profile has no meaning with --replay"),
        (("--replay", "x", "--bus", "embedded"), 2, "--bus has no meaning with --replay"),
        (("--replay", "x", "--no-memcr"), 2, "--no-memcr has no meaning with --replay"),
        (("--replay", "x", "--quirk", "T-silence"), 2, "--quirk has no meaning with --replay"),
    ],
)
def test_what_can_not_be_replayed(arguments, expected, complaint):
    status, output, errors = run(sys.executable, "-m", "thunderoci", "up", "--port", "0", *arguments)
    assert (status, output) == (expected, "")
    assert complaint in errors
    assert "Traceback" not in errors
