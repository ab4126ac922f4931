"""What a start writes into a bundle (facts/dobby.md 6)."""

import contextlib
import json
import os
import threading
from pathlib import Path

import pytest

from fakedobby.bundle import read_bundle
from fakedobby.bundlefiles import remove_running, rewrite_bundle, write_running
from fakedobby.config import Config
from fakedobby.errors import Refused
from fakedobby.overrides import Overrides, overridden
from fakedobby.runtime import check_runtime_config

GOOD = {
    "ociVersion": "1.0.2-dobby",
    "hostname": "sample",
    "root": {"path": "rootfs"},
    "process": {"args": ["/usr/libexec/DobbyInit", "sleep", "60"], "cwd": "/"},
    "linux": {"resources": {"memory": {"limit": 41943040}}},
    "rdkPlugins": {"logging": {"required": False, "data": {"sink": "devnull"}}},
}


@pytest.fixture
def bundle(tmp_path):
    (tmp_path / "rootfs").mkdir()
    (tmp_path / "config.json").write_text(json.dumps(GOOD))
    return tmp_path


def names(directory):
    return sorted(file.name for file in directory.iterdir())


def test_reading_changes_nothing(bundle):
    read_bundle(str(bundle))
    assert names(bundle) == ["config.json", "rootfs"]


@pytest.mark.fact("D6-rewrite-version", "D6-rewrite-hooks", "D6-rewrite-hostname", "D6-rewrite-saved")
def test_start_rewrites_the_bundle(bundle):
    before = (bundle / "config.json").read_bytes()
    rewrite_bundle(read_bundle(str(bundle)), "app")
    assert names(bundle) == ["config-dobby.json", "config.json", "rootfs"]
    assert (bundle / "config-dobby.json").read_bytes() == before
    written = json.loads((bundle / "config.json").read_text())
    assert written["ociVersion"] == "1.0.2"
    assert written["hostname"] == "app"
    assert sorted(written["hooks"]) == ["createContainer", "createRuntime", "poststart", "poststop"]
    assert written["hooks"]["poststop"][0]["path"].endswith("DobbyPluginLauncher")
    assert oct((bundle / "config.json").stat().st_mode & 0o777) == "0o644"


def test_a_second_start_works_and_keeps_the_original(bundle):
    before = (bundle / "config.json").read_bytes()
    rewrite_bundle(read_bundle(str(bundle)), "app")
    config = read_bundle(str(bundle))
    check_runtime_config(config)
    assert config.has_plugins
    rewrite_bundle(config, "other")
    assert (bundle / "config-dobby.json").read_bytes() == before
    assert json.loads((bundle / "config.json").read_text())["hostname"] == "other"


@pytest.mark.fact("D6-bundle-restored")
def test_a_broken_config_is_restored_from_the_original(bundle):
    before = (bundle / "config.json").read_bytes()
    rewrite_bundle(read_bundle(str(bundle)), "app")
    (bundle / "config.json").write_text("{")
    rewrite_bundle(read_bundle(str(bundle)), "app")
    assert json.loads((bundle / "config.json").read_text())["hostname"] == "app"
    assert (bundle / "config-dobby.json").read_bytes() == before


@pytest.mark.parametrize("version", ["1.0.1", "1.0.2"])
def test_other_bundles_are_left_as_they_are(bundle, version):
    plain = {key: value for key, value in GOOD.items() if key != "rdkPlugins"} | {"ociVersion": version}
    (bundle / "config.json").write_text(json.dumps(plain))
    rewrite_bundle(read_bundle(str(bundle)), "app")
    assert json.loads((bundle / "config.json").read_text()) == plain
    assert names(bundle) == ["config.json", "rootfs"]


@pytest.mark.fact(
    "D6-bundle-pid",
    "D6-bundle-installed",
    "D6-running-config",
    "D6-running-config-removed",
    "D6-running-config-original",
)
def test_files_of_a_running_container(bundle):
    config = overridden(read_bundle(str(bundle)), Overrides(command="sleep 1", env=("A=b",)))
    write_running(config, 734, 4711, overridden=True)
    assert names(bundle) == ["config-734.json", "config.json", "container.pid", "postinstallhooksuccess", "rootfs"]
    assert (bundle / "container.pid").read_text() == "4711"
    written = json.loads((bundle / "config-734.json").read_text())
    assert written["process"]["args"] == ["/usr/libexec/DobbyInit", "sleep", "1"]
    assert written["process"]["env"] == ["A=b"]
    assert "env" not in json.loads((bundle / "config.json").read_text())["process"]
    remove_running(config, 734)
    assert names(bundle) == ["config.json", "container.pid", "postinstallhooksuccess", "rootfs"]
    remove_running(config, 734)


def test_without_overrides_there_is_no_such_config(bundle):
    write_running(read_bundle(str(bundle)), 734, 4711, overridden=False)
    assert "config-734.json" not in names(bundle)


def test_a_spec_has_no_files():
    config = Config(args=(), cwd="/", memory_limit=None)
    rewrite_bundle(config, "app")
    write_running(config, 734, 1, overridden=True)
    remove_running(config, 734)


@pytest.mark.parametrize("trouble", ["read-only", "gone"])
def test_a_bundle_that_cannot_be_written_does_no_harm(bundle, monkeypatch, caplog, trouble):
    config = read_bundle(str(bundle))
    if trouble == "gone":
        bundle.rename(bundle.with_name("elsewhere"))
    else:

        def refuse(*_args, **_options):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("tempfile.mkstemp", refuse)
        monkeypatch.setattr(Path, "unlink", refuse)
    rewrite_bundle(config, "app")
    write_running(config, 734, 1, overridden=True)
    remove_running(config, 734)
    # once for each start: that a box has no such bundle is seen without -v
    (warning,) = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert warning.startswith(f"{bundle / 'config-dobby.json'} can't be written: ")
    if trouble == "read-only":
        assert names(bundle) == ["config.json", "rootfs"]


def test_an_original_that_can_not_be_saved_is_not_replaced(bundle, monkeypatch):
    config = read_bundle(str(bundle))
    replace = Path.replace

    def full(self, target):
        if target.name == "config-dobby.json":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    rewrite_bundle(config, "app")
    assert json.loads((bundle / "config.json").read_text()) == GOOD


def test_a_full_disk_leaves_the_old_file(bundle, monkeypatch):
    config = read_bundle(str(bundle))

    def full(_self, _target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    rewrite_bundle(config, "app")
    assert json.loads((bundle / "config.json").read_text()) == GOOD
    assert names(bundle) == ["config.json", "rootfs"]


def test_a_bundle_that_changes_while_it_is_read(bundle):
    texts = [json.dumps(GOOD), json.dumps(GOOD | {"padding": "x" * 100_000}), "{"]
    stop = threading.Event()

    def change():
        number = 0
        while not stop.is_set():
            number += 1
            if number % 2:
                (bundle / "config.json").write_text(texts[number % 3])
            else:
                (bundle / "other").write_text(texts[number % 3])
                os.replace(bundle / "other", bundle / "config.json")  # noqa: PTH105 (the other writer's way)

    writer = threading.Thread(target=change)
    writer.start()
    try:
        for _ in range(100):
            with contextlib.suppress(Refused):
                assert read_bundle(str(bundle)).args == ("/usr/libexec/DobbyInit", "sleep", "60")
    finally:
        stop.set()
        writer.join()
