"""Figures that change with time."""

import pytest

from fakedobby.curve import Curve

RAMP = Curve([(10, 100), (20, 200), (20, 50), (30, 0)])


@pytest.mark.parametrize(
    ("seconds", "value"),
    [(0, 100), (10, 100), (15, 150), (19.99, 199.9), (20, 50), (25, 25), (30, 0), (1e9, 0)],
)
def test_the_value_at_a_moment(seconds, value):
    assert RAMP.at(seconds) == pytest.approx(value)


@pytest.mark.parametrize(("seconds", "value"), [(0, 100), (15, 150), (20, 200), (1e9, 200)])
def test_the_highest_value_so_far(seconds, value):
    assert RAMP.peak(seconds) == pytest.approx(value)


@pytest.mark.parametrize(
    ("seconds", "area"), [(0, 0), (5, 500), (10, 1000), (15, 1625), (20, 2500), (30, 2750), (1e9, 2750)]
)
def test_what_it_adds_up_to(seconds, area):
    assert RAMP.area(seconds) == pytest.approx(area)


def test_one_point_is_a_level():
    level = Curve([(5, 7)])
    assert (level.at(0), level.at(9), level.peak(9), level.area(10)) == (7, 7, 7, 70)


@pytest.mark.parametrize(
    ("points", "complaint"), [([], "at least one"), ([(1, 0), (0.5, 0)], "at 0.5 seconds is behind that at 1")]
)
def test_what_is_no_curve(points, complaint):
    with pytest.raises(ValueError, match=complaint):
        Curve(points)
