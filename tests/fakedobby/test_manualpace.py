"""Transitions that wait until somebody steps."""

from functools import partial

import pytest
from twisted.internet.task import Clock

from fakedobby.emulatedclock import EmulatedClock
from fakedobby.manualpace import ManualPace


@pytest.fixture
def clock():
    return EmulatedClock(Clock(), 0)


@pytest.fixture
def pace(clock):
    return ManualPace(clock)


def test_nothing_happens_however_much_time_passes(clock, pace):
    made = []
    pace.callLater(1, made.append, "a")
    clock.advance_to(100)
    assert (pace.seconds(), made, pace.waiting) == (100, [], 1)


def test_each_step_makes_the_one_that_is_due_first(pace):
    made = []
    for delay, name in [(2, "c"), (1, "a"), (2, "d"), (1, "b")]:
        pace.callLater(delay, made.append, name)
    for number in range(4):
        assert len(made) == number
        assert pace.step()
    assert made == ["a", "b", "c", "d"]
    assert not pace.step()


def test_later_asked_is_later_due(clock, pace):
    made = []
    pace.callLater(3, made.append, "three")
    clock.advance_to(2)
    pace.callLater(2, made.append, "four")
    pace.step()
    assert made == ["three"]


def test_what_a_step_asks_for_waits_for_the_next_one(pace):
    made = []
    pace.callLater(1, lambda: pace.callLater(0, made.append, "second"))
    assert pace.step()
    assert (made, pace.waiting) == ([], 1)
    assert pace.step()
    assert made == ["second"]


def test_a_cancelled_call_takes_no_step(pace):
    made = []
    pace.callLater(1, made.append, "never").cancel()
    pace.callLater(2, made.append, "b")
    assert pace.waiting == 1
    assert pace.step()
    assert made == ["b"]


def test_once_released_the_clock_moves_everything(clock, pace):
    made = []
    later = partial(pace.callLater, 1, made.append)
    pace.callLater(5, lambda: (made.append("a"), later("c")))
    pace.callLater(2, made.append, "never").cancel()
    pace.callLater(6, made.append, "b")
    pace.release()
    clock.advance_to(0)
    assert made == ["a", "b"]
    clock.advance_to(1)
    assert made == ["a", "b", "c"]
