"""What is printed where there is no room for it, nobody reads it, or nothing was opened: said once, and no verdict."""

import subprocess
import sys

import pytest

COMMANDS = {
    "check": ("check", "--select", "ocicontainer/listContainers/1"),
    "list": ("check", "--list"),
    "plan": ("check", "--dry-run"),
    "configuration": ("check", "--print-config"),
    "bundle": ("check", "--bundle", "-"),
}


def run(command, redirection):
    """Run a command whose standard output the shell redirects."""
    command = ("bash", "-c", f'"$@" {redirection}', "bash", sys.executable, "-m", "thunderoci", *command)
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("redirection", "reason"), [("> /dev/full", "No space left on device"), (">&-", "Bad file descriptor")]
)
@pytest.mark.parametrize("name", COMMANDS)
def test_it_can_not_be_written(name, redirection, reason, unbuffered, monkeypatch):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    done = run(COMMANDS[name], redirection)
    first, *others = done.stderr.splitlines()
    assert (done.returncode, first) == (3, f"Standard output can't be written: {reason}.")
    assert len(others) == (1 if name == "bundle" else 0)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("name", COMMANDS)
def test_whoever_has_read_enough_changes_nothing(name, unbuffered, monkeypatch):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    done = run(COMMANDS[name], "| true; exit ${PIPESTATUS[0]}")
    assert done.returncode == 0
    assert "written" not in done.stderr
