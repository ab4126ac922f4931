"""admin1: what is answered at once (facts/dobby.md 1)."""

import pytest

from fakedobby.protocol import ADMIN_INTERFACE, CTRL_INTERFACE
from fakedobby.timings import IMMEDIATE
from wire import ask, call, published, unpublished

SPEC = '{"version":"1.0","cwd":"/","args":["sleep","9"],"user":{"uid":1,"gid":1},"memLimit":1048576}'
TRUE, FALSE = ("b", [True]), ("b", [False])


def admin(connection, member, signature="", *values):
    return ask(connection, member, signature, *values, interface=ADMIN_INTERFACE)


@pytest.fixture
def connection():
    return published(timings=IMMEDIATE)


@pytest.mark.parametrize("arguments", [(), ("s", "ignored"), ("iv", 5, "ignored")])
@pytest.mark.fact("D1-ping", "D0-ping-any-arguments")
def test_ping(connection, arguments):
    assert admin(connection, "Ping", *arguments) == ("", [])


@pytest.mark.parametrize(
    ("signature", "values", "answer"),
    [
        pytest.param("u", [1], FALSE, marks=pytest.mark.fact("D1-logmethod-alone")),
        pytest.param("", [], FALSE, marks=pytest.mark.fact("D1-logmethod-alone")),
        *(
            pytest.param("u" + kind, [number, value], TRUE, marks=pytest.mark.fact("D1-logmethod-second"))
            for number in (0, 1, 3)
            for kind, value in (("u", 7), ("s", "any"), ("as", []))
        ),
        pytest.param("us", [2, "ethanlog"], FALSE, marks=pytest.mark.fact("D1-logmethod-fd")),
        pytest.param("uh", [2, 0], TRUE, marks=pytest.mark.fact("D1-logmethod-fd")),
        pytest.param("us", [4, ""], FALSE, marks=pytest.mark.fact("D1-logmethod-number")),
        pytest.param("us", [2**32 - 1, ""], FALSE, marks=pytest.mark.fact("D1-logmethod-number")),
        pytest.param("is", [1, ""], FALSE, marks=pytest.mark.fact("D1-logmethod-signed")),
        pytest.param("usas", [1, "", ["more"]], TRUE, marks=pytest.mark.fact("D1-logmethod-more")),
    ],
)
def test_set_log_method(connection, signature, values, answer):
    assert admin(connection, "SetLogMethod", signature, *values) == answer


@pytest.mark.parametrize("level", [-1, 0, 5, 6, -(2**31), 2**31 - 1])
@pytest.mark.fact("D1-loglevel-any")
def test_every_log_level_will_do(connection, level):
    assert admin(connection, "SetLogLevel", "i", level) == TRUE


@pytest.mark.parametrize(("signature", "values"), [("u", [1]), ("", []), ("ii", [1, 1]), ("s", ["debug"])])
@pytest.mark.fact("D1-loglevel-bad")
def test_bad_log_levels(connection, signature, values):
    assert admin(connection, "SetLogLevel", signature, *values) == FALSE


@pytest.mark.parametrize(
    ("signature", "values"),
    [
        *[("bs", [private, ""]) for private in (False, True)],
        *[("bs", [False, address]) for address in ("rubbish", "system", "session", "unix:", "tcp:host=x,port=y")],
        *[("s", ["unix:path=/x"]), ("sb", ["unix:path=/x", True]), ("", [])],
    ],
)
@pytest.mark.fact("D1-aibus-fails")
def test_an_address_that_is_none(connection, monkeypatch, signature, values):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/should/not/be/asked/for")
    connection.transport = type("Transport", (), {"reactor": None})
    assert admin(connection, "SetAIDbusAddress", signature, *values) == FALSE


@pytest.mark.fact("D1-ready", "D0-ready-at-once")
def test_ready_is_the_first_that_is_said():
    connection = unpublished(timings=IMMEDIATE)
    with pytest.raises(StopIteration):
        connection.daemon.publish().send(None)
    (signal,) = connection.sent
    assert (signal.interface, signal.member, signal.signature) == (ADMIN_INTERFACE, "Ready", None)


@pytest.mark.fact("D0-admin-immediate", "D0-admin-overtakes", "D0-arguments-immediate")
def test_it_overtakes_what_takes_its_time():
    connection = published()
    call(connection, "StartFromSpec", "ssah", "app", SPEC, [])
    call(connection, "List")
    assert admin(connection, "Ping") == ("", [])
    assert ask(connection, "Stop", "i", 734) == FALSE
    assert ask(connection, "StartFromSpec", "ssah", "1", SPEC, []) == ("i", [-1])
    connection.take()
    connection.clock.advance(0.08)
    assert [name for name, _, _ in connection.take()] == ["Started", "reply", "reply"]


@pytest.mark.parametrize(
    ("member", "interface"),
    [
        *(("List", ADMIN_INTERFACE), ("Ping", CTRL_INTERFACE), ("GetSpec", CTRL_INTERFACE), ("ping", ADMIN_INTERFACE)),
        ("StartInProcessTracing", "org.rdk.dobby.debug1"),
    ],
)
@pytest.mark.fact("D0-wrong-interface", "D0-member-case", "D1-no-tracing")
def test_members_belong_to_one_interface(connection, member, interface):
    error = ("org.freedesktop.DBus.Error.UnknownMethod", [f"No handler for method {interface}.{member}"])
    assert ask(connection, member, interface=interface) == error


def test_nobody_who_wants_no_reply_gets_one(connection):
    for member, interface in (("Ping", ADMIN_INTERFACE), ("List", CTRL_INTERFACE), ("Bogus", CTRL_INTERFACE)):
        call(connection, member, interface=interface, expectReply=False)
    assert connection.take() == []
