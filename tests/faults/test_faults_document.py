"""docs/faults.md names each kind with its options, and its curl lines are those of an emulator."""

import json
import re
import shlex
from pathlib import Path

import pytest

from fakedobby.errors import BadFault
from fakedobby.faults import KINDS, Fault
from faultclients import run

DOCUMENT = (Path(__file__).parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")
HEADINGS = {"## Dobby": "dobby", "## The plugin": "plugin", "## The transport": "transport"}
ADDRESS = "http://127.0.0.1:9998/emulator/"
ADDED = [shlex.split(line) for line in DOCUMENT.splitlines() if line.startswith("curl --json")]


def sections():
    """Return the text about each place."""
    parts = re.split(r"^(## .*)$", DOCUMENT, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {place: found[heading] for heading, place in HEADINGS.items()}


@pytest.mark.parametrize("place", KINDS)
def test_each_kind_is_in_the_table_with_its_options(place):
    rows = re.findall(r"^\| `([a-z-]+)` \|([^|]*)\|", sections()[place], flags=re.MULTILINE)
    shown = {kind: set(re.findall(r"`(\w+)`", options)) for kind, options in rows}
    assert shown == {kind: {*what.needs, *what.takes} for kind, what in KINDS[place].items()}


@pytest.mark.parametrize("place", KINDS)
def test_each_kind_has_a_curl_line(place):
    lines = [shlex.split(line) for line in sections()[place].splitlines() if line.startswith("curl --json")]
    assert [json.loads(line[2])["kind"] for line in lines] == list(KINDS[place])


@pytest.mark.parametrize("line", ADDED, ids=lambda line: " ".join(list(json.loads(line[2]).values())[:2]))
def test_curl_lines(emulator, line):
    command = [word.replace(ADDRESS, emulator.ready["control"]) for word in line]
    assert command != line
    status, output, errors = run("curl", "-sS", *command[1:])
    assert (status, errors) == (0, "")
    document = json.loads(line[2])
    assert {**document, "times": 1 if document.get("times") == "once" else document.get("times", "always")}.items() <= (
        json.loads(output).items()
    )


def test_the_line_for_busctl(emulator):
    (line,) = [shlex.split(line) for line in DOCUMENT.splitlines() if line.startswith("busctl")]
    command = [word.replace("$BUS", emulator.ready["bus"]) for word in line]
    status, output, errors = run(*command)
    assert (status, errors) == (0, "")
    kind, text = shlex.split(output)
    assert (kind, json.loads(text)) == ("s", emulator.faults()[0])


def test_the_table_for_a_scenario(start, tmp_path):
    (table,) = re.findall("```toml\n(.*?)```", DOCUMENT, flags=re.DOTALL)
    (tmp_path / "scenario.toml").write_text(table)
    first = next(json.loads(line[2]) for line in ADDED)
    emulator = start("--scenario", str(tmp_path / "scenario.toml"))
    assert {**first, "times": 1}.items() <= emulator.faults()[0].items()


def test_what_is_refused():
    for document in ({"seconds": -1}, {"seconds": 1, "colour": "red"}):
        with pytest.raises(BadFault) as caught:
            Fault.of({"place": "dobby", "kind": "delay"} | document)
        assert str(caught.value) in DOCUMENT.splitlines()
