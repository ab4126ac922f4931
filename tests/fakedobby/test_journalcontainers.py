"""Which entries are about which containers, for whoever asks again and again."""

import json

from scriptedbus import finished
from twisted.internet.task import Clock

from fakedobby import journalcontainers
from fakedobby.journal import Journal
from fakedobby.journalcontainers import Containers
from fakedobby.operations.journalside import JournalSide
from fakedobby.turns import Turns


def live(journal, container, descriptor):
    params = json.dumps({"containerId": container}).encode()
    request = journal.note("request", method="startContainer", params=params)
    call = journal.note("call", request, method="StartFromBundle", arguments=[container])
    journal.note("signal", call, method="Started", arguments=(descriptor, container))


def asked(journal):
    """Return what is asked about a journal."""
    return JournalSide(journal, Clock(), Turns(Clock()))


def numbers(side, pattern, since=0):
    page = finished(side.query_journal({"container": pattern, "since": since}))
    return [entry.number for entry in page["entries"].elements]


def test_every_entry_is_read_once(monkeypatch):
    journal, read = Journal(lambda: 0.0), []

    def decoded(value):
        read.append(value)
        return json.loads(value or "null")

    monkeypatch.setattr(journalcontainers, "decoded", decoded)
    side = asked(journal)
    live(journal, "a", 1)
    live(journal, "b", 2)
    assert numbers(side, "a") == [1, 2, 3]
    assert numbers(side, "b") == [4, 5, 6]
    before = len(read)
    live(journal, "a", 3)
    assert numbers(side, "a", since=6) == [7, 8, 9]
    assert len(read) - before == before / 2


def test_what_was_learned_before_counts_later():
    journal = Journal(lambda: 0.0)
    side = asked(journal)
    live(journal, "a", 1)
    assert numbers(side, "a") == [1, 2, 3]
    stop = journal.note("call", method="Stop", arguments=[1, False])
    journal.note("reply", stop, method="Stop", values=(True,))
    assert numbers(side, "a", since=3) == [4, 5]


def test_what_the_journal_forgets_is_forgotten():
    journal = Journal(lambda: 0.0, capacity=6)
    side = asked(journal)
    for descriptor in range(100):
        live(journal, "a", descriptor)
        assert numbers(side, "*")[-3:] == [journal.last - 2, journal.last - 1, journal.last]
    assert len(side._containers._about) == 6
    for _ in range(9):
        live(journal, "b", 1)
    assert numbers(side, "a") == []
    assert len(side._containers._about) == 6


def test_a_journal_that_was_cleared_begins_again():
    journal = Journal(lambda: 0.0)
    side = asked(journal)
    live(journal, "a", 1)
    live(journal, "a", 1)
    assert len(numbers(side, "a")) == 6
    journal.clear()
    live(journal, "b", 1)
    journal.note("call", method="Stop", arguments=[1, False])
    assert numbers(side, "a") == []
    assert numbers(side, "b") == [1, 2, 3, 4]


def test_two_who_read_at_a_time_read_every_entry_once():
    journal = Journal(lambda: 0.0)
    containers = Containers(journal)
    live(journal, "a", 1)
    live(journal, "b", 2)
    one, other = containers.reading(), containers.reading()
    read = [next(one).number, next(one).number, next(other).number, next(other).number]
    live(journal, "a", 3)
    read += [entry.number for entry in one] + [entry.number for entry in other]
    assert read == list(range(1, 10))


def test_a_journal_that_is_cleared_while_it_is_read_begins_again():
    journal = Journal(lambda: 0.0)
    containers = Containers(journal)
    live(journal, "a", 1)
    live(journal, "a", 2)
    one, other = containers.reading(), containers.reading()
    next(one), next(other)
    journal.clear()
    live(journal, "b", 1)
    assert [entry.number for entry in one] == [1, 2, 3]
    assert list(other) == []
    assert containers.about("b") == {1, 2, 3}
