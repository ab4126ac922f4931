"""A program that is watched from outside: what it takes of the machine, and what it says."""

import json
import os
import resource
import subprocess
import sys
import time
import urllib.request
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

PATIENCE = 60
"""Seconds: the machine may be busy."""
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Watched:
    """One of our commands, whose standard error goes to a file: a pipe could fill up."""

    def __init__(self, log, *command, module="thunderoci"):
        self._log = log
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *command], stdout=subprocess.PIPE, stderr=errors, text=True
            )
        line = self.process.stdout.readline()
        assert line.startswith("READY "), (line, self.said())
        self.ready = json.loads(line.removeprefix("READY "))
        self.port = urlsplit(self.ready["url"]).port if "url" in self.ready else None
        self._proc = Path("/proc") / str(self.process.pid)

    @property
    def memory(self):
        """Bytes that it has in memory."""
        return int((self._proc / "statm").read_text().split()[1]) * _PAGE

    @property
    def open_files(self):
        """How many files it has open; at first those that it always has, since READY is said when all else is done."""
        return len(list((self._proc / "fd").iterdir()))

    @property
    def cpu(self):
        """Seconds of processor time that it has taken."""
        behind_name = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(behind_name[11]) + int(behind_name[12])) / _TICKS

    def allow(self, kind, number):
        """Set a limit of the system's for it; None is the highest possible."""
        _, hard = resource.prlimit(self.process.pid, kind)
        resource.prlimit(self.process.pid, kind, (hard if number is None else number, hard))

    def said(self):
        """What it has said on standard error so far."""
        return self._log.read_text()

    def control(self, verb, path, body=None):
        """Use the control API; return the answer's JSON, None when there is no body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.ready["control"] + path, data, {"Content-Type": "application/json"}, method=verb
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
        return json.loads(text) if text and path != "journal/export" else None

    def end(self):
        """End it; return its exit status and all that it said."""
        with self.process:
            self.process.terminate()
            status = self.process.wait(PATIENCE)
        return status, self.said()

    def call(self, method, params=None):
        """Call a method over HTTP on a connection of its own; return the answer."""
        with self.connect() as client:
            return client.call(method, params)

    def connect(self):
        """Return a client on a keep-alive connection, one call at a time."""
        return Keeping(self.port)


class Keeping:
    """A keep-alive connection."""

    def __init__(self, port):
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._connection.connect()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._connection.close()

    def call(self, method, params=None):
        """Call a method of the plugin; return the answer."""
        call = {"jsonrpc": "2.0", "id": 1, "method": f"org.rdk.OCIContainer.1.{method}", "params": params or {}}
        self._connection.request("POST", "/jsonrpc", json.dumps(call))
        return json.loads(self._connection.getresponse().read())

    def control(self, path):
        """Return what the control API shows."""
        self._connection.request("GET", f"/emulator/{path}")
        return json.loads(self._connection.getresponse().read())


def until(holds):
    """Ask again and again, until it is so; for what no message tells of."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
