"""`thunderoci log` and `thunderoci status` as people and scripts run them."""

import http.server
import json
import re
import shlex
import signal
import subprocess
import sys
import threading
from urllib.request import Request, urlopen

import pytest

from tests_support import SPEC, post, run

COMMAND = (sys.executable, "-m", "thunderoci")
PATIENCE = 20


@pytest.fixture
def emulator(spawn):
    """An emulator of this test's own."""
    return spawn("thunderoci", "up", "--port", "0", "--bus", "embedded", "--progression", "immediate")


def thunderoci(*arguments):
    return run(*COMMAND, *arguments)


def control(emulator, path, body):
    request = Request(emulator.ready["control"] + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def shown(output):
    """Return kind and text of each line that shows an entry."""
    found = [re.match(r" *\d+\.\d{3}  #\d+ +([a-z]+) +(.*)", line) for line in output.splitlines()]
    return [match.groups() for match in found if match]


def test_the_log_is_readable_and_its_curl_lines_make_the_calls_again(emulator):
    url = emulator.ready["url"]
    post(url, "startContainerFromDobbySpec", {"containerId": "it's", "dobbySpec": SPEC})
    post(url, "startContainerFromDobbySpec", {"containerId": "a", "dobbySpec": SPEC})
    status, output, errors = thunderoci("log", url)
    assert (status, errors) == (0, "")
    method = "org.rdk.OCIContainer.1.startContainerFromDobbySpec"
    lines = shown(output)
    assert ("signal", "Ready()") in lines
    assert ("signal", 'Started(734, "a")  (of #7)') in lines
    assert ("reply", "StartFromSpec (734)  (of #7)") in lines
    answer = [text for kind, text in lines if kind == "answer"][-1]
    assert re.fullmatch(r'client 2 result \{"descriptor":734,"success":true\} after \d\.\d{3} s  \(of #6\)', answer)
    commands = [line.strip() for line in output.splitlines() if line.strip().startswith("curl ")]
    assert [json.loads(shlex.split(command)[2])["method"] for command in commands] == [method] * 2
    again = run("bash", "-c", commands[0].replace("curl ", "curl -sS "))[1]
    assert json.loads(again) == post(url, "startContainerFromDobbySpec", {"containerId": "it's", "dobbySpec": SPEC})


def test_the_log_is_json_for_programs_and_of_what_is_asked_for(emulator):
    post(emulator.ready["url"], "listContainers")
    status, output, _ = thunderoci("log", emulator.ready["control"], "--json", "--since", "1", "--kind", "call,answer")
    assert status == 0
    assert [json.loads(line)["kind"] for line in output.splitlines()] == ["call", "answer"]
    assert thunderoci("log", emulator.ready["url"], "--method", "List")[1].count("List") == 2
    assert thunderoci("log", emulator.ready["url"], "--container", "nobody")[1] == ""


@pytest.fixture
def follow():
    """Start `thunderoci log -f`, and end it with the test."""
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [*COMMAND, "log", "-f", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_the_log_is_followed_until_the_emulator_ends(emulator, follow):
    following = follow("--json", emulator.ready["url"])
    assert json.loads(following.stdout.readline())["method"] == "Ready"
    post(emulator.ready["url"], "listContainers")
    lines = [json.loads(following.stdout.readline()) for _ in range(4)]
    assert [line["kind"] for line in lines] == ["request", "call", "reply", "answer"]
    assert emulator.end() == (0, "")
    assert following.communicate(timeout=PATIENCE) == ("", "")
    assert following.returncode == 0


def test_following_ends_with_ctrl_c(emulator, follow):
    following = follow(emulator.ready["url"])
    assert "Ready()" in following.stdout.readline()
    following.send_signal(signal.SIGINT)
    assert following.communicate(timeout=PATIENCE) == ("", "")
    assert following.returncode == 0


def test_following_goes_on_after_the_journal_was_cleared(emulator, follow):
    following = follow(emulator.ready["url"])
    assert "Ready()" in following.stdout.readline()
    with urlopen(Request(emulator.ready["control"] + "journal", method="DELETE"), timeout=PATIENCE):
        pass
    while "cleared" not in (line := following.stdout.readline()):
        assert "clearJournal" in line
    assert line == "-- the journal was cleared --\n"
    post(emulator.ready["url"], "listContainers")
    assert re.search(r"#1 +request", following.stdout.readline())


def test_the_status_shows_what_is_in_force(emulator):
    fault = {"place": "dobby", "kind": "failure", "method": "StartFrom*", "nth": 3, "times": "once"}
    control(emulator, "faults", fault)
    status, output, errors = thunderoci("status", emulator.ready["url"])
    assert (status, errors) == (0, "")
    assert f"at {emulator.ready['url']}, process {emulator.ready['pid']}\n" in output
    assert "  profile rdkservices, flavour r4.4.1-rdk, progression immediate\n" in output
    assert "  Dobby is there, containers 0\n" in output
    assert "  plugin org.rdk.OCIContainer activated\n" in output
    assert output.endswith("  faults 1\n    f1: dobby failure, method StartFrom*, nth 3, times 1 (met 0, struck 0)\n")
    assert json.loads(thunderoci("status", "--json", emulator.ready["url"])[1])["faults"][0]["id"] == "f1"


@pytest.mark.parametrize("command", ["log", "status"])
def test_nobody_there(command):
    status, output, errors = thunderoci(command, "127.0.0.1:1")
    assert (status, output) == (3, "")
    assert errors == (
        "thunderoci: No emulator answers at http://127.0.0.1:1/emulator: [Errno 111] Connection refused. "
        "Start one with 'thunderoci up', or give its URL.\n"
    )


@pytest.mark.parametrize("command", ["log", "status"])
@pytest.mark.parametrize("url", ["https://x", "http://", "http://x:99999", "http://[x"])
def test_what_is_no_url(command, url):
    status, _, errors = thunderoci(command, url)
    assert status == 3
    assert errors == f"thunderoci: '{url}' is no URL of an emulator. Give one like http://127.0.0.1:9998.\n"


def test_a_thunder_that_has_no_control_api(spawn):
    program = spawn("thunderoci", "up", "--port", "0", "--bus", "embedded", "--host", "0.0.0.0")  # noqa: S104
    url = program.ready["url"].replace("0.0.0.0", "127.0.0.1")  # noqa: S104 (as above)
    status, _, errors = thunderoci("status", url)
    assert status == 3
    assert "can't be asked: a Thunder without a control API answers so: status 404." in errors


def test_a_token_is_sent(spawn):
    program = spawn("thunderoci", "up", "--port", "0", "--bus", "embedded", "--control-token", "T")
    status, _, errors = thunderoci("status", program.ready["url"])
    assert status == 3
    assert "This needs the header 'Authorization: Bearer T' with the T of --control-token." in errors
    assert thunderoci("status", program.ready["url"], "--token", "T")[0] == 0
    assert "Ready()" in thunderoci("log", program.ready["url"], "--token", "T")[1]


class Rubbish(http.server.BaseHTTPRequestHandler):
    """Answers what no emulator does."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, *_):
        """Say nothing."""


def test_a_server_of_another_kind():
    with http.server.HTTPServer(("127.0.0.1", 0), Rubbish) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            status, _, errors = thunderoci("status", f"127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()
    assert status == 3
    assert "can't be asked" in errors


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--since", "x"], "'x' is no number of an entry"),
        (["--kind", "requests"], "there is no kind 'requests'; these there are: request, answer"),
        (["--method", ""], "it must not be empty"),
        (["--port", "1"], "--port does not belong to 'thunderoci log' but to 'thunderoci up'"),
    ],
)
def test_bad_usage(arguments, sentence):
    status, _, errors = thunderoci("log", *arguments)
    assert status == 2
    assert sentence in errors
