"""Fixtures for the clients that run under node, and for what npm brings besides."""

import os
import shutil
from pathlib import Path

import pytest

from tests_support import run

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def node_folder(tmp_path_factory):
    """Return a folder with our scripts for node, in which node finds the packages that they need."""
    folder = tmp_path_factory.mktemp("node")
    for file in ("package.json", "session.mjs", "browser.mjs"):
        shutil.copy(HERE / file, folder)
    command = ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--no-update-notifier")
    status, _, errors = run(*command, cwd=folder)
    if status != 0:  # as in run(): a developer may be without a network, CI may not
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"npm can't install what the tests need: {errors}")
    return folder


@pytest.fixture(scope="session")
def node(node_folder):
    """Run one of our scripts under node."""
    return lambda script, *arguments: run("node", str(node_folder / script), *arguments)
