"""docs/control.md, typed into a shell."""

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from fakedobby.operations.document import at, operations
from tests_support import run
from thunderoci.control.problem import _TITLES

DOCUMENT = (Path(__file__).parents[2] / "docs" / "control.md").read_text(encoding="utf-8")
REFUSED = '{"type":"about:blank"'


def sessions():
    """Return the commands of the console blocks, each with what it is said to print."""
    blocks = re.findall(r"^```console\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    return [
        entry.partition("\n")[::2] for block in blocks for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    ]


def curls():
    """Yield verb and path below /emulator of every curl command of the document."""
    for line in re.findall(r"^\$? ?(curl .*emulator.*)$", DOCUMENT, re.MULTILINE):
        words = shlex.split(line)
        url = next(word for word in words if word.startswith("http"))
        verb = words[words.index("-X") + 1] if "-X" in words else "POST" if "-d" in words else "GET"
        yield verb, url.partition("/emulator")[2].partition("?")[0]


def test_every_operation_is_shown():
    shown = {at(path)[0][verb].id for verb, path in curls() if verb in at(path)[0]}
    assert shown == set(operations())


def test_what_it_tells_to_type_works(spawn, tmp_path):
    (start, _), *rest = sessions()
    assert start.startswith("thunderoci up ")
    emulator = spawn("thunderoci", *shlex.split(start)[1:], "--port", "0")
    base = emulator.ready["url"].removesuffix("/jsonrpc")
    for command, output in rest:
        typed = command.replace("http://127.0.0.1:9998", base)
        if typed.startswith("curl "):
            strict = "" if output.startswith(REFUSED) else " --fail-with-body"
            typed = typed.replace("curl ", f"curl -sS{strict} ", 1)
        elif typed.startswith("thunderoci "):
            typed = f"{shlex.quote(sys.executable)} -m {typed} {base}"
        status, printed, errors = run("bash", "-c", f"BUS={shlex.quote(emulator.ready['bus'])}; {typed}", cwd=tmp_path)
        assert (status, errors) == (0, ""), f"{command}\n{printed}"
        if output:
            assert printed == output, command


def test_the_titles_are_those_that_there_are():
    rows = dict(re.findall(r"^\| (\d{3}) \| (\w+) \|", DOCUMENT, re.MULTILINE))
    assert rows == {str(int(status)): title for status, title in _TITLES.items() if title != "Broken"}


@pytest.mark.parametrize("steps", [1, 2])
def test_transitions_wait_to_be_stepped(spawn, steps):
    emulator = spawn("thunderoci", "up", "--port", "0", "--progression", "manual")
    control = emulator.ready["control"]
    body = ("-H", "Content-Type: application/json", "-d", json.dumps({"steps": steps}))
    status, printed, _ = run("curl", "-sS", "--fail-with-body", *body, f"{control}progression/step")
    assert (status, json.loads(printed)) == (0, {"progression": "manual", "waiting": []})
