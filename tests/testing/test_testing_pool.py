"""The emulators that the tests of a process share."""

import os
import signal
import subprocess

import pytest

from thunderoci.emulator import ChildProgram
from thunderoci.testing import EmulatorFailed, Options, emulated
from thunderoci.testing import pool as pools

PATIENCE = 20
SHORT = 0.2
"""Seconds that an emulator which does not answer may take here."""


@pytest.fixture
def pool(monkeypatch):
    for module in (emulated, pools):
        monkeypatch.setattr(module, "PATIENCE", SHORT)
    pool = pools.Pool()
    yield pool
    pool.close()


@pytest.fixture
def starts(monkeypatch):
    """The command lines of all programs that are started."""
    started = []
    start = ChildProgram.start

    def noted(self):
        started.append(self._words)
        start(self)

    monkeypatch.setattr(ChildProgram, "start", noted)
    return started


def test_what_can_not_start_is_tried_once(pool, starts):
    bad, good = Options.of(arguments=["--nonsense"]), Options()
    for _ in range(3):
        with pytest.raises(EmulatorFailed, match=r"An emulator did not start: .*--nonsense"):
            pool.emulator(bad)
    assert len(starts) == 1
    with pytest.raises(EmulatorFailed, match=r"An emulator did not start: .*--nonsense"):
        pool.emulator(Options.of(arguments=["--nonsense"], seed=1))
    assert pool.emulator(good).call("listContainers")["containers"] == []
    assert len(starts) == 3


def no_grace(*_):
    pytest.fail("it was asked to end, and hangs")


@pytest.mark.parametrize("kind", ["emulator", "daemon"])
def test_what_hangs_is_killed_at_once(pool, monkeypatch, kind):
    first = getattr(pool, kind)(Options())
    pid = first.program.ready["pid"]
    process = first.program._process
    monkeypatch.setattr(process, "terminate", lambda: process.poll() is None and no_grace())
    killed = []
    monkeypatch.setattr(process, "kill", lambda: (killed.append(pid), subprocess.Popen.kill(process), process.wait()))
    os.kill(pid, signal.SIGSTOP)
    assert first.testimony()[0][1].startswith("the emulator does not answer: ")
    second = getattr(pool, kind)(Options())
    assert killed == [pid]
    assert second.containers.list() == []
    assert second.testimony()[0] == ("thunderoci journal", "nothing happened")


def test_what_hangs_at_the_end_is_killed_at_once(pool, monkeypatch):
    last = pool.emulator(Options())
    process = last.program._process
    monkeypatch.setattr(process, "terminate", lambda: process.poll() is None and no_grace())
    monkeypatch.setattr(process, "kill", lambda: (subprocess.Popen.kill(process), process.wait()))
    os.kill(last.ready["pid"], signal.SIGSTOP)
    pool.close()
    assert process.returncode == -signal.SIGKILL
    assert not last.running


def test_what_has_ended_says_so(pool):
    emulator = pool.emulator(Options())
    emulator.program.kill()
    emulator.program._process.wait(PATIENCE)
    assert ("thunderoci", "the emulator has ended") in emulator.testimony()
