r"""What must not stand in a recording: tokens always, and the fields that the user names.

What was a token once in a recording is taken out wherever it comes again, also where nobody calls it one, and however
it is escaped there: what comes as `abc%2Fdef` in a URL goes on as `abc\/def` in JSON.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from thunderoci.recording.escapes import View, views
from thunderoci.recording.jsonmembers import Member, replaced

REDACTED = "<redacted>"
"""What stands in the place of a secret."""

_REDACTED = REDACTED.encode()
_ALWAYS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
"""Headers that hold nothing but secrets."""
_TOKEN = "token"  # noqa: S105 (the name of what has to be hidden)
_SCHEME = re.compile(rb"(?:Bearer|Basic|Digest|Token)\s+(?=\S)", re.IGNORECASE)
_USER = re.compile(rb"(?<=://)[^/@\s]+@")
_STRING = re.compile(rb'("(?:[^"\\]|\\.)*+"?)(\s*:)?', re.DOTALL)
"""A string of JSON; with a colon behind it is the name of a member."""
_LONG = 8
"""Bytes that a secret has at least to be looked for everywhere: a shorter one would take other words apart."""


_MANY = 256
"""Of so many secrets a text is searched for each; of more it is looked where one of them can begin."""


class Redactor:
    """Takes secrets out of heads and bodies; `names` are those of JSON members, query parameters and headers."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset({_TOKEN, *(name.casefold() for name in names)})
        self._hints = [re.escape(name.encode(errors="surrogatepass")) for name in self._names]
        self._hint = re.compile(b"|".join(self._hints), re.IGNORECASE)
        names_ = b"|".join(self._hints)
        self._query = re.compile(rb"(?<=[?&])(%b)=([^&#\s]+)" % names_, re.IGNORECASE)
        self._quoted_query = re.compile(rb"""(?<=[?&])(?:%b)=([^&#\s"'<>\\]+)""" % names_, re.IGNORECASE)
        self._seen: set[bytes] = set()
        self._lengths: dict[bytes, set[int]] = {}
        """How long the secrets are that begin so."""

    def head(self, head: bytes) -> bytes:
        """Return a head without its secrets, otherwise as it is."""
        first, *lines = head.split(b"\r\n")
        return self._clean(b"\r\n".join([self._line(first), *map(self._header, lines)]))

    def body(self, body: bytes) -> bytes:
        """Return a body or a message without its secrets, otherwise as it is."""
        if self._hint.search(body) or b"\\u" in body:
            body = replaced(body, self._value)
        return self._clean(body)

    def raw(self, data: bytes) -> bytes:
        """Return bytes that may be anything without their secrets: each line may be a header, and JSON anywhere."""
        return self.body(b"\n".join(map(self._header, data.split(b"\n"))))

    def params(self, value: Any) -> Any:
        """Return a JSON value as it would stand in a recording."""
        clean = self.body(json.dumps(value).encode())
        try:
            return json.loads(clean)
        except ValueError:  # a secret began inside of an escape
            return clean.decode()

    def _line(self, line: bytes) -> bytes:
        return self._query.sub(self._parameter, _USER.sub(self._user, line))

    def _user(self, found: re.Match[bytes]) -> bytes:
        self._learn(found[0][:-1])
        return _REDACTED + b"@"

    def _parameter(self, found: re.Match[bytes]) -> bytes:
        self._learn(found[2])
        self._learn(found[2].replace(b"+", b" "))
        return found[1] + b"=" + _REDACTED

    def _header(self, line: bytes) -> bytes:
        name, colon, value = line.partition(b":")
        said = value.strip()
        if not colon or not said:
            return self._line(line)
        word = name.strip().decode("latin-1").casefold()
        if word not in _ALWAYS | self._names:
            return self._line(line)
        scheme = _SCHEME.match(said)
        kept = scheme[0] if scheme else b""
        self._learn(said.removeprefix(kept))
        return line.replace(said, kept + _REDACTED)

    def _value(self, member: Member, text: bytes) -> bytes | None:
        if member.name.casefold() in self._names:
            self._learn_texts(text[member.start : member.end])
            return b'"' + _REDACTED + b'"'
        is_text = text.startswith(b'"', member.start)
        return self._inside(text[member.start : member.end]) if is_text else None

    def _inside(self, raw: bytes) -> bytes | None:
        """Return a string without the secrets of the JSON that it holds; None when there are none."""
        held = _held(raw)
        if held is None:
            return None
        clean = replaced(held, self._value)
        return None if clean == held else json.dumps(clean.decode()).encode()

    def _learn_texts(self, raw: bytes) -> None:
        """Learn the strings of a JSON value, also of JSON inside a string; names of members are no secrets."""
        for string, colon in _STRING.findall(raw):
            if colon:
                continue
            self._learn(string.removeprefix(b'"').removesuffix(b'"'))
            held = _held(string)
            if held is not None:
                self._learn_texts(held)

    def _learn(self, secret: bytes) -> None:
        """Learn a secret, as it is written and as it is meant."""
        for view in views(secret):
            if len(view.text) >= _LONG and view.text != _REDACTED:
                self._seen.add(view.text)
                self._lengths.setdefault(view.text[:_LONG], set()).add(len(view.text))

    def _clean(self, text: bytes) -> bytes:
        """Return a text without the secrets in the queries of its URLs, and without those that came before."""
        found = list(views(text))
        spans = [span for view in found for span in self._queries(view)]
        spans += [span for view in found for span in self._places(view)]
        at = len(text)
        pieces: list[bytes] = []
        for start, end in reversed(_merged(spans)):
            pieces += (text[end:at], _REDACTED)
            at = start
        return text[:at] + b"".join(reversed(pieces))

    def _places(self, view: View) -> Iterator[tuple[int, int]]:
        """Yield where the secrets stand that came before."""
        if len(self._seen) <= _MANY:
            for secret in self._seen:
                yield from _places(view, secret)
            return
        text = view.text
        for at in range(len(text)):
            for length in self._lengths.get(text[at : at + _LONG], ()):
                if text[at : at + length] in self._seen:
                    yield view.span(at, at + length)

    def _queries(self, view: View) -> Iterator[tuple[int, int]]:
        for found in self._quoted_query.finditer(view.text):
            self._learn(found[1])
            yield view.span(*found.span(1))


def _held(raw: bytes) -> bytes | None:
    """Return the JSON that a string of JSON holds, None when it holds none."""
    try:
        held = str(json.loads(raw)).encode()
    except ValueError:
        return None
    return held if held.lstrip()[:1] in {b"{", b"["} else None


def _places(view: View, secret: bytes) -> Iterator[tuple[int, int]]:
    start = view.text.find(secret)
    while start >= 0:
        yield view.span(start, start + len(secret))
        start = view.text.find(secret, start + len(secret))


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in their order, those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
