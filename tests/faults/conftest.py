"""Programs in which the tests put faults, and the clients that meet them."""

import json
import os
import shutil
import urllib.request
from pathlib import Path

import pytest

from faultclients import run

HERE = Path(__file__).parent


class Faulty:
    """An emulator under its control API: `ready` is what it said of itself."""

    def __init__(self, program):
        self.program = program
        self.ready = program.ready

    def do(self, verb, path, body=None):
        """Carry out an operation and return what it answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.ready["control"] + path, data, headers, method=verb)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def add(self, place, kind, **options):
        """Put a fault in force and return its document."""
        return self.do("POST", "faults", {"place": place, "kind": kind} | options)

    def faults(self):
        return self.do("GET", "faults")["faults"]

    def clear(self):
        self.do("DELETE", "faults")

    def advance(self, seconds):
        self.do("POST", "clock/advance", {"seconds": seconds})

    def journal(self, kind):
        return self.do("GET", f"journal?kind={kind}")["entries"]


@pytest.fixture(scope="session")
def start(spawn):
    """Start the emulator of these tests."""
    options = ("--port", "0", "--bus", "embedded", "--progression", "immediate")
    return lambda *more: Faulty(spawn("thunderoci", "up", *options, *more))


@pytest.fixture(scope="session")
def running(start):
    """One for all tests that leave it as they found it."""
    return start()


@pytest.fixture
def emulator(running):
    """The emulator without faults and containers, and with time that passes."""
    running.do("POST", "state/reset")
    return running


@pytest.fixture
def still(emulator):
    """The same; its time stands still until it is advanced."""
    emulator.do("POST", "clock/freeze")
    return emulator


@pytest.fixture(scope="session")
def node_client(tmp_path_factory):
    """Run client.mjs under node, with npm's ws."""
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text('{"private": true, "type": "module", "dependencies": {"ws": ">=8"}}')
    shutil.copy(HERE / "client.mjs", folder)
    command = ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--no-update-notifier")
    status, _, errors = run(*command, cwd=folder)
    if status != 0:  # as in run(): a developer may be without a network, CI may not
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"npm can't install what the tests need: {errors}")

    def client(url, *steps):
        status, output, errors = run("node", str(folder / "client.mjs"), url, json.dumps(steps))
        assert (status, errors) == (0, "")
        return json.loads(output)

    return client
