"""docs/record.md: its commands are typed into a real shell, and do what it says."""

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from tests_support import run

DOCUMENT = (Path(__file__).parents[2] / "docs" / "record.md").read_text(encoding="utf-8")
THUNDEROCI = f"{shlex.quote(sys.executable)} -m thunderoci"


def console():
    """Yield the commands of the document, each with what it is said to print."""
    for block in re.findall(r"^```console\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL):
        for entry in block.split("$ ")[1:]:
            command, _, output = entry.partition("\n")
            yield command, output


def test_the_commands_do_what_the_document_says(spawn, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    up = ("thunderoci", "up", "--port", "0", "--bus", "embedded", "--progression", "immediate")
    box = spawn(*up).ready["url"].removesuffix("/jsonrpc")
    program = None
    typed = []
    for command, documented in console():
        words = shlex.split(command.replace("http://box:9998", box))
        if documented.startswith("READY "):
            if program is not None:
                assert program.end() == (0, "")
            program = spawn(words[0], *words[1:], "--port", "0")
            expected = json.loads(documented.removeprefix("READY "))
            assert list(program.ready) == list(expected)
            fixed = ("control", "output", "replay", "bus", "profile", "flavour")
            assert all(program.ready[name] == expected[name] for name in fixed if name in expected)
        else:
            if "diff" in words and program.ready.get("replay"):
                program.end()
                program = spawn(*up)  # what stands on the documented port then is an emulator
            here = program.ready["url"].removesuffix("/jsonrpc")
            shell = command.replace("http://box:9998", box).replace("http://127.0.0.1:9998", here)
            shell = shell.replace("thunderoci ", f"{THUNDEROCI} ", 1).replace("curl ", "curl -sS ")
            status, output, _ = run("bash", "-c", shell)
            expected = documented.replace("http://box:9998", box).replace("http://127.0.0.1:9998", here)
            assert (status, output.rstrip("\n")) == (0, expected.rstrip("\n"))
        typed.append(words[0])
    assert typed == ["thunderoci", "curl", "curl", "thunderoci", "curl", "curl", "thunderoci", "thunderoci"]


@pytest.mark.parametrize(("command", "heading"), [("record", "## Record"), ("diff", "## Compare")])
def test_the_options_are_all_documented(command, heading):
    known = set(re.findall(r"--[a-z][a-z-]*", run(sys.executable, "-m", "thunderoci", command, "--help")[1]))
    section = DOCUMENT.partition(heading)[2].partition("\n## ")[0]
    rows = "".join(line for line in section.splitlines() if line.startswith("| `-"))
    assert set(re.findall(r"--[a-z][a-z-]*", rows)) >= known - {"--help", "--verbose"}
    assert set(re.findall(r"--[a-z][a-z-]*", rows)) <= known
