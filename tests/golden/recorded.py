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


def read(path):
    """Return the items in a file by id; one that ends in .xz is packed."""
    packed = path.read_bytes()
    return _items((lzma.decompress(packed) if path.suffix == ".xz" else packed).decode())


def _packed(folder, pair):
    return read(_HERE / folder / f"{pair}.jsonl.xz")


STORIES = {
    "rdkservices@r4.4.1-rdk": read(_HERE / "sessions" / "rdkservices@r4.4.1-rdk.jsonl"),
    "entservices@r4.4.1-rdk": read(_HERE / "sessions" / "entservices@r4.4.1-rdk.jsonl"),
    "rdkservices@r4.4.7": _packed("sessions", "rdkservices@r4.4.7"),
}
"""Whole sessions, by profile@flavour and id."""
SESSIONS = {profile: STORIES[f"{profile}@r4.4.1-rdk"] for profile in ["rdkservices", "entservices"]}
"""What is replayed on the fake Dobby, for which the flavours are one."""
TRAFFIC = {pair: _packed("exchanges", pair) | _packed("ws", pair) for pair in PAIRS}
"""HTTP exchanges and WebSocket transcripts; the ids of the latter begin with ws/."""
