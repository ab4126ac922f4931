"""Messages in, messages out: what the daemon's object answers, without a bus (facts/dobby.md 0 and 1)."""

import os

import pytest
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from txdbus.error import FailedToAcquireName
from txdbus.message import MethodCallMessage

from fakedobby.bus import BusConnection
from fakedobby.errors import NameTaken
from fakedobby.protocol import CTRL_INTERFACE, OBJECT_PATH
from fakedobby.service import DobbyService
from fakedobby.settings import Settings
from fakedobby.timings import IMMEDIATE


class Connection:
    """A bus connection that keeps what is sent."""

    def __init__(self):
        self.sent = []
        self.answer_call = None

    def requestBusName(self, _name):  # noqa: N802 (txdbus's name)
        return succeed(1)

    def sendMessage(self, message):  # noqa: N802 (txdbus's name)
        self.sent.append(message)


@pytest.fixture
def connection():
    connection = Connection()
    service = DobbyService(connection, Clock(), Settings(timings=IMMEDIATE))
    with pytest.raises(StopIteration):
        service.publish().send(None)
    return connection


def ask(connection, member, signature="", *values, path=OBJECT_PATH, interface=CTRL_INTERFACE):
    """Send a call; return the signature and the values of the one message that answers it."""
    call = MethodCallMessage(path, member, interface=interface, signature=signature or None, body=list(values))
    call.sender = ":1.5"
    connection.sent.clear()
    connection.answer_call(call)
    (message,) = connection.sent
    assert (message.reply_serial, message.destination) == (call.serial, ":1.5")
    return getattr(message, "error_name", message.signature or ""), message.body or []


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
    ],
)
def test_bad_arguments_and_unknown_containers_are_values(connection, member, signature, values, answer):
    assert ask(connection, member, signature, *values) == answer


@pytest.mark.parametrize("form", ["ssah", "ssahssas"])
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


def test_file_descriptors_of_any_message_are_closed():
    reading, writing = os.pipe()
    connection = BusConnection()
    connection._receivedFDs = [reading]
    connection.answer_call = lambda _: None
    call = MethodCallMessage(OBJECT_PATH, "Bogus", interface=CTRL_INTERFACE, signature="h", body=[writing], oobFDs=[])
    connection.rawDBusMessageReceived(call.rawMessage)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(reading)
    os.close(writing)


def test_a_lost_connection_fails_calls_at_once():
    connection = BusConnection()
    connection._lost = True
    failures = []
    connection.callRemoteMessage(MethodCallMessage("/", "List")).addErrback(failures.append)
    assert len(failures) == 1


def test_a_name_that_is_taken_is_asked_for_five_times(connection):
    clock = Clock()
    asked = []

    def request(_name):
        asked.append(clock.seconds())
        return fail(FailedToAcquireName("org.rdk.dobby", 3))

    connection.requestBusName = request
    failures = []
    publishing = Deferred.fromCoroutine(DobbyService(connection, clock, Settings()).publish())
    publishing.addErrback(lambda failure: failures.append(failure.value))
    for delay in (0.2, 0.4, 0.8, 1.6):
        assert failures == []
        clock.advance(delay)
    assert asked == pytest.approx([0, 0.2, 0.6, 1.4, 3.0])
    assert isinstance(failures[0], NameTaken)


def test_a_name_that_becomes_free_is_taken(connection):
    clock = Clock()
    answers = [fail(FailedToAcquireName("org.rdk.dobby", 3)), succeed(1)]
    connection.requestBusName = lambda _name: answers.pop(0)
    publishing = Deferred.fromCoroutine(DobbyService(connection, clock, Settings()).publish())
    assert not publishing.called
    clock.advance(0.2)
    assert publishing.called
    assert clock.getDelayedCalls() == []
