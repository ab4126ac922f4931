"""The plugins of a scenario: what they answer, and what is refused."""

import json

import pytest
from hosting import EchoPlugin, Hosted

from fakedobby.errors import BadScenario
from fakedobby.scenariofile import ScenarioFile
from thunderoci.scenario import plugins_of

GOOD = """
[[plugin]]
callsign = "org.rdk.Network"
version = "2.1"

[plugin.methods]
getInterfaces = { interfaces = ["a/b", 1, 2.5, true, { "é" = [] }], success = true }
name = "box"
nothing = {}

[[plugin]]
callsign = "Bare"

[[plugin]]
callsign = "org.rdk.System"
classname = "SystemServices"
"""


@pytest.fixture
def load(tmp_path):
    def load(text):
        path = tmp_path / "scenario.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return plugins_of(ScenarioFile(path))

    return load


def test_plugins_of_a_file(load):
    hosted = Hosted(EchoPlugin(), *load(GOOD))
    assert hosted.call("org.rdk.Network.2.name") == "box"
    assert hosted.call("org.rdk.Network.nothing", {"any": "params"}) == {}
    assert hosted.call("org.rdk.Network.1.name")["code"] == 45
    assert hosted.call("org.rdk.Network.nope")["code"] == 53
    assert hosted.call("name", direct="org.rdk.Network") == "box"
    raw = hosted.answer(b'{"id":1,"method":"org.rdk.Network.getInterfaces"}').body
    assert b'{"interfaces":["a\\/b",1,2.5,true,{"\\u00E9":[]}],"success":true}' in raw


def test_what_the_controller_shows_of_them(load):
    hosted = Hosted(*load(GOOD))
    shown = [
        (it["callsign"], it["classname"], it["locator"], it["state"], *list(it["version"].values())[1:])
        for it in hosted.call("status")[1:]
    ]
    assert shown == [
        ("org.rdk.Network", "Network", "libWPEFrameworkNetwork.so", "activated", 2, 1, 0),
        ("Bare", "Bare", "libWPEFrameworkBare.so", "activated", 1, 0, 0),
        ("org.rdk.System", "SystemServices", "libWPEFrameworkSystemServices.so", "activated", 1, 0, 0),
    ]


def test_they_have_what_every_plugin_has(load):
    hosted = Hosted(*load(GOOD))
    assert hosted.call("Bare.register", {"event": "e", "id": "me"}) == 0
    hosted.host.emit("Bare", "e", "{}")
    assert len(hosted.client.heard) == 1
    hosted.call("deactivate", {"callsign": "Bare"})
    assert hosted.call("Bare.x")["code"] == 5
    hosted.call("activate", {"callsign": "Bare"})
    assert hosted.call("Bare.x")["code"] == 53


@pytest.mark.parametrize("text", ["", "plugin = []", "# nothing"])
def test_a_file_without_plugins(load, text):
    assert load(text) == []


PLUGIN = '[[plugin]]\ncallsign = "a"\n'


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ("plugin = 5", "line 1, key 'plugin'", "[[plugin]] tables expected, not 5"),
        ("plugin = [5]", "line 1, plugin 1", "a table expected, not 5"),
        (PLUGIN + "methods = {}\nx = 1", "line 4, plugin 1, key 'x'", "callsign, classname, methods, version"),
        ("[[plugin]]", "line 1, plugin 1", "the key 'callsign' is missing: a text that is not empty expected"),
        ("[[plugin]]\ncallsign = 5", "line 2, plugin 1, key 'callsign'", "a text that is not empty expected, not 5"),
        ('[[plugin]]\ncallsign = ""', "line 2, plugin 1, key 'callsign'", "a text that is not empty expected, not ''"),
        (PLUGIN + "classname = 5", "line 3, plugin 1, key 'classname'", "a text expected, not 5"),
        (PLUGIN + "methods = 5", "line 3, plugin 1, key 'methods'", "a table of answers expected, not 5"),
        (
            PLUGIN + "methods = { m = 1979-05-27 }",
            "line 3, plugin 1, key 'methods.m'",
            "scenario is made of, not 1979-05",
        ),
        (
            PLUGIN + "methods = { m = [1,\n { a = 07:32:00 }] }",
            "line 4, plugin 1, key 'methods.m', item 2, key 'a'",
            "scenario is made of, not 07:32:00",
        ),
        *(
            (f"{PLUGIN}methods = {{ m = {number} }}", "line 3, plugin 1, key 'methods.m'", f"not {number}")
            for number in ("nan", "inf", "-inf")
        ),
        *(
            (f"{PLUGIN}version = {version}", "line 3, plugin 1, key 'version'", 'a text like "1.0.4"')
            for version in (
                "1",
                '""',
                '"x"',
                '"1."',
                '"1.0.4.2"',
                '"-1"',
                '"256"',
                f'"{"9" * 5000}"',
                '"²"',
                '"1.²"',
                "true",
            )
        ),
        (PLUGIN.replace('"a"', '"a.1"'), "line 2, plugin 1, key 'callsign'", "would be a version"),
        (PLUGIN + PLUGIN, "line 4, plugin 2, key 'callsign'", "there is a plugin a already"),
        (
            PLUGIN + PLUGIN.replace('"a"', '"Controller"'),
            "line 4, plugin 2, key 'callsign'",
            "a plugin Controller already",
        ),
        (
            PLUGIN.replace('"a"', '"org.rdk.OCIContainer"'),
            "line 2, plugin 1, key 'callsign'",
            "org.rdk.OCIContainer already",
        ),
    ],
)
def test_what_is_refused(load, tmp_path, text, where, reason):
    with pytest.raises(BadScenario) as refused:
        load(text)
    said = str(refused.value)
    assert said.startswith(f"The scenario {tmp_path}/scenario.toml can't be used; {where}: ")
    assert reason in said


@pytest.mark.parametrize("callsign", ["a b", "ü", "a/b", 'a"b', "1"])
def test_any_callsign_is_shown_as_json(load, callsign):
    hosted = Hosted(*load(f"[[plugin]]\ncallsign = {json.dumps(callsign)}"))
    assert hosted.call("status")[1]["callsign"] == callsign
