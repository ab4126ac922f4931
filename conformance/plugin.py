"""The pytest plugin (entry point ``conformance``): options, and which cases run. Loads the suite when it is used."""

from __future__ import annotations

import argparse
import importlib

import pytest

_SESSION = "conformance-session"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options, all with a prefix of their own."""
    group = parser.getgroup("conformance", "conformance of Thunder's org.rdk.OCIContainer")
    group.addoption(
        "--thunder-url",
        metavar="URL",
        action="append",
        default=[],
        help="a target: host:port, a base URL or .../jsonrpc; may be given again",
    )
    group.addoption("--thunder-profile", metavar="P", help="rdkservices or entservices (found out by asking)")
    group.addoption("--thunder-bundle-path", metavar="PATH", help="an OCI bundle, as the target sees it")
    group.addoption("--thunder-timeout", metavar="SECONDS", help="time for an answer (10)")
    group.addoption("--thunder-token", metavar="T", help="the security token of the target")
    group.addoption("--thunder-read-only", action="store_const", const=True, help="run only what touches nothing")
    group.addoption(
        "--thunder-select",
        metavar="CASE",
        action="append",
        help="run only these cases, e.g. 'ocicontainer/startContainer/*'; may be given again",
    )
    group.addoption(
        "--thunder-settings", help=argparse.SUPPRESS
    )  # how `thunderoci check` hands on all that it was told


def pytest_configure(config: pytest.Config) -> None:
    """Load the rest of the suite when there is a target."""
    if config.getoption("thunder_url") or config.getoption("thunder_settings"):
        session = importlib.import_module("conformance.session")
        config.pluginmanager.register(session.open_session(config), _SESSION)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each case on each target."""
    if "assignment" not in metafunc.fixturenames or metafunc.module.__name__ != "conformance.test_catalogue":
        return
    session = metafunc.config.pluginmanager.get_plugin(_SESSION)
    nothing = pytest.param(None, id="none", marks=pytest.mark.skip("there is no target: give --thunder-url"))
    metafunc.parametrize("assignment", session.assignments() if session else [nothing])
