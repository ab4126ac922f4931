r"""What a text says once the escapes of JSON and of URLs are undone, and where in the text each part of that stands.

Thunder writes `\/` where others write `/` (facts/thunder.md A.4), and both know `\uXXXX`; a URL has `%2F`. JSON may
stand in a string of JSON, so escapes are undone several times over.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # what two of them mean together
    rb'|\\u[0-9a-fA-F]{4}|\\["\\/bfnrt]|%[0-9a-fA-F]{2}'
)
_SHORT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_MOST = 3
"""How many times escapes are undone: in practice, a URL in JSON in a string of JSON has three kinds."""


class View:
    """A text as it is, or as it reads without escapes; `text` are its bytes."""

    def __init__(self, text: bytes, below: View | None = None) -> None:
        self.text = text
        self._below = below
        self._places: list[int] = []
        self._escapes: list[tuple[int, int, int]] = []
        """For each escape, which `_places` tells the beginning of, its end here, and both in the text below."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of this view stands in the text at the bottom, whole escapes around it included."""
        if self._below is None:
            return start, end
        return self._below.span(self._under(start, last=False), self._under(end, last=True))

    def above(self) -> View | None:
        """Return the view without the escapes of this one, None when it has none."""
        view = View(b"", self)
        pieces: list[bytes] = []
        at = size = 0
        for found in _ESCAPE.finditer(self.text):
            meant = _meant(found[0])
            pieces += (self.text[at : found.start()], meant)
            size += found.start() - at
            view._places.append(size)
            size += len(meant)
            view._escapes.append((size, *found.span()))
            at = found.end()
        view.text = b"".join((*pieces, self.text[at:]))
        return view if pieces else None

    def _under(self, place: int, *, last: bool) -> int:
        """Return the place in the text below; inside of an escape it is one of its ends."""
        nearest = bisect_right(self._places, place) - 1
        if nearest < 0:
            return place
        end, first_below, end_below = self._escapes[nearest]
        if place >= end:
            return end_below + place - end
        return end_below if last and place > self._places[nearest] else first_below


def views(text: bytes) -> Iterator[View]:
    """Yield a text as it is, and then without its escapes, without the escapes in that, and so on."""
    view: View | None = View(text)
    for _ in range(_MOST + 1):
        if view is None:
            return
        yield view
        view = view.above()


def _meant(escape: bytes) -> bytes:
    if escape[:1] == b"%":
        return unquote_to_bytes(escape)
    if escape[1:2] != b"u":
        return _SHORT.get(escape[1:], escape[1:])
    units = b"".join(bytes.fromhex(unit.decode()) for unit in escape.split(b"\\u")[1:])
    return units.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")
