"""What docs/promises.md says of limits, and of who is kept out, is so."""

import os
import re
import socket
import stat
import tempfile
from pathlib import Path

import pytest

from conformance import tomlfile, tomlstatements
from fakedobby import jsontext, patientfile, scenariofile, tomlkeys, tomllines
from fakedobby.embeddedbus import bus as embedded
from fakedobby.embeddedbus.limits import Limits as BusLimits
from fakedobby.journal import BYTES, CAPACITY, LONGEST_TEXT
from fakedobby.operations.journalside import WAITING
from fakedobby.protocol import LARGEST_MESSAGE
from fakedobby.turns import LONG
from rawclient import PATIENCE
from tests_support import BUSES, run
from thunderoci import buslink, ending, http, server, websocket
from thunderoci.cli import _parse
from thunderoci.control.api import ControlAPI
from thunderoci.limits import BACKLOG, NOTED_EVENTS, SUBSCRIPTIONS, Limits
from thunderoci.message import AT_ONCE, SLICE
from thunderoci.recording import proxy, recordingfile
from thunderoci.recording.httpmessages import MOST_BODY, MOST_HEAD, MOST_LINE
from thunderoci.recording.options import IDLE
from thunderoci.unread import MAX_DEPTH

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "promises.md").read_text()
NOBODY = 65534
SECRET = {"SECRET_KEY": "hidden"}


def ask(path, **whose):
    """Ask a bus for its id, as another user perhaps; return the status and what went wrong."""
    call = ("--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.GetId")
    return run("dbus-send", f"--bus=unix:path={path}", *call, cwd="/", **whose)[::2]


def test_the_options_and_their_defaults():
    defaults = vars(_parse(["up"]))
    rows = re.findall(r"^\| `--([a-z-]+)` \| (\d+) \|", PAGE, re.MULTILINE)
    assert len(rows) == 5
    for name, value in rows:
        assert defaults[name.replace("-", "_")] == int(value), name


def mebibytes(size):
    assert size % 2**20 == 0
    return f"{size // 2**20} MiB"


LIMITS = (
    f"bytes of answers that wait for a client which does not read | {mebibytes(Limits().unread)} |",
    f"calls of one WebSocket that are worked on | {Limits().calls} |",
    f"`--quirk T-pipeline-order` | the others wait, and are not read on after {http.READ_AHEAD // 2**10} KiB |",
    f"frames of one WebSocket that are taken without a look at others | {websocket._A_TURN} |",
    f"requests of one HTTP connection that are answered without a look at others | {http._A_TURN} |",
    f"subscriptions of a connection | {SUBSCRIPTIONS:,} |",
    f"entries of one event in the journal | {NOTED_EVENTS}, and one more |",
    "calls that are begun for a client that is behind | none |",
    f"body of a request to the control API | {mebibytes(ControlAPI.largest)} |",
    f"long answers of the control API in the making | {LONG}, ",
    f"queries of the journal that wait for an entry | {WAITING} |",
    f"levels of JSON in a message | {MAX_DEPTH} |",
    f"a message on D-Bus | {mebibytes(LARGEST_MESSAGE)} |",
    f"| {mebibytes(jsontext.LARGEST)}, {jsontext._DEEPEST} levels, and {jsontext._LARGEST_WRITTEN >> 20} Mi ",
    f"scenario file | {mebibytes(scenariofile._MOST)}, {tomllines.DEEPEST} levels, {tomlkeys.MOST_PARTS} parts",
    f"of the suite | {mebibytes(tomlfile._MOST_BYTES)}, and {tomlstatements.MOST_PARTS} parts ",
    f"| {CAPACITY:,} entries, {mebibytes(BYTES)}, {mebibytes(LONGEST_TEXT)} a text |",
    f"traffic goes on, {mebibytes(recordingfile._MOST_WAITING)} of lines wait for room;",
    f"half of the open files that `ulimit -n` allows, but for {proxy._KEPT} |",
    f"silence of a connection through `thunderoci record` | {IDLE} s, unless `--idle-time` says otherwise |",
    f"{mebibytes(MOST_HEAD)} of head, {mebibytes(MOST_BODY)} of body, {MOST_LINE // 1024} KiB for the size of a chunk",
    "different secrets that `thunderoci record` keeps out of a recording | the memory: ",
    f"client that does not read | {mebibytes(BusLimits().outgoing)} |",
    f"does not say Hello | {BusLimits().authentication_time:.0f} s |",
    f"| {BusLimits().names:,}, {BusLimits().match_rules:,} and {BusLimits().pending_replies:,} |",
)
ELSEWHERE = (
    f"parts between the dots of a key, and {patientfile.PATIENCE:g} s until the end of a pipe",
    f"it is cut {ending.FAREWELL} s after the idle time",
    f"requests of one HTTP connection that are worked on | 1, or {Limits().calls} with",
    f"all kinds together: {server._KEPT} are kept from clients, {embedded._KEPT} of those from clients of the embedded",
    f"the port lets {BACKLOG:,} wait",
    f"in slices of {SLICE // 2**10} KiB (a message of {AT_ONCE // 2**10} KiB or less at once)",
    f"looks for the bus every {buslink._PAUSES[0]:g} to {buslink._PAUSES[-1]:g} s;",
)


@pytest.mark.parametrize("sentence", LIMITS + ELSEWHERE)
def test_a_figure_is_that_of_the_program(sentence):
    assert sentence in PAGE


def test_no_figure_stands_there_that_is_not_looked_at():
    table = PAGE.partition("## Limits that can't")[2].partition("\n\n|")[2].partition("\n\n")[0]
    rows = table.splitlines()[2:]
    assert len(rows) == len(LIMITS)
    for row in rows:
        assert sum(sentence in row for sentence in LIMITS) == 1, row


def test_the_links_lead_somewhere():
    for link in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (DOCS / link).is_file(), link


def path_of(address):
    return Path(re.search("unix:path=([^,]*)", address)[1])


@pytest.mark.parametrize("bus", BUSES)
def test_the_folder_of_a_bus_is_for_its_owner_alone(emulators, bus):
    path = path_of(emulators("--bus", bus).ready["bus"])
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.fixture
def open_folder():
    """A folder below one that everybody may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize("bus", BUSES)
def test_another_user_has_no_way_to_a_bus_of_ours(spawn, emulators, bus, open_folder):
    other = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    path = path_of(emulators("--bus", bus).ready["bus"])
    assert ask(path) == (0, "")
    status, errors = ask(path, **other)
    assert status == 1
    assert "Permission denied" in errors
    # a path that everybody reaches is guarded by the bus itself
    open_folder.chmod(0o755)
    path = open_folder / "bus"
    spawn("fakedobby", "--bus", bus, "--bus-listen", f"unix:path={path}")
    path.chmod(0o777)
    assert ask(path) == (0, "")
    status, errors = ask(path, **other)
    assert status == 1
    assert "Permission denied" not in errors


def test_the_environment_of_whoever_started_it_stays_with_them(spawn):
    program = spawn("thunderoci", "up", "--port", "0", "--bus", "embedded", "--env", "TOLD=yes", **SECRET)
    base = program.ready["url"].replace("/jsonrpc", "/Service/Controller/Environment/")
    assert [run("curl", "-sS", base + name)[1] for name in ("SECRET_KEY", "TOLD", "HOME")] == [
        '""',
        '"yes"',
        r'"\/root"',
    ]


def test_only_this_machine_is_listened_to(emulator):
    port = int(emulator.ready["url"].split(":")[2].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port), PATIENCE):
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), PATIENCE)
