"""The Controller, plugins of a scenario file, and tokens, as curl and WebSocket clients meet them."""

import json
import os
import signal
import sys

import pytest
from websockets.exceptions import InvalidStatus

from tests_support import SPEC, run
from thunderclient import CALLSIGN, DONE, NONE, HTTPClient, WebSocket, message, until

VERSIONS = {"r4.4.1-rdk": (4, 4, 1), "r4.4.1": (4, 4, 1), "r4.4.7": (4, 4, 7)}
ILLEGAL = {"code": 5, "message": "The service is in an illegal state!!!."}
NOT_ACTIVE = {"code": 2, "message": "Service is not active"}
UNKNOWN = {
    "r4.4.1-rdk": {"code": -32601},
    "r4.4.1": {"code": 22, "message": "ERROR_UNKNOWN_KEY"},
    "r4.4.7": {"code": 22, "message": "ERROR_UNKNOWN_KEY"},
}
PRIVILEGED = {
    "r4.4.1-rdk": {"code": -32604},
    "r4.4.1": {"code": 24, "message": "ERROR_PRIVILIGED_REQUEST"},
    "r4.4.7": {"code": -32604, "message": "method invocation not allowed."},
}
HASH = "engineering_build_for_debug_purpose_only"


def curl(url, *arguments):
    """Return the status line without the version, the headers by name, and the body."""
    status, output, errors = run("curl", "-s", "-S", "-i", url, *arguments)
    assert (status, errors) == (0, "")
    head, _, body = output.partition("\n\n")
    first, *lines = head.splitlines()
    return first.removeprefix("HTTP/1.1 "), dict(line.split(": ", 1) for line in lines), body


def ask(url, method, params=None):
    """Call with curl; return the result, or the error."""
    _, _, body = curl(url, "-d", message(method, params))
    answer = json.loads(body)
    return answer["result"] if "result" in answer else answer["error"]


@pytest.fixture(params=VERSIONS)
def flavour(request):
    return request.param


@pytest.fixture
def host(emulators, flavour):
    """An emulator of this flavour, whose plugin is active again afterwards."""
    emulator = emulators("--bus", "embedded", "--flavour", flavour)
    yield emulator.ready
    for method in ("deactivate", "activate"):
        assert ask(emulator.ready["url"], f"Controller.1.{method}", {"callsign": CALLSIGN}) is None


def state(url):
    (status,) = ask(url, f"Controller.1.status@{CALLSIGN}")
    return status["state"]


def test_status_of_one(host, flavour):
    (status,) = ask(host["url"], f"Controller.1.status@{CALLSIGN}")
    version = {"hash": HASH, "major": 1, "minor": 0, "patch": 4}
    assert status == {
        "callsign": CALLSIGN,
        "locator": "libWPEFrameworkOCIContainerLegacy.so",
        "classname": "OCIContainer",
        "autostart": True,
        "precondition": ["Platform"],
        "startmode": "Activated",
        "state": "activated",
        "observers": 0,
        "module": "Plugin_OCIContainer",
        "version": version,
        **(version if flavour == "r4.4.7" else {}),
    }


def test_status_of_all_and_of_none(host, flavour):
    everybody = ask(host["url"], "Controller.1.status")
    assert [status["callsign"] for status in everybody] == ["Controller", CALLSIGN]
    assert ask(host["url"], "Controller.1.status@") == everybody
    assert ask(host["url"], "Controller.1.status@nobody") == UNKNOWN[flavour]


@pytest.mark.parametrize(
    ("verb", "inactive"),
    [("deactivate", "deactivated"), ("unavailable", "unavailable")],
    ids=["deactivate", "unavailable"],
)
def test_a_plugin_that_does_not_work(host, flavour, verb, inactive):
    url = host["url"]
    with WebSocket(host["ws"]) as client, WebSocket(f"{host['ws']}/{CALLSIGN}") as direct, WebSocket(host["ws"]) as fan:
        client.register("onContainerStarted")
        fan.register("statechange", "all", callsign="Controller")
        for _ in range(2):  # again is all right, and nothing new
            assert ask(url, f"Controller.1.{verb}", {"callsign": CALLSIGN}) is None
        assert fan.event() == (
            "client.statechange",
            {"callsign": CALLSIGN, "state": inactive.capitalize(), "reason": "Requested"},
        )
        assert fan.event() == (
            "client.all",
            {"callsign": CALLSIGN, "data": {"state": inactive, "reason": "Requested"}},
        )
        assert state(url) == inactive
        through_controller = NOT_ACTIVE if flavour == "r4.4.7" else ILLEGAL
        for method in ("listContainers", "nonsense", f"{CALLSIGN}.7.listContainers", "register", "exists"):
            assert ask(url, method) == through_controller
            assert ask(f"{url}/{CALLSIGN}", method) == NOT_ACTIVE
        assert client.call("listContainers") == through_controller
        assert direct.call("listContainers") == NOT_ACTIVE
        assert curl(url.replace("/jsonrpc", f"/Service/{CALLSIGN}"))[0] == (
            "410 The requested service is currently in the deactivated mode."
        )
        if verb == "unavailable":
            assert ask(url, "Controller.1.activate", {"callsign": CALLSIGN}) == ILLEGAL
            assert ask(url, "Controller.1.deactivate", {"callsign": CALLSIGN}) is None
            fan.events(2)
        assert ask(url, "Controller.1.activate", {"callsign": CALLSIGN}) is None
        assert [params.get("state") for _, params in fan.events(2)] == ["Activated", None]
        assert state(url) == "activated"
        # nobody hears of containers who has not registered again
        story(client)
        assert client.heard() == []
        client.register("onContainerStarted")
        story(client)
        assert [name for name, _ in client.heard()] == ["client.onContainerStarted"]
        assert direct.call("listContainers") == NONE["rdkservices"]


def story(client):
    """Start a container that ends at once, and wait until it is gone."""
    spec = {**SPEC, "args": ["true"]}
    assert client.call("startContainerFromDobbySpec", {"containerId": "x", "dobbySpec": spec})["success"] is True
    until(lambda: client.call("listContainers")["containers"] == [])


def test_the_events_of_a_change_come_before_its_answer(host):
    with WebSocket(host["ws"]) as client:
        client.register("statechange", callsign="Controller")
        number = client.send("Controller.1.deactivate", {"callsign": CALLSIGN})
        assert client.next()["method"] == "client.statechange"
        assert client.next() == {"jsonrpc": "2.0", "id": number, "result": None}


def test_what_the_controller_does_not_do(host, flavour):
    url = host["url"]
    for method in ("activate", "deactivate", "unavailable"):
        assert ask(url, f"Controller.1.{method}", {"callsign": "nobody"}) == UNKNOWN[flavour]
        assert ask(url, f"Controller.1.{method}", {}) == UNKNOWN[flavour]
        assert ask(url, f"Controller.1.{method}", {"callsign": "Controller"}) == PRIVILEGED[flavour]
    for method in ("suspend", "resume"):
        assert ask(url, f"Controller.1.{method}", {"callsign": CALLSIGN}) == {"code": 2, "message": "ERROR_UNAVAILABLE"}
    assert ask(url, "Controller.1.hibernate", {"callsign": CALLSIGN}) == {"code": 47, "message": "ERROR_INPROC"}
    for method in ("buildinfo", "all", "callsigns", "versions"):
        assert ask(url, f"Controller.1.{method}")["code"] == (53 if flavour == "r4.4.1-rdk" else -32601)


def test_what_the_controller_tells(host, flavour):
    url = host["url"]
    major, minor, patch = VERSIONS[flavour]
    version = {"hash": HASH, "major": major, "minor": minor, "patch": patch}
    assert ask(url, "Controller.1.version") == version
    assert ask(url, "version") != version  # a bare name goes to the plugin of this callsign
    subsystems = ask(url, "Controller.1.subsystems")
    assert subsystems[0] == {"subsystem": "Platform", "active": True}
    with WebSocket(host["ws"]) as client:
        links = client.call("Controller.1.links")
        assert [(link["remote"], link["activity"]) for link in links] == [("127.0.0.1", True)]
        # whoever asks is connected, too
        assert len(ask(url, "Controller.1.links")) == 2
    assert ask(url, f"Controller.1.configuration@{CALLSIGN}") == ("" if flavour == "r4.4.7" else None)
    assert ask(url, "Controller.1.configuration@nobody") == UNKNOWN[flavour]
    assert ask(url, "Controller.1.environment@HOME") == "/root"
    assert len(ask(url, "Controller.1.processinfo")["threads"]) == 4
    assert (ask(url, "Controller.1.proxies"), ask(url, "Controller.1.discoveryresults")) == ([], [])


def test_the_quirk_of_the_environment(spawn):
    options = ("--quirk", "T-unquoted-environment", "--env", "NAME=a b")
    host = spawn("thunderoci", "up", "--port", "0", "--bus", "embedded", *options)
    body = curl(host.ready["url"], "-d", message("Controller.1.environment@NAME"))[2]
    assert body == '{"jsonrpc":"2.0","id":1,"result":a b}'


def test_the_rest_twin(host, flavour):
    base = host["url"].replace("/jsonrpc", "/Service/Controller")

    def get(path):
        status, headers, body = curl(base + path)
        assert (status, headers["Content-Type"]) == ("200 OK", "application/json")
        return json.loads(body)

    whole = get("")
    assert [plugin["callsign"] for plugin in whole["plugins"]] == ["Controller", CALLSIGN]
    assert list(whole) == ["plugins", "channels", "server"]
    status, _, body = curl(host["url"])  # without a message it is the same question
    assert (status, list(json.loads(body))) == ("200 OK", list(whole))
    assert get("/Plugins") == {"plugins": whole["plugins"]}
    assert get(f"/Plugin/{CALLSIGN}") == {"plugins": whole["plugins"][1:]}
    assert [link["remote"] for link in get("/Links")["channels"]] == ["127.0.0.1"]
    assert get("/SubSystems")[0]["subsystem"] == "Platform"
    assert get("/Version")["patch"] == VERSIONS[flavour][2]
    assert len(get("/Process")["server"]["threads"]) == 4
    assert get("/Environment/HOME") == "/root"


def test_activating_by_rest(host):
    base = host["url"].replace("/jsonrpc", "/Service/Controller")
    for verb, expected in (("Deactivate", "deactivated"), ("Activate", "activated")):
        for _ in range(2):
            status, _, body = curl(f"{base}/{verb}/{CALLSIGN}", "-X", "PUT")
            assert (status, body) == ("200 OK", "")
            assert state(host["url"]) == expected
    assert curl(f"{base}/Activate/nobody", "-X", "PUT")[0].startswith("404 ")
    assert curl(f"{base}/Deactivate/Controller", "-X", "PUT")[0].startswith("403 ")
    assert curl(base, "-X", "POST")[0] == "400 There are no POST handlers!"


def test_a_preflight(host):
    asking = ("-X", "OPTIONS", "-H", "Origin: http://app.example", "-H", "Access-Control-Request-Method: POST")
    status, headers, _ = curl(host["url"], *asking, "-H", "Access-Control-Request-Headers: content-type")
    assert status == "204 No Content"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Allow-Headers"] == "content-type"
    assert "POST" in headers["Access-Control-Allow-Methods"]
    assert curl(host["url"].replace("jsonrpc", f"Service/{CALLSIGN}"), *asking)[0] == "204 No Content"


SCENARIO = """
[[plugin]]
callsign = "org.rdk.Network"
version = "2.3.4"

[plugin.methods]
getInterfaces = { interfaces = [{ interface = "ETHERNET", enabled = true, mtu = 1500 }], success = true }
getStbIp = "10.0.0.1/é"

[[plugin]]
callsign = "Silent"
"""


@pytest.fixture
def scenario(spawn, tmp_path):
    """An emulator with the plugins of a scenario."""
    file = tmp_path / "box.toml"
    file.write_text(SCENARIO, encoding="utf-8")
    return spawn("thunderoci", "up", "--port", "0", "--bus", "embedded", "--scenario", str(file))


def test_a_second_plugin(scenario):
    url = scenario.ready["url"]
    body = curl(url, "-d", message("org.rdk.Network.2.getInterfaces"))[2]
    answer = '{"interfaces":[{"interface":"ETHERNET","enabled":true,"mtu":1500}],"success":true}'
    assert body == f'{{"jsonrpc":"2.0","id":1,"result":{answer}}}'
    assert curl(url, "-d", message("org.rdk.Network.getStbIp"))[2].endswith('"result":"10.0.0.1\\/\\u00E9"}')
    assert curl(f"{url}/org.rdk.Network", "-d", message("whatever.getInterfaces"))[2] == body
    assert ask(url, "org.rdk.Network.1.getInterfaces")["code"] == 45
    assert ask(url, "org.rdk.Network.2.listContainers")["code"] == 53
    assert ask(url, "Silent.1.anything")["code"] == 53
    assert ask(url, "listContainers") == NONE["rdkservices"]
    callsigns = [status["callsign"] for status in ask(url, "Controller.1.status")]
    assert callsigns == ["Controller", CALLSIGN, "org.rdk.Network", "Silent"]
    (status,) = ask(url, "Controller.1.status@org.rdk.Network")
    assert (status["classname"], status["state"], status["version"]["minor"]) == ("Network", "activated", 3)
    with WebSocket(scenario.ready["ws"]) as client:
        client.register("onIPAddressStatusChanged", callsign="org.rdk.Network")
        for verb, expected in (("deactivate", ILLEGAL["code"]), ("activate", None)):
            assert ask(url, f"Controller.1.{verb}", {"callsign": "org.rdk.Network"}) is None
            assert client.call("org.rdk.Network.2.getStbIp") == (ILLEGAL if expected else "10.0.0.1/é")
            # each plugin for itself
            assert client.call("listContainers") == NONE["rdkservices"]
        answer = client.call("org.rdk.Network.2.unregister", {"event": "onIPAddressStatusChanged", "id": "client"})
        assert answer["message"] == "Unregister was already done!!!."
    assert scenario.end() == (0, "")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("plugin = 5", "[[plugin]] tables expected, not 5"),
        ("[plugin]\n", "[[plugin]] tables expected"),
        ("[[plugin]]\n", "line 1, plugin 1: the key 'callsign' is missing: a text that is"),
        ("[[plugin]]\ncallsign = ''", "line 2, plugin 1, key 'callsign': a text that is not empty expected, not ''"),
        ("[[plugin]]\ncallsign = 'a'\nmethod = 1", "plugin 1, key 'method': there is no such key"),
        ("[[plugin]]\ncallsign = 'a'\nversion = 1.0", 'a text like "1.0.4", no number above 255 expected'),
        ("[[plugin]]\ncallsign = 'a'\nversion = '1.x'", 'a text like "1.0.4", no number above 255 expected'),
        ("[[plugin]]\ncallsign = 'a'\nversion = ''", 'a text like "1.0.4", no number above 255 expected'),
        ("[[plugin]]\ncallsign = 'a'\nmethods = []", "a table of answers expected"),
        (
            "[[plugin]]\ncallsign = 'a'\nmethods = { m = 1979-05-27 }",
            "line 3, plugin 1, key 'methods.m': tables, arrays,",
        ),
        ("[[plugin]]\ncallsign = 'a'\nmethods = { m = nan }", "line 3, plugin 1, key 'methods.m': tables, arrays,"),
        ("[[plugin]]\ncallsign = 'Controller'", "there is a plugin Controller already"),
        (
            "[[plugin]]\ncallsign = 'a'\n[[plugin]]\ncallsign = 'a'",
            "line 4, plugin 2, key 'callsign': there is a plugin a already",
        ),
        ("[[plugin", "at end of document"),
        ("x = 1", "line 1, key 'x': there is no such key; these there are: bundle,"),
        (b"\xff", "utf-8"),
        (f"a = {'[' * 5000}", "the file: it is nested too deep"),
        (None, "No such file or directory"),
        (..., "Is a directory"),
    ],
)
def test_scenarios_that_are_none(tmp_path, text, complaint):
    file = tmp_path / "box.toml"
    if text is ...:
        file.mkdir()
    elif text is not None:
        file.write_bytes(text.encode() if isinstance(text, str) else text)
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    command = (sys.executable, "-m", "thunderoci", "up", "--port", "0", "--scenario", str(file))
    status, output, errors = run(*command, env=environment)
    assert (status, output) == (1, "")
    assert errors.startswith(f"thunderoci: The scenario {file} can't be used; ")
    assert complaint in errors
    assert errors.count("\n") == 1
    assert [entry for entry in tmp_path.iterdir() if entry != file] == []


def test_a_token(spawn):
    host = spawn("thunderoci", "up", "--port", "0", "--bus", "embedded", "--require-token", "s3cret")
    url, socket = host.ready["url"], host.ready["ws"]
    call = ("-d", message("listContainers"))
    for refused in ((), ("-H", "Authorization: Bearer wrong"), ("-H", "Authorization: s3cret")):
        status, _, body = curl(url, *call, *refused)
        assert (status, body) == ("401 Request needs authorization. Missing or invalid token.", "")
        assert curl(url, *refused)[0].startswith("401 ")
    assert curl(f"{url}?token=wrong", *call)[0].startswith("401 ")
    assert curl(url.replace("jsonrpc", f"Service/Controller/Deactivate/{CALLSIGN}"), "-X", "PUT")[0].startswith("401 ")
    answer = json.dumps({"jsonrpc": "2.0", "id": 1, "result": NONE["rdkservices"]}, separators=(",", ":"))
    assert curl(url, *call, "-H", "Authorization: Bearer s3cret")[2] == answer
    assert curl(f"{url}?token=s3cret", *call)[2] == answer
    for address, headers in ((socket, {}), (f"{socket}?token=wrong", {}), (socket, {"Authorization": "Bearer x"})):
        with pytest.raises(InvalidStatus) as refusal, WebSocket(address, additional_headers=headers):
            pass
        assert refusal.value.response.status_code == 403
        assert refusal.value.response.reason_phrase == "Security prohibites this connection."
    for address, headers in ((f"{socket}?token=s3cret", {}), (socket, {"Authorization": "Bearer s3cret"})):
        with WebSocket(address, additional_headers=headers) as client:
            assert client.call("listContainers") == NONE["rdkservices"]
    assert host.end() == (0, "")


def test_hanging_up_on_everybody(spawn):
    host = spawn("thunderoci", "up", "--port", "0", "--bus", "embedded")
    with HTTPClient(host.ready["url"]) as listener, WebSocket(host.ready["ws"]) as client:
        assert listener.call("listContainers") == client.call("listContainers") == NONE["rdkservices"]
        assert client.call("pauseContainer", {"containerId": "x"}) != DONE["rdkservices"]
        assert host.end(signal.SIGTERM) == (0, "")
