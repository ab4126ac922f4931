import subprocess
import sys

import pytest

import launcher as program
from launcher import NotStarted


def test_it_starts_the_app(launcher, thunder):
    assert launcher.launch() == 734
    assert launcher.running()
    thunder.assert_called("startContainer", times=1, containerId="player")
    thunder.assert_dobby_called("StartFromBundle", "player")


def test_others_hear_of_it(launcher, thunder):
    events = thunder.subscribe("onContainerStarted", "onContainerStopped")
    launcher.launch()
    assert events.wait_for("onContainerStarted").params["name"] == "player"
    assert events.heard() == []


def test_it_leaves_an_app_alone_that_runs(launcher, thunder):
    thunder.containers.start("player")
    launcher.keep()
    thunder.assert_not_called("startContainer")


def test_it_tries_again(launcher, thunder):
    thunder.faults.add("plugin", "error", method="startContainer", times=2, code=1, message="ERROR_GENERAL")
    launcher.launch()
    thunder.assert_called("startContainer", times=3)


def test_it_gives_up(launcher, thunder):
    thunder.faults.add("dobby", "failure", method="StartFromBundle")
    with pytest.raises(NotStarted):
        launcher.launch()
    thunder.assert_called("startContainer", times=3)
    assert not launcher.running()


def test_it_starts_a_crashed_app_again(launcher, thunder):
    launcher.launch()
    thunder.containers.crash("player", "SIGSEGV")
    assert not launcher.running()
    launcher.keep()
    assert launcher.running()


@pytest.mark.scenario("night.toml")
def test_an_app_that_ends_every_night(launcher, thunder):
    launcher.keep()
    thunder.assert_not_called("startContainer")
    thunder.clock.advance(8 * 3600)
    assert not launcher.running()
    launcher.keep()
    assert launcher.running()


def test_the_program_itself(launcher, thunder):
    command = [sys.executable, program.__file__, thunder.url, launcher.app, launcher.bundle]
    with subprocess.Popen(command) as process:
        try:
            thunder.assert_called("startContainer", times=1, within=20, containerId="player")
        finally:
            process.terminate()
