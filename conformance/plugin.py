"""The pytest plugin (entry point ``conformance``): options, and the cases' fixture. Loads the suite when it is used."""

from __future__ import annotations

import argparse
import importlib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conformance.conversation import Conversation

_SESSION = "conformance-session"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options, all with a prefix of their own."""
    group = parser.getgroup("conformance", "conformance of Thunder's org.rdk.OCIContainer")
    group.addoption("--thunder-url", metavar="URL", help="the target: host:port, a base URL or .../jsonrpc")
    group.addoption("--thunder-bundle-path", metavar="PATH", default="", help="an OCI bundle, as the target sees it")
    group.addoption("--thunder-timeout", metavar="SECONDS", type=float, default=10.0, help="time for an answer (10)")
    group.addoption(
        "--thunder-select",
        metavar="CASE",
        action="append",
        default=[],
        help="run only these cases, e.g. 'ocicontainer/startContainer/*'; may be given again",
    )
    group.addoption("--thunder-check", action="store_true", help=argparse.SUPPRESS)  # speak as `thunderoci check` does


def pytest_configure(config: pytest.Config) -> None:
    """Load the rest of the suite when there is a target."""
    if config.getoption("thunder_url"):
        session = importlib.import_module("conformance.session")
        config.pluginmanager.register(session.open_session(config), _SESSION)


@pytest.fixture
def thunder(request: pytest.FixtureRequest) -> Conversation:
    """Return a new conversation with the target; skips where no target was given."""
    session = request.config.pluginmanager.get_plugin(_SESSION)
    if session is None:
        pytest.skip("there is no target: give --thunder-url")
    conversation: Conversation = session.converse()
    return conversation
