"""Who owns which well-known name, and who waits for it (D-Bus specification, "Message Bus Names")."""

from typing import NamedTuple

ALLOW_REPLACEMENT, REPLACE_EXISTING, DO_NOT_QUEUE = 1, 2, 4
PRIMARY_OWNER, IN_QUEUE, EXISTS, ALREADY_OWNER = 1, 2, 3, 4
RELEASED, NON_EXISTENT, NOT_OWNER = 1, 2, 3


class Change(NamedTuple):
    """A name went from one owner to another; no owner is the empty string."""

    name: str
    old: str
    new: str


class _Claim(NamedTuple):
    owner: str
    flags: int


class Names:
    """The well-known names of a bus. Owners are unique names; the first claim in a queue has the name."""

    def __init__(self) -> None:
        self._queues: dict[str, list[_Claim]] = {}

    def names(self) -> list[str]:
        """Return the names that somebody owns, oldest first."""
        return list(self._queues)

    def owner(self, name: str) -> str | None:
        """Return who owns `name`."""
        return self._queues[name][0].owner if name in self._queues else None

    def queue(self, name: str) -> list[str]:
        """Return the owner of `name` and who waits for it, in order."""
        return [claim.owner for claim in self._queues.get(name, [])]

    def owned(self, owner: str) -> list[str]:
        """Return the names for which `owner` stands in the queue, first or not."""
        return [name for name in self._queues if owner in self.queue(name)]

    def request(self, name: str, owner: str, flags: int) -> tuple[int, Change | None]:
        """Ask for `name`; returns RequestName's answer, and what changed."""
        queue = self._queues.get(name)
        if queue is None:
            self._queues[name] = [_Claim(owner, flags)]
            return PRIMARY_OWNER, Change(name, "", owner)
        first, claim = queue[0], _Claim(owner, flags)
        if first.owner == owner:
            queue[0] = claim
            return ALREADY_OWNER, None
        if first.flags & ALLOW_REPLACEMENT and flags & REPLACE_EXISTING:
            # whoever was replaced waits in front of all others, unless it would rather not wait
            waiting = [] if first.flags & DO_NOT_QUEUE else [first]
            queue[:] = [claim, *waiting, *(other for other in queue[1:] if other.owner != owner)]
            return PRIMARY_OWNER, Change(name, first.owner, owner)
        if flags & DO_NOT_QUEUE:
            queue[:] = [other for other in queue if other.owner != owner]
            return EXISTS, None
        self._enqueue(queue, claim)
        return IN_QUEUE, None

    def release(self, name: str, owner: str) -> tuple[int, Change | None]:
        """Give `name` up, or no longer wait for it; returns ReleaseName's answer, and what changed."""
        queue = self._queues.get(name)
        if queue is None:
            return NON_EXISTENT, None
        if owner not in self.queue(name):
            return NOT_OWNER, None
        was_first = queue[0].owner == owner
        queue[:] = [claim for claim in queue if claim.owner != owner]
        if not queue:
            del self._queues[name]
        return RELEASED, Change(name, owner, self.owner(name) or "") if was_first else None

    @staticmethod
    def _enqueue(queue: list[_Claim], claim: _Claim) -> None:
        """Let `claim` wait: dbus-daemon puts who would replace the owner in front of those who would not."""
        place = next((place for place, other in enumerate(queue) if other.owner == claim.owner), None)
        if claim.flags & REPLACE_EXISTING:
            if place is not None:
                del queue[place]
            queue.insert(1, claim)
        elif place is None:
            queue.append(claim)
        else:
            queue[place] = claim
