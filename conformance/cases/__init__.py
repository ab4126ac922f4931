"""The cases: pytest tests that are coroutines, each with an address and the clause that it is about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

_Test = TypeVar("_Test", bound=Callable[..., Any])
ATTRIBUTE = "conformance_case"
"""Where a test function carries its Case."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a test is known by: ``id`` is ``ocicontainer/<method>/<number>``, ``clause`` the one it is about."""

    id: str
    clause: str
    title: str

    def filled(self, facts: Mapping[str, object]) -> "Case":
        """Return the case with the names in braces replaced: what a class or a parameter set decides."""
        return Case(*(text.format_map(facts) for text in (self.id, self.clause, self.title)))


def case(address: str, *, clause: str, title: str) -> Callable[[_Test], _Test]:
    """Make a test function the case ``ocicontainer/<address>``. Braces name attributes of its class, or parameters."""

    def mark(test: _Test) -> _Test:
        setattr(test, ATTRIBUTE, Case(f"ocicontainer/{address}", clause, title))
        return test

    return mark
