"""The programs that are measured, as processes: each is started, waited for with a limit, and ended by its pid."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.connection import readable
from benchmarks.errors import NoSuchTool, NotReady, ProgramFailed

PATIENCE = 30
FLOORS = Path(__file__).parents[1] / "floors"


class Program:
    """A process that says one line when it is ready; what it says on standard error goes to a file."""

    def __init__(self, *command, leash=False):
        self.name = " ".join(str(part) for part in command)
        self.began = time.perf_counter()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the process)
        self._process = subprocess.Popen(
            [str(part) for part in command],
            # on a leash: when we are gone, however that happened, it has nothing more to do
            stdin=subprocess.PIPE if leash else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        self.pid = self._process.pid
        try:
            self.line = self._first_line()
        except BaseException:
            self.end()
            raise

    def _first_line(self):
        """Return the first line, bytes at a time, since a line may come in pieces."""
        stdout = self._process.stdout.fileno()
        until, line = self.began + PATIENCE, b""
        while not line.endswith(b"\n"):
            there = readable(stdout, max(until - time.perf_counter(), 0))
            piece = os.read(stdout, 65536) if there else b""
            if not piece:
                raise NotReady(program=self.name, seconds=PATIENCE, said=self.said() or line.decode())
            line += piece
        return line.decode().strip()

    def said(self):
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-2000:].strip()

    def memory(self):
        """Return the resident memory in MiB."""
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise ProgramFailed(program=self.name, status=self._process.poll(), said=self.said())

    def processor_time(self):
        """Return the seconds for which it has had a processor, all its threads together."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9

    def end(self):
        with self._process as process:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
        self._errors.close()


def ready(program):
    """Return what the line READY of one of our programs says."""
    return json.loads(program.line.removeprefix("READY "))


def run(*command, limit=PATIENCE, statuses=(0,)):
    """Run a program to its end; return the seconds that it took and what it said on standard output."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            out, errors = process.communicate(timeout=limit)
        except BaseException:
            process.terminate()  # so that it ends what it started, too
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    if process.returncode not in statuses:
        raise ProgramFailed(
            program=" ".join(map(str, command)), status=process.returncode, said=(errors or out)[-2000:]
        )
    return time.perf_counter() - began, out


def floor(name, *arguments):
    """Start one of the programs in floors/."""
    return Program(sys.executable, FLOORS / name, *arguments, leash=True)


def message_bus(folder):
    """Start a dbus-daemon; its line is its address."""
    daemon = shutil.which("dbus-daemon")
    if daemon is None:
        raise NoSuchTool(tool="dbus-daemon", instead="--on embedded and without --only dbus")
    address = f"--address=unix:path={folder}/bus"
    return Program(daemon, "--session", "--nofork", "--nopidfile", "--print-address=1", address)
