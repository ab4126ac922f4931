"""A disk that is full in earnest, and files that may grow no more: what is said to whom, and what is left whole."""

import itertools
import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.bundle import text

KIBIBYTE = 1024
MANY = 100
NO_ROOM = "Standard output can't be written: No space left on device.\n"


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 KiB: a tmpfs in a namespace of its own, which needs no rights where such are allowed."""
    mount = f"mount -t tmpfs -o size=256k tmpfs {tmp_path} && echo mounted && exec cat"
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount]
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as keeper:
        if keeper.stdout.readline() != b"mounted\n":
            pytest.skip(f"no disk can be mounted here: {keeper.stderr.read().decode()}")
        yield Path(f"/proc/{keeper.pid}/root{tmp_path}")
        keeper.stdin.close()


def fill(disk, left=0):
    """Fill a disk but for so many bytes; return the file that does it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4 * KIBIBYTE))
        except OSError as problem:
            assert problem.strerror == "No space left on device"  # noqa: PT017 (it is what ends the loop)
        file.truncate(max(0, file.tell() - left))
    return filler


def run(*command, output=subprocess.PIPE):
    return subprocess.run(
        [sys.executable, "-m", "thunderoci", *command],
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_recording_waits_for_room(up, watch, small_disk):
    box = up()
    file = small_disk / "box.jsonl"
    recorder = watch("record", "--port", "0", "--upstream", box.ready["url"], "--output", str(file))
    recorder.call("listContainers")
    filler = fill(small_disk, left=8 * KIBIBYTE)
    for _ in range(MANY):
        assert recorder.call("listContainers")["result"]["success"] is True
    assert recorder.said().count("can't be written now: No space left on device. Traffic goes on") == 1
    # what is there is whole but for its end, and can be read as such
    lines = file.read_bytes().split(b"\n")
    assert all(json.loads(line) for line in lines[:-1])
    filler.unlink()
    recorder.call("listContainers")
    status, said = recorder.end()
    assert (status, said.count("can be written again")) == (0, 1)
    kinds = [json.loads(line)["kind"] for line in file.read_text().splitlines()]
    assert (kinds[0], kinds.count("exchange")) == ("header", MANY + 2)


def test_a_recording_ends_without_room(up, watch, small_disk):
    box = up()
    file = small_disk / "box.jsonl"
    recorder = watch("record", "--port", "0", "--upstream", box.ready["url"], "--output", str(file))
    fill(small_disk)
    for _ in range(MANY):
        assert recorder.call("listContainers")["result"]["success"] is True
    status, said = recorder.end()
    assert status == 1
    assert "No space left on device; the last " in said
    assert "Traceback" not in said
    # and nobody begins one there
    for output in (small_disk / "other.jsonl", Path("/dev/full")):
        begun = run("record", "--port", "0", "--upstream", box.ready["url"], "--output", str(output), "--force")
        assert (begun.returncode, begun.stdout, "No space left on device" in begun.stderr) == (1, "", True), begun
        assert "Traceback" not in begun.stderr


def test_an_export_of_the_journal_finds_no_room(up, small_disk, monkeypatch):
    box = up()
    with box.connect() as client:
        for _ in range(2 * MANY):
            client.call("listContainers")
    fill(small_disk, left=8 * KIBIBYTE)
    # with PYTHONUNBUFFERED, which is usual in containers, a text that is written in part is no error to Python
    for command, unbuffered in itertools.product((("log", "--json"), ("log",)), ("", "1")):
        monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
        with (small_disk / "journal").open("w") as output:
            done = run(*command, box.ready["url"], output=output)
        assert (done.returncode, done.stderr) == (1, NO_ROOM)
    assert box.call("listContainers")["result"]["success"] is True


def test_a_bundle_that_can_not_be_rewritten_runs_all_the_same(up, tmp_path):
    box = up()
    configuration = json.loads(text())
    configuration["process"]["env"] = [f"NAME{number}=VALUE" for number in range(5000)]
    original = json.dumps(configuration)
    (tmp_path / "bundle" / "rootfs").mkdir(parents=True)
    file = tmp_path / "bundle" / "config.json"
    file.write_text(original)
    call = {"containerId": "a", "bundlePath": str(file.parent)}
    # its log may still be written
    box.allow(resource.RLIMIT_FSIZE, 64 * KIBIBYTE)
    assert box.call("startContainer", call)["result"]["success"] is True
    assert box.call("stopContainer", {"containerId": "a"})["result"]["success"] is True
    assert file.read_text() == original
    # nothing half-written is left
    written = {"container.pid", "postinstallhooksuccess"}
    assert {path.name for path in file.parent.iterdir()} == {"config.json", "rootfs"} | written
    box.allow(resource.RLIMIT_FSIZE, None)
    assert box.call("startContainer", call)["result"]["success"] is True
    assert json.loads(file.read_text())["hostname"] == "a"
    assert (file.parent / "config-dobby.json").read_text() == original
    status, said = box.end()
    assert (status, "Traceback" in said) == (0, False), said
    assert said.count("config-dobby.json can't be written: File too large") == 1
