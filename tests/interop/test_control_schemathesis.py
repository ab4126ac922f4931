"""The control API held against its OpenAPI document by schemathesis, which makes up good requests and bad ones."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from thunderoci.emulator import IMMEDIATE, UP, ChildProgram

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
SECONDS = 12
"""For how long requests are made up."""
MOST = 60
"""How long all of it may take."""


def test_it_keeps_to_its_document(tmp_path):
    if importlib.util.find_spec("schemathesis") is None:
        # as in run(): what CI would not have checked must not look as if it had
        (pytest.fail if os.environ.get("CI") else pytest.skip)("schemathesis is not installed")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "--no-color", "run"]
    # what it logs of thousands of faults goes into a file: nobody would empty a pipe
    with ChildProgram(*UP, *IMMEDIATE, "--clock", "virtual") as emulator:
        done = subprocess.run(
            [*command, f"--max-time={SECONDS}", f"{emulator.ready['control']}openapi.json"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=MOST,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Selected: 28/28" in done.stdout
        assert emulator.running
