"""The journal: bounded in entries and bytes, cheap to write, and read as JSON."""

import json
from copy import deepcopy

import pytest
from scriptedbus import finished
from twisted.internet.task import Clock

from fakedobby.emulatedclock import EmulatedClock
from fakedobby.journal import CAUSE, LONGEST_TEXT, Journal, on_behalf
from fakedobby.journalentry import as_json, as_line
from fakedobby.operations.journalside import JournalSide
from fakedobby.turns import Turns


def journal_of(*entries, **bounds):
    journal = Journal(lambda: 1.23456789, **bounds)
    for kind, facts in entries:
        journal.note(kind, **facts)
    return journal


def numbers(entries):
    return [entry.number for entry in entries]


def test_the_oldest_entries_are_dropped_when_there_are_too_many():
    journal = journal_of(*[("call", {})] * 5, capacity=3)
    assert numbers(journal) == [3, 4, 5]
    assert (journal.last, journal.dropped, len(journal)) == (5, 2, 3)
    assert [journal.find(number) and journal.find(number).number for number in range(1, 7)] == [
        None,
        None,
        3,
        4,
        5,
        None,
    ]


@pytest.mark.parametrize("value", [b"x" * 1000, "x" * 1000, ["x" * 1000], {"a": ("x" * 1000,)}])
def test_the_oldest_entries_are_dropped_when_they_take_too_many_bytes(value):
    journal = journal_of(*(("call", {"value": deepcopy(value)}) for _ in range(9)), size=5000)
    assert 0 < len(journal) < 5
    assert journal.last == 9
    assert journal.size <= 5000


@pytest.mark.parametrize("sort", [list, tuple])
def test_what_comes_again_is_kept_once(sort):
    values = sort([list(range(1000)), ["x" * 10] * 1000])
    of_a_call = [("call", {"arguments": []}), ("call", {"arguments": [7, "a"]}), ("call", {"arguments": (7,)})]
    journal = journal_of(*[("reply", {"values": values}), *of_a_call] * 9)
    first, *others = [entry.facts["values"] for entry in journal if entry.kind == "reply"]
    assert first == tuple(map(tuple, values))
    assert all(other is first for other in others)
    assert [entry.facts["arguments"] for entry in journal if entry.kind == "call"] == [(), (7, "a"), (7,)] * 9
    assert journal.size < 2 * next(iter(journal)).size
    journal.note("reply", values=sort([list(range(1000)), ["x" * 10] * 1000]))
    *_, last = journal
    assert last.facts["values"] == first
    assert last.facts["values"] is not first


def test_the_last_entry_stays_however_large_it_is():
    journal = journal_of(("call", {}), ("call", {"value": "x" * 9000}), size=5000)
    assert numbers(journal) == [2]


@pytest.mark.parametrize("text", ["x" * (LONGEST_TEXT + 5), b"x" * (LONGEST_TEXT + 5)])
@pytest.mark.parametrize("inside", [lambda value: value, lambda value: [value], lambda value: {"a": value}])
def test_a_text_beyond_all_measure_is_cut(text, inside):
    (entry,) = journal_of(("request", {"value": inside(text)}))
    shown = json.dumps(as_json(entry))
    assert "xx and 5 more" in shown
    assert len(shown) < LONGEST_TEXT + 200


@pytest.mark.parametrize(("since", "expected"), [(0, [3, 4, 5]), (3, [4, 5]), (5, []), (9, [])])
def test_what_came_behind_a_number(since, expected):
    assert numbers(journal_of(*[("call", {})] * 5, capacity=3).since(since)) == expected


def test_the_cause_is_what_we_work_for():
    journal = journal_of(("request", {}))
    on_behalf(1, journal.note, "call")
    journal.note("signal")
    journal.note("reply", 2)
    assert [entry.cause for entry in journal] == [None, 1, None, 2]
    assert CAUSE.get() is None


def test_a_cause_from_before_the_journal_was_cleared_is_none():
    journal = journal_of(("request", {}), ("call", {}))
    old = journal.note("reply")
    journal.clear()
    on_behalf(old, journal.note, "signal")
    new = journal.note("fault", old)
    on_behalf(new, journal.note, "signal")
    journal.note("event", new)
    assert [(entry.number, entry.cause) for entry in journal] == [(1, None), (2, None), (3, 2), (4, 2)]
    journal.clear()
    on_behalf(new, journal.note, "signal")
    last = journal.note("call")
    journal.note("reply", last)
    assert [(entry.number, entry.cause) for entry in journal] == [(1, None), (2, None), (3, 2)]


def test_a_message_that_is_on_its_way_when_the_journal_is_cleared_is_still_known():
    journal = journal_of()
    journal.trail.lay(":1.1", 7, journal.note("call"))
    journal.clear()
    found = journal.trail.follow(":1.1", 7)
    assert found is not None
    on_behalf(found, journal.note, "reply")
    assert [entry.cause for entry in journal] == [None]


def test_what_happens_later_has_the_cause_of_who_asked_for_it():
    journal = journal_of(("request", {}))
    base = Clock()
    clock = EmulatedClock(base)
    on_behalf(1, clock.callLater, 5, journal.note, "signal")
    clock.callLater(5, journal.note, "signal")
    base.advance(5)
    assert [(entry.kind, entry.cause) for entry in journal] == [("request", None), ("signal", 1), ("signal", None)]


def test_who_waits_is_told_once_of_the_next_entry_or_the_end_of_all():
    journal, told = journal_of(), []
    journal.when_noted(lambda: told.append("a"))
    forget = journal.when_noted(lambda: told.append("b"))
    forget()
    journal.note("call")
    journal.note("call")
    assert told == ["a"]
    journal.when_noted(lambda: told.append("c"))
    journal.clear()
    assert told == ["a", "c"]
    assert (journal.last, len(journal), journal.size, journal.cleared, journal.dropped) == (0, 0, 0, 1, 0)


def test_a_message_is_found_again_once_at_its_other_end():
    trail = journal_of().trail
    trail.lay(":1.1", 7, 42)
    assert trail.follow(":1.2", 7) is None
    assert trail.follow(":1.1", 7) == 42
    assert trail.follow(":1.1", 7) is None
    for serial in range(3000):
        trail.lay(":1.1", serial, serial)
    assert trail.follow(":1.1", 0) is None
    assert trail.follow(":1.1", 2999) == 2999


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"params": b'{"a":[1,2.5,null]}'}, {"params": {"a": [1, 2.5, None]}}),
        ({"params": b"word"}, {"params": "word"}),
        ({"params": b"\xff"}, {"params": "\ufffd"}),
        ({"params": b"1e999"}, {"params": "1e999"}),
        ({"params": b"NaN"}, {"params": "NaN"}),
        ({"params": b"1" * 5000}, {"params": "1" * 5000}),
        ({"params": b"[" * 100_000}, {"params": "[" * 100_000}),
        ({"body": b'{"jsonrpc":"2.0","id":1,"result":{"success":true}}'}, {"result": {"success": True}}),
        ({"body": b'{"jsonrpc":"2.0","id":1,"error":{"code":1}}'}, {"error": {"code": 1}}),
        ({"body": b'{"jsonrpc":"2.0","id":1,'}, {"text": '{"jsonrpc":"2.0","id":1,'}),
        ({"body": b"null"}, {"text": "null"}),
        ({"values": ([1], ["a"])}, {"values": [[1], ["a"]]}),
        ({"values": [b"a", bytearray(b"b"), float("inf"), {1: (2,)}]}, {"values": ["a", "b", "inf", {"1": [2]}]}),
    ],
)
def test_an_entry_is_one_flat_json_object(facts, expected):
    (entry,) = journal_of(("answer", facts))
    document = json.loads(as_line(entry))
    assert document == {"number": 1, "at": 1.234568, "kind": "answer", "cause": None} | expected


LIFE = [
    ("request", {"method": "org.rdk.OCIContainer.1.startContainer", "params": b'{"containerId":"com.a"}'}),  # 1
    ("call", {"method": "StartFromBundle", "arguments": ["com.a", "/b"], "cause": 1}),
    ("signal", {"method": "Started", "arguments": [734, "com.a"], "cause": 2}),
    ("event", {"method": "x.onContainerStarted", "params": b'{"name":"com.a"}', "cause": 3}),
    ("reply", {"method": "StartFromBundle", "values": [734], "cause": 2}),
    ("answer", {"cause": 1}),  # 6
    ("request", {"method": "org.rdk.OCIContainer.1.listContainers"}),
    ("call", {"method": "GetState", "arguments": [734], "cause": 7}),
    ("call", {"method": "Stop", "arguments": [735, False]}),
    ("reply", {"method": "List", "values": [[735], ["com.b"]]}),
    ("call", {"method": "GetInfo", "arguments": [735]}),  # 11
    ("control", {"operation": "exitContainer", "arguments": {"id": "com.b", "status": 1}}),
    ("fault", {"what": "struck", "container": "com.b"}),
    ("request", {"rejected": "no JSON", "text": "com.a"}),
]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, list(range(1, 15))),
        ({"since": 12}, [13, 14]),
        ({"kind": "signal,event"}, [3, 4]),
        ({"method": "startContainer"}, [1]),
        ({"method": "org.rdk.OCIContainer.1.startContainer"}, [1]),
        ({"method": "*List"}, [10]),
        ({"method": "Start*"}, [2, 3, 5]),
        ({"container": "com.a"}, [1, 2, 3, 4, 5, 6, 8]),
        ({"container": "com.b"}, [11, 12, 13]),
        ({"container": "com.*", "kind": "call"}, [2, 8, 11]),
        ({"container": "com.a", "since": 5}, [6, 8]),
    ],
)
def test_entries_are_chosen_by_what_they_are_about(asked, expected):
    side = JournalSide(journal_of(*LIFE), Clock(), Turns(Clock()))
    page = finished(side.query_journal(asked))
    assert [entry.number for entry in page["entries"].elements] == expected
