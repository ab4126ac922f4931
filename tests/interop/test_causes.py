"""Causes in the journal of what began before the journal was cleared: entries are counted from 1 again by then."""

import pytest

from thunderclient import HTTPClient
from thunderoci.testing import Emulator, FakeDobby

SCENARIO = """\
clock = "virtual"
progression = "immediate"

[[container]]
id = "player"
program = { runtime = 100 }
"""


def causes(journal, **asked):
    """Return kind, method and cause of entries; whatever is a cause must have been written before."""
    entries = journal.entries(**asked)
    assert all(one["cause"] is None or one["cause"] < one["number"] for one in entries)
    return [(one["kind"], one.get("method"), one["cause"]) for one in entries]


@pytest.fixture
def thunder(tmp_path):
    path = tmp_path / "player.toml"
    path.write_text(SCENARIO)
    with Emulator(scenario=path) as thunder:
        yield thunder


def test_what_a_reset_put_there_has_no_cause(thunder):
    for _ in range(5):
        thunder.call("listContainers")
    thunder.reset()
    thunder.call("listContainers")
    thunder.clock.advance(100)
    ended = [one for one in causes(thunder.journal, kind="signal") if one[1] == "StoppedWithStatus"]
    assert ended == [("signal", "StoppedWithStatus", None)]


def test_a_late_answer_to_a_request_that_is_not_in_the_journal_any_more(thunder):
    thunder.faults.add("plugin", "delay", method="listContainers", seconds=10, times=1)
    with HTTPClient(thunder.url) as late:
        late.send("listContainers")
        thunder.assert_called("listContainers", within=20)
        thunder.journal.clear()
        for _ in range(3):
            thunder.call("listContainers")
        before = thunder.journal.last
        thunder.clock.advance(20)
        assert late.receive()[2]["result"]["success"] is True
    answers = [one for one in causes(thunder.journal, since=before) if one[0] == "answer"]
    assert answers == [("answer", None, None)]


def test_a_daemon_alone():
    with FakeDobby(clock="virtual") as dobby:
        dobby.containers.start("player", program={"runtime": 5})
        dobby.journal.clear()
        dobby.clock.advance(10)
        assert causes(dobby.journal) == [
            ("control", None, None),
            ("signal", "StoppedWithStatus", None),
            ("signal", "Stopped", None),
        ]
