"""The statements of a TOML text, headers of tables and keys with their values, each with its line.

The parser reads a text as a whole and tells no lines. Where a statement ends is told by brackets and line feeds outside
of texts and comments, in one pass; what it means is left to the parser.
"""

import re
from collections.abc import Iterator

MOST_PARTS = 50
"""Parts of a key with dots between them that are read: the parser takes squared time for one key of thousands."""

_PART = r"""(?:[^\s.=\]"'#,{}\[]++|"(?:[^"\\\n]|\\[^\n])*+"?+|'[^'\n]*+'?+)"""
_DOT = r"[ \t]*+\.[ \t]*+"
_TOKEN = re.compile(
    rf"""
    (?P<comment>\#[^\n]*+)
    | (?P<text>\"\"\"(?:[^"\\]|\\.|"{{1,2}}+(?!"))*+(?:"{{3,5}}|\\?+\Z) | '''(?:[^']|'{{1,2}}+(?!'))*+(?:'{{3,5}}|\Z))
    | (?P<key>{_PART}(?:{_DOT}{_PART})*+)
    | (?P<opened>[\[{{])
    | (?P<closed>[\]}}])
    | (?P<end>\n)
    """,
    re.VERBOSE | re.DOTALL,
)
_LONG = re.compile(f"{_PART}(?:{_DOT}{_PART}){{{MOST_PARTS}}}", re.DOTALL)


def line_of_long_key(text: str) -> int | None:
    """Return the line, from 1, of the first key of more than MOST_PARTS parts; None when there is none."""
    for found in _TOKEN.finditer(text):
        key = found["key"]
        if key is not None and key.count(".") >= MOST_PARTS and _LONG.match(key):
            return text.count("\n", 0, found.start()) + 1
    return None


def statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield line, from 1, and text of each statement of a text that the parser takes."""
    line = 1
    start = depth = 0
    for found in _TOKEN.finditer(f"{text}\n"):
        kind = found.lastgroup
        depth += (kind == "opened") - (kind == "closed")
        if kind == "end" and depth <= 0:
            statement = text[start : found.start()]
            if statement.strip():
                yield line, statement
            line += statement.count("\n") + 1
            start, depth = found.end(), 0
