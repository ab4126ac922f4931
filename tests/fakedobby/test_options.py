"""What command line options mean for the fake daemon."""

import argparse
from random import Random

from fakedobby.options import add_daemon, log_level, settings_of
from fakedobby.quirks import CATALOGUE, EARLY_NAME, RT_PRIORITY
from fakedobby.timings import IMMEDIATE, Timings


def settings(*arguments):
    parser = argparse.ArgumentParser()
    add_daemon(parser)
    return settings_of(parser.parse_args(arguments))


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


def test_how_much_is_logged():
    assert [log_level(count) for count in range(4)] == ["WARNING", "INFO", "DEBUG", "DEBUG"]
