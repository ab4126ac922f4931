"""What the log says of a scenario that changed beyond what can change in an emulator that runs."""

import argparse

import pytest
from hosting import finished

from fakedobby.clock import StillClock
from fakedobby.emulation import Emulation
from fakedobby.options import Default
from fakedobby.scenariooptions import open_to, taken
from thunderoci.restage import Restage


class Emulator:
    """What a new scene needs of an emulator."""

    def __init__(self):
        self.emulation = Emulation.on(StillClock())

    async def replace(self, plugins):
        pass

    def use(self, scenario):
        pass

    async def restart(self):
        pass


@pytest.fixture
def warned(tmp_path, caplog):
    """Start with options and a scenario, and return what is said to need a new start when the scenario changes."""

    def start(first, **given):
        file = tmp_path / "box.toml"
        file.write_text(first)
        options = argparse.Namespace(
            **{"profile": Default("rdkservices"), "clock": Default("real"), "seed": None} | given, scenario=file
        )
        defaults = open_to(options)
        emulator = Emulator()
        restage = Restage(taken(options), defaults, emulator, emulator, emulator)

        def change(text):
            file.write_text(text)
            caplog.clear()
            finished(restage.again())
            return [line.partition("need a new start: ")[2] for line in caplog.messages if "new start" in line]

        return change

    return start


def test_what_differs_from_what_the_emulator_runs_with_is_told_as_long_as_it_does(warned):
    change = warned('clock = "virtual"\n')
    assert change('clock = "virtual"\n') == []
    for _ in range(2):
        assert change('clock = "real"\nprofile = "entservices"\n') == ["profile entservices, clock real."]
    assert change("") == ["clock real."]
    assert change('clock = "virtual"\nprofile = "rdkservices"\n') == []


def test_what_the_command_line_says_is_not_the_files_to_change(warned):
    change = warned('profile = "rdkservices"\n', profile="entservices")
    assert change('profile = "entservices"\n') == []
    assert change("seed = 7\n") == ["seed 7."]
