"""JSON of any length, made piece by piece: the loop is not held up, and nobody needs to have all of it in memory."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from fakedobby.turns import PIECE, Turns, Work


class Told(NamedTuple):
    """What is told one by one: `write` gives the text of each of the `elements`, as often as it is asked.

    In an object it is a list, and by itself a text.
    """

    elements: Sequence[Any]
    write: Callable[[Any], str]


class Pieces:
    """A long text: its length in bytes, and then the text, in pieces. Whoever has enough of it closes it."""

    def __init__(self, texts: Iterator[str], length: int, work: Work) -> None:
        self._texts = texts
        self._work = work
        self.length = length
        self.left = length
        """How many bytes are still to come."""

    async def next(self) -> bytes:
        """Return the next piece, in a later turn of the loop."""
        gathered: list[str] = []
        left = PIECE
        for text in self._texts:
            gathered.append(text)
            left -= len(text)
            if left <= 0:
                break
        await self._work.turn()
        piece = "".join(gathered).encode()
        self.left -= len(piece)
        return piece

    def close(self) -> None:
        """Make no more of it."""
        self._work.end()


async def in_pieces(value: Any, turns: Turns, end: str = "") -> bytes | Pieces:
    """Return the JSON text of a value, and what is to follow it, as a whole when it is short.

    Raises NotNow when too many long ones are in the making.
    """
    gathered: list[bytes] = []
    length = 0
    work = turns.work()
    try:
        # a long one is made twice: the first time tells how long it is
        for text in _texts(value, end):
            data = text.encode()
            length += len(data)
            if length <= PIECE:
                gathered.append(data)
            await work.done(len(data))
    except BaseException:
        work.end()
        raise
    if length <= PIECE:
        work.end()
        return b"".join(gathered)
    return Pieces(_texts(value, end), length, work)


async def in_json(value: Any, work: Work) -> str:
    """Return the JSON text of a value as a whole."""
    pieces = []
    try:
        for text in _texts(value):
            pieces.append(text)
            await work.done(len(text))
    finally:
        work.end()
    text = "".join(pieces)
    return written(text) if isinstance(value, Told) else text


def written(value: Any) -> str:
    """Return the JSON text of a value."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _texts(value: Any, end: str = "") -> Iterator[str]:
    """Yield the JSON text of a value, element by element where a list is in an object."""
    if isinstance(value, Told):
        yield from map(value.write, value.elements)
        return
    if isinstance(value, dict):
        yield from _object(value)
    else:
        yield written(value)
    yield end


def _object(value: dict[str, Any]) -> Iterator[str]:
    between = "{"
    for name, member in value.items():
        yield f"{between}{written(name)}:"
        between = ","
        if isinstance(member, Told):
            yield from _list(map(member.write, member.elements))
        elif isinstance(member, list):
            yield from _list(map(written, member))
        else:
            yield written(member)
    yield "}" if value else "{}"


def _list(elements: Iterator[str]) -> Iterator[str]:
    between = "["
    for element in elements:
        yield between + element
        between = ","
    yield "]" if between == "," else "[]"
