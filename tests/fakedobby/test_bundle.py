"""OCI bundles, rule by rule (facts/dobby.md 6)."""

import json
import os

import pytest

from fakedobby.bundle import read_bundle
from fakedobby.errors import Refused

GOOD = {
    "ociVersion": "1.0.2-dobby",
    "hostname": "sample",
    "root": {"path": "rootfs"},
    "process": {"args": ["/usr/libexec/DobbyInit", "sleep", "60"], "cwd": "/"},
    "linux": {"resources": {"memory": {"limit": 41943040}}},
}


@pytest.fixture
def bundle(tmp_path):
    def write(config=GOOD, rootfs="rootfs"):
        text = config if isinstance(config, str) else json.dumps(config)
        (tmp_path / "config.json").write_text(text)
        (tmp_path / rootfs).mkdir()
        return str(tmp_path)

    return write


def without(key):
    return {name: value for name, value in GOOD.items() if name != key}


def test_good_bundle(bundle):
    config = read_bundle(bundle())
    assert config.args == ("/usr/libexec/DobbyInit", "sleep", "60")
    assert config.memory_limit == 41943040


def test_trailing_slash(bundle):
    read_bundle(bundle() + "/")


def test_absolute_rootfs(bundle, tmp_path):
    read_bundle(bundle(GOOD | {"root": {"path": str(tmp_path / "rootfs")}}))


def test_args_as_a_string_are_no_args(bundle):
    assert read_bundle(bundle(GOOD | {"process": {"args": "sleep"}})).args == ()


def test_no_memory_limit(bundle):
    assert read_bundle(bundle(GOOD | {"linux": {"resources": {}}})).memory_limit is None


def test_empty_path():
    with pytest.raises(Refused, match="empty"):
        read_bundle("")


def test_missing_directory(tmp_path):
    with pytest.raises(Refused, match="no such directory"):
        read_bundle(str(tmp_path / "nope"))


def test_path_of_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="no directory"):
        read_bundle(str(tmp_path / "file"))


@pytest.mark.parametrize("path", ["a\0b", pytest.param("x" * 5000, id="long")])
def test_path_that_no_file_system_holds(path):
    with pytest.raises(Refused, match="bundle"):
        read_bundle(path)


def test_relative_path_starts_at_the_root(bundle, monkeypatch, tmp_path):
    path = bundle()
    monkeypatch.chdir(tmp_path.parent)
    with pytest.raises(Refused, match="no such directory"):
        read_bundle(tmp_path.name)
    read_bundle(path.removeprefix("/"))


def test_dobby_gives_its_own_bundles_a_host_name(bundle):
    read_bundle(bundle(without("hostname")))


def test_rdk_plugins_of_a_rewritten_bundle(bundle, tmp_path):
    path = bundle(GOOD | {"ociVersion": "1.0.2", "rdkPlugins": {"logging": {}}})
    (tmp_path / "config-dobby.json").touch()
    read_bundle(path)


def test_config_that_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "config.json")
    with pytest.raises(Refused, match="no regular file"):
        read_bundle(str(tmp_path))


def test_huge_config(tmp_path):
    with (tmp_path / "config.json").open("wb") as file:
        file.truncate(50 * 2**20)
    with pytest.raises(Refused, match="more than"):
        read_bundle(str(tmp_path))


def test_no_config(tmp_path):
    with pytest.raises(Refused, match=r"config\.json can't be read"):
        read_bundle(str(tmp_path))


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"'])
def test_malformed_config(bundle, text):
    with pytest.raises(Refused, match=r"config\.json is not"):
        read_bundle(bundle(text))


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (without("ociVersion"), "'ociVersion'"),
        (GOOD | {"ociVersion": "2.0"}, "ociVersion '2.0'"),
        (without("root"), "root.path"),
        (GOOD | {"root": {}}, "root.path"),
        (GOOD | {"root": {"path": "elsewhere"}}, "no directory"),
        (GOOD | {"root": {"path": "a" * 5000}}, "no directory"),
        (GOOD | {"root": {"path": "a\0b"}}, "no directory"),
        (without("hostname") | {"ociVersion": "1.0.2"}, "hostname .* crashes"),
        (GOOD | {"ociVersion": "1.0.2", "rdkPlugins": {"logging": {}}}, "rdkPlugins .* need hooks"),
        (without("process"), "process .* crashes"),
        (without("linux"), "linux .* crashes"),
        (GOOD | {"linux": {}}, "linux.resources .* crashes"),
    ],
)
def test_missing_part_is_named(bundle, config, reason):
    with pytest.raises(Refused, match=reason):
        read_bundle(bundle(config))
