"""The Controller over plain HTTP (facts/thunder.md A.1, A.2 and C)."""

import json

import pytest
from hosting import Connection, status_of

from thunderoci.answer import COMMON_HEADERS
from thunderoci.ocicontainer import CALLSIGN

NO_RESPONSE = "500 There is no response from the requested service."
EMPTY = b"HTTP/1.1 200 OK\r\n" + COMMON_HEADERS + b"Content-Length: 0\r\n\r\n"


@pytest.fixture
def connection():
    return Connection()


def asked(connection, verb, path):
    return connection.send(f"{verb} {path} HTTP/1.1\r\n\r\n".encode())


def shown(connection, path, verb="GET"):
    """Return the JSON that is answered, and check what is around it."""
    head, _, body = asked(connection, verb, path).partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[::2] == [
        b"HTTP/1.1 200 OK",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(body),
    ]
    return json.loads(body)


@pytest.mark.parametrize("path", ["/jsonrpc", "/jsonrpc/", "/jsonrpc/Controller", "/Service", "/Service/Controller"])
def test_everything_at_once(connection, path):
    everything = shown(connection, path)
    assert list(everything) == ["plugins", "channels", "server"]
    assert [plugin["callsign"] for plugin in everything["plugins"]] == ["Controller", CALLSIGN]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("Plugins", ("status", "plugins")),
        (f"Plugin/{CALLSIGN}", (f"status@{CALLSIGN}", "plugins")),
        ("Plugin/Controller", ("status@Controller", "plugins")),
        ("Links", ("links", "channels")),
        ("SubSystems", ("subsystems", None)),
        ("Version", ("version", None)),
        ("Process", ("processinfo", "server")),
        ("Environment/HOME", ("environment@HOME", None)),
    ],
)
@pytest.mark.parametrize("end", ["", "/", "?x=1"])
def test_the_same_as_over_json_rpc(connection, path, said, end):
    answered = shown(connection, f"/Service/Controller/{path}{end}")
    method, member = said
    result = connection.hosted.call(method)
    assert answered == (result if member is None else {member: result})


@pytest.mark.parametrize("path", ["Plugin/nope", "Plugin", "Nope", "plugins", "UI"])
def test_what_is_not_there_is_empty(connection, path):
    answer = asked(connection, "GET", f"/Service/Controller/{path}")
    assert status_of(answer) == "200 OK"
    assert answer.endswith(b"\r\nContent-Length: 0\r\n\r\n")


def test_plugins_are_turned_off_and_on(connection):
    answers = [
        asked(connection, "PUT", f"/Service/Controller/{what}/{CALLSIGN}")
        for what in ("Deactivate", "Deactivate", "Activate", "Activate")
    ]
    assert answers == [EMPTY] * 4
    assert connection.plugin.emit is not None
    asked(connection, "PUT", f"/Service/Controller/Deactivate/{CALLSIGN}")
    assert connection.plugin.emit is None
    (plugin,) = shown(connection, f"/Service/Controller/Plugin/{CALLSIGN}")["plugins"]
    assert plugin["state"] == "deactivated"


def test_whoever_listens_hears_of_it(connection):
    listener = connection.hosted.listener()
    connection.hosted.call("register", {"event": "statechange", "id": "me"}, listener)
    asked(connection, "PUT", f"/Service/Controller/Deactivate/{CALLSIGN}")
    assert [event["params"]["state"] for event in listener.heard] == ["Deactivated"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("Activate/nope", "404 There is no callsign: nope"),
        ("Deactivate/", "404 There is no callsign: "),
        ("Activate/Controller", "403 The PluginHost Controller can not be activated."),
        ("Deactivate/Controller", "403 The PluginHost Controller can not be deactivated."),
        ("Nope/x", "200 OK"),
        ("", "200 OK"),
    ],
)
def test_what_can_not_be_put(connection, path, status):
    assert status_of(asked(connection, "PUT", f"/Service/Controller/{path}")) == status


def test_what_is_unavailable_can_not_be_activated(connection):
    connection.hosted.call("unavailable", {"callsign": CALLSIGN})
    answer = asked(connection, "PUT", f"/Service/Controller/Activate/{CALLSIGN}")
    assert status_of(answer) == "405 The service is in an illegal state!!!."


@pytest.mark.parametrize(
    ("verb", "status"),
    [
        ("PUT", "200 OK"),
        ("DELETE", "200 OK"),
        ("POST", "400 There are no POST handlers!"),
        *((verb, NO_RESPONSE) for verb in ("HEAD", "PATCH", "TRACE", "CONNECT")),
    ],
)
@pytest.mark.parametrize("path", ["/jsonrpc", "/jsonrpc/Controller", "/Service/", "/Service/Controller/Plugins"])
def test_verbs(connection, verb, status, path):
    assert status_of(asked(connection, verb, path)) == status


@pytest.mark.parametrize("verb", ["GET", "PUT", "POST", "DELETE", "HEAD"])
def test_a_plugin_has_no_such_side(connection, verb):
    path = f"/Service/{CALLSIGN}"
    assert status_of(asked(connection, verb, path)) == "503 The requested service is not loaded."
    assert status_of(asked(connection, verb, f"{path}/x")) == "503 The requested service is not loaded."
    assert status_of(asked(connection, verb, f"{path}.2")).startswith("400 Callsign was oke")
    assert status_of(asked(connection, verb, "/Service/nope")).startswith("400 After the")
    connection.hosted.call("deactivate", {"callsign": CALLSIGN})
    assert status_of(asked(connection, verb, path)).startswith("410 ")
    assert status_of(asked(connection, verb, f"/jsonrpc/{CALLSIGN}")) == NO_RESPONSE


@pytest.mark.parametrize("path", ["/Service/Controller", "/Service/nope", f"/Service/{CALLSIGN}"])
def test_options(connection, path):
    assert status_of(asked(connection, "OPTIONS", path)) == "204 No Content"
