"""What was recorded, by profile@flavour and id."""

import json
import lzma
from pathlib import Path

_HERE = Path(__file__).parent
PAIRS = (
    "rdkservices@r4.4.1-rdk",
    "entservices@r4.4.1-rdk",
    "rdkservices@r4.4.7",
    "rdkservices@r4.4.1",
    "entservices@r4.4.7",
)
"""Profile and flavour of the programs that were recorded."""


def _items(lines):
    items = [json.loads(line) for line in lines.splitlines()]
    by_id = {item["id"]: item for item in items}
    assert len(by_id) == len(items)
    return by_id


def _packed(folder, pair):
    return _items(lzma.decompress((_HERE / folder / f"{pair}.jsonl.xz").read_bytes()).decode())


def _session(profile):
    return _items((_HERE / "sessions" / f"{profile}@r4.4.1-rdk.jsonl").read_text(encoding="utf-8"))


SESSIONS = {profile: _session(profile) for profile in ["rdkservices", "entservices"]}
TRAFFIC = {pair: _packed("exchanges", pair) | _packed("ws", pair) for pair in PAIRS}
"""HTTP exchanges and WebSocket transcripts; the ids of the latter begin with ws/."""
