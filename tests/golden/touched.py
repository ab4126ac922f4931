"""Which recorded items a quirk of the plugin host touches."""

import tomllib
from pathlib import Path

from thunderoci.quirks import CATALOGUE

_BY_ID = {quirk.id: quirk for quirk in CATALOGUE}
_ROWS = tomllib.loads(Path(__file__).with_name("touched.toml").read_text(encoding="utf-8"))["touched"]
_LISTED = [
    ((pair, name), frozenset(_BY_ID[quirk] for quirk in row["quirks"]))
    for row in _ROWS
    for pair in row["pairs"]
    for name in row["items"]
]

TOUCHED = dict(_LISTED)
"""The quirks by profile@flavour and id."""
assert len(TOUCHED) == len(_LISTED), "an item is listed twice"
