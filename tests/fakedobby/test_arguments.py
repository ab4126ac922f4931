"""How the daemon reads arguments: what is dropped, and what it would choke on (facts/dobby.md 0)."""

import pytest

from fakedobby.arguments import understood
from fakedobby.embeddedbus.grammar import complete_types
from fakedobby.quirks import Provokes
from fakedobby.timings import IMMEDIATE
from wire import ask, published


@pytest.fixture
def connection():
    return published(timings=IMMEDIATE)


@pytest.mark.parametrize(
    ("signature", "values", "rest"),
    [
        ("iv", [1, 2], ("i", [1])),
        ("dgvi", [1.0, "s", 2, 3], ("i", [3])),
        ("adi", [[1.0], 3], ("adi", [[1.0], 3])),
        ("ssah", ["a", "b", []], ("ssah", ["a", "b", []])),
    ],
)
@pytest.mark.fact("D0-dropped-types")
def test_some_types_are_dropped(signature, values, rest):
    assert understood(signature, values) == rest


@pytest.mark.parametrize("signature", ["(i)", "i(ss)", "aas", "a(i)", "a{sv}", "aai"])
@pytest.mark.fact("D0-hang-on-struct", "D0-hang-on-nested-array")
def test_some_types_would_never_end(signature):
    with pytest.raises(Provokes, match="D-hang-on-struct"):
        understood(signature, [None] * len(complete_types(signature)))


@pytest.mark.fact("D0-dropped-getstate", "D0-dropped-stop")
def test_dropped_arguments_do_not_count(connection):
    assert ask(connection, "GetState", "iv", 99, "x") == ("i", [0])
    assert ask(connection, "GetState", "dig", 1.5, 99, "i") == ("i", [0])
    assert ask(connection, "Stop", "id", 99, 1.5) == ("b", [False])


@pytest.mark.parametrize(
    ("member", "signature", "values", "answer"),
    [
        ("GetState", "(i)", [(734,)], ("i", [-1])),
        ("GetState", "ia(i)", [734, []], ("i", [-1])),
        ("GetInfo", "aas", [[]], ("b", [True])),
        ("List", "(s)", [("ignored",)], ("aias", [[], []])),
    ],
)
def test_without_the_quirk_a_struct_is_a_bad_argument(connection, member, signature, values, answer):
    assert ask(connection, member, signature, *values) == answer
