"""Mount and Unmount, in a container that is not there (facts/dobby.md 5)."""

import json

import pytest

from bench import Bench, spec
from fakedobby.bundle import read_bundle
from fakedobby.errors import Refused
from fakedobby.mounts import Mounts
from fakedobby.spec import read_spec
from fakedobby.timings import IMMEDIATE


@pytest.fixture
def source(tmp_path):
    directory = tmp_path / "source"
    (directory / "sub").mkdir(parents=True)
    (directory / "file").touch()
    return str(directory)


@pytest.fixture
def of_spec():
    return Mounts(read_spec(spec()))


@pytest.fixture
def of_bundle(tmp_path, source):
    rootfs = tmp_path / "bundle" / "rootfs"
    (rootfs / "data").mkdir(parents=True)
    config = {
        "ociVersion": "1.0.2",
        "hostname": "h",
        "root": {"path": "rootfs"},
        "process": {},
        "linux": {"resources": {}},
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/deep/inside", "type": "bind", "source": source},
            "no mount at all",
        ],
    }
    (tmp_path / "bundle" / "config.json").write_text(json.dumps(config))
    return Mounts(read_bundle(str(tmp_path / "bundle")))


@pytest.mark.parametrize("flags", [["bind"], ["rbind"], ["ro", "bind", "nonsense"]])
@pytest.mark.fact("D5-mount-bind", "D5-mount-flags")
def test_a_flag_that_binds_is_enough(of_spec, source, flags):
    of_spec.mount(source, "/mnt/here", flags)


@pytest.mark.parametrize("flags", [[], ["ro"], ["BIND"], ["bind,ro"]])
@pytest.mark.fact("D5-mount-bind")
def test_a_flag_that_binds_is_needed(of_spec, source, flags):
    with pytest.raises(Refused, match="bind nor rbind"):
        of_spec.mount(source, "/mnt/here", flags)


@pytest.mark.parametrize("name", ["/file", "/gone", "\0"])
@pytest.mark.fact("D5-mount-file", "D5-mount-source")
def test_only_directories_are_mounted(of_spec, source, name):
    with pytest.raises(Refused, match="is no directory of this machine"):
        of_spec.mount(source + name, "/mnt/here", ["bind"])


@pytest.mark.parametrize("target", ["/", "/mnt", "/mnt/", "/usr/../mnt", "mnt", "/proc", "/dev/pts", "/usr/lib", ""])
@pytest.mark.fact("D5-mount-target")
def test_what_is_there_in_a_container_of_a_spec(of_spec, source, target):
    with pytest.raises(Refused, match="is there already"):
        of_spec.mount(source, target, ["bind"])


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("/data", "is there already"),
        ("/proc", "is there already"),
        ("/deep", "is there already"),
        ("/deep/inside/sub", "is there already"),
        ("/deep/inside/file", "is there already"),
        ("/deep/inside/file/x", "/deep/inside/file is no directory"),
        ("/mnt/here", "/mnt is no directory"),
        ("/proc/here", None),
        ("/here", None),
        ("/data/here", None),
        ("/deep/here", None),
        ("/deep/inside/here", None),
        ("/deep/inside/sub/here", None),
        ("/" + "x" * 300 + "/here", "is no directory"),
    ],
)
@pytest.mark.fact("D5-mount-target")
def test_what_is_there_in_a_container_of_a_bundle(of_bundle, source, target, complaint):
    if complaint is None:
        of_bundle.mount(source, target, ["bind"])
    else:
        with pytest.raises(Refused, match=complaint):
            of_bundle.mount(source, target, ["bind"])


@pytest.mark.fact("D5-mount-again", "D5-unmount-rmdir")
def test_a_target_serves_once_until_it_is_unmounted(of_spec, source):
    of_spec.mount(source, "/mnt/here", ["bind"])
    with pytest.raises(Refused, match="is there already"):
        of_spec.mount(source, "/mnt/here/", ["bind"])
    of_spec.mount(source, "/mnt/here/inside", ["bind"])
    of_spec.unmount("/mnt/here/inside")
    of_spec.unmount("/mnt/here")
    of_spec.mount(source, "/mnt/here", ["bind"])


@pytest.mark.parametrize("path", ["/mnt", "/mnt/here", "", "/data"])
@pytest.mark.fact("D5-unmount-absent")
def test_nothing_is_mounted_there(of_spec, path):
    with pytest.raises(Refused, match="nothing is mounted at"):
        of_spec.unmount(path)


@pytest.mark.fact("D5-unmount-any")
def test_anything_can_be_unmounted(of_spec, of_bundle):
    of_spec.unmount("/proc")
    of_bundle.unmount("/deep/inside/")


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.fact("D2-paused-mount", "D2-silent-mount", "D5-mount-hidden", "D1-mount-arguments", "D1-unmount-arguments")
def test_as_calls(source, paused):
    bench = Bench(timings=IMMEDIATE)
    bench.start()
    before = bench.ask("GetOCIConfig", 734)
    if paused:
        bench.ask("Pause", 734)
    bench.take()
    assert bench.ask("Mount", 734, source, "/mnt/here", ["bind"], "") is True
    assert bench.ask("Mount", 734, source, "/mnt/here", ["bind"], "") is False
    assert bench.ask("GetOCIConfig", 734) == before
    assert bench.ask("Unmount", 734, "/mnt/here") is True
    assert bench.ask("Unmount", 734, "/mnt/here") is False
    assert bench.ask("Mount", 99, source, "/mnt/here", ["bind"], "") is False
    assert bench.take() == []
