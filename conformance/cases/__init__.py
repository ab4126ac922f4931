"""The cases: coroutines that talk to the target, each with an address and the clause that it is about."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.conversation import Conversation

PREFIX = "ocicontainer/"
PROFILES = ("rdkservices", "entservices")
TAGS = frozenset(
    {
        *("read-only", "lifecycle", "events", "negative", "robustness", "concurrency", "latency"),
        *("documented", "hazardous", "model"),
    }
)
NEEDS = frozenset({"nothing", "container", "bundle", "websocket", "hibernation"})
"""What a case may need of a target: nothing, to start containers, a bundle, a WebSocket, a working memcr."""

Test = Callable[["Conversation"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Case:
    """What is tried on a target: ``id`` is ``ocicontainer/<topic>/<number>``, ``clause`` the one it is about.

    ``also`` names the further clauses that it shows, ``needs`` what the target must offer.
    """

    id: str
    clause: str
    title: str
    tags: frozenset[str]
    needs: frozenset[str]
    profiles: tuple[str, ...]
    also: tuple[str, ...]
    test: Test = field(compare=False, repr=False)

    @property
    def hazardous(self) -> bool:
        """Whether a real daemon is known to crash or hang of it."""
        return "hazardous" in self.tags


REGISTERED: list[Case] = []
"""All cases of the modules that were imported so far, in the order of the source."""


def case(
    address: str,
    *,
    clause: str,
    title: str,
    tags: str = "",
    needs: str = "container",
    profiles: str = " ".join(PROFILES),
    also: Iterable[str] = (),
    over: Iterable[Mapping[str, Any]] = ({},),
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Make a coroutine function the case ``ocicontainer/<address>``; ``tags``, ``needs``, ``profiles`` are words.

    ``over`` makes a case of each of its mappings: names in braces in the texts are filled from it, and the test gets
    it as keyword arguments, but for what begins with an underscore: ``_needs`` and ``_profiles`` replace the words.
    """

    def register(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        for facts in over:
            arguments = {name: value for name, value in facts.items() if name[0] != "_"}
            words = {name: text.format_map(facts) for name, text in _texts(address, clause, title, tags).items()}
            REGISTERED.append(
                Case(
                    PREFIX + words["address"],
                    words["clause"],
                    words["title"],
                    _known(words["tags"], TAGS),
                    _known(facts.get("_needs", needs), NEEDS),
                    tuple(facts.get("_profiles", profiles).split()),
                    tuple(text.format_map(facts) for text in also),
                    partial(test, **arguments),
                )
            )
        return test

    return register


def _texts(address: str, clause: str, title: str, tags: str) -> dict[str, str]:
    return {"address": address, "clause": clause, "title": title, "tags": tags}


def _known(words: str, known: frozenset[str]) -> frozenset[str]:
    """Return the words of a text, all of which have to be known."""
    given = frozenset(words.split())
    if given - known:
        raise ValueError(f"unknown: {', '.join(sorted(given - known))}; known are {', '.join(sorted(known))}")
    return given
