"""`thunderoci record` between real clients and a real `thunderoci up`."""

import json
import resource
import runpy
import signal
import socket
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests_support import run

HERE = Path(__file__).parent
PATIENCE = 20
LIST = '{"jsonrpc":"2.0","id":7,"method":"org.rdk.OCIContainer.1.listContainers"}'
UPGRADE = (
    b"GET /jsonrpc HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
CALL = b"POST /jsonrpc HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(LIST), LIST.encode())
ODD = {
    "two at once": CALL + CALL,
    "chunks": b"POST /jsonrpc HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
    % (len(LIST), LIST.encode()),
    "line feeds only": CALL.replace(b"\r\n", b"\n"),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "garbage behind a call": CALL + b"\xff\xfe\0nothing",
    "half a head": b"POST /jsonrpc HTTP/1.1\r\nContent-",
    "half a body": CALL[:-5],
    "bytes that are no text": b"POST /json\xe9 HTTP/1.1\r\nX: \xff\r\nContent-Length: 2\r\n\r\n\xc3\x28",
    "a head of many lines": b"OPTIONS /jsonrpc HTTP/1.1\r\n" + b"X: y\r\n" * 500 + b"\r\n",
    "frames": UPGRADE + b"\x81\x02{}" + b"\x89\x00" + b"\x82\x01\xff" + b"\x83\x00" + b"\x81\xfe",
    "nothing": b"",
}


@pytest.fixture(scope="module")
def box(spawn):
    return spawn("thunderoci", "up", "--port", "0", "--bus", "embedded", "--progression", "immediate")


@pytest.fixture
def recorder(spawn, box, tmp_path):
    """Start a recorder in front of the box; it knows its `file`."""

    def start(*options, upstream=box.ready["url"], what="thunderoci"):
        file = tmp_path / "box.jsonl"
        program = spawn(what, "record", "--upstream", upstream, "--port", "0", "--output", str(file), *options)
        program.file = file
        return program

    return start


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def exchanged(url, sent, *, piece=10**6):
    """Send bytes and the end of them; return everything that comes back until the end."""
    parts = urlsplit(url)
    received = b""
    with closing(socket.create_connection((parts.hostname, parts.port), PATIENCE)) as connection:
        for start in range(0, len(sent), piece):
            connection.sendall(sent[start : start + piece])
        connection.shutdown(socket.SHUT_WR)
        while data := connection.recv(65536):
            received += data
    return received


def test_a_silent_connection_is_ended(recorder):
    proxy = recorder("--idle-time", "0.2")
    parts = urlsplit(proxy.ready["url"])
    connection = socket.create_connection((parts.hostname, parts.port), PATIENCE)
    with closing(connection), pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert proxy.end() == (0, "")
    assert [(line["kind"], line.get("by")) for line in lines(proxy.file)] == [("header", None), ("closed", "proxy")]


@pytest.mark.parametrize("odd", ODD)
def test_odd_bytes_come_back_as_without_the_proxy(box, recorder, odd):
    proxy = recorder()
    direct = exchanged(box.ready["url"], ODD[odd])
    assert exchanged(proxy.ready["url"], ODD[odd]) == direct
    assert exchanged(proxy.ready["url"], ODD[odd], piece=11) == direct
    assert proxy.end() == (0, "")
    assert [line["by"] for line in lines(proxy.file) if line["kind"] == "closed"] == ["client"] * 2


def test_curl_sees_no_difference(box, recorder):
    proxy = recorder()
    for arguments in (
        ("-d", LIST),
        ("-d", "{"),
        ("-X", "OPTIONS", "-H", "Origin: http://x", "-H", "Access-Control-Request-Method: POST"),
        ("-I",),
        ("-d", LIST, "-H", "Connection: close"),
        ("-d", LIST.replace("listContainers", "nothing"), "-H", "Transfer-Encoding: chunked"),
    ):
        direct = run("curl", "-s", "-i", box.ready["url"], *arguments)
        assert direct[0] == 0
        assert run("curl", "-s", "-i", proxy.ready["url"], *arguments) == direct


def test_a_connection_is_kept_alive(recorder):
    proxy = recorder()
    status, output, _ = run(
        "curl", "-sS", *["-d", LIST, proxy.ready["url"], proxy.ready["url"]], "-w", "%{num_connects}"
    )
    assert status == 0
    assert output.count("}1") == 1
    assert output.count("}0") == 1
    assert proxy.end() == (0, "")
    assert {line["connection"] for line in lines(proxy.file)[1:]} == {1}


def test_five_megabytes_pass_in_both_directions(box, recorder, tmp_path):
    body = tmp_path / "body"
    body.write_text(LIST[:-1] + ',"params":{"x":"' + "y" * 5_000_000 + '"}}')
    proxy = recorder()
    command = ("curl", "-s", "-i", "-d", f"@{body}")
    assert run(*command, proxy.ready["url"]) == run(*command, box.ready["url"])
    proxy.end()
    assert lines(proxy.file)[1]["request"]["body"] == body.read_text()


@pytest.fixture(params=["node", "python"])
def session(request):
    if request.param == "node":
        node = request.getfixturevalue("node")
        return lambda url: node("session.mjs", url)
    return lambda url: run(sys.executable, str(HERE / "session.py"), url)


def test_a_session_of_a_real_websocket_client(spawn, recorder, session):
    options = ("--port", "0", "--bus", "embedded", "--progression", "immediate")
    direct = session(spawn("thunderoci", "up", *options).ready["ws"])
    proxy = recorder(upstream=spawn("thunderoci", "up", *options).ready["url"])
    assert direct[0] == 0
    assert session(proxy.ready["ws"]) == direct
    assert proxy.end() == (0, "")
    said = [line for line in lines(proxy.file) if line["kind"] == "message" and line["opcode"] == "text"]
    answers = [json.loads(line["body"]) for line in said if line["from"] == "box"]
    expected = json.loads(direct[1])
    assert [each.get("result", each.get("error")) for each in answers if "id" in each] == expected["answers"]
    assert [[each["method"], each["params"]] for each in answers if "id" not in each] == expected["events"]


def test_a_reset_of_the_box_is_a_reset(recorder):
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = recorder(upstream=f"127.0.0.1:{server.getsockname()[1]}")
        parts = urlsplit(proxy.ready["url"])
        with closing(socket.create_connection((parts.hostname, parts.port), PATIENCE)) as client:
            client.sendall(b"POST")
            at_box, _ = server.accept()
            assert at_box.recv(4) == b"POST"
            at_box.sendall(b"HTTP")
            assert client.recv(4) == b"HTTP"
            at_box.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            at_box.close()
            with pytest.raises(ConnectionResetError):
                client.recv(1)
    assert proxy.end() == (0, "")
    assert [line["kind"] for line in lines(proxy.file)] == ["header", "unread", "unread", "closed"]


def test_secrets_stay_out_of_the_file(recorder):
    proxy = recorder("--redact", "pin", "--redact", "X-Key")
    call = LIST[:-1] + ',"params":{"pin":"hidden-1","other":"seen"}}'
    secrets = ("-H", "Authorization: Bearer hidden-2", "-H", "X-Key: hidden-3")
    status, output, _ = run("curl", "-sS", "-d", call, *secrets, proxy.ready["url"] + "?token=hidden-4")
    assert (status, json.loads(output)["id"]) == (0, 7)
    proxy.end()
    text = proxy.file.read_text()
    assert "hidden" not in text
    assert "seen" in text
    assert text.count("<redacted>") == 4
    assert lines(proxy.file)[0]["redacted"] == ["pin", "X-Key"]


def test_credentials_of_the_upstream_are_not_written(box, recorder):
    proxy = recorder(upstream=box.ready["url"].replace("//", "//me:hidden@") + "?token=hidden")
    assert run("curl", "-sS", "-d", LIST, proxy.ready["url"])[0] == 0
    status, errors = proxy.end()
    assert status == 0
    assert "clients bring their own" in errors
    assert "hidden" not in proxy.file.read_text() + errors + str(proxy.ready)


def test_a_kill_loses_nothing_that_was_complete(recorder):
    proxy = recorder()
    for _ in range(3):
        assert run("curl", "-sS", "-d", LIST, proxy.ready["url"])[0] == 0
    proxy.end(signal.SIGKILL)
    assert proxy.file.read_bytes().endswith(b"\n")
    assert [line["kind"] for line in lines(proxy.file)].count("exchange") == 3


def test_a_file_that_is_there(recorder):
    first = recorder()
    run("curl", "-sS", "-d", LIST, first.ready["url"])
    first.end(signal.SIGKILL)
    first.file.write_bytes(first.file.read_bytes() + b'{"kind": "exch')
    command = (sys.executable, "-m", "thunderoci", "record", "--upstream", "x", "--port", "0", "--output")
    status, output, errors = run(*command, str(first.file))
    assert (status, output) == (1, "")
    assert errors == (
        f"thunderoci: The recording {first.file} exists already: give another, --append to go on with it, "
        "or --force to replace it.\n"
    )
    second = recorder("--append")
    second.end()
    kinds = [line[:16] for line in second.file.read_text().splitlines()]
    assert kinds[0] == kinds[-1] == '{"kind": "header'
    assert kinds[-2] == '{"kind": "exch'
    third = recorder("--force")
    third.end()
    assert len(lines(third.file)) == 1


@pytest.mark.parametrize("option", ["--force", "--append"])
def test_a_recorder_that_finds_its_port_taken_leaves_the_files_alone(recorder, option):
    """As when it is started twice by mistake."""
    first = recorder()
    port = str(urlsplit(first.ready["url"]).port)
    before = first.file.read_text()
    for file in (first.file, first.file.with_name("new.jsonl")):
        command = (sys.executable, "-m", "thunderoci", "record", "--upstream", "x", "--port", port, option)
        status, _, errors = run(*command, "--output", str(file))
        assert status == 1
        assert errors.startswith(f"thunderoci: Nothing can listen on port {port} of 127.0.0.1: Address already in use.")
    assert first.file.read_text() == before
    assert not file.exists()


@pytest.mark.parametrize(
    ("arguments", "expected", "complaint"),
    [
        (("--upstream", "https://box", "--output", "x"), 1, "plain HTTP is recorded, not https"),
        (("--upstream", "http://:1", "--output", "x"), 1, "it names no host"),
        (("--upstream", "http://u:hidden@:1?token=hidden", "--output", "x"), 1, "it names no host"),
        (("--upstream", "http://x:99999", "--output", "x"), 1, "give http://host:port or host:port"),
        (("--upstream", "box", "--output", "/nowhere/x"), 1, "The recording /nowhere/x can't be written: No such file"),
        (("--upstream", "box", "--output", "/dev/full", "--force"), 1, "/dev/full can't be written: No space left"),
        (("--output", "x"), 2, "--upstream"),
        (("--upstream", "x", "--output", "x", "--redact", ""), 2, "'' is no name"),
        (("--upstream", "x", "--output", "x", "--idle-time", "0"), 2, "'0' is no time"),
        (("--upstream", "x", "--output", "x", "--profile", "entservices"), 2, "--profile"),
        (("--upstream", "x", "--output", "x", "--append", "--force"), 2, "not allowed with"),
    ],
)
def test_what_can_not_be_recorded(tmp_path, arguments, expected, complaint):
    status, output, errors = run(sys.executable, "-m", "thunderoci", "record", "--port", "0", *arguments, cwd=tmp_path)
    assert (status, output) == (expected, "")
    assert complaint in errors
    assert "hidden" not in errors
    assert "Traceback" not in errors


def test_another_file_is_not_gone_on_with(tmp_path):
    file = tmp_path / "notes"
    file.write_text("my notes\n")
    command = (sys.executable, "-m", "thunderoci", "record", "--upstream", "box", "--port", "0", "--append", "--output")
    status, _, errors = run(*command, str(file))
    assert status == 1
    assert errors == (
        f"thunderoci: The recording {file} can't be used; line 1: it has no header with the format "
        "thunderoci-recording/1.\n"
    )
    assert file.read_text() == "my notes\n"


def limited():
    """Run the command with a disk that has room for little."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
    sys.argv[0] = "thunderoci"
    runpy.run_module("thunderoci", run_name="__main__", alter_sys=True)


def test_a_full_disk_stops_no_traffic(recorder):
    code = f"import sys; sys.path.insert(0, {str(HERE)!r}); import test_record; test_record.limited()"
    proxy = recorder(what=("-c", code))
    answers = {run("curl", "-sS", "-d", LIST, proxy.ready["url"])[:2] for _ in range(5)}
    assert [status for status, _ in answers] == [0]
    status, errors = proxy.end()
    assert status == 1
    assert errors.count("can't be written now: File too large. Traffic goes on") == 1
    assert "the last" in errors
    assert "lines are missing" in errors
    assert proxy.file.stat().st_size == 2000


def test_a_box_that_is_not_there_yet(spawn, recorder):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    proxy = recorder(upstream=f"127.0.0.1:{port}")
    status, output, _ = run("curl", "-sS", "-i", "-d", LIST, proxy.ready["url"])
    assert status == 0
    assert output.startswith("HTTP/1.1 502 Bad Gateway\n")
    assert f"http://127.0.0.1:{port} can't be reached: Connection was refused" in output
    spawn("thunderoci", "up", "--port", str(port), "--bus", "embedded")
    assert '"result"' in run("curl", "-sS", "-d", LIST, proxy.ready["url"])[1]
    proxy.end()
    assert [line["kind"] for line in lines(proxy.file)] == ["header", "unreachable", "exchange", "closed"]
