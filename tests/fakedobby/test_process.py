"""The simulated init process."""

from signal import SIGKILL, SIGTERM

import pytest
from twisted.internet.task import Clock

from fakedobby.config import INIT
from fakedobby.process import Process, Program, program_of


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("sleep 60", Program(60)),
        ("/bin/sleep 0.5", Program(0.5)),
        ("sleep 1m 2s", Program(62)),
        ("sleep infinity", Program(None)),
        ("sleep", Program(0, 256)),
        ("sleep soon", Program(0, 256)),
        ("sleep -1", Program(0, 256)),
        ("sleep nan", Program(0, 256)),
        ("sleep 5ss", Program(0, 256)),
        ("sleep 1_0", Program(0, 256)),
        ("sleep \u0665", Program(0, 256)),
        ("sleep .5", Program(0.5)),
        ("echo hello", Program(0)),
        ("/usr/bin/myapp --verbose", Program(None)),
    ],
)
def test_programs(command, program):
    args = tuple(command.split())
    assert program_of(args) == program
    assert program_of((INIT, *args)) == program


def test_nothing_to_run_fails():
    assert program_of(()) == program_of((INIT,)) == Program(0, 256)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ended():
    return []


def started(program, clock, ended):
    process = Process(program, clock, ended.append)
    process.start()
    return process


def test_ends_by_itself(clock, ended):
    process = started(Program(60), clock, ended)
    clock.advance(59.9)
    assert (process.alive, ended) == (True, [])
    clock.advance(0.1)
    assert (process.alive, ended) == (False, [0])
    assert not clock.getDelayedCalls()


def test_frozen_time_does_not_count(clock, ended):
    process = started(Program(60), clock, ended)
    clock.advance(20)
    process.freeze()
    clock.advance(1000)
    assert process.alive
    assert process.active_seconds == 20
    process.start()
    clock.advance(39)
    assert not ended
    clock.advance(1)
    assert ended == [0]
    assert process.active_seconds == pytest.approx(60)


@pytest.mark.parametrize(("signal", "status"), [(SIGTERM, 15), (SIGKILL, 9)])
def test_a_signal_ends_it_once(clock, ended, signal, status):
    process = started(Program(60), clock, ended)
    process.kill(signal)
    process.kill(SIGKILL)
    clock.advance(100)
    assert ended == [status]
