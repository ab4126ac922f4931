"""The command line of the fake daemon, as far as it goes without a bus."""

import xml.etree.ElementTree as ET

import pytest

from fakedobby import cli
from fakedobby.policy import PLUGIN_NAME, policy
from fakedobby.quirks import CATALOGUE
from thunderoci.dobby import CLIENT_NAME


@pytest.fixture
def options(monkeypatch):
    """Parse a command line as `fakedobby` does, and return the options with which it would serve."""
    seen = []
    monkeypatch.setattr(cli.Program, "run", lambda _, set_up, **_options: set_up(None))
    monkeypatch.setattr(cli, "_serve", lambda _reactor, options, _program: seen.append(options) or 0)

    def parse(*arguments):
        assert cli.main(arguments) == 0
        return seen[-1]

    return parse


@pytest.mark.parametrize(
    ("arguments", "bus"),
    [
        ((), "auto"),
        (("--bus", "embedded"), "embedded"),
        (("--dbus-address", "unix:path=/x"), "unix:path=/x"),
        (("-a", "unix:path=/x"), "unix:path=/x"),
        (("-nvv", "-aunix:path=/x"), "unix:path=/x"),
        (("--nofork", "--service", "org.rdk.dobby"), "auto"),
    ],
)
def test_the_bus_and_what_is_accepted_in_silence(options, capsys, arguments, bus):
    assert options(*arguments).bus == bus
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("-f", "/etc/dobby.json"), "--settings-file"),
        (("--settings-file=/etc/dobby.json",), "--settings-file"),
        (("-p", "12"), "--priority"),
        (("-k",), "--noconsole"),
        (("--syslog",), "--syslog"),
        (("-nj",), "--journald"),
    ],
)
def test_what_is_ignored_is_said(options, capsys, arguments, option):
    assert options(*arguments).bus == "auto"
    assert capsys.readouterr().err.startswith(f"fakedobby: {option} is ignored: ")


def test_the_unit_file_of_the_real_daemon(options, capsys):
    assert options("--nofork", "--noconsole", "--journald").bus == "auto"
    assert capsys.readouterr().err.count("\n") == 2


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--bus", "auto", "-a", "unix:path=/x"), "--bus and --dbus-address mean the same: give one of them"),
        (("-s", "org.rdk.other"), "the fake has no other name than org.rdk.dobby"),
        (("-a", "unix:path=/x", "--bus-listen", "unix:path=/y"), "--bus-listen is for a bus that this program runs"),
        (("--bus-listen", "/y"), "'/y' is nothing to listen on: it must be unix:path="),
        (("--quirk", "D-nonsense"), "There is no quirk 'D-nonsense'. These there are: D-call-slots, "),
        (("--workspace", "/no/such"), "'/no/such' is no directory"),
        (("--workspace", ""), "'' is no directory"),
        (("--seed", "x"), "invalid int value: 'x'"),
        (("--user", "x"), "--user does not belong to 'fakedobby' but to 'fakedobby policy'"),
        (("policy", "--bus", "auto"), "--bus does not belong to 'fakedobby policy' but to 'fakedobby'"),
        (("policy", "-n"), "-n does not belong to 'fakedobby policy' but to 'fakedobby'"),
        (("policy", "--user", "two words"), "'two words' is no name of a user"),
        (("policy", "--user", ""), "'' is no name of a user"),
        (("--progression", "slow"), "invalid choice: 'slow'"),
    ],
)
def test_bad_usage(capsys, arguments, complaint):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert complaint in errors


def test_the_policy_is_for_one_user(capsys):
    assert cli.main(["policy", "--user", 'R&D"']) == 0
    printed = capsys.readouterr().out
    assert printed == policy('R&D"')
    root = ET.fromstring(printed)  # noqa: S314 (we wrote it)
    users = [rules.get("user") for rules in root.iter("policy")]
    assert users == ['R&D"', "root"]
    assert [rule.attrib for rule in root[0]] == [
        {"own": "org.rdk.dobby"},
        {"own": "com.sky.dobby.thunder"},
        {"own_prefix": "org.rdk.dobby.test"},
        {"send_destination": "org.rdk.dobby"},
    ]
    assert [rule.attrib for rule in root[1]] == [
        {"own_prefix": "org.rdk.dobby.test"},
        {"send_destination": "org.rdk.dobby"},
    ]


def test_the_policy_knows_the_name_of_the_plugin():
    assert PLUGIN_NAME == CLIENT_NAME


def test_every_quirk_is_an_option(options):
    for quirk in CATALOGUE:
        assert options("--quirk", quirk.id).quirk == [quirk.id]
