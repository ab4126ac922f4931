"""What is known of containers from calls and events over time, and which events each of them still has to have."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from conformance.judge import text
from conformance.lifecycle import Life
from conformance.verdict import Finding

STARTED, STOPPED, CHANGED = "onContainerStarted", "onContainerStopped", "onContainerStateChanged"
_RUNNING, _ENDED, _HIBERNATED = "running", "stopped", "hibernated"
"""Words for states, in small letters."""
_MISSING = {
    (STARTED, _RUNNING): "onContainerStarted.once",
    (STOPPED, _ENDED): "onContainerStopped.once",
    (CHANGED, _RUNNING): "onContainerStateChanged.started",
    (CHANGED, _ENDED): "onContainerStateChanged.stopped",
    (CHANGED, _HIBERNATED): "onContainerStateChanged.hibernated",
}
"""The clause that is broken by an event which does not come."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A finding, and the request and answer that show it."""

    finding: Finding
    said: str = ""
    came: str | None = None


@dataclass(slots=True, eq=False)
class Subscription:
    """One subscription by ``client`` to ``event``; ``since`` and ``until`` are moments of the trace."""

    client: str
    event: str
    since: int
    until: int | None = None

    @property
    def method(self) -> str:
        """The method of its messages."""
        return f"{self.client}.{self.event}"


@dataclass(slots=True, eq=False)
class Known:
    """What is known of one container, from one start to one end; times are moments of the trace.

    ``doubt`` is what shows that it is not there any more, though nobody ended it: it may have ended by itself. When it
    is there after all, the doubt was a lie of the target's.
    """

    life: Life
    born: int
    request: tuple[str, str] = ("", "")
    """Method and params of its start."""
    stop: int | None = None
    """When its stop was accepted."""
    over: int | None = None
    """When it was told of as stopped."""
    free: bool = False
    """Whether the device starts it again when it crashes, so that nobody knows when it is there."""
    doubt: Evidence | None = None
    doubted: int = 0
    hibernations: list[int] = field(default_factory=list)
    wakings: list[int] = field(default_factory=list)
    settled: bool = True
    """Whether no hibernation or wake-up may still be going on."""
    told: dict[Subscription, list[str]] = field(default_factory=dict)
    """The words that each subscription was told of it, started and stopped being running and stopped."""
    total: int | None = None
    """The processor time that it had used when it was asked for last, while it has been paused."""

    @property
    def sure(self) -> bool:
        """Whether it is there, as far as one can tell."""
        return self.stop is None and self.over is None and self.doubt is None and not self.free

    def heard(self, subscription: Subscription) -> list[str]:
        """Return the words that a subscription was told of it."""
        return self.told.setdefault(subscription, [])


class Announced:
    """Which events have come for which container, and which ones have to come."""

    def __init__(self) -> None:
        self.containers: list[Known] = []
        self.subscriptions: list[Subscription] = []

    def last(self, container_id: str) -> Known | None:
        """Return the newest container of an id."""
        return next((known for known in reversed(self.containers) if known.life.id == container_id), None)

    def active(self, client: str, event: str) -> Subscription | None:
        """Return a subscription that has not ended."""
        return next(
            (one for one in self.subscriptions if (one.client, one.event, one.until) == (client, event, None)), None
        )

    def event(self, subscription: Subscription, params: dict[str, object], moment: int) -> list[Finding]:
        """Take in an event, and return what is wrong with its coming now."""
        container = params.get("containerId", params.get("name"))
        word = {STARTED: _RUNNING, STOPPED: _ENDED}.get(subscription.event, str(params.get("state")).lower())
        known = [one for one in self.containers if one.life.id == container]
        if subscription.event not in {STARTED, STOPPED, CHANGED}:
            return []
        if any(one.free for one in known):
            return []
        if not known:
            expected = "an event about a container that was started"
            return [Finding("events.quiet", "$.params", expected, text(params))]
        known = [one for one in known if str(one.life.descriptor) == params.get("descriptor")] or known
        # one that was to end before anybody listened may have been told of to nobody
        known.sort(key=lambda one: one.stop is not None and one.stop < subscription.since)
        fitting = next((one for one in known if self._fits(one, subscription, word)), None)
        if fitting is None:
            return [_surplus(subscription.event, word, params)]
        if word == _ENDED:
            fitting.over, fitting.doubt = fitting.over or moment, None
        return self._tell(fitting, subscription, word, params)

    def missing(self, watched: Sequence[int]) -> list[Evidence]:
        """Return what is wrong when nothing more comes; ``watched`` is when it was looked for events."""
        found = []
        for subscription in self.subscriptions:
            last = max((at for at in watched if subscription.until is None or at < subscription.until), default=0)
            for known in self.containers:
                if not known.free:
                    found += [Evidence(finding) for finding in _missing(known, subscription, last)]
        for known in self.containers:
            # whoever listens for ends would have heard of this one
            listened = any(
                one.event in {STOPPED, CHANGED} and one.until is None and one.since < known.born
                for one in self.subscriptions
            )
            if known.doubt is not None and listened and watched and watched[-1] > known.doubted:
                expected = f"that {text(known.life.id)} has ended"
                untold = Finding("events.self-exit", "$", expected, known.doubt.finding.got)
                found.append(Evidence(untold, known.doubt.said, known.doubt.came))
        return found

    @staticmethod
    def _fits(known: Known, subscription: Subscription, word: str) -> bool:
        """Tell whether a subscription has not heard this word of a container, and can."""
        heard = known.heard(subscription)
        if word == _RUNNING:
            woken = [moment for moment in known.wakings if moment > subscription.since]
            return heard.count(word) < (known.born > subscription.since) + len(woken)
        if word == _HIBERNATED:
            return heard.count(word) < len(known.hibernations)
        before = known.over is not None and known.over < subscription.since
        return word == _ENDED and word not in heard and not before

    def _tell(self, known: Known, subscription: Subscription, word: str, params: dict[str, object]) -> list[Finding]:
        """Note that a subscription was told a word about a container."""
        found = []
        name = subscription.event
        started = [
            one
            for one in self.subscriptions
            if one.client == subscription.client
            and one.event == (CHANGED if name == CHANGED else STARTED)
            and one.until is None
            and one.since < known.born
        ]
        if word == _ENDED and started and not any(_RUNNING in known.heard(one) for one in started):
            found.append(Finding(f"{name}.order", "$", "first that the container was started", "that it was stopped"))
        descriptor = params.get("descriptor")
        if descriptor is not None and descriptor != str(known.life.descriptor):
            wanted = text(str(known.life.descriptor))
            found.append(Finding(f"{name}.descriptor", "$.params.descriptor", wanted, text(descriptor)))
        known.heard(subscription).append(word)
        known.settled = True
        return found


def _surplus(event: str, word: str, params: dict[str, object]) -> Finding:
    """Return what is wrong with an event that no container has any more."""
    clause = f"{event}.once"
    if event == CHANGED and word not in {_RUNNING, _ENDED, _HIBERNATED}:
        clause = "onContainerStateChanged.transitions"
    return Finding(clause, "$.params", "no such event, or none again", text(params))


def _missing(known: Known, subscription: Subscription, watched: int) -> list[Finding]:
    """Return which events of a container a subscription should have had, as of ``watched``, the last look for them."""
    due = {
        _RUNNING: [known.born, *(known.wakings if subscription.event == CHANGED else ())],
        _ENDED: [moment for moment in (known.stop, known.over) if moment is not None][:1],
        _HIBERNATED: known.hibernations,
    }
    found = []
    for word, moments in due.items():
        clause = _MISSING.get((subscription.event, word))
        wanted = sum(subscription.since < moment <= watched for moment in moments)
        if clause is None or known.heard(subscription).count(word) >= wanted:
            continue
        if word == _RUNNING and known.heard(subscription).count(word):
            clause = "onContainerStateChanged.awoken"
        found.append(Finding(clause, "$", f"{subscription.method} about {text(known.life.id)}", "no such event"))
    return found
