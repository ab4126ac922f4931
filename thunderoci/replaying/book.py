"""Which recorded answer a call gets: those to the same call in their order, and the last one again afterwards."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from difflib import SequenceMatcher

from thunderoci.replaying.call import HTTP, WEBSOCKET, Call
from thunderoci.replaying.timeline import Told

_OTHER = {HTTP: WEBSOCKET, WEBSOCKET: HTTP}
_SAME_DESIGNATOR, _SAME_METHOD, _SAME_PATH = 4.0, 3.0, 0.5
"""What counts how much when two calls are compared; how alike their params are counts 1 at most."""
_COMPARED = 2000
"""The most characters of params that are compared."""


class Book:
    """The calls of a recording, to be looked up."""

    def __init__(self, told: Iterable[Told]) -> None:
        self._told = list(told)
        self._pages: dict[Hashable, list[Told]] = {}
        self._turned: dict[Hashable, int] = {}
        for each in self._told:
            for key in _keys(each.call, each.call.transport):
                self._pages.setdefault(key, []).append(each)

    def find(self, call: Call) -> Told | None:
        """Return what the call gets this time, None when it was not recorded.

        What was recorded over one transport alone has one order for both: they turn the same pages.
        """
        transports = (call.transport,) if call.method is None else (call.transport, _OTHER[call.transport])
        for key in _keys(call, *transports):
            if page := self._pages.get(key):
                at = self._turned.get(key, 0)
                self._turned[key] = min(at + 1, len(page) - 1)
                return page[at]
        return None

    def nearest(self, call: Call) -> Told | None:
        """Return the recorded call that is most like another, None when there are none at all."""
        return max(self._told, key=lambda told: _likeness(call, told.call), default=None)


def _keys(call: Call, *transports: str) -> Iterable[Hashable]:
    """Yield under what a call is found over these transports, the best first.

    A subscription is also found under another client's id.
    """
    for each in (call, call.anonymous()) if call.subscribes else (call,):
        for transport in transports:
            yield (transport, each is call, each.path, each.method, each.params, each.answered)


def _likeness(call: Call, other: Call) -> float:
    alike = SequenceMatcher(None, call.params[:_COMPARED], other.params[:_COMPARED], autojunk=False).ratio()
    if (call.method is None) != (other.method is None):
        return alike / 2
    if call.method is None:
        return alike + SequenceMatcher(None, call.path, other.path, autojunk=False).ratio() * 2
    method = _SAME_DESIGNATOR if call.method == other.method else _SAME_METHOD * (call.name == other.name)
    if not method:
        method = SequenceMatcher(None, call.method, other.method or "", autojunk=False).ratio()
    return method + _SAME_PATH * (call.path == other.path) + alike
