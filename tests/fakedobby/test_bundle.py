"""OCI bundles, rule by rule (facts/dobby.md 6)."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedobby.bundle import read_bundle
from fakedobby.errors import CreationFailed, Refused
from fakedobby.jsontext import LARGEST
from fakedobby.overrides import Overrides, overridden
from fakedobby.runtime import check_runtime_config

PLUGINS = {"logging": {"required": False, "data": {"sink": "devnull"}}}

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


@pytest.mark.fact("D6-bundle-slash")
def test_trailing_slash(bundle):
    read_bundle(bundle() + "/")


@pytest.mark.fact("D6-bundle-absolute-root")
def test_absolute_rootfs(bundle, tmp_path):
    read_bundle(bundle(GOOD | {"root": {"path": str(tmp_path / "rootfs")}}))


@pytest.mark.fact("D6-bundle-args-string")
def test_args_as_a_string_are_no_args(bundle):
    assert read_bundle(bundle(GOOD | {"process": {"args": "sleep"}})).args == ()


def test_no_memory_limit(bundle):
    assert read_bundle(bundle(GOOD | {"linux": {"resources": {}}})).memory_limit is None


@pytest.mark.fact("D6-bundle-empty-path")
def test_empty_path():
    with pytest.raises(Refused, match="empty"):
        read_bundle("")


@pytest.mark.fact("D6-bundle-no-dir")
def test_missing_directory(tmp_path):
    with pytest.raises(Refused, match="no such directory"):
        read_bundle(str(tmp_path / "nope"))


@pytest.mark.fact("D6-bundle-file")
def test_path_of_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="no directory"):
        read_bundle(str(tmp_path / "file"))


@pytest.mark.parametrize("path", ["a\0b", pytest.param("x" * 5000, id="long")])
def test_path_that_no_file_system_holds(path):
    with pytest.raises(Refused, match=r"^bundle .*(no such directory|too long)"):
        read_bundle(path)


def test_relative_path_that_leads_nowhere():
    with pytest.raises(Refused, match="no such directory"):
        read_bundle("not/there")


@pytest.mark.fact("D6-bundle-no-config")
def test_no_config(tmp_path):
    with pytest.raises(Refused, match=r"config\.json can't be read"):
        read_bundle(str(tmp_path))


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"'])
@pytest.mark.fact("D6-bundle-not-json")
def test_malformed_config(bundle, text):
    with pytest.raises(Refused, match=r"config\.json is not"):
        read_bundle(bundle(text))


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (without("ociVersion"), "'ociVersion'"),
        (without("root"), "root.path"),
        (GOOD | {"root": {}}, "root.path"),
        (GOOD | {"root": {"path": "elsewhere"}}, "no directory"),
        (without("hostname") | {"ociVersion": "1.0.2"}, "hostname .* crashes the daemon"),
        (without("hostname") | {"ociVersion": "1.0.1"}, "hostname .* crashes the daemon"),
        (GOOD | {"process": None}, "process .* crashes the daemon"),
        (GOOD | {"ociVersion": "1.0.2", "rdkPlugins": PLUGINS}, "need config-dobby.json beside it"),
        (
            GOOD | {"ociVersion": "1.0.2", "rdkPlugins": PLUGINS, "hooks": {"poststop": []}},
            "need config-dobby.json beside it",
        ),
        (without("process"), "process .* crashes the daemon"),
        (without("linux"), "linux .* crashes the daemon"),
        (GOOD | {"linux": {}}, "linux.resources .* crashes the daemon"),
    ],
)
@pytest.mark.fact("D6-bundle-no-version", "D6-bundle-no-root", "D6-bundle-no-rootfs", "D6-bundle-no-hooks")
def test_missing_part_is_named(bundle, config, reason):
    with pytest.raises(Refused, match=reason):
        read_bundle(bundle(config))


@pytest.mark.fact("D6-bundle-version-2")
def test_unknown_version_is_for_crun_to_refuse(bundle):
    config = read_bundle(bundle(GOOD | {"ociVersion": "2.0"}))
    with pytest.raises(CreationFailed, match=r"ociVersion '2\.0'"):
        check_runtime_config(config)


@pytest.mark.fact("D6-bundle-old")
def test_old_version_runs_as_it_is(bundle):
    config = read_bundle(bundle(GOOD | {"ociVersion": "1.0.1", "rdkPlugins": PLUGINS}))
    check_runtime_config(config)
    assert config.has_plugins
    assert config.oci["ociVersion"] == "1.0.1"
    assert "hooks" not in config.oci


@pytest.mark.parametrize(
    ("plugins", "there"), [(PLUGINS, True), ({"nobody": {"required": True}}, True), ({}, False), (None, False)]
)
@pytest.mark.fact("D4-bundle-plugins", "D4-one-plugin", "D6-bundle-unknown-plugin")
def test_whether_there_are_plugins(bundle, plugins, there):
    assert read_bundle(bundle(GOOD | {"rdkPlugins": plugins})).has_plugins is there


@pytest.mark.fact("D6-bundle-plain")
def test_plain_bundle_without_plugins(bundle):
    config = read_bundle(bundle(GOOD | {"ociVersion": "1.0.2"}))
    check_runtime_config(config)
    assert config.named("app").oci["hostname"] == "sample"


def test_a_dobby_bundle_needs_no_hostname(bundle):
    assert read_bundle(bundle(without("hostname"))).named("app").oci["hostname"] == "app"


@pytest.mark.fact("D6-bundle-legacy-plugin")
def test_unknown_legacy_plugins_are_dropped(bundle):
    assert "legacyPlugins" not in read_bundle(bundle(GOOD | {"legacyPlugins": {"x": 1}})).oci


@pytest.mark.parametrize("broken", ["", "{", "x" * 100])
@pytest.mark.fact("D6-bundle-restored")
def test_the_saved_original_is_taken_when_config_is_broken(bundle, tmp_path, broken):
    path = bundle(broken)
    (tmp_path / "config-dobby.json").write_text(json.dumps(GOOD))
    assert read_bundle(path).args == ("/usr/libexec/DobbyInit", "sleep", "60")


def test_the_saved_original_is_taken_when_hooks_are_missing(bundle, tmp_path):
    path = bundle(GOOD | {"ociVersion": "1.0.2", "rdkPlugins": PLUGINS})
    (tmp_path / "config-dobby.json").write_text(json.dumps(GOOD | {"hostname": "other"}))
    assert read_bundle(path).oci["hostname"] == "other"


@pytest.mark.fact("D6-bundle-no-program")
def test_a_program_without_init_must_be_there(bundle):
    config = read_bundle(bundle(GOOD | {"process": {"args": ["/no/such"], "cwd": "/"}}))
    with pytest.raises(CreationFailed, match="no such program"):
        check_runtime_config(config)


def test_mounts_and_rootfs_say_which_programs_there_are(bundle, tmp_path):
    mounts = [{"destination": "/apps", "source": str(tmp_path), "type": "bind"}, 7, {"type": "bind"}]
    config = read_bundle(bundle(GOOD | {"mounts": mounts}))
    assert config.files.has_program("/apps/rootfs/main")
    assert config.files.rootfs == tmp_path / "rootfs"


def test_a_config_of_50_megabytes_is_refused(bundle, tmp_path):
    path = bundle()
    with (tmp_path / "config.json").open("wb") as file:
        file.truncate(50 * 2**20)
    with pytest.raises(Refused, match=f"larger than {LARGEST} bytes"):
        read_bundle(path)


def test_a_directory_in_place_of_config(bundle, tmp_path):
    path = bundle()
    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").mkdir()
    with pytest.raises(Refused, match="no regular file"):
        read_bundle(path)


def test_a_rootfs_that_no_file_system_holds(bundle):
    with pytest.raises(Refused, match="no directory"):
        read_bundle(bundle(GOOD | {"root": {"path": "x" * 5000}}))


def test_what_is_no_utf_8(bundle, tmp_path):
    path = bundle()
    (tmp_path / "config.json").write_bytes(b'{"a":"\xff"}')
    with pytest.raises(Refused, match="not JSON"):
        read_bundle(path)


@given(
    changes=st.fixed_dictionaries(
        {},
        optional={
            key: st.recursive(
                st.none() | st.booleans() | st.integers() | st.sampled_from(["", "x", "/", "1.0.1", "1.0.2"]),
                lambda inner: (
                    st.lists(inner, max_size=2)
                    | st.dictionaries(
                        st.sampled_from(
                            ["path", "args", "cwd", "resources", "memory", "limit", "type", "source", "data"]
                        ),
                        inner,
                        max_size=3,
                    )
                ),
                max_leaves=6,
            )
            for key in ("ociVersion", "hostname", "root", "process", "linux", "mounts", "hooks", "rdkPlugins")
        },
    )
)
def test_any_config_gives_a_configuration_or_a_reason(tmp_path_factory, changes):
    directory = tmp_path_factory.mktemp("bundle")
    (directory / "rootfs").mkdir()
    (directory / "config.json").write_text(json.dumps(GOOD | changes))
    with pytest.raises((Refused, CreationFailed)):  # at the latest because the display socket is not there
        check_runtime_config(
            overridden(read_bundle(str(directory)), Overrides("a b", "/no/such", ("A=b",), 1, 1)).named("app")
        )


def test_config_that_is_a_pipe_holds_up_nobody(bundle, tmp_path):
    path = bundle()
    (tmp_path / "config.json").unlink()
    os.mkfifo(tmp_path / "config.json")
    with pytest.raises(Refused, match="no regular file"):
        read_bundle(path)


@pytest.mark.fact("D6-bundle-relative")
def test_a_relative_path_starts_at_the_root(bundle, monkeypatch, tmp_path):
    path = bundle()
    monkeypatch.chdir(tmp_path.parent)
    with pytest.raises(Refused, match="no such directory"):
        read_bundle(tmp_path.name)
    read_bundle(path.removeprefix("/"))
