"""Fixtures of the soak: SOAK=long takes minutes, without it it takes seconds."""

import os
import resource
from dataclasses import dataclass

import pytest

from watched import Watched


@dataclass(frozen=True)
class Scale:
    """How much of everything there is."""

    rounds: int
    """How often all of it happens."""
    crowd: int
    """How many WebSocket clients there are at a time."""
    cycles: int
    """How many containers each caller starts and stops in a round."""
    restarts: int
    """How often the message bus is restarted."""


@pytest.fixture(scope="session")
def scale():
    if os.environ.get("SOAK") == "long":
        return Scale(rounds=40, crowd=1000, cycles=40, restarts=30)
    return Scale(rounds=10, crowd=200, cycles=10, restarts=3)


@pytest.fixture(autouse=True)
def many_files():
    """Let this process, whose files the clients are, have as many as the system allows."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def watch(tmp_path):
    """Start one of our commands, and watch it."""
    started = []

    def start(*command, **options):
        started.append(Watched(tmp_path / f"log{len(started)}", *command, **options))
        return started[-1]

    yield start
    for program in started:
        with program.process:
            program.process.kill()


@pytest.fixture
def up(watch):
    """Start an emulator, whose containers start and stop at once; it has a dbus-daemon unless `bus` says otherwise."""
    return lambda *options, bus="private": watch(
        "up", "--port", "0", "--bus", bus, "--progression", "immediate", *options
    )
