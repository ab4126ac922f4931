"""What a test can choose about its emulator."""

import pytest

from thunderoci import cli
from thunderoci.testing import BadOption, Options, UnknownOption
from thunderoci.testing.options import CHOICES


def test_the_command_line_says_what_was_chosen():
    chosen = {"profile": "entservices", "quirks": ["T-silence", "D-call-slots"], "seed": 7, "arguments": ["-v"]}
    options = Options.of(chosen, clock="virtual", faithful=True)
    assert options.words() == (
        "--profile=entservices",
        "--clock=virtual",
        "--seed=7",
        "--quirk=T-silence",
        "--quirk=D-call-slots",
        "--faithful",
        "--progression=immediate",
        "-v",
    )
    assert options.daemon_words() == (
        "--clock=virtual",
        "--seed=7",
        "--quirk=D-call-slots",
        "--faithful",
        "--progression=immediate",
    )


def test_a_scenario_has_its_own_progression(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Options.of({"scenario": "a.toml"}).words() == (f"--scenario={tmp_path}/a.toml",)
    assert Options.of({"scenario": "a.toml", "progression": "real"}).words() == (
        "--progression=real",
        f"--scenario={tmp_path}/a.toml",
    )


def test_equal_options_are_one_key():
    assert len({Options.of({"quirks": ["a"]}), Options.of(quirks=("a",)), Options.of({"quirks": []})}) == 2
    assert Options.of(Options(profile="entservices"), seed=1) == Options(profile="entservices", seed=1)


def test_what_is_no_option():
    with pytest.raises(UnknownOption, match="There is no option 'profil' of an emulator; these there are: profile, fl"):
        Options.of({"profil": "entservices"})
    with pytest.raises(BadOption, match="The option 'quirks' of an emulator can't be 'T-silence': a list of texts exp"):
        Options.of(quirks="T-silence")


def test_what_an_option_can_not_be():
    with pytest.raises(
        BadOption, match=r"The option 'flavour' of an emulator can't be 'r5': r4.4.1-rdk, r4.4.1 or r4.4.7"
    ):
        Options.of({"flavour": "r5"})
    with pytest.raises(BadOption, match="The option 'seed' of an emulator can't be 'x': a whole number expected"):
        Options.of(seed="x")
    assert Options.of({"profile": None, "seed": "7"}) == Options(seed=7)


@pytest.mark.parametrize("name", CHOICES)
def test_the_command_line_has_the_same_choices(name, capsys):
    with pytest.raises(SystemExit):
        cli.main(["up", f"--{name}", "nonsense"])
    complaint = capsys.readouterr().err
    assert set(complaint.rpartition("choose from ")[2].strip(" )\n").replace("'", "").split(", ")) == set(CHOICES[name])
