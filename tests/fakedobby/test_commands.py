"""What Exec puts into a container is there in its figures (facts/dobby.md 4 and 5)."""

import json

import pytest

from bench import Bench
from fakedobby.commands import Commands
from fakedobby.config import Config
from fakedobby.timings import IMMEDIATE


@pytest.fixture
def bench():
    bench = Bench(timings=IMMEDIATE)
    bench.start()
    return bench


def processes(bench, descriptor=734):
    return json.loads(bench.ask("GetInfo", descriptor))["processes"]


def test_a_command_is_two_processes_until_it_ends(bench):
    before = processes(bench)
    assert bench.ask("Exec", 734, "", "sleep 30") is True
    first, second = [process for process in processes(bench) if process not in before]
    assert first["cmdline"] == "/usr/libexec/DobbyInit sleep 30 "
    assert second["cmdline"] == "sleep 30 "
    assert [first["nsPid"], second["nsPid"]] == [3, 4]
    assert json.loads(bench.ask("GetInfo", 734))["pids"] == [process["pid"] for process in processes(bench)]
    bench.clock.advance(30)
    assert processes(bench) == before


def test_its_time_stands_still_while_the_container_is_paused(bench):
    bench.ask("Exec", 734, "", "sleep 30")
    bench.ask("Pause", 734)
    bench.clock.advance(3000)
    assert len(processes(bench)) == 4
    bench.ask("Resume", 734)
    bench.clock.advance(30)
    assert len(processes(bench)) == 2


@pytest.mark.parametrize("command", ["ls", "true", "", "/no/such/program"])
def test_a_command_that_ends_at_once_is_not_seen(bench, command):
    assert bench.ask("Exec", 734, "", command) is True
    assert len(processes(bench)) == 2


def test_a_command_that_is_refused_is_not_there(bench):
    assert bench.ask("Exec", 734, "--unheard-of", "sleep 30") is False
    bench.ask("Pause", 734)
    assert bench.ask("Exec", 734, "", "sleep 30") is False
    assert len(processes(bench)) == 2


def test_no_two_processes_have_one_id(bench):
    bench.start("other")
    for descriptor in (734, 734, 879, 879):
        bench.ask("Exec", descriptor, "", "sleep 30")
    pids = [process["pid"] for descriptor in (734, 879) for process in processes(bench, descriptor)]
    assert len(pids) == len(set(pids)) == 12


def test_they_are_bounded():
    commands = Commands()
    for _ in range(1000):
        commands.add("sleep 30", Config(args=(), cwd="/", memory_limit=None), 0.0)
    assert len(commands.running(0.0)) == 64
