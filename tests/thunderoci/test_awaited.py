"""What waits for an answer is found by its number, else in its order; and which call an event followed."""

from dataclasses import dataclass

import pytest

from thunderoci.recording.awaited import Awaited
from thunderoci.replaying.causes import Causes


@pytest.fixture
def awaited():
    things = Awaited(lambda thing: thing[0])
    for thing in ("a1", "b1", "a2", "c1"):
        things.add(thing)
    return things


def test_those_that_wait_longest_come_first(awaited):
    assert (awaited.first(), len(awaited)) == ("a1", 4)
    assert [awaited.take_first() for _ in range(5)] == ["a1", "b1", "a2", "c1", None]
    assert awaited.first() is None


def test_each_is_found_by_its_number_once(awaited):
    assert [awaited.take(number) for number in ("b", "a", "a", "a", "x")] == ["b1", "a1", "a2", None, None]
    assert awaited.all() == ["c1"]


def test_what_was_taken_in_its_order_is_not_found_by_its_number(awaited):
    assert awaited.take_first() == "a1"
    assert awaited.take("a") == "a2"
    awaited.add("a3")
    assert awaited.take_first() == "b1"
    assert (awaited.take("a"), awaited.take("b")) == ("a3", None)


@dataclass
class Made:
    at: float
    connection: int
    texts: frozenset
    changes: bool = True


CALLS = [
    Made(0, 1, frozenset({"a"})),
    Made(1, 2, frozenset({"b"})),
    Made(2, 1, frozenset({"c"})),
    Made(3, 3, frozenset({"a"}), changes=False),
]


@pytest.mark.parametrize(
    ("at", "connection", "about", "number"),
    [
        (9, 9, {"a"}, 0),
        (9, 9, {"a", "b"}, 1),
        (0.5, 9, {"b"}, 0),
        (9, 2, {"x"}, 1),
        (9, 3, {"x"}, 2),
        (2, 9, {"c"}, 2),
    ],
)
def test_the_last_call_that_is_about_the_same_else_on_the_connection_else_any(at, connection, about, number):
    assert Causes(CALLS).of(at, connection, frozenset(about)) is CALLS[number]


def test_without_a_call_that_changes_anything_it_is_the_last_one():
    assert Causes(CALLS[3:]).of(9, 1, frozenset()) is CALLS[3]
    assert Causes(CALLS[3:]).of(2, 1, frozenset()) is None
