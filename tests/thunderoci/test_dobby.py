"""What a plugin gets from Dobby when Dobby does not answer as it should (facts/dobby.md 7)."""

from types import SimpleNamespace

import pytest
from twisted.internet.defer import Deferred, fail, succeed
from txdbus.error import RemoteError

from thunderoci.dobby import DobbyProxy


class Connection:
    """A bus connection with one answer to everything."""

    def __init__(self, answer):
        self.answer = answer
        self.calls = []

    def callRemoteMessage(self, mcall, timeout):  # noqa: N802 (txdbus's name)
        self.calls.append((mcall.destination, mcall.path, mcall.interface, mcall.member, mcall.signature, timeout))
        return self.answer


def reply(signature, *values):
    return succeed(SimpleNamespace(signature=signature, body=list(values)))


def result_of(coroutine):
    results = []
    Deferred.fromCoroutine(coroutine).addBoth(results.append)
    return results[0]


CALLS = [
    (lambda dobby: dobby.list_containers(), "List", []),
    (lambda dobby: dobby.get_state(91), "GetState", None),
    (lambda dobby: dobby.get_info(91), "GetInfo", None),
    (lambda dobby: dobby.start_from_bundle("a", "/b", "", ""), "StartFromBundle", -1),
    (lambda dobby: dobby.start_from_spec("a", "{}", "", ""), "StartFromSpec", -1),
    (lambda dobby: dobby.stop(91, force=False), "Stop", False),
    (lambda dobby: dobby.pause(91), "Pause", False),
    (lambda dobby: dobby.resume(91), "Resume", False),
    (lambda dobby: dobby.execute(91, "", "ls"), "Exec", False),
]


@pytest.mark.parametrize(("call", "member", "failure"), CALLS)
@pytest.mark.parametrize(
    "answer",
    [
        lambda: fail(RemoteError("org.freedesktop.DBus.Error.NoReply")),
        lambda: fail(ConnectionError()),
        lambda: reply(None),
        lambda: reply("u", 5),
        lambda: reply("ii", 5, 5),
    ],
)
def test_what_is_no_proper_answer_is_the_failure_value(call, member, failure, answer):
    connection = Connection(answer())
    assert result_of(call(DobbyProxy(connection))) == failure
    ((destination, path, interface, called, _, timeout),) = connection.calls
    assert (destination, path, interface, called) == (
        "org.rdk.dobby",
        "/org/rdk/dobby",
        "org.rdk.dobby.ctrl1",
        member,
    )
    assert timeout == 25


def test_a_message_that_no_bus_takes_is_not_sent(caplog):
    connection = Connection(reply("i", 734))
    assert result_of(DobbyProxy(connection).start_from_bundle("a", "/b", "x" * 2**25, "")) == -1
    assert connection.calls == []
    assert "is not sent" in caplog.text


def test_introduction():
    names = []

    class Bus:
        def requestBusName(self, name, **options):  # noqa: N802 (txdbus's name)
            names.append((name, options))
            return succeed(3)

    assert result_of(DobbyProxy(Bus()).introduce()) is None
    assert names == [("com.sky.dobby.thunder", {"errbackUnlessAcquired": False})]


def test_list():
    assert result_of(DobbyProxy(Connection(reply("aias", [91, -1], ["a", "b"]))).list_containers()) == [
        (91, "a"),
        (-1, "b"),
    ]
    assert result_of(DobbyProxy(Connection(reply("aias", [91], []))).list_containers()) == []


def test_values():
    assert result_of(DobbyProxy(Connection(reply("b", True))).stop(91, force=True)) is True
    assert result_of(DobbyProxy(Connection(reply("i", 734))).start_from_bundle("a", "/b", "", "")) == 734
    assert result_of(DobbyProxy(Connection(reply("s", "{}"))).get_info(91)) == "{}"
