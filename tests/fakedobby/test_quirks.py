"""Each quirk of the catalogue, on and off."""

import json

import pytest
from twisted.internet.defer import Deferred

from bench import spec
from fakedobby import quirks
from fakedobby.errors import UnknownQuirk
from fakedobby.protocol import ADMIN_INTERFACE, DEBUG_INTERFACE
from fakedobby.timings import IMMEDIATE, Timings
from wire import ask, call, published, unpublished

PEER = "org.freedesktop.DBus.Peer"
UNKNOWN = "org.freedesktop.DBus.Error.UnknownMethod"


def daemon(*quirk, **settings):
    return published(quirks=frozenset(quirk), **{"timings": IMMEDIATE, **settings})


def start(connection, container_id="app", **changes):
    return ask_last(connection, "StartFromSpec", "ssah", container_id, spec(**changes), [])


def ask_last(connection, *arguments, **where):
    """Send a call and return what its reply is, behind the signals before it."""
    connection.take()
    call(connection, *arguments, **where)
    return connection.take()[-1]


def hears_nothing(connection, *arguments, **where):
    connection.take()
    call(connection, *arguments, **where)
    connection.clock.advance(1000)
    return connection.take() == []


def assert_crashed(connection, quirk):
    assert connection.left
    (problem,) = connection.gone
    assert isinstance(problem, quirks.DaemonCrashed)
    assert quirk.id in str(problem)
    assert connection.clock.getDelayedCalls() == []
    assert hears_nothing(connection, "Ping", interface=PEER)


def test_they_are_chosen_by_id():
    assert quirks.chosen([]) == quirks.NONE
    assert quirks.chosen(["D-rt-priority"]) == {quirks.RT_PRIORITY}
    with pytest.raises(UnknownQuirk, match=r"There is no quirk 'D-nonsense'.*D-call-slots"):
        quirks.chosen(["D-nonsense"])


def test_faithful_is_all_that_are_deterministic():
    assert quirks.chosen([], faithful=True) == set(quirks.CATALOGUE) - {quirks.EARLY_NAME}


def test_ids_are_unique_and_of_one_form():
    ids = [quirk.id for quirk in quirks.CATALOGUE]
    assert len(set(ids)) == len(ids)
    assert all(quirk_id.startswith("D-") for quirk_id in ids)


@pytest.mark.fact("D0-49-calls")
def test_the_fiftieth_call_in_flight():
    connection = daemon(quirks.CALL_SLOTS, timings=Timings())
    call(connection, "StartFromSpec", "ssah", "app", spec(), [])
    for _ in range(48):
        call(connection, "List")
    assert connection.take() == []
    text = "Unknown method List or interface org.rdk.dobby.ctrl1."
    assert ask(connection, "List") == (UNKNOWN, [text])
    # they are there again when the answers are given
    connection.clock.advance(0.08)
    assert ask(connection, "List") == ("aias", [[734], ["app"]])


def test_without_the_quirk_calls_wait_their_turn():
    connection = daemon(timings=Timings())
    call(connection, "StartFromSpec", "ssah", "app", spec(), [])
    for _ in range(100):
        call(connection, "List")
    connection.clock.advance(0.08)
    assert [name for name, _, _ in connection.take()] == ["Started", *["reply"] * 101]


@pytest.mark.fact("D0-unknown-leaks", "D0-slots-spent")
def test_unknown_calls_use_up_the_slots():
    connection = daemon(quirks.CALL_SLOTS)
    for _ in range(49):
        assert "No handler" in ask(connection, "GetAll", interface="org.freedesktop.DBus.Properties")[1][0]
    text = "Unknown method Ping or interface org.rdk.dobby.admin1."
    assert ask(connection, "Ping", interface=ADMIN_INTERFACE) == (UNKNOWN, [text])
    assert ask(connection, "Ping", interface=PEER) == ("", [])


@pytest.mark.parametrize("signature", ["(i)", "aai"])
@pytest.mark.fact("D0-hang-on-struct", "D0-hang-on-nested-array")
def test_a_struct_hangs_everything(signature):
    connection = daemon(quirks.HANG_ON_STRUCT)
    assert hears_nothing(connection, "List", signature, [])
    assert hears_nothing(connection, "Ping", interface=PEER)
    assert hears_nothing(connection, "Ping", interface=ADMIN_INTERFACE)
    assert connection.gone == []


@pytest.mark.parametrize(
    ("member", "signature", "values"),
    [
        pytest.param("GetInfo", "i", [734], marks=pytest.mark.fact("D4-crash-info")),
        pytest.param("Annotate", "iss", [734, "k", "v"], marks=pytest.mark.fact("D4-crash-annotate")),
        pytest.param("RemoveAnnotation", "is", [734, "k"], marks=pytest.mark.fact("D4-crash-unannotate")),
    ],
)
def test_a_container_without_plugins(member, signature, values):
    connection = daemon(quirks.CRASH_WITHOUT_PLUGINS)
    start(connection)
    assert hears_nothing(connection, member, signature, *values)
    assert_crashed(connection, quirks.CRASH_WITHOUT_PLUGINS)


@pytest.mark.parametrize("plugins", [{"console": None}, {"network": "nat"}, {"rdkPlugins": {"unknown": {}}}])
@pytest.mark.fact("D4-spec-plugins", "D4-one-plugin")
def test_any_plugin_keeps_it_up(plugins):
    connection = daemon(quirks.CRASH_WITHOUT_PLUGINS)
    start(connection, **plugins)
    assert ask(connection, "GetInfo", "i", 734)[0] == "s"
    assert ask(connection, "Annotate", "iss", 734, "k", "v") == ("b", [True])


@pytest.fixture
def bundle(tmp_path):
    """Write a bundle that lacks something and has something else; return its path."""

    def write(*lacking, **changes):
        config = {
            "ociVersion": "1.0.2",
            "hostname": "h",
            "root": {"path": "rootfs"},
            "process": {"args": ["/usr/libexec/DobbyInit", "sleep", "60"], "cwd": "/"},
            "linux": {"resources": {}},
        } | changes
        for key in lacking:
            del config[key]
        (tmp_path / "rootfs").mkdir()
        (tmp_path / "config.json").write_text(json.dumps(config))
        return str(tmp_path)

    return write


@pytest.mark.parametrize(
    ("quirk", "lacking", "changes"),
    [
        pytest.param(quirks.CRASH_WITHOUT_HOSTNAME, ["hostname"], {}, marks=pytest.mark.fact("D6-crash-hostname")),
        pytest.param(quirks.CRASH_WITHOUT_LINUX, ["linux"], {}, marks=pytest.mark.fact("D6-crash-linux")),
        pytest.param(quirks.CRASH_WITHOUT_LINUX, [], {"linux": {}}, marks=pytest.mark.fact("D6-crash-linux")),
        pytest.param(quirks.CRASH_WITHOUT_PROCESS, ["process"], {}, marks=pytest.mark.fact("D6-crash-process")),
        pytest.param(quirks.CRASH_WITHOUT_PROCESS, [], {"process": None}, marks=pytest.mark.fact("D6-crash-process")),
        pytest.param(
            quirks.CRASH_ON_DISPLAY,
            [],
            {"mounts": [{"destination": "/x", "type": "tmpfs"}]},
            marks=pytest.mark.fact("D6-crash-display"),
        ),
    ],
)
def test_a_configuration_that_crashes(bundle, quirk, lacking, changes):
    arguments = ["ssahssas", "app", bundle(*lacking, **changes), [], "", "/tmp", []]  # noqa: S108 (a display socket)
    off = daemon()
    assert ask(off, "StartFromBundle", *arguments) == ("i", [-1])
    assert ask(off, "Ping", interface=ADMIN_INTERFACE) == ("", [])
    on = daemon(quirk)
    start(on, "other")
    assert hears_nothing(on, "StartFromBundle", *arguments)
    assert_crashed(on, quirk)


def test_what_is_refused_says_what_a_box_would_do(bundle, caplog):
    caplog.set_level("INFO")
    ask(daemon(), "StartFromBundle", "ssah", "app", bundle("linux"), [])
    assert "config.json: linux is not there; on a real box (--quirk D-crash-without-linux)" in caplog.text


@pytest.mark.fact("D6-rt-priority", "D6-rt-later", "D6-rt-ping")
def test_rt_priority_locks_the_queue():
    connection = daemon(quirks.RT_PRIORITY)
    start(connection)
    assert hears_nothing(connection, "StartFromSpec", "ssah", "rt", spec(rtPriority=5), [])
    assert hears_nothing(connection, "List")
    assert hears_nothing(connection, "GetSpec", "i", 734, interface=DEBUG_INTERFACE)
    assert ask(connection, "Ping", interface=ADMIN_INTERFACE) == ("", [])
    assert ask(connection, "GetState", "u", 1) == ("i", [-1])
    # it can be ended all the same
    finished = []
    connection.daemon.shutdown().addCallback(finished.append)
    assert finished == [None]


@pytest.mark.fact("D6-rt-priority")
def test_without_the_quirk_rt_priority_is_refused():
    connection = daemon()
    assert start(connection, rtPriority=5)[2] == [-1]
    assert ask(connection, "List") == ("aias", [[], []])


@pytest.mark.fact("D5-mount-tunnel")
def test_mount_without_a_tunnel(tmp_path):
    arguments = ["issass", 734, str(tmp_path), "/mnt/here", ["bind"], ""]
    for quirk, answer in (([], True), ([quirks.MOUNT_TUNNEL], False)):
        connection = daemon(*quirk)
        start(connection)
        assert ask(connection, "Mount", *arguments) == ("b", [answer])


@pytest.mark.fact("D0-early-object", "D0-early-method")
def test_the_name_is_there_before_the_object():
    connection = unpublished(quirks=frozenset({quirks.EARLY_NAME}))
    publishing = Deferred.fromCoroutine(connection.daemon.publish())
    answers = []
    for _ in range(3):
        answers.append(ask(connection, "Ping", interface=ADMIN_INTERFACE))
        connection.take()
        connection.clock.advance(0.001)
    assert answers == [
        ("org.freedesktop.DBus.Error.UnknownObject", ["Unknown object '/org/rdk/dobby'."]),
        (UNKNOWN, ["No handler for method org.rdk.dobby.admin1.Ping"]),
        ("", []),
    ]
    assert publishing.called
