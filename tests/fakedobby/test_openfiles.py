"""Clients are let in as long as the system has files for them and for all else."""

import errno
import os
import resource

import pytest

from fakedobby.openfiles import Room

MOST = 10_000


@pytest.fixture
def taken(monkeypatch):
    """Files that are open, by their numbers; the system allows MOST, and everything below 10 is something else's."""
    numbers = set(range(10))

    def lowest_free(*_):
        free = next(number for number in range(MOST + 1) if number not in numbers)
        if free == MOST:
            raise OSError(errno.EMFILE, "Too many open files")
        return free

    monkeypatch.setattr("fakedobby.openfiles.os.open", lowest_free)
    monkeypatch.setattr("fakedobby.openfiles.os.close", lambda _: None)
    monkeypatch.setattr("fakedobby.openfiles.resource.getrlimit", lambda _: (MOST, MOST))
    return numbers


@pytest.mark.parametrize(("each", "last"), [(1, MOST - 32), (2, MOST - 33)])
def test_files_of_all_kinds_count(taken, caplog, each, last):
    room = Room(32, "guest of it", "guests of it", each=each)
    taken |= set(range(last))
    assert room.for_one_more()
    taken.add(last)
    assert not room.for_one_more()
    assert not room.for_one_more()
    taken |= set(range(MOST))
    assert not room.for_one_more()
    (told,) = caplog.records
    assert told.getMessage() == (
        "refused a guest of it, and refuses all others while so many files are open: 'ulimit -n' allows 10000, and 32 "
        "of them are kept for other things"
    )
    taken.remove(77)
    assert room.for_one_more()
    assert caplog.records[-1].getMessage() == "takes guests of it again; 3 were refused"


def test_a_system_without_a_limit(taken, monkeypatch):
    taken |= set(range(MOST))
    monkeypatch.setattr("fakedobby.openfiles.resource.getrlimit", lambda _: (resource.RLIM_INFINITY,) * 2)
    assert Room(32).for_one_more()


def test_to_look_leaves_nothing_open():
    before = os.dup(0)
    os.close(before)
    assert Room(1).for_one_more()
    after = os.dup(0)
    os.close(after)
    assert before == after
