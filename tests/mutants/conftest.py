"""The long form of the mutants: both profiles, all cases for what is legal, and the report of it all."""

import json
import os
from pathlib import Path

import pytest

KEPT = {}
LONG = os.environ.get("MUTANTS") == "all"


@pytest.fixture
def kept():
    """Return where tests keep the verdicts that cases gave on mutants."""
    return KEPT


def pytest_sessionfinish():
    path = os.environ.get("MUTANTS_REPORT")
    if path and KEPT:
        Path(path).write_text(json.dumps(KEPT, indent=1), encoding="utf-8")
