"""The control API asked with curl: who is let in, and who is not."""

import json
import os
import subprocess
import sys

import pytest

from tests_support import SPEC, post, run

EVERYWHERE = "0.0.0.0"  # noqa: S104 (the option under test)


@pytest.fixture(scope="module")
def emulator(spawn):
    """An emulator that lets the pages of one origin in."""
    return spawn("thunderoci", "up", "--port", "0", "--bus", "embedded", "--allow-origin", "http://app.example:3000")


def curl(url, *options):
    """Send a request; return the status, the headers and the body."""
    status, output, errors = run("curl", "-sS", "-i", "--max-time", "20", *options, url)
    assert (status, errors) == (0, "")
    head, _, body = output.partition("\n\n")
    first, *lines = head.splitlines()
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9998", "10.1.2.3", "127.0.0.1.evil.example"])
def test_a_foreign_host_is_refused(emulator, host):
    status, headers, body = curl(emulator.ready["control"] + "health", "-H", f"Host: {host}")
    assert (status, headers["Content-Type"]) == (403, "application/problem+json")
    assert json.loads(body)["detail"].startswith(f"The Host '{host}' is none of ours")


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1", "[::1]:9998"])
def test_our_own_names_are_not(emulator, host):
    assert curl(emulator.ready["control"] + "health", "-H", f"Host: {host}")[0] == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://app.example", "http://127.0.0.1:3000"])
def test_a_foreign_origin_is_refused_and_changes_nothing(emulator, origin):
    fault = json.dumps({"place": "dobby", "kind": "gone"})
    status, headers, _ = curl(
        emulator.ready["control"] + "faults", "-H", f"Origin: {origin}", "-H", "Content-Type: text/plain", "-d", fault
    )
    assert status == 403
    assert "Access-Control-Allow-Origin" not in headers
    assert json.loads(curl(emulator.ready["control"] + "faults")[2]) == {"faults": []}


def test_an_allowed_origin_is_let_in_and_may_read(emulator):
    control, origin = emulator.ready["control"], ("-H", "Origin: http://app.example:3000")
    asked = ("-X", "OPTIONS", "-H", "Access-Control-Request-Method: POST")
    status, headers, _ = curl(control + "faults", *origin, *asked)
    assert (status, headers["Access-Control-Allow-Origin"]) == (204, "http://app.example:3000")
    assert "Content-Type" in headers["Access-Control-Allow-Headers"]
    status, headers, _ = curl(control + "status", *origin)
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, "http://app.example:3000")


def test_our_own_pages_are_let_in(emulator):
    control = emulator.ready["control"]
    origin = control.removesuffix("/emulator/")
    assert curl(control + "health", "-H", f"Origin: {origin}")[0] == 200


def test_beyond_this_machine_it_is_off(spawn):
    program = spawn("thunderoci", "up", "--port", "0", "--bus", "embedded", "--host", EVERYWHERE)
    assert program.ready["control"] is None
    url = program.ready["url"].replace(EVERYWHERE, "127.0.0.1")
    status, _, body = curl(url.replace("/jsonrpc", "/emulator/health"))
    assert (status, body) == (404, "")
    assert post(url, "listContainers")["result"]["success"] is True


@pytest.mark.parametrize("host", [EVERYWHERE, "127.0.0.1"])
def test_a_token_is_demanded_everywhere_once_there_is_one(spawn, host):
    program = spawn(
        "thunderoci", "up", "--port", "0", "--bus", "embedded", "--host", host, "--control-token", "open sesame"
    )
    health = program.ready["control"].replace(EVERYWHERE, "127.0.0.1") + "health"
    assert curl(health)[0] == 403
    assert curl(health, "-H", "Authorization: Bearer open")[0] == 403
    assert curl(health, "-H", "Authorization: Bearer open sesame")[0] == 200
    assert curl(health, "-H", "Authorization: Bearer open sesame", "-H", "Origin: http://evil.example")[0] == 403


def test_ready_names_it(emulator):
    assert emulator.ready["control"] == emulator.ready["url"].replace("/jsonrpc", "/emulator/")


@pytest.mark.parametrize("origin", ["*", "app.example", "http://app.example/", "http://a b", "", "http://u@h"])
def test_an_origin_that_is_none_is_bad_usage(origin):
    status, _, errors = run(sys.executable, "-m", "thunderoci", "up", "--allow-origin", origin)
    assert status == 2
    assert "is no origin: give scheme, name and perhaps port" in errors


def test_a_large_body_is_refused_before_it_is_sent(emulator):
    size = f"Content-Length: {2**31}"
    status, _, body = curl(emulator.ready["control"] + "events", "-X", "POST", "-H", size)
    assert (status, json.loads(body)["title"]) == (413, "TooLarge")


def test_the_journal_has_what_was_called_and_by_whom(spawn):
    program = spawn("thunderoci", "up", "--port", "0", "--progression", "immediate")
    url, control = program.ready["url"], program.ready["control"]
    params = {"containerId": "com.example.a", "dobbySpec": SPEC}
    assert post(url, "startContainerFromDobbySpec", params)["result"]["descriptor"] == 734
    call = ("busctl", f"--address={program.ready['bus']}", "call", "org.rdk.dobby", "/org/rdk/dobby")
    assert run(*call, "org.rdk.dobby.ctrl1", "GetState", "i", "734")[0] == 0
    entries = json.loads(curl(control + "journal?container=com.example.a")[2])["entries"]
    shown = [(one["kind"], one["method"], one.get("sender", "")[:2]) for one in entries if one["kind"] != "answer"]
    assert shown == [
        ("request", "org.rdk.OCIContainer.1.startContainerFromDobbySpec", ""),
        ("call", "StartFromSpec", ""),
        ("signal", "Started", ""),
        ("reply", "StartFromSpec", ""),
        ("call", "GetState", ":1"),
        ("reply", "GetState", ""),
    ]
    numbers = [entry["number"] for entry in entries]
    causes = dict(zip(numbers, (entry["cause"] for entry in entries), strict=True))
    request, started = numbers[:2]
    assert [causes[number] for number in numbers[:5]] == [None, request, started, started, request]


def test_what_a_start_led_to_an_hour_later_says_so(spawn):
    program = spawn("thunderoci", "up", "--port", "0", "--clock", "virtual", "--progression", "immediate")
    control, json_body = program.ready["control"], ("-H", "Content-Type: application/json", "-d")
    curl(control + "containers", *json_body, '{"id": "com.example.a", "program": {"runtime": 3600, "exit": 3}}')
    curl(control + "clock/advance", *json_body, '{"seconds": 7200}')
    entries = json.loads(curl(control + "journal?kind=control,signal&since=1")[2])["entries"]
    shown = [(one.get("operation", one.get("method")), one["cause"], one["at"]) for one in entries]
    start = entries[0]["number"]
    assert shown == [
        ("startContainer", None, 0),
        ("Started", start, 0),
        ("advanceClock", None, 0),
        ("StoppedWithStatus", start, 3600),
        ("Stopped", start, 3600),
    ]


def test_a_plugin_host_alone_says_what_it_can_not_do(spawn):
    dobby = spawn("fakedobby", "--bus", "embedded")
    program = spawn("thunderoci", "serve", "--port", "0", "--bus", dobby.ready["bus"])
    status, _, body = curl(program.ready["control"] + "containers")
    assert (status, json.loads(body)["title"]) == (501, "NotHere")
    assert json.loads(curl(program.ready["control"] + "status")[2])["containers"] is None
    post(program.ready["url"], "listContainers")
    entries = json.loads(curl(program.ready["control"] + "journal")[2])["entries"]
    assert [entry["kind"] for entry in entries] == ["request", "call", "reply", "answer"]
    assert entries[-1]["at"] < 600  # seconds since the start, and not since 1970


def test_an_emulator_nobody_controls_does_not_load_what_control_needs():
    command = "import thunderoci.app, sys; print('jsonschema' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout == "False\n"
