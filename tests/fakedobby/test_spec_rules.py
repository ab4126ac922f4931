"""Every rule for the keys of a Dobby spec (facts/dobby.md 6): what it lets through, and what it refuses."""

import json

import pytest

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
DEVICE = {"major": 13, "minor": 64, "access": "rw"}
MOUNT = {"source": "/srv", "destination": "/mnt", "type": "bind"}
SECCOMP = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": {"action": "SCMP_ACT_ERRNO", "names": ["chmod"]}}


def read(**changes):
    return read_spec(json.dumps(GOOD | changes))


def options(key, *values):
    return [pytest.param(key, value, id=f"{key}-{json.dumps(value)[:60]}") for value in values]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *options("env", [], ["A=b", "NOEQ", ""]),
        *options("swapLimit", 41943040, 2**32 - 1),
        *options("network", None, "nat", "open", "private"),
        *options("userNs", True, False, None),
        *options("console", None, {}, {"path": None}, {"path": "/log", "limit": None}, {"path": "/log", "limit": 1024}),
        *options("cpu", None, {}, {"shares": 1}, {"shares": 100}, {"cores": "0-1,3"}, {"cores": "7"}, {"cores": "x"}),
        *options("restartOnCrash", True, False, None),
        *options("syslog", True, False, None),
        *options("gpu", {"enable": True}, {"enable": None, "memLimit": 1}, {}),
        *options("vpu", {"enable": False}, {"enable": None}, {}),
        *options("dbus", {}, {"session": "ai-public", "debug": "ai-private"}, {"system": "system"}, {"other": 1}),
        *options("etc", {}, {"hosts": ["127.0.0.1 a"], "services": [], "others": 1}),
        *options("mounts", [], [MOUNT], [MOUNT | {"options": ["ro"]}], [MOUNT | {"type": "loop", "fstype": "ext4"}]),
        *options("devices", []),
        *options("capabilities", [], ["CAP_NET_RAW", "CAP_NET_BROADCAST", "CAP_NET_BIND_SERVICE"]),
        *options("seccomp", SECCOMP),
        *options("plugins", [], [{"name": "nobody", "data": [1]}], [{"name": "x"}]),
        *options("rdkPlugins", None, {}, {"nobody": {"required": True}}, {"logging": {"data": {"sink": "devnull"}}}),
    ],
)
@pytest.mark.fact(
    "D6-capabilities",
    "D6-console",
    "D6-console-limit",
    "D6-console-path",
    "D6-cpu-cores",
    "D6-cpu-cores-letters",
    "D6-cpu-shares",
    "D6-dbus",
    "D6-env",
    "D6-etc",
    "D6-etc-others",
    "D6-gpu-enable",
    "D6-gpu-memlimit",
    "D6-mounts",
    "D6-mounts-loop",
    "D6-mounts-options",
    "D6-network",
    "D6-plugins",
    "D6-plugins-unknown",
    "D6-rdkplugins",
    "D6-rdkplugins-unknown",
    "D6-restart",
    "D6-seccomp",
    "D6-seccomp-actions",
    "D6-swap-below",
    "D6-swap-range",
    "D6-syslog",
    "D6-userns",
    "D6-vpu-enable",
)
def test_accepted(key, value):
    read(**{key: value})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *options("env", "A=b", [1], None),
        *options("swapLimit", -1, 2**32, 1.5, None, 41943039),
        *options("network", "lan", True, ["nat"]),
        *options("userNs", 1, "true"),
        *options("console", "file", {"path": 1}, {"path": "/log", "limit": "1"}, {"path": "/log", "limit": 1.5}),
        *options("cpu", 1, {"shares": 0}, {"shares": 101}, {"shares": "1"}, {"cores": 1}, {"cores": "8"}),
        *options("cpu", {"cores": ""}, {"cores": "3-1"}, {"cores": "1--2"}),
        *options("restartOnCrash", 1, "yes"),
        *options("syslog", 1, "yes"),
        *options("gpu", 1, {"enable": 1}, {"memLimit": "1"}, {"memLimit": 1.5}),
        *options("vpu", [], {"enable": "yes"}),
        *options("dbus", 1, {"system": "private"}, {"session": 1}, {"debug": "x"}),
        *options("etc", None, [], {"hosts": "x"}, {"passwd": [1]}, {"ld-preload": None}),
        *options("mounts", None, [1], [MOUNT | {"source": 1}], [MOUNT | {"options": [1]}], [MOUNT | {"type": "loop"}]),
        *options("mounts", [{"source": "/srv", "destination": "/mnt"}], [MOUNT | {"destination": None}]),
        *options("devices", None, [1], [DEVICE], [{"major": 1, "minor": 3, "access": "rw"}]),
        *options("capabilities", None, ["CAP_SYS_ADMIN"], [1]),
        *options("seccomp", None, {}, SECCOMP | {"defaultAction": "SCMP_ACT_KILL"}, SECCOMP | {"syscalls": []}),
        *options("seccomp", SECCOMP | {"syscalls": {"action": "SCMP_ACT_ERRNO", "names": []}}),
        *options("seccomp", SECCOMP | {"syscalls": {"action": "x", "names": ["chmod"]}}),
        *options("plugins", None, {}, [1], [{"data": 1}]),
        *options("rdkPlugins", [], {"logging": {"data": {}}}, {"logging": {}}, {"logging": 1}, {"x": {"data": []}}),
        *options("rtPriority", 4, {"default": 4, "limit": 6}, None),
    ],
)
@pytest.mark.fact(
    "D6-capabilities",
    "D6-console",
    "D6-console-limit",
    "D6-console-path",
    "D6-cpu-cores",
    "D6-cpu-cores-number",
    "D6-cpu-shares",
    "D6-dbus",
    "D6-devices-list",
    "D6-env",
    "D6-etc",
    "D6-gpu-enable",
    "D6-gpu-memlimit",
    "D6-mounts",
    "D6-mounts-loop",
    "D6-mounts-options",
    "D6-mounts-strings",
    "D6-network",
    "D6-plugins",
    "D6-rdkplugins",
    "D6-rdkplugins-empty",
    "D6-restart",
    "D6-seccomp",
    "D6-seccomp-actions",
    "D6-swap-below",
    "D6-swap-range",
    "D6-syslog",
    "D6-userns",
    "D6-vpu-enable",
)
def test_refused(key, value):
    with pytest.raises(Refused, match=f"'{key}'"):
        read(**{key: value})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"access": "x"}, "access must be"),
        ({"access": None}, "access must be"),
        ({"major": 0}, "major must be"),
        ({"major": 1025}, "major must be"),
        ({"major": None}, "major must be"),
        ({"minor": 1025}, "minor must be"),
        ({"minor": "0"}, "minor must be"),
        ({"minor": 1024, "major": 1024, "access": "WR"}, "white list"),
        ({"major": "hidraw"}, "white list"),
    ],
)
@pytest.mark.fact("D6-devices-access", "D6-devices-list", "D6-devices-major", "D6-devices-minor")
def test_device_rules(change, reason):
    with pytest.raises(Refused, match=reason):
        read(devices=[DEVICE | change])


def test_the_real_dead_lock_is_named():
    with pytest.raises(Refused, match="D-rt-priority"):
        read(rtPriority=1)


@pytest.mark.parametrize(
    ("changes", "there"),
    [
        ({}, False),
        ({"console": None}, True),
        ({"console": {}}, True),
        ({"network": "private"}, True),
        ({"network": None}, False),
        ({"dbus": {"session": "ai-public"}}, True),
        ({"dbus": {}}, False),
        ({"mounts": [MOUNT]}, False),
        ({"mounts": [MOUNT | {"type": "loop", "fstype": "ext4"}]}, True),
        ({"etc": {"hosts": ["x"]}}, False),
        ({"gpu": {"enable": True}}, True),
        ({"rdkPlugins": {}}, False),
        ({"rdkPlugins": {"nobody": {}}}, True),
    ],
)
@pytest.mark.fact("D4-one-plugin", "D4-spec-plugins")
def test_which_specs_give_the_container_plugins(changes, there):
    assert read(**changes).has_plugins is there


@pytest.mark.parametrize(("value", "restarts"), [(True, True), (False, False), (None, False)])
def test_restart_on_crash_is_told(value, restarts):
    assert read(restartOnCrash=value).restart_on_crash is restarts
    assert read().restart_on_crash is False


@pytest.mark.parametrize("bus", ["system", "session", "debug"])
@pytest.mark.fact("D6-dbus-system")
def test_the_system_bus_must_be_there(bus, tmp_path):
    config = read(dbus={bus: "system"})
    check_runtime_config(config, system_bus=tmp_path)
    with pytest.raises(CreationFailed, match="system bus"):
        check_runtime_config(config, system_bus=tmp_path / "none")


@pytest.mark.fact("D1-getspec-plugins", "D1-getspec-text", "D1-getspec-unknown-keys")
def test_get_spec_sorts_keeps_unknown_keys_and_adds_plugins():
    text = '{"version":"1.0", "zeta":{"b":0.1,"a":[1,2.0]}, "cwd":"/", "Alpha":"\\u00e9\\/", "args":["x"],'
    text += '"user":{"uid":1,"gid":0},"memLimit":5}'
    assert read_spec(text).spec_text == (
        '{"Alpha":"\\u00e9/","args":["x"],"cwd":"/","memLimit":5,"rdkPlugins":null,"user":{"gid":0,"uid":1},'
        '"version":"1.0","zeta":{"a":[1,2.0],"b":0.10000000000000001}}'
    )
    assert '"rdkPlugins":{}' in read(rdkPlugins={}).spec_text


@pytest.mark.fact("D1-getoci-text")
def test_the_oci_configuration_of_a_spec():
    config = read(env=["A=b"], mounts=[MOUNT], console=None, swapLimit=41943041).named("app")
    oci = json.loads(config.oci_text)
    assert config.oci_text.startswith('{\n    "ociVersion": "1.0.2",')
    assert oci["hostname"] == "app"
    assert oci["process"]["args"] == ["/usr/libexec/DobbyInit", "sleep", "60"]
    assert oci["process"]["env"] == ["A=b"]
    assert oci["mounts"][-1]["source"] == "/srv"
    assert oci["linux"]["resources"]["memory"] == {"limit": 41943040, "swap": 41943041}
    assert oci["rdkPlugins"] == {"logging": {"required": False, "data": {"sink": "devnull"}}}


@pytest.mark.parametrize(
    "spec",
    [
        {"args": ["/bin/sleep", "60"], "console": None},
        {"args": ["/bin/sh", "-c", "sleep 0.6; exit 3"], "console": None},
        {"version": "1.1", "args": ["/bin/sleep", "60"], "console": None, "foo": {"bar": [1, 2]}, "env": ["A=b"]},
    ],
)
def test_specs_of_the_recorded_sessions_are_accepted(spec):
    config = read(**spec)
    check_runtime_config(config)
    assert config.has_plugins


def test_the_refused_spec_of_the_recorded_sessions():
    with pytest.raises(Refused):
        read_spec('{"version":"1.1"}')
