"""Messages in, messages out: what the daemon's object answers, without a bus (facts/dobby.md 0 and 1)."""

import pytest
from txdbus.message import MethodCallMessage

from fakedobby.bus import BusConnection
from fakedobby.protocol import CTRL_INTERFACE, DEBUG_INTERFACE, OBJECT_PATH
from fakedobby.timings import IMMEDIATE
from wire import ask, published


@pytest.fixture
def connection():
    return published(timings=IMMEDIATE)


@pytest.mark.parametrize(
    ("member", "signature", "values", "answer"),
    [
        ("StartFromSpec", "ssahssasuu", ["a", "{}", [], "", "", [], 0, 0], ("i", [-1])),
        ("StartFromSpec", "ss", ["a", "{}"], ("i", [-1])),
        ("StartFromBundle", "ssah", ["a", "/nope", []], ("i", [-1])),
        ("StartFromBundle", "ssahssas", ["a", "/nope", [], "", "", []], ("i", [-1])),
        ("StartFromBundle", "ssahssasuu", ["a", "/nope", [], "", "", [], 0, 0], ("i", [-1])),
        ("StartFromBundle", "ssahssasii", ["a", "/nope", [], "", "", [], 0, 0], ("i", [-1])),
        ("Stop", "i", [734], ("b", [False])),
        ("Stop", "ib", [734, True], ("b", [False])),
        ("Pause", "u", [734], ("b", [False])),
        ("Resume", "", [], ("b", [False])),
        ("Exec", "isss", [734, "", "ls", ""], ("b", [False])),
        ("GetState", "x", [734], ("i", [-1])),
        ("GetState", "i", [734], ("i", [0])),
        ("GetInfo", "", [], ("b", [True])),
        ("GetInfo", "i", [734], ("s", [""])),
        ("List", "su", ["ignored", 5], ("aias", [[], []])),
        pytest.param("Hibernate", "i", [734], ("b", [False]), marks=pytest.mark.fact("D1-hibernate-alone")),
        ("Wakeup", "is", [734, ""], ("b", [False])),
        ("Mount", "issas", [734, "/", "/x", ["bind"]], ("b", [False])),
        ("Unmount", "i", [734], ("b", [False])),
        pytest.param("Annotate", "isi", [734, "k", 5], ("b", [False]), marks=pytest.mark.fact("D1-annotate-bad-args")),
        ("RemoveAnnotation", "i", [734], ("b", [False])),
        ("Start", "ssahssasuu", ["a", "{}", [], "", "", [], 0, 0], ("i", [-1])),
    ],
)
@pytest.mark.fact(
    "D0-failure-value",
    "D0-list-any-arguments",
    "D1-bundle-signed",
    "D1-exec-bad-args",
    "D1-info-bad-args",
    "D1-info-unknown",
    "D1-list-empty",
    "D1-pause-bad-args",
    "D1-resume-bad-args",
    "D1-spec-no-8",
    "D1-start-bad-args",
    "D1-start-bad-bundle",
    "D1-state-bad-args",
    "D1-state-unknown",
    "D1-stop-bad-args",
    "D1-stop-unknown",
)
def test_bad_arguments_and_unknown_containers_are_values(connection, member, signature, values, answer):
    assert ask(connection, member, signature, *values) == answer


@pytest.mark.parametrize(
    ("member", "signature", "values", "answer"),
    [
        pytest.param("GetSpec", "u", [734], ("b", [True]), marks=pytest.mark.fact("D1-getspec-bad-args")),
        pytest.param("GetOCIConfig", "", [], ("b", [True]), marks=pytest.mark.fact("D1-getoci-bad-args")),
        pytest.param("CreateBundle", "s", ["a"], ("b", [False]), marks=pytest.mark.fact("D1-createbundle-fails")),
    ],
)
def test_bad_arguments_of_debug_methods(connection, member, signature, values, answer):
    assert ask(connection, member, signature, *values, interface=DEBUG_INTERFACE) == answer


@pytest.mark.parametrize("form", ["ssah", "ssahssas"])
@pytest.mark.fact("D1-spec-forms", "D1-start-descriptor", "D2-started", "D2-started-first")
def test_the_forms_of_a_start(connection, form):
    spec = '{"version":"1.0","cwd":"/","args":["sleep","9"],"user":{"uid":1,"gid":1},"memLimit":1048576}'
    arguments = ["a", spec, [], "", "", []][: 3 if form == "ssah" else 6]
    call = MethodCallMessage(
        OBJECT_PATH, "StartFromSpec", interface=CTRL_INTERFACE, signature=form, body=arguments, oobFDs=[]
    )
    connection.answer_call(call)
    signal, reply = connection.sent
    assert (signal.member, signal.signature, signal.body) == ("Started", "is", [734, "a"])
    assert (reply.signature, reply.body) == ("i", [734])


def test_a_defect_is_an_error_and_not_the_end(connection, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("a defect")

    monkeypatch.setattr("fakedobby.manager.Manager.call", broken)
    assert ask(connection, "List")[0] == "org.freedesktop.DBus.Error.Failed"
    assert "a defect" in caplog.text


def test_a_lost_connection_fails_calls_at_once():
    connection = BusConnection()
    connection._lost = True
    failures = []
    connection.callRemoteMessage(MethodCallMessage("/", "List")).addErrback(failures.append)
    assert len(failures) == 1
