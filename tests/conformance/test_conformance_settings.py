"""What a run is told: flags, environment and configuration files, files of targets, and the mistakes in all of them."""

import argparse
import dataclasses
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import bundle, configuration, names, selection, targets, waivers
from conformance.address import normalise
from conformance.errors import BadURL, UserError
from conformance.options import OPTIONS, add_check
from conformance.output import Output
from conformance.settings import Settings
from conformance.tomlfile import TomlFile

URL = "http://box:9998/jsonrpc"
EVERYTHING = Settings(
    urls=(URL, "https://other/jsonrpc?token=secret"),
    targets_file="t.toml",
    profile="auto",
    select=("ocicontainer/*",),
    exclude=("*/1", "*/2"),
    tags=("events", "not-latency"),
    level="SHOULD",
    strict=True,
    read_only=False,
    hazardous=True,
    list=True,
    dry_run=True,
    seed=7,
    bundle_path="/tmp/bundle",  # noqa: S108 - on the box
    bundle="-",
    timeout=1.5,
    deadline=60.0,
    callsign="org.rdk.Other",
    headers=(("X-One", "a b"), ("X-Two", "c")),
    token="s3cret",  # noqa: S106 - nobody's
    insecure=True,
    waivers="w.toml",
    clean=True,
    model_steps=5,
    jobs=2,
    json="a",
    junit="b",
    html="c",
    markdown="d",
    badge='e \U0001f4e6 \\ "',
)


def configured(cwd: Path, *arguments: str, **environ: str) -> configuration.Configuration:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_check(parser)
    return configuration.read(parser.parse_args(arguments), environ, cwd)


def settings(cwd: Path, *arguments: str, **environ: str) -> Settings:
    return configured(cwd, *arguments, **environ).settings


def test_nothing_said_means_the_defaults(tmp_path: Path) -> None:
    assert settings(tmp_path) == Settings()
    assert Settings().effective_profile == "rdkservices"
    assert Settings(urls=(URL,)).effective_profile == "auto"
    assert Settings(profile="entservices").effective_profile == "entservices"


def test_every_setting_is_an_option_and_goes_through_json() -> None:
    assert {option.name for option in OPTIONS} == {field.name for field in dataclasses.fields(Settings)}
    assert all(getattr(EVERYTHING, option.name) for option in OPTIONS if option.name not in {"read_only", "config"})
    assert Settings.from_json(EVERYTHING.to_json()) == EVERYTHING
    assert Settings.from_json(Settings().to_json()) == Settings()


def test_every_option_on_the_command_line(tmp_path: Path) -> None:
    arguments = []
    for option in OPTIONS:
        value = getattr(EVERYTHING, option.name)
        values = value if isinstance(value, tuple) else (value,)
        if option.name == "urls":
            arguments += values
        elif isinstance(value, bool):
            arguments.append(option.flag if value else option.flag.replace("--", "--no-", 1))
        elif value:
            for item in values:
                arguments += [option.flag, ": ".join(item) if isinstance(item, tuple) else str(item)]
    assert settings(tmp_path, *arguments) == EVERYTHING


def test_every_option_in_the_environment(tmp_path: Path) -> None:
    environ = {}
    for option in OPTIONS:
        value = getattr(EVERYTHING, option.name)
        if option.name == "headers":
            value = "\n".join(": ".join(item) for item in value)
        elif isinstance(value, tuple):
            value = " ".join(value)
        if value != "":
            environ[f"THUNDER_CONFORMANCE_{option.name.upper()}"] = str(value)
    assert settings(tmp_path, **environ) == EVERYTHING


def test_the_printed_configuration_can_be_read_again(tmp_path: Path) -> None:
    printed = configuration.Configuration(EVERYTHING, {"strict": "--strict"}).as_toml()
    assert "s3cret" not in printed
    assert "token=secret" not in printed
    assert "a b" not in printed
    assert "strict = true  # --strict\n" in printed
    (tmp_path / "conformance.toml").write_text(printed, encoding="utf-8")
    again = settings(tmp_path)
    hidden = {"token": "<redacted>", "headers": (("X-One", "<redacted>"), ("X-Two", "<redacted>"))}
    urls = (URL, "https://other/jsonrpc?token=<redacted>")
    assert again == dataclasses.replace(EVERYTHING, urls=urls, **hidden)


def test_flags_go_before_environment_before_file_before_defaults(tmp_path: Path) -> None:
    file = 'timeout = 1\ndeadline = 2\nseed = 3\nstrict = true\nselect = ["a"]\ntoken = "t"\n'
    (tmp_path / "conformance.toml").write_text(file)
    environ = {"THUNDER_CONFORMANCE_TIMEOUT": "4", "THUNDER_CONFORMANCE_DEADLINE": "5", "THUNDER_TOKEN": "u"}
    found = configured(tmp_path, "--timeout", "6", "--no-strict", "--select", "b", **environ)
    told = found.settings
    assert (told.timeout, told.deadline, told.seed, told.strict) == (6.0, 5.0, 3, False)
    assert (told.select, told.token, told.jobs) == (("b",), "u", 0)
    assert found.sources == {
        "timeout": "--timeout",
        "strict": "--strict",
        "select": "--select",
        "deadline": "environment variable THUNDER_CONFORMANCE_DEADLINE",
        "token": "environment variable THUNDER_TOKEN",
        "seed": "conformance.toml, line 3",
    }


def test_the_suites_own_variables_go_before_those_it_shares(tmp_path: Path) -> None:
    environ = {"THUNDER_URL": "a b", "THUNDER_CONFORMANCE_URL": "c", "THUNDER_TOKEN": "t"}
    told = settings(tmp_path, **environ)
    assert (told.urls, told.token) == (("http://c:9998/jsonrpc",), "t")
    assert len(settings(tmp_path, THUNDER_URL="a b").urls) == 2
    assert settings(tmp_path, THUNDER_URL="", THUNDER_CONFORMANCE_TIMEOUT=" ") == Settings()


def test_who_names_targets_names_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text('urls = ["file"]\ntargets = "t.txt"\n')
    assert settings(tmp_path, "box").targets_file == ""
    assert settings(tmp_path, "--targets", "mine", THUNDER_URL="box").urls == ()
    assert settings(tmp_path, THUNDER_URL="box").urls == (URL,)
    assert settings(tmp_path).targets_file == "t.txt"
    assert settings(tmp_path).urls == ("http://file:9998/jsonrpc",)


def test_a_file_elsewhere_has_its_paths_beside_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.toml").write_text('waivers = "w.toml"\nbundle = "-"\njson = "/abs"\nbundle-path = "b"\n')
    for told in (
        settings(tmp_path, "--config", "sub/c.toml"),
        settings(tmp_path, THUNDER_CONFORMANCE_CONFIG="sub/c.toml"),
    ):
        assert (told.waivers, told.bundle, told.json, told.bundle_path) == ("sub/w.toml", "-", "/abs", "b")
        assert told.config == "sub/c.toml"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = \n", "c.toml, line 1: this is not TOML: Invalid value."),
        ('\nx = "', "c.toml, line 2: this is not TOML: Unterminated string."),
        ("strict = true\nfoo = 1\n", "c.toml, line 2: there is no key 'foo'; these there are: urls, targets, "),
        ("config = 'x'", "c.toml, line 1: there is no key 'config'; these"),
        (
            "\ntimeout = '3'",
            "c.toml, line 2, key 'timeout': '3' is not possible; give seconds above 0, at most 604800.",
        ),
        ("timeout = true", "key 'timeout': true is not possible; give seconds"),
        ("timeout = nan", "key 'timeout': nan is not possible; give seconds"),
        ("timeout = 0", "key 'timeout': 0 is not possible; give seconds"),
        ("deadline = inf", "key 'deadline': inf is not possible; give seconds"),
        ("strict = 1", "key 'strict': 1 is not possible; give true or false."),
        ("seed = 1.0", "key 'seed': 1.0 is not possible; give a whole number from 0 to 18446744073709551615."),
        ("seed = true", "key 'seed': true is not possible; give a whole number"),
        ("jobs = 65", "key 'jobs': 65 is not possible; give a whole number from 0 to 64."),
        ("select = 'a'", "key 'select': 'a' is not possible; give a list of ids or globs"),
        ("select = [\n'a',\n1]", "c.toml, line 1, key 'select': 1 is not possible; give a list"),
        ("select = ['a b']", "key 'select': 'a b' is not possible; give a list"),
        ("level = 'must'", "key 'level': 'must' is not possible; give one of MUST, SHOULD, MAY."),
        (
            "profile = 2027-03-01",
            "key 'profile': 2027-03-01 is not possible; give one of auto, rdkservices, entservices.",
        ),
        ("profile = ['auto']", "key 'profile': ['auto'] is not possible; give one of"),
        ("callsign = 'a b'", "key 'callsign': 'a b' is not possible; give a callsign"),
        ("token = 'se cret'", "key 'token': this is no token; give visible ASCII characters without blanks."),
        ("json = ''", "key 'json': '' is not possible; give a path that is not empty."),
        ('html = "a\\nb"', "key 'html': 'a\\nb' is not possible; give a path"),
        ("urls = ['box:port']", "key 'urls': 'box:port' is not a target: "),
        ("headers = ['a']", "key 'headers': ['a'] is not possible; give 'Name: value'"),
        ("[headers]\n'a b' = 'c'", "c.toml, line 1, key 'headers': 'a b' is no name of a header; give"),
        ('[headers]\na = "b\\r\\nc"', "key 'headers': the header a cannot have this value; give"),
        ("[headers]\nContent-Length = '3'", "key 'headers': the suite writes the header Content-Length itself; give"),
        (
            "bundle-path = 'a'\nbundle_path = 'b'",
            "line 2: 'bundle_path' is the same option as 'bundle-path'; give one of",
        ),
        ("tag = ['a']\ntags = ['b']", "line 2: 'tags' is the same option as 'tag'; give one of them."),
        ("read-only = true\nclean = true", "--read-only and --clean contradict each other: one touches nothing"),
        ("read-only = true\nmodel-steps = 1", "--read-only and --model-steps contradict each other: the model"),
        ("json = 'a'\nhtml = 'a'", "--json and --html contradict each other: both would be written to a."),
        ("x = " + "[" * 100_000, "c.toml, line 1: this is not TOML: it is nested too deep."),
        ("x = " + "9" * 5000, "c.toml, line 1: this is not TOML: "),
        ("x = '" + "y" * 2**20 + "'", "c.toml cannot be read: it is longer than 1048576 bytes."),
    ],
)
def test_mistakes_in_a_configuration_file(text: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(UserError) as caught:
        settings(tmp_path, "--config", "c.toml")
    assert sentence in str(caught.value)
    assert "cret" not in str(caught.value)


def test_configuration_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"a = '\xe9'")
    for name, why in (("absent", "No such file"), (".", "Is a directory"), ("latin", "it is not UTF-8 at byte 5.")):
        with pytest.raises(UserError, match=f"cannot be read: {why}"):
            settings(tmp_path, "--config", name)
    with pytest.raises(UserError, match="no file has such a name"):
        TomlFile("a\0b")


@pytest.mark.parametrize(
    ("variable", "text", "sentence"),
    [
        ("TIMEOUT", "soon", "TIMEOUT: 'soon' is not possible; give seconds above 0"),
        ("STRICT", "maybe", "STRICT: 'maybe' is not possible; give true or false."),
        ("JOBS", "2.5", "JOBS: 2.5 is not possible; give a whole number from 0 to 64."),
        ("HEADERS", "X y", "HEADERS: there is no colon in this header; give 'Name: value'"),
        ("TIMEOT", "3", "TIMEOT: there is no option of that name; these there are: THUNDER_CONFORMANCE_BADGE, "),
    ],
)
def test_mistakes_in_the_environment(variable: str, text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        settings(tmp_path, **{f"THUNDER_CONFORMANCE_{variable}": text})
    assert f"Environment variable THUNDER_CONFORMANCE_{sentence}" in str(caught.value)


def test_lists_and_booleans_in_the_environment(tmp_path: Path) -> None:
    told = settings(
        tmp_path,
        THUNDER_CONFORMANCE_SELECT="a, b  c",
        THUNDER_CONFORMANCE_STRICT="1",
        THUNDER_CONFORMANCE_CLEAN="False",
    )
    assert (told.select, told.strict, told.clean) == (("a", "b", "c"), True, False)


TOML = st.recursive(
    st.one_of(
        st.text(max_size=5).map(repr), st.integers().map(str), st.sampled_from(["true", "1.5", "nan", "2027-01-01"])
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    max_leaves=4,
)
KEYS = st.sampled_from(
    [*(option.key for option in OPTIONS), "waiver", "case", "expires", "reason", "target", "url", "x.y"]
)
LINES = st.one_of(
    st.tuples(KEYS, TOML).map(" = ".join),
    KEYS.map("[[{}]]".format),
    KEYS.map("[{}]".format),
    st.sampled_from(["", "# note", 'name = """', '"""', "headers = { a = 'b' }", "select = [", "]"]),
    st.text(max_size=10),
)
DOCUMENTS = st.lists(LINES, max_size=8).map("\n".join)


@given(DOCUMENTS)
def test_no_text_gets_a_traceback(text: str) -> None:
    for read in (lambda file: configuration._layer_of(file, "c.toml"), targets._tables, _waivers):
        complaint = "c.toml"
        try:
            read(TomlFile("c.toml", text))
        except UserError as problem:
            complaint = str(problem)
        assert complaint.startswith("c.toml")


def _waivers(file: TomlFile) -> None:
    waivers._Reader(file, {"case": ["o/a/1"], "clause": ["a.b"]}).waivers()


@given(DOCUMENTS)
def test_the_line_of_each_key_is_one_that_names_it(text: str) -> None:
    try:
        file = TomlFile("c.toml", text)
    except UserError:
        return
    lines = text.split("\n")
    for key, value in file.table.items():
        first = key.partition(".")[0]
        assert first in lines[file.line(key) - 1] or not first
        if isinstance(value, list) and value and isinstance(value[0], dict):
            assert file.line(key, 0) <= file.line(key, len(value) - 1)


def test_lines_in_all_forms_of_toml() -> None:
    text = 'a = """\nb = 1\n"""\nb.c = 1\n[t]\n[[t.u]]\nx = 1\n[[t.u]]\n\nx = [\n 2]\n[t.u.v]\ny = { z = 1 }\n'
    file = TomlFile("f", text)
    assert file.table == tomllib.loads(text)
    lines = {
        ("a",): 1,
        ("b",): 4,
        ("b", "c"): 4,
        ("t", "u", 0, "x"): 7,
        ("t", "u", 1): 8,
        ("t", "u", 1, "x"): 10,
        ("t", "u", 1, "v", "y", "z"): 13,
        ("t", "u", 1, "absent"): 8,
        ("absent",): 1,
    }
    assert {where: file.line(*where) for where in lines} == lines


# files of targets


def test_a_plain_file_of_targets(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("# the boxes\nbox\n\nhttps://b/jsonrpc?token=x=y # upstairs\n[::1]\n")
    found = targets.endpoints(Settings(urls=(URL,), targets_file="t.txt", seed=3), tmp_path)
    assert [endpoint.settings.urls for endpoint in found] == [
        (URL,),
        ("https://b/jsonrpc?token=x=y",),
        ("http://[::1]:9998/jsonrpc",),
    ]
    assert found[1].name == "https://b/jsonrpc?token=<redacted>"
    assert {(end.settings.seed, end.settings.targets_file, end.settings.profile) for end in found} == {(3, "", "auto")}


def test_targets_with_settings_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "t").write_text(
        '[[target]]\nurl = "a"\nname = "kitchen"\nprofile = "entservices"\nbundle-path = "/b"\ntoken = "t"\n'
        '[target.headers]\nx-one = "2"\n[[target]]\nurl = "b"\n'
    )
    common = Settings(targets_file="t", headers=(("X-One", "1"), ("X-Two", "1")), bundle_path="/c")
    kitchen, other = targets.endpoints(common, tmp_path)
    assert kitchen.name == "kitchen"
    assert kitchen.settings == Settings(
        urls=("http://a:9998/jsonrpc",),
        profile="entservices",
        bundle_path="/b",
        token="t",  # noqa: S106 - nobody's
        headers=(("X-Two", "1"), ("x-one", "2")),
    )
    assert (other.settings.bundle_path, other.settings.headers, other.settings.token) == ("/c", common.headers, "")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("# none\n", "t names no target; give one URL a line"),
        ("box\nbox:port\n", "t, line 2: 'box:port' is not a target: "),
        ("[[target]]\nname = 'a'", "t, line 1, key 'url': it is missing in this target; give host:port or a URL."),
        ("[[target]]\nurl = 3", "t, line 2, key 'url': 3 is not possible; give host:port or a URL, as a text."),
        ("[[target]]\nurl = 'a'\ncolour = 1", "t, line 3: there is no key 'colour'; a target has url, name, profile, "),
        ("[[target]]\nurl = 'a'\n[[target]]\nurl='b'\ntoken = ''", "t, line 5, key 'token': this is no token; give"),
        ("target = 'a'", "t, line 1, key 'target': it is no array of tables; give each target as a [[target]] table"),
        ("targets = 'a'", "t, line 1: there is no key 'targets'; only [[target]] tables"),
        ("[[target]]\nurl = ", "t, line 2: this is not TOML: "),
    ],
)
def test_mistakes_in_a_file_of_targets(
    text: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t").write_text(text)
    with pytest.raises(UserError) as caught:
        targets.load(Path("t"))
    assert sentence in str(caught.value)


# addresses, names, selection, bundle


@given(st.one_of(st.text(), st.from_regex(r"(https?|wss?)://[a-z\[\]:.0-9]{1,12}(/[a-z]*)?(\?t=1)?", fullmatch=True)))
def test_a_url_that_was_understood_is_understood_again(text: str) -> None:
    try:
        url = normalise(text)
    except BadURL:
        return
    assert normalise(url) == url
    assert url.isascii()
    assert url.startswith(("http://", "https://"))


@given(
    st.from_regex(r"[0-9a-f]{8}", fullmatch=True), st.text(min_size=1, max_size=100) | st.text(min_size=45, max_size=60)
)
def test_ids_of_containers(run: str, name: str) -> None:
    container = names.container_id(run, name)
    assert len(container) <= 64
    assert names.run_of(container) == run
    assert (container == f"conf-{run}-{name}") == (len(name) <= 50)


def test_long_names_stay_apart_and_others_are_nobodys() -> None:
    ids = {names.container_id("0123abcd", "x" * 60 + end) for end in "ab"}
    assert [len(container) for container in ids] == [64, 64]
    for other in ("conf-0123abcd-", "conf-0123ABCD-a", "my-conf-0123abcd-a", "conf-0123abcd", "conf-0123abcde-a"):
        assert names.run_of(other) is None


@pytest.mark.parametrize(
    ("told", "chosen"),
    [
        (Settings(), "abc"),
        (Settings(hazardous=True), "abcd"),
        (Settings(read_only=True), "a"),
        (Settings(select=("o/a/*", "o/d/1")), "a"),
        (Settings(exclude=("*/b/?",)), "ac"),
        (Settings(tags=("events",)), "b"),
        (Settings(tags=("events", "read-only")), "ab"),
        (Settings(tags=("not-events",)), "ac"),
        (Settings(tags=("!events", "read-only")), "a"),
        (Settings(level="SHOULD"), "ab"),
        (Settings(level="MUST"), "a"),
    ],
)
def test_which_cases_a_run_has(told: Settings, chosen: str) -> None:
    cases = {
        "a": ("MUST", ("read-only",)),
        "b": ("SHOULD", ("events", "lifecycle")),
        "c": ("MAY", ()),
        "d": ("MUST", ("hazardous",)),
    }
    assert "".join(c for c, facts in cases.items() if selection.selected(told, f"o/{c}/1", *facts)) == chosen


# docs/check.md

PAGE = (Path(__file__).parents[2] / "docs" / "check.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_documented_configuration_file(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text(BLOCKS[0])
    told = configured(tmp_path)
    assert told.settings == Settings(
        urls=(URL,),
        profile="rdkservices",
        bundle_path="/opt/bundles/conformance",
        exclude=("ocicontainer/*/9",),
        tags=("not-latency",),
        level="SHOULD",
        waivers="waivers.toml",
        headers=(("X-Lab", "bench 3"),),
    )


def test_the_documented_file_of_targets(tmp_path: Path) -> None:
    (tmp_path / "t").write_text(BLOCKS[1])
    kitchen, attic = targets.endpoints(Settings(targets_file="t"), tmp_path)
    assert (kitchen.name, kitchen.settings.headers) == ("kitchen", (("X-Lab", "bench 3"),))
    assert (attic.name, attic.settings.token) == ("https://attic/jsonrpc", "for-this-one-only")


def test_the_page_has_every_option() -> None:
    rows = re.findall(r"^\| `(.+?)` \| (?:`(.+?)`)? ?\|", PAGE, re.MULTILINE)
    documented = {(row[0].partition(" ")[0], row[1]) for row in rows if row[0].startswith(("-", "URL"))}
    expected = {("URL" if o.name == "urls" else o.flag, "" if o.name == "config" else o.key) for o in OPTIONS}
    assert documented == expected | {("--print-config", "")}


def test_the_page_has_the_defaults() -> None:
    for name in ("timeout", "deadline", "callsign", "level", "jobs", "model_steps"):
        option = next(option for option in OPTIONS if option.name == name)
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{option.flag} "))
        default = getattr(Settings(), name)
        assert row.rstrip(" |").rpartition("| ")[2].strip("`") == (
            f"{default:g}" if name in "timeout deadline" else f"{default}"
        )


def check(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "thunderoci", "check", *arguments],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_its_configuration(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text("jobs = 2\n")
    run = check("--print-config", "box", cwd=tmp_path, THUNDER_TOKEN="s3cret")  # noqa: S106 - nobody's
    assert (run.returncode, run.stderr) == (0, "")
    assert f'urls = ["{URL}"]  # command line\n' in run.stdout
    assert 'token = "<redacted>"  # environment variable THUNDER_TOKEN\n' in run.stdout
    assert "jobs = 2  # conformance.toml, line 1\n" in run.stdout
    tomllib.loads(run.stdout)


def test_the_command_refuses_bad_configuration(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text("job = 2\n")
    run = check(cwd=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("thunderoci: conformance.toml, line 1: there is no key 'job'; these there are: ")
    run = check("--timeout", "0", cwd=tmp_path)
    assert run.returncode == 2
    assert run.stderr.endswith("argument --timeout: 0 is not possible; give seconds above 0, at most 604800\n")


def test_the_bundle_is_handed_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle.hand_out("-", Output(sys.stdout))
    out, err = capsys.readouterr()
    assert out == bundle.text()
    assert err.endswith("copy it to the box, and give the path that it has there as --bundle-path.\n")
    directory = tmp_path / "new"
    for _ in range(2):
        bundle.hand_out(str(directory), Output(sys.stdout))
        assert capsys.readouterr() == (f"{directory} is a bundle now; {bundle._USE}\n", "")
    assert (directory / "config.json").read_text() == bundle.text()
    assert (directory / "rootfs").is_dir()


def test_the_bundle_replaces_no_other(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError, match=r"there is another config\.json; give a directory without one"):
        bundle.hand_out(str(tmp_path), Output(sys.stdout))
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"The bundle cannot be written to .*file: (File exists|Not a directory)"):
        bundle.hand_out(str(tmp_path / "file"), Output(sys.stdout))
    assert check("--bundle", str(tmp_path), cwd=tmp_path).returncode == 2
