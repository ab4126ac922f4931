"""`thunderoci replay` as its users run it."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import bundle
from tests_support import post, run

REPLAY = (sys.executable, "-m", "thunderoci", "replay")
DOCUMENTS = Path(__file__).parents[1] / "conformance" / "documents"
OLDER, NEWER = str(DOCUMENTS / "older.md"), str(DOCUMENTS / "newer.md")


def replay(*arguments):
    return run(*REPLAY, *arguments, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize(("document", "profile", "sent"), [(OLDER, "rdkservices", 6), (NEWER, "entservices", 14)])
def test_a_page_replays_completely_on_its_own_generation(emulators, tmp_path, document, profile, sent):
    emulator = emulators("--profile", profile) if profile != "rdkservices" else emulators()
    path = bundle.write(tmp_path / "a bundle")
    results = tmp_path / "results.json"
    status, output, errors = replay(document, emulator.ready["url"], "--bundle-path", str(path), "--json", str(results))
    assert (status, errors) == (0, "")
    lines = output.splitlines()
    assert lines[0].endswith(f"profile {profile}")
    assert lines[-1].startswith(f"as documented: {sent} passed, 0 failed, 0 not sent")
    written = json.loads(results.read_text())
    assert (written["exit_status"], written["profile"], len(written["commands"])) == (0, profile, sent)
    assert post(emulator.ready["url"], "listContainers")["result"]["containers"] == []


def test_a_page_of_the_other_generation_differs(emulator, tmp_path):
    path = bundle.write(tmp_path)
    status, output, _ = replay(NEWER, emulator.ready["url"], "--bundle-path", str(path), "--settle", "0.01")
    assert status == 1
    assert "differs   $.result" in output
    assert "curl      curl -X POST" in output
    assert "ERROR_UNKNOWN_METHOD" in output


def test_in_the_order_of_the_document_the_first_commands_fail(emulator, tmp_path):
    path = bundle.write(tmp_path)
    options = ("--bundle-path", str(path), "--order", "document")
    status, output, _ = replay(OLDER, emulator.ready["url"], *options)
    assert status == 1
    assert "differs   $\n    expected  a result, as line 33 documents" in output


def test_a_command_without_a_value_is_not_sent(emulator):
    status, output, _ = replay(OLDER, emulator.ready["url"])
    assert status == 1
    assert "no value for [-YOUR BUNDLE PATH-]; give it with --set 'YOUR BUNDLE PATH=VALUE'" in output
    status, output, _ = replay(OLDER, emulator.ready["url"], "--skip-unset")
    assert (status, "as documented: 4 passed, 0 failed, 1 not sent" in output) == (0, True)


def test_what_cannot_be_replayed_is_told_and_the_rest_is_sent(emulator, tmp_path):
    file = tmp_path / "page.md"
    call = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "org.rdk.OCIContainer.1.listContainers"})
    file.write_text(f"```\ncurl http://h -d @file\ncurl http://h:1/jsonrpc -d '{call}'\n```\n")
    status, output, _ = replay(str(file), emulator.ready["url"])
    assert status == 1
    assert f"{file}, line 2: this is not a curl command that can be replayed: the file 'file'" in output
    assert "NOT as documented: 1 passed, 0 failed, 1 not sent" in output


def test_without_a_url_the_documented_one_is_used(emulator, tmp_path):
    file = tmp_path / "page.md"
    file.write_text(
        f'```\ncurl {emulator.ready["url"]} -d \'{{"id":1,"method":"org.rdk.OCIContainer.1.listContainers"}}\'\n```\n'
    )
    assert replay(str(file))[0] == 0


def test_no_room_for_what_it_tells(emulator):
    command = (*REPLAY, OLDER, emulator.ready["url"], "--skip-unset")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, "Standard output can't be written: No space left on device.\n")


def test_token_and_headers_are_sent_and_not_shown(spawn, tmp_path):
    host = spawn("thunderoci", "up", "--port", "0", "--require-token", "hush-hush")
    file = tmp_path / "page.md"
    file.write_text(
        '```\ncurl http://h/jsonrpc -d \'{"id":1,"method":"org.rdk.OCIContainer.1.listContainers"}\'\n```\n'
    )
    results = tmp_path / "results.json"
    options = ("--token", "hush-hush", "--header", "X-Key: s3cret", "--json", str(results))
    status, output, _ = replay(str(file), host.ready["url"], *options)
    assert status == 0
    assert "-H 'X-Key: <redacted>' -H 'Authorization: Bearer <redacted>'" in output
    assert not [text for text in (output, results.read_text()) if "hush-hush" in text or "s3cret" in text]
    assert replay(str(file), host.ready["url"])[0] == 1
    assert host.end() == (0, "")


def test_a_start_waits_for_the_stop_before_it(spawn, tmp_path):
    emulator = spawn("thunderoci", "up", "--port", "0")
    options = (emulator.ready["url"], "--bundle-path", str(bundle.write(tmp_path)))
    status, output, _ = replay(OLDER, *options)
    assert status == 0
    assert "it was refused while the command before was still at work" in output
    status, output, _ = replay(OLDER, *options, "--settle", "0")
    assert status == 1
    assert emulator.end() == (0, "")


def test_who_hangs_gives_no_verdict():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        status, output, errors = replay(OLDER, url, "--timeout", "0.1")
    assert (status, errors) == (3, "")
    assert "gave no complete answer within 0.1 s" in output
    assert "no verdict: 0 passed, 4 failed, 1 not sent" in output


def test_it_can_be_interrupted():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [*REPLAY, OLDER, url]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=20)
            connection.close()
    assert (process.returncode, errors) == (130, "thunderoci: interrupted\n")


@pytest.mark.parametrize(
    ("arguments", "expected", "complaint"),
    [
        ([OLDER, "http://127.0.0.1:1"], 3, "no verdict: 0 passed, 1 failed, 4 not sent"),
        (["nothing/like/this.md"], 2, "nothing/like/this.md cannot be read: No such file"),
        ([OLDER, "ftp://x"], 2, "ftp"),
        ([OLDER, "127.0.0.1:1", "--set", "x=y"], 2, "it has YOUR BUNDLE PATH"),
        ([OLDER, "127.0.0.1:1", "--header", "x"], 2, "'x' is no header"),
        ([OLDER, "127.0.0.1:1", "--timeout", "0"], 2, "no time"),
        ([sys.executable], 2, "no text in UTF-8"),
    ],
)
def test_what_gives_no_verdict(arguments, expected, complaint):
    status, output, errors = replay(*arguments)
    assert status == expected
    assert complaint in output + errors
    assert "Traceback" not in errors
