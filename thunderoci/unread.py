"""A JSON value that Thunder passes on unread: only its brackets and quotes are followed, to find where it ends.

So a bare word is a value as good as true, and what is wrong inside an object shows only when a plugin looks into it.
White space outside strings is dropped. Source of the rules: facts/thunder.md A.4.
"""

import re

from thunderoci.jsonstrings import NotJSON

MAX_DEPTH = 31
"""How deep Thunder lets objects and arrays nest in a value (facts/thunder.md A.4)."""

_NUL = "a value holds a NUL byte"
_QUOTE = ord('"')
_CLOSES = {ord("}"): ord("{"), ord("]"): ord("[")}
_blanks = re.compile(rb"\s*+").match
# possessive, so that megabytes keep no state for each character
_string_inside = re.compile(rb"[^\"\\]*+(?:\\.[^\"\\]*+)*+", re.DOTALL).match
_plain_inside = re.compile(rb"[^\s\"\[\]{}\x00]++").match
_flat = rb'[^\s"\[\]{}\x00]++|"[^"\\\x00]*+(?:\\[^\x00][^"\\\x00]*+)*+"'
_run_inside = re.compile(rb"(?:%b|\[(?:%b)*+\]|\{(?:%b)*+\})++" % (_flat, _flat, _flat), re.DOTALL).match
"""As far as it goes without white space and without more than one bracket in another."""
_plain_outside = re.compile(rb"[^\s\"\[\]{},\x00]++").match


class UnreadReader:
    """One value without quotes around it, in as many pieces as it comes.

    With `any_quote_counts` an escaped quote begins or ends a string, too; with `keeps_layout` no white space is dropped
    within brackets.
    """

    def __init__(self, *, any_quote_counts: bool = False, keeps_layout: bool = False) -> None:
        self._any_quote_counts = any_quote_counts
        self._keeps_layout = keeps_layout
        self._piece = bytearray()
        self._brackets = bytearray()
        self._in_string = False
        self._escaped = False
        self._complete = False

    @property
    def text(self) -> bytes:
        """The value, as far as it came."""
        return bytes(self._piece)

    def feed(self, data: bytes, at: int) -> int | None:
        """Read from `at` on; return where the value ends, None when `data` ends first; raises NotJSON."""
        while at < len(data) and not self._complete:
            if self._in_string:
                at = self._inside_string(data, at)
            elif plain := self._plain(data, at):
                self._piece += plain[0]
                at = plain.end()
            elif data[at] == _QUOTE:
                self._piece.append(_QUOTE)
                self._in_string = True
                at += 1
            else:
                at = self._mark(data, at)
        return at if self._complete else None

    def _plain(self, data: bytes, at: int) -> re.Match[bytes] | None:
        """Return what needs no look at its single characters."""
        if not self._brackets:
            return _plain_outside(data, at)
        if self._any_quote_counts or len(self._brackets) == MAX_DEPTH:
            return _plain_inside(data, at)
        return _run_inside(data, at)

    def _mark(self, data: bytes, at: int) -> int:
        """Take a bracket, white space, or a mark that belongs to the object around."""
        mark = data[at]
        if not mark and self._brackets:
            raise NotJSON(_NUL)
        if mark in b"{[":
            if len(self._brackets) == MAX_DEPTH or (self._piece and not self._brackets):
                raise NotJSON(f"a value is nested deeper than {MAX_DEPTH} levels, or has a bracket in its middle")
            self._piece.append(mark)
            self._brackets.append(mark)
        elif not self._brackets:
            self._complete = True
            return at
        elif mark not in _CLOSES:
            end = _blanks(data, at).end()  # type: ignore[union-attr]  # the pattern matches everywhere
            self._piece += data[at:end] if self._keeps_layout else b""
            return end
        elif self._brackets.pop() != _CLOSES[mark]:
            raise NotJSON(f"{chr(mark)!r} closes a bracket of the other kind")
        else:
            self._piece.append(mark)
            if not self._brackets:
                self._complete = True
        return at + 1

    def _inside_string(self, data: bytes, at: int) -> int:
        """Read on inside a string."""
        if self._escaped:
            if not data[at]:
                raise NotJSON(_NUL)
            self._escaped = False
            self._piece.append(data[at])
            return at + 1
        if self._any_quote_counts:
            end = data.find(b'"', at)
            end = len(data) if end < 0 else end
        else:
            end = _string_inside(data, at).end()  # type: ignore[union-attr]  # the pattern matches everywhere
        if data.find(0, at, end) >= 0:
            raise NotJSON(_NUL)
        self._piece += data[at:end]
        if end < len(data):  # a quote, or the last byte, which is a backslash
            self._piece.append(data[end])
            self._in_string = data[end] != _QUOTE
            self._escaped = self._in_string
            end += 1
        return end
