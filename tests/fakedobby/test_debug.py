"""debug1: bundles made of specs, and what a container was made from (facts/dobby.md 1 and 6)."""

import json
import re

import pytest

from bench import Bench, spec
from fakedobby.timings import IMMEDIATE


@pytest.fixture
def bench(tmp_path):
    return Bench(timings=IMMEDIATE, workspace=tmp_path)


@pytest.fixture
def bundles(tmp_path):
    directory = tmp_path / "dobby" / "bundles"
    return lambda: sorted(entry.name for entry in directory.glob("*"))


@pytest.mark.fact(
    "D1-createbundle-dir", "D1-createbundle-again", "D1-createbundle-no-container", "D1-createbundle-kept"
)
def test_create_bundle(bench, bundles, tmp_path):
    assert bench.ask("CreateBundle", "made", spec()) is True
    assert bench.ask("CreateBundle", "made", spec()) is True
    names = bundles()
    assert len(names) == 2
    for name in names:
        assert re.fullmatch(r"made\.[1-9]\d{4}", name)
        directory = tmp_path / "dobby" / "bundles" / name
        assert (directory / "rootfs").is_dir()
        config = json.loads((directory / "config.json").read_text())
        assert (config["ociVersion"], config["hostname"]) == ("1.0.2", "made")
    assert bench.ask("List") == ([], [])
    assert bench.take() == []
    assert bench.start() == 734
    bench.manager.close()
    assert bundles() == names


@pytest.mark.parametrize("arguments", [("1", spec()), ("a b", spec()), ("made", "{}"), ("made", "[")])
@pytest.mark.fact("D1-createbundle-fails")
def test_create_bundle_refuses(bench, bundles, arguments):
    assert bench.ask("CreateBundle", *arguments) is False
    assert bundles() == []


def test_a_made_bundle_can_be_started(bench, bundles, tmp_path):
    bench.ask("CreateBundle", "made", spec())
    (name,) = bundles()
    assert bench.ask("StartFromBundle", "other", str(tmp_path / "dobby" / "bundles" / name), []) == 734
    assert bench.ask("GetState", 734) == 2


@pytest.mark.fact("D6-spec-dir", "D6-spec-dir-removed")
def test_a_container_of_a_spec_has_a_directory_while_it_lives(bench, bundles):
    bench.start()
    (name,) = bundles()
    assert re.fullmatch(r"app\.[1-9]\d{4}", name)
    bench.ask("Stop", 734, True)
    assert bundles() == []


@pytest.mark.parametrize("refused", [spec(memLimit=0), spec(cwd="")])
def test_a_failed_start_leaves_no_directory(bench, bundles, refused):
    assert bench.start(text=refused) == -1
    assert bundles() == []


def test_without_a_workspace_a_temporary_one_goes_with_the_daemon(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    bench = Bench(timings=IMMEDIATE)
    assert list(tmp_path.iterdir()) == []
    bench.start()
    (made,) = tmp_path.iterdir()
    assert list(made.glob("dobby/bundles/app.*/config.json"))
    bench.manager.close()
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_that_can_not_be_written_to(tmp_path):
    (tmp_path / "dobby").touch()
    bench = Bench(timings=IMMEDIATE, workspace=tmp_path)
    assert bench.start() == -1
    assert bench.ask("CreateBundle", "made", spec()) is False


@pytest.mark.fact("D1-getspec-text", "D1-getspec-plugins", "D1-getspec-unknown-keys")
def test_get_spec(bench):
    text = (
        '{"version": "1.0", "zz": [1, 2], "user":{"uid":5,"gid":5},"memLimit":1048576,"cwd":"/","args":["sleep","5"]}'
    )
    bench.start(text=text, command="sleep 60")
    assert bench.ask("GetSpec", 734) == (
        '{"args":["sleep","5"],"cwd":"/","memLimit":1048576,"rdkPlugins":null,'
        '"user":{"gid":5,"uid":5},"version":"1.0","zz":[1,2]}'
    )


@pytest.mark.fact("D1-getspec-nothing", "D1-getoci-unknown")
def test_unknown_descriptors(bench):
    assert bench.ask("GetSpec", 99) == ""
    assert bench.ask("GetOCIConfig", 99) == ""


@pytest.mark.fact("D1-getoci-text", "D1-getoci-overrides")
def test_get_oci_config(bench, tmp_path):
    assert bench.ask("StartFromSpec", "app", spec(console=None), [], "sleep 9", str(tmp_path), ["A=1"]) == 734
    text = bench.ask("GetOCIConfig", 734)
    config = json.loads(text)
    assert text == json.dumps(config, indent=4)
    assert config["process"]["args"] == ["/usr/libexec/DobbyInit", "sleep", "9"]
    assert config["process"]["env"] == ["WAYLAND_DISPLAY=westeros", "XDG_RUNTIME_DIR=/tmp", "A=1"]
    assert config["mounts"][-1]["source"] == str(tmp_path)
    (hook,) = config["hooks"]["createRuntime"]
    assert re.fullmatch(rf"{tmp_path}/dobby/bundles/app\.\d{{5}}/config\.json", hook["args"][-1])


@pytest.mark.fact("D1-alias")
def test_start_is_start_from_spec(bench):
    assert bench.ask("Start", "app", spec(), []) == 734
    assert bench.ask("GetSpec", 734) != ""
