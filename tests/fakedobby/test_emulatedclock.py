"""Time that runs, stands still, or is moved by hand."""

import pytest
from twisted.internet.task import Clock

from fakedobby.emulatedclock import EmulatedClock


class Bench:
    """A clock of ours on a base that only the test moves, and what it has called: (name, when)."""

    def __init__(self, speed=1.0):
        self.base = Clock()
        self.base.advance(1000)
        self.clock = EmulatedClock(self.base, speed)
        self.made = []

    def later(self, delay, name, *then):
        """Have a call noted; `then` are (delay, name) of calls that it asks for."""

        def call():
            self.made.append((name, self.clock.seconds()))
            for one in then:
                self.later(*one)

        return self.clock.callLater(delay, call)

    @property
    def names(self):
        return [name for name, _ in self.made]


def test_it_begins_at_0_and_runs_with_its_base():
    bench = Bench()
    bench.later(2, "two")
    bench.base.advance(1.5)
    assert (bench.clock.seconds(), bench.made) == (1.5, [])
    bench.base.advance(0.5)
    assert bench.made == [("two", 2.0)]


def test_calls_are_made_in_the_order_of_their_times_then_of_their_asking():
    bench = Bench(0)
    for delay, name in [(2, "c"), (1, "a"), (2, "d"), (1, "b")]:
        bench.later(delay, name)
    bench.clock.advance_to(2)
    assert bench.made == [("a", 1), ("b", 1), ("c", 2), ("d", 2)]


@pytest.mark.parametrize("speed", [0, 1, 100])
def test_what_an_advance_makes_is_in_order_with_what_it_asks_for(speed):
    bench = Bench(speed)
    bench.later(1, "a", (1, "c"), (5, "late"))
    bench.later(2, "b", (0, "d"))
    bench.clock.advance_to(3)
    assert bench.made == [("a", 1), ("b", 2), ("c", 2), ("d", 2)]
    assert bench.clock.seconds() == 3


def test_an_advance_into_the_past_moves_nothing():
    bench = Bench(0)
    bench.clock.advance_to(5)
    bench.clock.advance_to(3)
    assert bench.clock.seconds() == 5


def test_ten_times_a_tenth_is_one():
    bench = Bench(0)
    bench.later(1, "one")
    for _ in range(10):
        assert bench.made == []
        bench.clock.advance_to(bench.clock.seconds() + 0.1)
    assert bench.made == [("one", 1.0)]


def test_a_tenth_and_two_tenths_are_three():
    bench = Bench(0)
    bench.clock.advance_to(0.1)
    bench.later(0.2, "three")
    bench.clock.advance_to(0.3)
    assert bench.made == [("three", 0.3)]


def test_time_that_stands_still_is_moved_by_nothing_else():
    bench = Bench(0)
    bench.later(1, "one")
    bench.base.advance(100)
    assert (bench.clock.seconds(), bench.made, bench.base.getDelayedCalls()) == (0, [], [])


def test_what_is_due_already_happens_though_time_stands_still():
    bench = Bench(0)
    bench.later(0, "a", (0, "b"))
    assert bench.made == []
    bench.base.advance(0)
    assert bench.made == [("a", 0), ("b", 0)]


@pytest.mark.parametrize("speed", [0, 1])
def test_what_is_asked_for_again_and_again_without_delay_keeps_nothing_else_waiting(speed):
    bench = Bench(speed)
    rounds = []

    def again():
        rounds.append(len(bench.made))
        if len(rounds) < 50:
            bench.clock.callLater(0, again)

    again()
    bench.later(0, "other")
    bench.base.advance(0)
    assert bench.names == ["other"]
    assert (len(rounds), rounds[2:]) == (50, [1] * 48)


def test_between_two_rounds_others_have_their_turn():
    bench = Bench()
    bench.clock.callLater(0, lambda: (bench.base.callLater(0, bench.made.append, ("other", 0)), bench.later(0, "b")))
    bench.base.advance(0)
    assert bench.names == ["other", "b"]


def test_in_an_advance_too():
    bench = Bench(0)
    rounds = []

    def again():
        rounds.append(len(bench.made))
        if len(rounds) < 50:
            bench.clock.callLater(0, again)

    bench.clock.callLater(1, again)
    bench.later(1, "other")
    bench.clock.advance_to(1)
    assert rounds == [0] + [1] * 49


def test_a_cancelled_call_is_not_made():
    bench = Bench()
    first, second = bench.later(1, "first"), bench.later(2, "second")
    first.cancel()
    assert (first.active(), second.active()) == (False, True)
    first.cancel()  # once more does nothing
    assert bench.clock.next_due() == 2
    bench.base.advance(2)
    assert bench.names == ["second"]
    second.cancel()
    assert not second.active()


def test_a_call_can_cancel_a_later_one():
    bench = Bench(0)
    never = bench.clock.callLater(2, bench.made.append, "never")
    bench.clock.callLater(1, never.cancel)
    bench.clock.advance_to(2)
    assert bench.made == []


def test_many_cancelled_calls_leave_nothing_behind():
    bench = Bench(0)
    kept = bench.later(1_000, "kept")
    for number in range(10_000):
        bench.later(number, "never").cancel()
    assert len(bench.clock._calls) < 200
    assert kept.active()
    assert bench.clock.next_due() == 1_000


def test_timers_come_and_go_without_the_base_hearing_of_each():
    bench = Bench()
    bench.later(25, "first").cancel()
    (waking,) = bench.base.getDelayedCalls()
    for _ in range(10):
        bench.base.advance(0.1)
        bench.later(25, "next").cancel()
    assert bench.base.getDelayedCalls() == [waking]
    bench.later(10, "earlier")
    bench.base.advance(10)
    assert bench.names == ["earlier"]


def test_the_speed_changes_what_follows():
    bench = Bench(2)
    bench.later(20, "twenty")
    bench.base.advance(5)
    assert bench.clock.seconds() == 10
    bench.clock.speed = 0
    bench.base.advance(5)
    assert (bench.clock.seconds(), bench.made) == (10, [])
    bench.clock.speed = 10
    bench.base.advance(0.5)
    assert (bench.clock.seconds(), bench.clock.speed, bench.made) == (15, 10, [])
    bench.base.advance(0.5)
    assert bench.made == [("twenty", 20)]


def test_time_that_runs_goes_on_from_where_an_advance_has_left_it():
    bench = Bench()
    bench.later(10, "ten")
    bench.base.advance(1)
    bench.clock.advance_to(9)
    bench.base.advance(0.5)
    assert (bench.clock.seconds(), bench.made) == (9.5, [])
    bench.base.advance(0.5)
    assert bench.made == [("ten", 10)]


def test_after_a_reset_it_is_as_at_the_beginning_and_nobody_waits():
    bench = Bench(0)
    bench.later(60, "b", (1, "of the new time"))
    bench.later(20, "a")
    bench.later(70, "never").cancel()
    bench.clock.advance_to(10)
    bench.clock.speed = 5
    bench.clock.reset()
    assert bench.made == [("a", 0), ("b", 0)]
    assert (bench.clock.seconds(), bench.clock.speed, bench.clock.next_due()) == (0, 0, 1)
    bench.clock.advance_to(1)
    assert bench.names == ["a", "b", "of the new time"]


def test_a_base_that_wakes_too_early_makes_no_call_early():
    bench = Bench()
    bench.later(1, "one")
    (waking,) = bench.base.getDelayedCalls()
    bench.base.advance(0.999_999)
    waking.reset(0)
    bench.base.advance(0)
    assert bench.made == [("one", pytest.approx(1, abs=1e-9))]


def test_when_it_is_closed_nothing_happens_any_more():
    bench = Bench()
    bench.later(1, "one")
    bench.clock.close()
    bench.base.advance(2)
    assert (bench.made, bench.base.getDelayedCalls()) == ([], [])
