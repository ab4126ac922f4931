"""Files that are looked at from time to time."""

import os

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from thunderoci.filewatch import FileWatch


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "file"
    file.write_text("one")
    os.utime(file, ns=(1, 1))
    return file


class Watched:
    def __init__(self, file):
        self.clock = Clock()
        self.changes = 0
        self.watch = FileWatch(self.clock, file, self.changed)

    def changed(self):
        self.changes += 1

    def after(self, seconds=0.5):
        self.clock.advance(seconds)
        return self.changes


def test_what_does_not_change(file):
    watched = Watched(file)
    assert [watched.after() for _ in range(3)] == [0, 0, 0]


def test_another_time_size_or_file(file):
    watched = Watched(file)
    os.utime(file, ns=(2, 2))
    assert watched.after(0.4) == 0
    assert watched.after(0.1) == 1
    file.write_text("three")
    os.utime(file, ns=(2, 2))
    assert watched.after() == 2
    other = file.with_name("other")
    other.write_text("seven")
    os.utime(other, ns=(2, 2))
    other.replace(file)
    assert [watched.after(), watched.after()] == [3, 3]


def test_a_file_that_is_away_for_a_moment(file):
    watched = Watched(file)
    file.unlink()
    assert watched.after() == 0
    file.write_text("one")
    assert [watched.after(), watched.after()] == [1, 1]


def test_the_end_of_it(file):
    watched = Watched(file)
    watched.watch.stop()
    assert watched.clock.getDelayedCalls() == []


class Slow(Watched):
    def changed(self):
        self.changes += 1
        self.taking_up = Deferred()
        return self.taking_up


def rewrite(file, time):
    os.utime(file, ns=(time, time))


def test_a_change_waits_until_the_one_before_it_is_taken_up(file):
    watched = Slow(file)
    rewrite(file, 2)
    assert watched.after() == 1
    rewrite(file, 3)
    assert [watched.after(), watched.after()] == [1, 1]
    watched.taking_up.callback(None)
    assert [watched.after(), watched.after()] == [2, 2]


def test_the_end_of_it_while_a_change_is_taken_up(file):
    watched = Slow(file)
    rewrite(file, 2)
    watched.after()
    watched.watch.stop()
    watched.taking_up.callback(None)
    assert watched.clock.getDelayedCalls() == []


def test_what_breaks_is_told_and_the_next_change_is_taken_up(file, caplog):
    watched = Slow(file)
    rewrite(file, 2)
    watched.after()
    watched.taking_up.errback(ValueError("no"))
    assert "a defect of ours" in caplog.text
    rewrite(file, 3)
    assert watched.after() == 2
