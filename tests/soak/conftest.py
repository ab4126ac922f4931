"""Fixtures of the soak: SOAK=long takes minutes, without it it takes seconds."""

import os
import resource
from dataclasses import dataclass

import pytest

from watched import Watched

LONG = os.environ.get("SOAK") == "long"
ON_BOTH = {
    "test_an_emulator_does_not_notice",
    "test_clients_are_refused_while_there_are_too_many",
    "test_mixed_traffic_leaves_nothing",
    "test_nothing_is_left_of_clients",
    "test_there_is_no_file_left_at_all",
}
"""Tests in which the bus has a part."""


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
    kills: int
    """How often the fake daemon is killed."""
    bus_clients: int
    """How many clients of the bus come and go while its memory is watched."""
    large: int
    """How often large bodies of each kind are sent."""


@pytest.fixture(scope="session")
def scale():
    if LONG:
        return Scale(rounds=40, crowd=1000, cycles=40, restarts=30, kills=60, bus_clients=10_000, large=10)
    return Scale(rounds=10, crowd=200, cycles=10, restarts=3, kills=4, bus_clients=600, large=1)


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
def up(watch, bus):
    """Start an emulator whose containers start and stop at once, on a bus of either kind or the one that is named."""
    return lambda *options, bus=bus: watch("up", "--port", "0", "--bus", bus, "--progression", "immediate", *options)


def pytest_generate_tests(metafunc):
    """Let everything happen with a dbus-daemon and on the embedded bus; in the short form where that matters most."""
    if "bus" in metafunc.fixturenames:
        both = LONG or metafunc.function.__name__ in ON_BOTH
        metafunc.parametrize("bus", ["private", "embedded"] if both else ["private"])
