"""Programs in which the tests put faults, and the clients that meet them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from faultclients import curl, run

HERE = Path(__file__).parent
PATIENCE = 30


class Faulty:
    """One of our programs with faults: `ready` is what it said of itself."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "serve_faulty.py"), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.ready = json.loads(self.process.stdout.readline().removeprefix("READY "))

    def do(self, command, argument=None):
        """Carry out a command of serve_faulty.py."""
        self.process.stdin.write(json.dumps([command, argument]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def add(self, place, kind, **options):
        """Put a fault in force and return its document."""
        return self.do("add", {"place": place, "kind": kind} | options)

    def end(self):
        """End the program; return its exit status and what it said on standard error."""
        self.process.terminate()
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors

    def wait(self):
        """Wait for its own end; return the same."""
        return self.process.wait(PATIENCE), self.process.stderr.read()


@pytest.fixture(scope="session")
def start():
    """Start one of our programs; those that still run at the end are ended."""
    programs = []

    def begin(*command):
        programs.append(Faulty(*command))
        return programs[-1]

    yield begin
    for program in programs:
        if program.process.poll() is None:
            program.end()
        program.process.stdin.close()
        program.process.stdout.close()
        program.process.stderr.close()


@pytest.fixture(scope="session")
def running(start):
    """The emulator for all tests that leave it as they found it."""
    return start("thunderoci", "up", "--port", "0", "--bus", "embedded", "--progression", "immediate")


@pytest.fixture
def emulator(running):
    """The emulator without faults and containers."""
    running.do("clear")
    running.do("speed", 1)
    yield running
    running.do("clear")
    running.do("speed", 1)
    for method in ("Controller.1.activate", "org.rdk.OCIContainer.1.listContainers"):
        listed = curl(running, method, {"callsign": "org.rdk.OCIContainer"}).result
    for container in listed["containers"]:
        curl(running, "stopContainer", {"containerId": container["Id"], "force": True})


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
