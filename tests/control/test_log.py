"""What `thunderoci log -f` prints while the journal changes between its questions."""

import json

import pytest
from scriptedbus import finished
from twisted.internet.task import Clock

from fakedobby.journal import Journal
from fakedobby.operations.journalside import JournalSide
from fakedobby.turns import Turns
from thunderoci.control import commands
from thunderoci.control.commands import show_log
from thunderoci.errors import NoEmulator


class Following:
    """An emulator whose journal has its steps between the questions of who follows it, and which then ends."""

    def __init__(self, *steps):
        self.journal = Journal(lambda: 0.0, capacity=3)
        self.steps = list(steps)
        self.asked = []

    def __call__(self, _url, _token):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def get(self, path, _wait=0, *, since=0, limit=None, method=None):
        if path == "/status":
            return {"url": "http://x"}
        if not self.steps:
            raise NoEmulator(url="http://x", reason="it ended")
        self.asked.append(since)
        self.steps.pop(0)(self.journal)
        given = {"since": since, "limit": limit, "method": method}
        asked = {name: value for name, value in given.items() if value is not None}
        page = finished(JournalSide(self.journal, Clock(), Turns(Clock())).query_journal(asked))
        return page | {"entries": [json.loads(page["entries"].write(entry)) for entry in page["entries"].elements]}


def note(*names):
    return lambda journal: [journal.note("signal", method=name, arguments=[]) for name in names]


def clear_and(*names):
    def step(journal):
        journal.clear()
        note(*names)(journal)

    return step


@pytest.fixture
def printed(monkeypatch, capfd):
    """Return the lines that following an emulator prints."""

    def follow(*steps, **options):
        monkeypatch.setattr(commands, "ControlReader", Following(*steps))
        assert show_log("http://x", follow=True, **options) == 0
        return [line.split("signal")[-1].strip() for line in capfd.readouterr().out.splitlines()]

    return follow


CLEARED = "-- the journal was cleared --"


def test_entries_come_once_and_in_their_order_after_the_journal_was_cleared(printed):
    steps = (note("a", "b"), clear_and("c", "d", "e"), note(), note("f"))
    assert printed(*steps) == ["a()", "b()", CLEARED, "c()", "d()", "e()", "f()"]


def test_a_journal_that_was_cleared_and_is_empty(printed):
    assert printed(note("a"), clear_and(), note("b"), clear_and(), note()) == ["a()", CLEARED, "b()", CLEARED]


@pytest.mark.parametrize(("since", "remarks"), [(0, ["-- 2 older entries were dropped --"]), (2, [])])
def test_what_was_dropped_before_is_told_once(printed, since, remarks):
    assert printed(note(*"abcde"), note("f"), since=since) == [*remarks, "c()", "d()", "e()", "f()"]


def test_what_is_not_asked_for_is_looked_at_once(monkeypatch, capfd):
    emulator = Following(note("a", "b"), note("c"), note("b"), note())
    monkeypatch.setattr(commands, "ControlReader", emulator)
    assert show_log("http://x", follow=True, method="b") == 0
    assert (emulator.asked, capfd.readouterr().out.count("b()")) == ([0, 2, 3, 4], 2)
