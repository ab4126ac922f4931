"""Dobby specs, rule by rule (facts/dobby.md 6)."""

import json

import pytest

from fakedobby.config import INIT
from fakedobby.errors import CreationFailed, Refused
from fakedobby.runtime import check_runtime_config
from fakedobby.spec import read_spec

GOOD = {
    "version": "1.0",
    "cwd": "/",
    "args": ["sleep", "60"],
    "user": {"uid": 1000, "gid": 1000},
    "memLimit": 41943040,
}


def without(key):
    return {name: value for name, value in GOOD.items() if name != key}


def test_good_spec():
    config = read_spec(json.dumps(GOOD))
    assert config.args == (INIT, "sleep", "60")
    assert config.memory_limit == 41943040
    check_runtime_config(config)


@pytest.mark.parametrize(
    "change",
    [{"version": "1.1"}, {"user": {"uid": 1, "gid": 0}}, {"memLimit": 2**32 - 1}, {"memLimit": 1}, {"whatever": 1}],
)
@pytest.mark.fact("D6-memlimit-range", "D6-memlimit-small", "D6-spec-unknown-keys", "D6-spec-version", "D6-user-gid-0")
def test_legal_variations(change):
    check_runtime_config(read_spec(json.dumps(GOOD | change)))


@pytest.mark.parametrize("key", ["args", "user", "memLimit", "version"])
@pytest.mark.fact("D6-spec-mandatory")
def test_mandatory_key_missing(key):
    with pytest.raises(Refused, match=f"mandatory key '{key}'"):
        read_spec(json.dumps(without(key)))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("args", []),
        ("args", "sleep 60"),
        ("args", ["sleep", 60]),
        ("args", None),
        ("cwd", 5),
        ("memLimit", -1),
        ("memLimit", 2**32),
        ("memLimit", 8 * 2**30),
        ("memLimit", 1.5),
        ("memLimit", "41943040"),
        ("memLimit", True),
        ("user", "root"),
        ("user", {"uid": 0, "gid": 0}),
        ("user", {"uid": 1000}),
        ("user", {"uid": 65535, "gid": 0}),
        ("user", {"uid": 1000, "gid": -1}),
        ("user", {"uid": True, "gid": 1}),
        ("version", "2.0"),
        ("version", 1.0),
    ],
)
@pytest.mark.fact(
    "D6-args-empty",
    "D6-args-strings",
    "D6-cwd",
    "D6-memlimit-float",
    "D6-memlimit-range",
    "D6-spec-version",
    "D6-user-integers",
    "D6-user-limit",
    "D6-user-negative",
    "D6-user-root",
)
def test_bad_value_is_named(key, value):
    with pytest.raises(Refused, match=f"'{key}'"):
        read_spec(json.dumps(GOOD | {key: value}))


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"version": "9", "args": 1}, "version"),
        ({"user": 1, "args": 1}, "args"),
        ({"user": 1, "memLimit": "x"}, "memLimit"),
        ({"vpu": 1, "rdkPlugins": 1}, "vpu"),
    ],
)
@pytest.mark.fact("D6-spec-order")
def test_version_first_then_the_alphabet(changes, first):
    with pytest.raises(Refused, match=f"'{first}'"):
        read_spec(json.dumps(GOOD | changes))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ("null", "not a JSON object"),
        pytest.param("[" * 100000, "nested too deep", id="deep"),
        pytest.param('{"memLimit":' + "9" * 5000 + "}", "not JSON", id="long number"),
    ],
)
@pytest.mark.fact("D6-spec-object")
def test_what_is_no_object(text, reason):
    with pytest.raises(Refused, match=reason):
        read_spec(text)


@pytest.mark.fact("D6-spec-no-cwd")
def test_runtime_needs_a_working_directory():
    with pytest.raises(CreationFailed, match="cwd"):
        check_runtime_config(read_spec(json.dumps(without("cwd"))))


@pytest.mark.fact("D6-memlimit-zero")
def test_runtime_needs_some_memory():
    with pytest.raises(CreationFailed, match="memory"):
        check_runtime_config(read_spec(json.dumps(GOOD | {"memLimit": 0})))
