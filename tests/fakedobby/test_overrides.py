"""What the long forms of Start... change (facts/dobby.md 6)."""

import json

import pytest

from fakedobby.config import INIT, Config
from fakedobby.errors import CreationFailed, Refused
from fakedobby.overrides import Overrides, overridden
from fakedobby.runtime import check_runtime_config

CONFIG = Config(
    args=(INIT, "app"),
    cwd="/",
    memory_limit=None,
    oci={
        "process": {"args": [INIT, "app"], "env": ["A=b"]},
        "mounts": [{"source": "/srv"}],
        "linux": {"resources": {}},
    },
)


@pytest.mark.fact("D6-command-empty")
def test_nothing_changes_nothing():
    assert overridden(CONFIG, Overrides()) == CONFIG
    assert not Overrides(uid=1, gid=1).written


@pytest.mark.fact("D6-command-split")
def test_a_command_is_split_at_single_spaces():
    config = overridden(CONFIG, Overrides(command="a  'b c'"))
    assert config.args == (INIT, "a", "", "'b", "c'")
    assert config.oci["process"]["args"] == list(config.args)
    assert Overrides(command="a").written


@pytest.mark.fact("D6-env-appended", "D6-env-identical", "D6-env-same-name", "D6-env-unchecked")
def test_variables_are_appended_unless_the_very_same_is_there():
    config = overridden(CONFIG, Overrides(env=("A=c", "A=b", "NOEQ", "", "NOEQ")))
    assert config.oci["process"]["env"] == ["A=b", "A=c", "NOEQ", ""]
    assert CONFIG.oci["process"]["env"] == ["A=b"]


@pytest.mark.fact("D6-display-mount", "D6-display-env", "D6-display-missing")
def test_display_socket(tmp_path):
    socket = tmp_path / "westeros"
    config = overridden(CONFIG, Overrides(display_socket=str(socket), env=("XDG_RUNTIME_DIR=/tmp",)))
    assert config.oci["mounts"][-1] == {
        "destination": "/tmp/westeros",  # noqa: S108 (the path inside the container)
        "type": "bind",
        "source": str(socket),
        "options": ["bind", "rw", "nosuid", "nodev", "noexec"],
    }
    assert config.oci["process"]["env"] == ["A=b", "WAYLAND_DISPLAY=westeros", "XDG_RUNTIME_DIR=/tmp"]
    with pytest.raises(CreationFailed, match="display socket"):
        check_runtime_config(config)
    socket.touch()
    check_runtime_config(config)


def test_a_display_socket_that_no_file_system_holds():
    with pytest.raises(CreationFailed, match="display socket"):
        check_runtime_config(overridden(CONFIG, Overrides(display_socket="/x" + "y" * 5000)))


def test_display_socket_beside_a_mount_without_source():
    config = CONFIG.with_oci(mounts=[{"source": "/srv"}, {"destination": "/x"}])
    overridden(config, Overrides(command="a"))
    with pytest.raises(Refused, match=r"mounts\[1\].source .* crashes the daemon"):
        overridden(config, Overrides(display_socket="/x"))


@pytest.mark.parametrize(("uid", "gid", "mapped"), [(5, 6, True), (0, 6, False), (5, 0, False), (0, 0, False)])
@pytest.mark.fact("D6-uid-mapping", "D6-gid-mapping", "D6-ids-ignored")
def test_mappings_need_both_ids(uid, gid, mapped):
    linux = overridden(CONFIG, Overrides(uid=uid, gid=gid)).oci["linux"]
    assert ("uidMappings" in linux) is mapped
    if mapped:
        assert linux["uidMappings"] == [{"containerID": 0, "hostID": 5, "size": 1}]
        assert linux["gidMappings"] == [{"containerID": 0, "hostID": 6, "size": 10}]
        assert linux["resources"] == {}


def test_the_text_has_four_spaces_a_level():
    assert json.loads(CONFIG.oci_text) == CONFIG.oci
    assert '\n    "process": {\n        "args"' in CONFIG.oci_text
