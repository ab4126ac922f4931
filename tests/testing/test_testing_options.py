"""What a test can choose about its emulator."""

import pytest

from thunderoci.testing import BadOption, Options, UnknownOption


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
