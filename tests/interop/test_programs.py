"""The commands as processes: how they begin, what they say, how they end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import pytest

from fakedobby.quirks import CATALOGUE as DOBBYS_CATALOGUE
from tests_support import BUSES, SPEC, post, run
from thunderoci.quirks import CATALOGUE

PYTHON = sys.executable


def test_ready_line(emulator):
    ready = emulator.ready
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/jsonrpc", ready["url"])
    assert ready["bus"].startswith("unix:path=")
    assert (ready["profile"], ready["flavour"]) == ("rdkservices", "r4.4.1-rdk")
    assert ready["pid"] == emulator.process.pid
    assert ready["ws"] == ready["url"].replace("http:", "ws:")
    assert ready["control"] == ready["url"].replace("/jsonrpc", "/emulator/")


LISTENS = """
import sys
from twisted.internet import reactor
from thunderoci import app, cli

say, opened = app.say_ready, []

def say_ready(**facts):
    say(**facts)
    sys.addaudithook(lambda event, arguments: opened.append(arguments[0]) if event == "open" else None)
    reactor.callLater(0, lambda: print(opened, file=sys.stderr))

app.say_ready = say_ready
sys.exit(cli.main())
"""


def test_ready_is_said_last(spawn):
    # who counts its files from then on, as the soak does, counts none that are of the start
    program = spawn(["-c", LISTENS], "up", "--port", "0")
    post(program.ready["url"], "listContainers")
    assert program.end() == (0, "[]\n")


@pytest.mark.parametrize("bus", BUSES)
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(spawn, ending, bus):
    # blanks and commas need escapes in a D-Bus address; the path of pytest's own folder is too long for a socket
    with tempfile.TemporaryDirectory(prefix="a folder, here~", dir="/tmp") as folder:
        program = spawn("thunderoci", "up", "--port", "0", "--bus", bus, TMPDIR=folder)
        assert post(program.ready["url"], "listContainers")["result"] == {"containers": [], "success": True}
        assert len(list(Path(folder).iterdir())) == 1
        # a container made of a spec has a directory too, and the program ends while it runs
        started = post(program.ready["url"], "startContainerFromDobbySpec", {"containerId": "a", "dobbySpec": SPEC})
        assert started["result"]["success"] is True
        assert len(list(Path(folder).iterdir())) == 2
        assert program.end(ending) == (0, "")
        assert list(Path(folder).iterdir()) == []


def test_control_c_at_a_terminal_ends_it_cleanly(spawn):
    program = spawn("thunderoci", "up", "--port", "0")
    os.killpg(program.process.pid, signal.SIGINT)
    assert program.wait() == (0, "")


def test_separate_processes_give_the_same_answers(spawn, message_bus, emulator):
    daemon = spawn("fakedobby", "--bus", message_bus.address, "--progression", "immediate")
    assert daemon.ready == {"bus": message_bus.address, "pid": daemon.process.pid}
    host = spawn("thunderoci", "serve", "--bus", message_bus.address, "--port", "0")
    story = [
        ("listContainers", {}),
        ("startContainerFromDobbySpec", {"containerId": "same", "dobbySpec": SPEC}),
        ("getContainerState", {"containerId": "same"}),
        ("pauseContainer", {"containerId": "same"}),
        ("resumeContainer", {"containerId": "same"}),
        ("executeCommand", {"containerId": "same", "options": "", "command": "ls"}),
        ("stopContainer", {"containerId": "same"}),
        ("stopContainer", {"containerId": "same"}),
    ]

    def without_descriptor(answer):
        answer.get("result", {}).pop("descriptor", None)
        return answer

    ours = [without_descriptor(post(host.ready["url"], *step)) for step in story]
    theirs = [without_descriptor(post(emulator.ready["url"], *step)) for step in story]
    assert ours == theirs
    assert [("result" in answer) for answer in ours] == [True] * 7 + [False]
    assert host.end() == (0, "")
    assert daemon.end() == (0, "")


def test_serve_without_a_dobby_answers_as_a_box_does(spawn, message_bus):
    host = spawn("thunderoci", "serve", "--bus", message_bus.address, "--port", "0")
    url = host.ready["url"]
    assert post(url, "listContainers")["result"] == {"containers": [], "success": True}
    assert post(url, "getContainerState", {"containerId": "x"})["error"]["code"] == 1
    spawn("fakedobby", "--bus", message_bus.address, "--progression", "immediate")
    assert (
        post(url, "startContainerFromDobbySpec", {"containerId": "x", "dobbySpec": SPEC})["result"]["success"] is True
    )


def test_a_port_in_use(emulator, tmp_path):
    port = emulator.ready["url"].rpartition(":")[2].partition("/")[0]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    status, output, errors = run(PYTHON, "-m", "thunderoci", "up", "--port", port, env=environment)
    assert (status, output) == (1, "")
    assert errors == (
        f"thunderoci: Nothing can listen on port {port} of 127.0.0.1: Address already in use. "
        "Choose others: --port (0 takes a free one), --host.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("unix:path=/nobody/is/here", "No D-Bus message bus answers at unix:path=/nobody/is/here: No such file"),
        ("nonsense", "'nonsense' is no D-Bus address"),
        ("", "'' is no D-Bus address: it is empty"),
        ("unix:runtime=yes", "'unix:runtime=yes' is no D-Bus address: unix: needs path= or abstract="),
        ("unix:path=/" + "x" * 150, f"'unix:path=/{'x' * 150}' is no D-Bus address: a socket's name has 107 bytes"),
        ("tcp:host=127.0.0.1,port=99999", "'tcp:host=127.0.0.1,port=99999' is no D-Bus address: tcp: needs host="),
        ("tcp:host=localhost", "'tcp:host=localhost' is no D-Bus address: tcp: needs host="),
    ],
)
@pytest.mark.parametrize("command", [("thunderoci", "serve", "--port", "0"), ("fakedobby",)])
def test_a_bus_that_is_none(command, address, reason):
    status, output, errors = run(PYTHON, "-m", *command, "--bus", address)
    assert (status, output) == (1, "")
    assert errors.startswith(f"{command[0]}: {reason}")
    assert errors.count("\n") == 1


def test_a_listener_that_is_no_bus(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{tmp_path}/socket")
        listener.listen()
        status, _, errors = run(PYTHON, "-m", "fakedobby", "--bus", f"unix:path={tmp_path}/socket")
    assert status == 1
    assert "did not complete the D-Bus handshake" in errors


@pytest.mark.fact("D0-second-harmless", "D0-second-exit")
def test_a_second_daemon_leaves_the_first_alone(spawn, message_bus):
    first = spawn("fakedobby", "--bus", message_bus.address)
    status, output, errors = run(PYTHON, "-m", "fakedobby", "--bus", message_bus.address, "--progression", "immediate")
    assert (status, output) == (1, "")
    assert errors.startswith("fakedobby: Somebody owns org.rdk.dobby on this bus already.")
    assert first.end() == (0, "")


def test_a_bus_that_goes_away_ends_the_daemon(spawn, message_bus, tmp_path):
    daemon = spawn("fakedobby", "--bus", message_bus.address, TMPDIR=str(tmp_path))
    host = spawn("thunderoci", "serve", "--bus", message_bus.address, "--port", "0")
    post(host.ready["url"], "startContainerFromDobbySpec", {"containerId": "a", "dobbySpec": SPEC})
    left = set(tmp_path.glob("thunderoci-*"))
    assert len(left) == 1
    message_bus.terminate()
    assert daemon.wait() == (1, f"fakedobby: The message bus at {message_bus.address} went away.\n")
    assert not any(folder.exists() for folder in left)


PRINTERS = [("thunderoci", "quirks"), ("fakedobby", "policy")]


@pytest.mark.parametrize("command", PRINTERS)
def test_no_room_for_what_was_asked_for(command):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([PYTHON, "-m", *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    said = "Standard output can't be written: No space left on device.\n"
    assert (done.returncode, done.stderr) == (1, said)


@pytest.mark.parametrize("command", PRINTERS)
def test_nothing_was_opened_for_what_was_asked_for(command):
    shell = ("bash", "-c", '"$@" >&-', "bash", PYTHON, "-m", *command)
    done = subprocess.run(shell, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "Standard output can't be written: Bad file descriptor.\n")


@pytest.mark.parametrize("command", PRINTERS)
def test_nobody_reads_what_was_asked_for(command):
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as pipe:  # noqa: PTH123 (a descriptor has no path)
        done = subprocess.run([PYTHON, "-m", *command], stdout=pipe, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ["serve", "--progression", "real"],
            "--progression does not belong to 'thunderoci serve' but to 'thunderoci up'",
        ),
        (["serve", "--quirk", "D-call-slots", "--bus", "session"], "There is no quirk 'D-call-slots'."),
        (["up", "--profile", "legacy"], "invalid choice: 'legacy'"),
        (["up", "--dobby-timeout", "nan"], "'nan' is no time: give seconds above 0"),
        (["check", "--scenario", "x"], "--scenario does not belong to 'thunderoci check' but to"),
        (["serve", "--bus", "auto"], "'auto' would be a bus without a Dobby: give one where a Dobby is"),
        (["up", "--bus", "system", "--bus-listen", "unix:path=/x"], "--bus-listen is for a bus that this program runs"),
        (["check", "--bus", "private"], "--bus does not belong to 'thunderoci check' but to 'thunderoci up' and"),
        (["up", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["up", "--port", "70000"], "'70000' is no port: give 0 to 65535"),
        (["up", "--flavour", "r5"], "invalid choice: 'r5'"),
        (["check", "--timeout", "0"], "0 is not possible; give seconds above 0"),
        (["serve"], "--bus"),
        (["up", "--host", ""], "'' is no address"),
        (["up", "--max-message", "1G"], "'1G' is no size: give 1 to 1073741824 bytes"),
        (["up", "--env", "HOME"], "'HOME' is no variable: give NAME=VALUE"),
        (["up", "--require-token", ""], "'' is no token"),
        (["up", "--max-head", "0"], "'0' is no size"),
        ([], "COMMAND"),
    ],
)
def test_bad_usage(arguments, complaint):
    status, output, errors = run(PYTHON, "-m", "thunderoci", *arguments)
    assert (status, output) == (2, "")
    assert complaint in errors


def test_the_quirks_are_listed_with_what_they_do():
    status, output, errors = run(PYTHON, "-m", "thunderoci", "quirks")
    assert (status, errors) == (0, "")
    assert [line.split(maxsplit=1) for line in output.splitlines()] == [
        [one.id, one.sentence] for one in (*CATALOGUE, *DOBBYS_CATALOGUE)
    ]


def test_garbage_on_the_port_hurts_nobody(emulator):
    url = emulator.ready["url"]
    port = int(url.rpartition(":")[2].partition("/")[0])
    for garbage in (
        b"\x16\x03\x01\x02\x00",
        b"GET\r\n\r\n",
        b"\0" * 5000,
        b"POST /jsonrpc HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(garbage)
        assert post(url, "listContainers")["result"]["success"] is True


def test_an_answer_passes_a_strict_json_client(emulator):
    body = b'{"jsonrpc":"2.0","id":1,"method":"org.rdk.OCIContainer.1.listContainers"}'
    with urllib.request.urlopen(emulator.ready["url"], data=body) as answer:
        assert answer.status == 200
        assert answer.reason == "JSONRPC executed succesfully"
        assert [name for name, _ in answer.getheaders()] == [
            "Access-Control-Allow-Origin",
            "Cache-Control",
            "Content-Length",
        ]
        json.load(answer)


def test_the_limits_are_settings(spawn):
    limits = ("--max-message", "200", "--max-head", "300", "--idle-time", "1")
    url = spawn("thunderoci", "up", "--port", "0", "--bus", "embedded", *limits).ready["url"]
    status = ("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{time_total}", url)
    for longer, expected in (((), "200"), (("-d", "x" * 201), "413"), (("-H", "X: " + "x" * 300), "431")):
        call = ("-d", '{"jsonrpc":"2.0","id":1,"method":"org.rdk.OCIContainer.1.listContainers"}')
        assert run(*status, *(longer if "-d" in longer else call + longer))[1].split()[0] == expected
    port = int(url.rpartition(":")[2].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as silent:
        assert silent.recv(1) == b""


def test_ipv6(spawn):
    program = spawn("thunderoci", "up", "--port", "0", "--host", "::1")
    assert program.ready["url"].startswith("http://[::1]:")
    assert post(program.ready["url"], "listContainers")["result"]["success"] is True
    assert program.end() == (0, "")


def test_nobody_reads_the_ready_line():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [PYTHON, "-m", "thunderoci", "up", "--port", "0"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    sentence = "thunderoci: The READY line can't be written to standard output: No space left on device.\n"
    assert (done.returncode, done.stderr) == (1, sentence)


@pytest.mark.parametrize("bus", BUSES)
def test_a_huge_parameter_is_a_failure_and_nothing_worse(emulators, bus):
    emulator_with_room = emulators("--bus", bus, "--max-message", str(2**26))
    params = {"containerId": "huge", "bundlePath": "/nope", "command": "x" * 2**25}
    assert post(emulator_with_room.ready["url"], "startContainer", params)["error"]["code"] == 1
    assert post(emulator_with_room.ready["url"], "listContainers")["result"]["success"] is True
