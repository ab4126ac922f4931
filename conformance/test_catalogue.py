"""Every case on every target, as pytest tests: the one door between pytest and the suite."""

from typing import Any


def test_case(assignment: Any) -> None:
    """Stand for one case on one target; session.py runs it, since the reactor has to be driven from outside."""
