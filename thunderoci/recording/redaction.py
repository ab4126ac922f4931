"""What must not stand in a recording: tokens always, and the fields that the user names.

What was a token once in a recording is taken out wherever it comes again, also where nobody calls it one.
"""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from thunderoci.recording.jsonmembers import Member, replaced

REDACTED = "<redacted>"
"""What stands in the place of a secret."""

_REDACTED = REDACTED.encode()
_ALWAYS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
"""Headers that hold nothing but secrets."""
_TOKEN = "token"  # noqa: S105 (the name of what has to be hidden)
_SCHEME = re.compile(rb"(?:Bearer|Basic|Digest|Token)\s+(?=\S)", re.IGNORECASE)
_USER = re.compile(rb"(?<=://)[^/@\s]+@")
_LONG = 8
"""Bytes that a secret has at least to be looked for everywhere: a shorter one would take other words apart."""


class Redactor:
    """Takes secrets out of heads and bodies; `names` are those of JSON members, query parameters and headers."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset({_TOKEN, *(name.casefold() for name in names)})
        self._hints = [re.escape(name.encode()) for name in self._names]
        self._hint = re.compile(b"|".join(self._hints), re.IGNORECASE)
        self._query = re.compile(rb"(?<=[?&])(%b)=([^&#\s]+)" % b"|".join(self._hints), re.IGNORECASE)
        self._seen: set[bytes] = set()

    def head(self, head: bytes) -> bytes:
        """Return a head without its secrets, otherwise as it is."""
        first, *lines = head.split(b"\r\n")
        return self._without_seen(b"\r\n".join([self._line(first), *map(self._header, lines)]))

    def body(self, body: bytes) -> bytes:
        """Return a body or a message without its secrets, otherwise as it is."""
        if self._hint.search(body) or b"\\u" in body:
            body = replaced(body, self._value)
        return self._without_seen(body)

    def raw(self, data: bytes) -> bytes:
        """Return bytes that may be anything without their secrets: each line may be a header, and JSON anywhere."""
        return self.body(b"\n".join(map(self._header, data.split(b"\n"))))

    def params(self, value: Any) -> Any:
        """Return a JSON value as it would stand in a recording."""
        return json.loads(self.body(json.dumps(value).encode()))

    def _line(self, line: bytes) -> bytes:
        return self._query.sub(self._parameter, _USER.sub(_REDACTED + b"@", line))

    def _parameter(self, found: re.Match[bytes]) -> bytes:
        self._learn(found[2])
        self._learn(unquote_to_bytes(found[2]))
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
        raw = text[member.start : member.end]
        if member.name.casefold() in self._names:
            if raw[:1] == b'"':
                self._learn(raw[1:-1])
            return b'"' + _REDACTED + b'"'
        return self._inside(raw) if raw[:1] == b'"' else None

    def _inside(self, raw: bytes) -> bytes | None:
        """Return a string without the secrets of the JSON that it holds; None when there are none."""
        try:
            held = str(json.loads(raw)).encode()
        except ValueError:
            return None
        if held.lstrip()[:1] not in {b"{", b"["}:
            return None
        clean = replaced(held, self._value)
        return None if clean == held else json.dumps(clean.decode()).encode()

    def _learn(self, secret: bytes) -> None:
        if len(secret) >= _LONG and secret != _REDACTED:
            self._seen.add(secret)

    def _without_seen(self, text: bytes) -> bytes:
        for secret in sorted(self._seen, key=len, reverse=True):
            text = text.replace(secret, _REDACTED)
        return text
