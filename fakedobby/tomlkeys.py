"""Keys of a TOML text that are too long to be read (no I/O).

tomllib and whoever follows it takes squared time and memory for a key like `a.a.a`: 16 KB of it take a second and
300 MB, and 160 KB a hundred times that. So such keys are looked for first, in one pass that knows no more of TOML than
texts, comments and keys.
"""

import re

MOST_PARTS = 50
"""Parts that a key may have between dots, and the name of a table; no scenario needs a tenth of it."""

_PART = r"""(?:[^\s.=\]"'#,{}\[]++|"(?:[^"\\\n]|\\[^\n])*+"?+|'[^'\n]*+'?+)"""
_DOT = r"[ \t]*+\.[ \t]*+"
_TOKEN = re.compile(
    rf"""
    \#[^\n]*+
    | \"\"\"(?:[^"\\]|\\.|"{{1,2}}+(?!"))*+(?:"{{3,5}}|\\?+\Z)
    | '''(?:[^']|'{{1,2}}+(?!'))*+(?:'{{3,5}}|\Z)
    | (?P<key>{_PART}(?:{_DOT}{_PART})*+)
    """,
    re.VERBOSE | re.DOTALL,
)
_LONG = re.compile(f"{_PART}(?:{_DOT}{_PART}){{{MOST_PARTS}}}", re.DOTALL)


def line_of_long_key(text: str) -> int | None:
    """Return the line of the first key of more than MOST_PARTS parts, counted from 1; None when there is none."""
    for found in _TOKEN.finditer(text):
        key = found["key"]
        if key is not None and key.count(".") >= MOST_PARTS and _LONG.match(key):
            return text.count("\n", 0, found.start()) + 1
    return None
