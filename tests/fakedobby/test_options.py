"""What command line options mean for the fake daemon."""

import argparse
from random import Random

import pytest
from twisted.internet.task import Clock

from fakedobby.manualpace import ManualPace
from fakedobby.options import add_daemon, emulation_of, log_level, settings_of
from fakedobby.quirks import CATALOGUE, EARLY_NAME, RT_PRIORITY
from fakedobby.timings import IMMEDIATE, Timings


def options(*arguments):
    parser = argparse.ArgumentParser()
    add_daemon(parser)
    return parser.parse_args(arguments)


def settings(*arguments):
    return settings_of(options(*arguments))


def emulation(*arguments):
    """Return an emulation whose real time has gone on for 2 seconds."""
    base = Clock()
    ours = emulation_of(options(*arguments), base)
    base.advance(2)
    return ours


def test_by_default_a_box_without_misbehaviour():
    ours = settings()
    assert (ours.timings, ours.quirks, ours.memcr, ours.workspace) == (Timings(), frozenset(), True, None)


def test_each_option(tmp_path):
    assert settings("--progression", "immediate").timings == IMMEDIATE
    assert settings("--no-memcr").memcr is False
    assert settings("--workspace", str(tmp_path)).workspace == tmp_path
    assert settings("--quirk", "D-early-name", "--quirk", "D-rt-priority").quirks == {EARLY_NAME, RT_PRIORITY}
    assert settings("--faithful").quirks == set(CATALOGUE) - {EARLY_NAME}
    assert settings("--faithful", "--quirk", "D-early-name").quirks == set(CATALOGUE)


def test_a_seed_makes_chance_the_same_in_every_run():
    assert settings("--seed", "7").random.random() == Random(7).random()  # noqa: S311 (chance, no secret)
    assert settings().random.random() != settings().random.random()


@pytest.mark.parametrize(("clock", "seconds"), [((), 2), (("--clock", "real"), 2), (("--clock", "virtual"), 0)])
def test_what_moves_time(clock, seconds):
    ours = emulation(*clock)
    assert ours.clock.seconds() == seconds
    assert ours.pace is ours.clock


def test_with_manual_progression_transitions_wait():
    assert isinstance(emulation("--progression", "manual").pace, ManualPace)
    assert settings("--progression", "manual").timings == Timings()


def test_one_source_of_chance_for_all():
    ours = emulation("--seed", "7")
    assert settings_of(options("--seed", "7"), ours.random).random is ours.random
    assert ours.random.random() == Random(7).random()  # noqa: S311 (chance, no secret)


def test_how_much_is_logged():
    assert [log_level(count) for count in range(4)] == ["WARNING", "INFO", "DEBUG", "DEBUG"]
