"""The end of the daemon: Shutdown, SIGTERM, and the name that somebody else has (facts/dobby.md 0 and 2)."""

import pytest
from twisted.internet.defer import Deferred, fail, succeed
from txdbus.error import FailedToAcquireName, RemoteError

from bench import spec
from fakedobby.errors import NameDenied, NameTaken
from fakedobby.protocol import ADMIN_INTERFACE
from fakedobby.timings import Timings
from wire import ask, call, published, unpublished

UNKNOWN_OBJECT = ("org.freedesktop.DBus.Error.UnknownObject", ["Unknown object '/org/rdk/dobby'."])


def with_containers(*ids):
    connection = published(timings=Timings())
    for container_id in ids:
        call(connection, "StartFromSpec", "ssah", container_id, spec(), [])
        connection.clock.advance(0.08)
    connection.take()
    return connection


def shut_down(connection, *arguments):
    assert ask(connection, "Shutdown", *arguments, interface=ADMIN_INTERFACE) == ("", [])
    connection.take()


@pytest.mark.parametrize("arguments", [(), ("s", "now"), ("ui", 1, 2)])
@pytest.mark.fact("D1-shutdown", "D2-shutdown-reply", "D2-shutdown-name", "D0-shutdown-any-arguments")
def test_the_reply_comes_first_and_the_name_goes_last(arguments):
    connection = with_containers()
    shut_down(connection, *arguments)
    connection.clock.advance(0.049)
    assert (connection.left, connection.gone) == (False, [])
    connection.clock.advance(0.001)
    assert (connection.left, connection.gone) == (True, [None])


@pytest.mark.fact("D2-shutdown-deaf")
def test_nobody_is_listened_to_meanwhile():
    connection = with_containers("a")
    shut_down(connection)
    assert ask(connection, "List") == UNKNOWN_OBJECT
    assert ask(connection, "Ping", interface=ADMIN_INTERFACE) == UNKNOWN_OBJECT


@pytest.mark.fact("D2-shutdown-silent", "D2-shutdown-name", "D2-shutdown-order")
def test_the_containers_are_stopped_one_after_another_and_in_silence():
    connection = with_containers("c", "a", "b")
    containers = list(connection.daemon.manager._containers)
    shut_down(connection)
    connection.clock.advance(0.05)
    alive = []
    for _ in containers:
        connection.clock.advance(0.008)
        alive.append([container.container_id for container in containers if container.process.alive])
        connection.clock.advance(0.09)
    assert alive == [["b", "c"], ["c"], []]
    assert connection.take() == []
    assert connection.gone == [None]
    # 50 ms and three times 98 ms; "about 400" was seen
    assert connection.clock.seconds() == pytest.approx(0.05 + 3 * 0.098 + 2 + 3 * 0.08, abs=1e-6)
    assert connection.clock.getDelayedCalls() == []


@pytest.mark.fact("D2-shutdown-paused")
def test_a_paused_container_is_not_stopped():
    connection = with_containers("a")
    call(connection, "Pause", "i", 734)
    connection.clock.advance(0.01)
    (container,) = connection.daemon.manager._containers
    shut_down(connection)
    killed = []
    container.process.kill = killed.append
    connection.clock.advance(0.05)
    assert connection.gone == [None]
    assert killed == []


def test_what_ends_by_itself_meanwhile_is_not_told():
    connection = with_containers("a")
    call(connection, "StartFromSpec", "ssah", "b", spec(args=["sleep", "0.1"]), [])
    connection.clock.advance(0.08)
    connection.take()
    shut_down(connection)
    connection.clock.pump([0.05] * 10)
    assert (connection.gone, connection.take()) == ([None], [])


def test_a_start_under_way_is_ended_too():
    connection = with_containers()
    call(connection, "StartFromSpec", "ssah", "a", spec(), [])
    shut_down(connection)
    connection.clock.pump([0.08, 0.05, 0.008, 0.09])
    assert [name for name, _, _ in connection.take()] == ["Started", "reply"]
    assert connection.gone == [None]


def test_as_sigterm_does_it():
    connection = with_containers("a")
    finished = []
    connection.daemon.shutdown().addCallback(finished.append)
    connection.clock.pump([0.05, 0.008, 0.09])
    assert finished == [None]
    # whoever ended it knows that it is gone
    assert connection.gone == []


@pytest.mark.fact("D0-second-backoff")
def test_a_second_daemon_waits_for_the_name():
    connection = unpublished()
    asked = []

    def taken(_):
        asked.append(connection.clock.seconds())
        return fail(FailedToAcquireName("org.rdk.dobby", 3))

    connection.requestBusName = taken
    problems = []
    Deferred.fromCoroutine(connection.daemon.publish()).addErrback(problems.append)
    connection.clock.pump([0.01] * 400)
    assert asked == pytest.approx([0, 0.2, 0.6, 1.4, 3.0], abs=0.011)
    (problem,) = problems
    assert problem.check(NameTaken)
    assert connection.sent == []


def test_a_name_that_becomes_free_is_taken():
    connection = unpublished()
    answers = [fail(FailedToAcquireName("org.rdk.dobby", 3)), succeed(1)]
    connection.requestBusName = lambda _: answers.pop(0)
    publishing = Deferred.fromCoroutine(connection.daemon.publish())
    connection.clock.advance(0.2)
    assert publishing.called
    assert [name for name, _, _ in connection.take()] == ["Ready"]


def test_a_name_that_is_denied():
    connection = unpublished()
    connection.requestBusName = lambda _: fail(RemoteError("org.freedesktop.DBus.Error.AccessDenied"))
    problems = []
    Deferred.fromCoroutine(connection.daemon.publish()).addErrback(problems.append)
    assert problems[0].check(NameDenied)
