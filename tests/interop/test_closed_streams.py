"""Standard streams that are closed or full before a program starts: it ends as ever, and its status says how."""

import os
import subprocess
import sys

import pytest

NOBODY = "http://127.0.0.1:1"
UNTOLD = [
    (("thunderoci", "status", NOBODY), 3),
    (("thunderoci", "log", NOBODY), 3),
    (("thunderoci", "compare", "absent.json", "absent.json"), 3),
    (("thunderoci", "diff", NOBODY, NOBODY), 3),
    (("thunderoci", "check", NOBODY), 3),
    (("thunderoci", "replay", "absent.md"), 2),
    (("thunderoci", "up", "--port", "0", "--scenario", "absent.toml"), 1),
    (("thunderoci", "serve", "--port", "0", "--bus", "unix:path=/absent"), 1),
    (("thunderoci", "record", "--port", "0", "--upstream", NOBODY, "--output", "absent/box.jsonl"), 1),
    (("fakedobby", "--noconsole", "--scenario", "absent.toml"), 1),
    (("fakedobby", "--bus", "unix:path=/absent"), 1),
    (("fakedobby", "--syslog", "--help"), 0),
    (("thunderoci", "quirks"), 0),
    (("thunderoci", "check", "--select", "ocicontainer/listContainers/1"), 0),
    (("thunderoci", "compare"), 2),
]


def ended(words, redirection, directory):
    """Run a program under a shell that closes or replaces some of its streams; return how it ended."""
    program = [sys.executable, "-P", "-m", *words]
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *program],
        cwd=directory,
        env={**os.environ, "PYTHONUNBUFFERED": "", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize(("words", "status"), UNTOLD, ids=[" ".join(words[:3]) for words, _ in UNTOLD])
def test_what_nobody_is_told_of_has_its_status(tmp_path, words, status, redirection):
    """And it ends: a program that could not say why it failed went on without a port."""
    done = ended(words, redirection, tmp_path)
    assert done.returncode == status
    assert done.stdout or status


@pytest.mark.parametrize(
    ("redirection", "reason"), [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")]
)
@pytest.mark.parametrize(
    "words",
    [
        ("thunderoci", "up", "--port", "0"),
        ("thunderoci", "up", "--port", "0", "--replay", "box.jsonl"),
        ("thunderoci", "record", "--port", "0", "--upstream", NOBODY, "--output", "new.jsonl"),
        ("fakedobby",),
    ],
    ids=["up", "up --replay", "record", "fakedobby"],
)
def test_a_program_whose_ready_line_nobody_gets_says_so(tmp_path, words, redirection, reason):
    (tmp_path / "box.jsonl").write_text('{"kind": "header", "format": "thunderoci-recording/1"}\n')
    program = ended(words, redirection, tmp_path)
    assert program.stderr == f"{words[0]}: The READY line can't be written to standard output: {reason}.\n"
    assert program.returncode == 1


def test_nobody_is_asked_for_values_where_standard_input_is_closed(tmp_path):
    replay = ended(("thunderoci", "replay", "rdkservices", NOBODY), "<&-", tmp_path)
    assert "Traceback" not in replay.stderr
    assert replay.returncode == 3


@pytest.mark.parametrize(
    "words", [("thunderoci", "up", "--port", "0"), ("fakedobby",)], ids=["thunderoci up", "fakedobby"]
)
def test_standard_input_that_is_closed_has_ended(tmp_path, words):
    program = ended((*words, "--bus", "embedded", "--until-eof"), "<&-", tmp_path)
    assert (program.returncode, program.stdout, program.stderr) == (0, "", "")
