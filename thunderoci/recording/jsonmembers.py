"""Where the members of JSON objects stand in a text, so that one can be replaced and the rest keeps its bytes.

Nothing is checked: what a box writes is not always JSON, and has to be read all the same.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\],:]|[^\s"{}\[\],:]+', re.DOTALL)
_OPENING, _CLOSING = (b"{", b"["), (b"}", b"]")


class Member(NamedTuple):
    """A member: how many brackets it is in, its name, and where its value stands."""

    depth: int
    name: str
    start: int
    end: int


@dataclass(slots=True)
class _Open:
    """A bracket that is not closed yet, and the member in it that is being read."""

    is_object: bool
    name: str | None = None
    valued: bool = False
    start: int = -1
    end: int = -1


class _Scan:
    """Goes over the tokens of a text once, and keeps the members that are complete."""

    def __init__(self, text: bytes) -> None:
        self.found: list[Member] = []
        self._stack: list[_Open] = []
        for token in _TOKEN.finditer(text):
            kind = token[0][:1]
            if kind in _CLOSING:
                self._close(token.end())
                continue
            if self._stack:
                self._inside(self._stack[-1], kind, token)
            if kind in _OPENING:
                self._stack.append(_Open(kind == b"{"))
        while self._stack:  # a text that is cut has members all the same
            self._close(len(text))

    def _close(self, end: int) -> None:
        """Take a closing bracket, of whichever kind: with it a value ends in the bracket around it."""
        if self._stack:
            self._over(self._stack.pop())
        if self._stack:
            self._stack[-1].end = end

    def _inside(self, top: _Open, kind: bytes, token: re.Match[bytes]) -> None:
        """Take what stands in a bracket."""
        if kind == b",":
            self._over(top, 0)
        elif kind == b":":
            top.valued = True
        elif top.is_object and not top.valued:
            top.name = _decoded(token[0])
        else:
            top.start = token.start() if top.start < 0 else top.start
            top.end = token.end()

    def _over(self, top: _Open, closed: int = 1) -> None:
        """End the member that is read; `closed` tells that its bracket is off the stack already."""
        if top.is_object and top.name is not None and top.start >= 0:
            self.found.append(Member(len(self._stack) + closed, top.name, top.start, top.end))
        top.name, top.valued, top.start = None, False, -1


def members_of(text: bytes) -> list[Member]:
    """Return all members of all objects in a text, each behind those inside it."""
    return _Scan(text).found


def replaced(text: bytes, value_of: Callable[[Member, bytes], bytes | None]) -> bytes:
    """Return a text whose members have the values that `value_of(member, text)` gives them; None leaves one alone."""
    pieces: list[bytes] = []
    at = len(text)
    for member in reversed(members_of(text)):  # the outer ones come first now: what is inside a new value is gone
        if member.end > at:
            continue
        value = value_of(member, text)
        if value is not None:
            pieces += (text[member.end : at], value)
            at = member.start
    return text[:at] + b"".join(reversed(pieces))


def with_member(text: bytes, name: str, value: bytes) -> bytes:
    """Return an object with another value for its own member of this name, if it has one."""
    return replaced(text, lambda member, _: value if member.depth == 1 and member.name == name else None)


def raw_member(text: bytes, name: str) -> bytes | None:
    """Return the text of the value that an object's own member has, the last one of that name; None without one."""
    found = [text[each.start : each.end] for each in members_of(text) if each.depth == 1 and each.name == name]
    return found[-1] if found else None


def _decoded(token: bytes) -> str:
    try:
        return str(json.loads(token))
    except ValueError:
        return token.decode("latin-1")
