"""A disk without room: traffic goes on, and nothing that was said is lost without a word."""

import resource
import subprocess
import sys
from pathlib import Path


def test_a_recording_waits_for_room(up, watch, tmp_path):
    box = up()
    file = tmp_path / "box.jsonl"
    recorder = watch("record", "--port", "0", "--upstream", box.ready["url"], "--output", str(file))
    recorder.call("listContainers")
    recorder.allow(resource.RLIMIT_FSIZE, file.stat().st_size + 100)
    for _ in range(50):
        assert recorder.call("listContainers")["result"]["success"] is True
    assert recorder.said().count("can't be written now: File too large. Traffic goes on") == 1
    recorder.allow(resource.RLIMIT_FSIZE, None)
    recorder.call("listContainers")
    status, said = recorder.end()
    assert status == 0
    assert said.count("can be written again") == 1
    assert file.read_text().count('"listContainers') + file.read_text().count(".listContainers") >= 52


def test_the_log_of_an_emulator_goes_to_a_full_disk(up):
    box = up()
    box.call("listContainers")
    for command in (("log", "--json"), ("log",), ("status",)):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "thunderoci", *command, box.ready["url"]],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
                check=False,
            )
        assert (done.returncode, done.stderr) == (1, "Standard output can't be written: No space left on device.\n")
