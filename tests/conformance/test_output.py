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
@pytest.mark.parametrize("name", COMMANDS)
def test_no_room(name, unbuffered, monkeypatch):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    done = run(COMMANDS[name], "> /dev/full")
    assert done.returncode == 3
    assert done.stderr.startswith("Standard output can't be written: No space left on device.\n")
    assert done.stderr.count("\n") == (2 if name == "bundle" else 1)


@pytest.mark.parametrize("name", COMMANDS)
def test_it_is_closed(name):
    done = run(COMMANDS[name], ">&-")
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        3,
        "Standard output can't be written: Bad file descriptor.",
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("name", COMMANDS)
def test_whoever_has_read_enough_changes_nothing(name, unbuffered, monkeypatch):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    done = run(COMMANDS[name], "| true; exit ${PIPESTATUS[0]}")
    assert done.returncode == 0
    assert "written" not in done.stderr
