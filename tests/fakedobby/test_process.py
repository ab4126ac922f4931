"""The simulated init process."""

from signal import SIGKILL, SIGTERM

import pytest
from twisted.internet.task import Clock

from fakedobby.process import Ending, OnTerm, Process, Program, status_of_exit


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


@pytest.mark.parametrize("freeze", [False, True])
def test_a_doom_comes_in_its_time_whatever_the_program_does(clock, ended, freeze):
    process = Process(Program(60), clock, ended.append)
    process.doom(10, 139)  # told before it begins
    process.start()
    clock.advance(4)
    assert process.dooms == [(6, 139)]
    if freeze:
        process.freeze()
        clock.advance(100)
        assert (process.dooms, ended) == ([(0, 139)], [])
        process.start()
    else:
        clock.advance(6)
    assert (ended, process.dooms) == ([139], [])
    process.doom(1, 9)
    assert not clock.getDelayedCalls()


def test_a_doom_is_forgotten_with_the_process(clock, ended):
    for end in (Process.discard, lambda process: process.kill(SIGKILL)):
        process = started(Program(60), clock, ended)
        process.doom(10, 139)
        end(process)
        assert (process.dooms, clock.getDelayedCalls()) == ([], [])
    assert ended == [9]


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


def test_ignored_term_leaves_it_to_kill(clock, ended):
    process = started(Program(60, on_term=OnTerm.IGNORES), clock, ended)
    process.kill(SIGTERM)
    clock.advance(1)
    assert process.alive
    process.kill(SIGKILL)
    assert ended == [9]
    assert not clock.getDelayedCalls()


def test_trapped_term_ends_it_after_its_delay(clock, ended):
    process = started(Program(None, on_term=Ending(0.3, 0)), clock, ended)
    clock.advance(5)
    process.kill(SIGTERM)
    process.kill(SIGTERM)
    clock.advance(0.2)
    assert process.alive
    clock.advance(0.2)
    assert ended == [0]


def test_a_trap_stands_still_while_frozen(clock, ended):
    process = started(Program(None, on_term=Ending(0.3, 512)), clock, ended)
    process.kill(SIGTERM)
    clock.advance(0.2)
    process.freeze()
    clock.advance(10)
    process.start()
    clock.advance(0.05)
    assert process.alive
    clock.advance(0.06)
    assert ended == [512]


def test_a_program_that_ends_at_once_is_alive_when_start_returns(clock, ended):
    process = started(Program(0, 1792), clock, ended)
    assert process.alive
    clock.advance(0)
    assert ended == [1792]


@pytest.mark.parametrize(
    ("code", "status"),
    [(0, 0), (7, 1792), (128, 32768), (129, 1), (143, 15), (139, 139), (137, 9), (192, 64), (193, 49408), (255, 65280)],
)
@pytest.mark.fact("D2-exit-0", "D2-exit-7", "D2-exit-255", "D2-exit-143", "D2-exit-range")
def test_exit_codes_as_dobby_reports_them(code, status):
    assert status_of_exit(code) == status
