"""The recorded sessions, by profile and id."""

import json
from pathlib import Path

FLAVOUR = "r4.4.1-rdk"


def _read(profile):
    path = Path(__file__).parent / "sessions" / f"{profile}@{FLAVOUR}.jsonl"
    return {item["id"]: item for item in map(json.loads, path.read_text(encoding="utf-8").splitlines())}


SESSIONS = {profile: _read(profile) for profile in ["rdkservices", "entservices"]}
