"""What a plugin gets from Dobby, above all when Dobby does not answer as it should (facts/dobby.md 7)."""

from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from scriptedbus import ScriptedBus, finished
from twisted.internet.defer import Deferred, fail
from twisted.internet.task import Clock
from txdbus.error import RemoteError

from thunderoci.dobby import CLIENT_NAME, DobbyProxy

CALLS = {
    "List": (lambda dobby: dobby.list_containers(), "", ()),
    "GetState": (lambda dobby: dobby.get_state(91), "i", None),
    "GetInfo": (lambda dobby: dobby.get_info(91), "i", None),
    "StartFromBundle": (lambda dobby: dobby.start_from_bundle("a", "/b", "", ""), "ssahssasuu", -1),
    "StartFromSpec": (lambda dobby: dobby.start_from_spec("a", "{}", "", ""), "ssahssas", -1),
    "Stop": (lambda dobby: dobby.stop(91, force=False), "ib", False),
    "Pause": (lambda dobby: dobby.pause(91), "i", False),
    "Resume": (lambda dobby: dobby.resume(91), "i", False),
    "Exec": (lambda dobby: dobby.execute(91, "", "ls"), "iss", False),
    "Hibernate": (lambda dobby: dobby.hibernate(91, ""), "is", False),
    "Wakeup": (lambda dobby: dobby.wake(91), "i", False),
    "Annotate": (lambda dobby: dobby.annotate(91, "k", "v"), "iss", False),
    "RemoveAnnotation": (lambda dobby: dobby.remove_annotation(91, "k"), "is", False),
    "Mount": (lambda dobby: dobby.mount(91, "/a", "/b"), "issass", False),
    "Unmount": (lambda dobby: dobby.unmount(91, "/b"), "is", False),
}
"""By member: the call, its signature, and what it gives when it fails."""
MATCHES = [
    f"type='signal',path='/org/rdk/dobby',interface='org.rdk.dobby.ctrl1',member='{member}'"
    for member in ("Started", "Stopped", "Hibernated", "Awoken")
]


def attached(bus, **options):
    dobby = DobbyProxy(**options)
    finished(dobby.attach(bus))
    return dobby


def begun(coroutine):
    """Return the list that the result will be put into."""
    results = []
    Deferred.fromCoroutine(coroutine).addBoth(results.append)
    return results


@pytest.mark.parametrize("member", CALLS)
@pytest.mark.parametrize(
    "answer",
    [
        {"error": "org.freedesktop.DBus.Error.NoReply"},
        {"sig": "", "body": []},
        {"sig": "u", "body": [5]},
        {"sig": "ii", "body": [5, 5]},
        {"sig": "v", "body": [True]},
    ],
)
def test_what_is_no_proper_answer_is_the_failure_value(member, answer):
    call, signature, failure = CALLS[member]
    bus = ScriptedBus(table={member: answer})
    assert finished(call(attached(bus))) == failure
    ((called, signed, _),) = bus.calls
    assert (called, signed) == (member, signature)
    assert bus.destinations == {("org.rdk.dobby", "/org/rdk/dobby", "org.rdk.dobby.ctrl1")}


@pytest.mark.parametrize("member", CALLS)
def test_without_a_dobby_or_a_bus_every_call_fails_at_once(member):
    call, _, failure = CALLS[member]
    dobby = attached(ScriptedBus(table={"absent": True}))
    assert finished(call(dobby)) == failure
    dobby.detach()
    assert finished(call(dobby)) == failure
    assert finished(call(DobbyProxy())) == failure


@pytest.mark.parametrize(("options", "patience"), [({}, 25), ({"timeout": 3.0}, 3)])
def test_a_call_without_a_reply_fails_in_time(options, patience):
    clock = Clock()
    bus = ScriptedBus(clock, {"Pause": {"noreply": True}})
    results = begun(attached(bus, **options).pause(91))
    clock.advance(patience - 0.1)
    assert results == []
    clock.advance(0.1)
    assert results == [False]
    assert bus.timeouts == {patience}


def test_a_message_that_no_bus_takes_is_not_sent(caplog):
    bus = ScriptedBus()
    assert finished(attached(bus).start_from_bundle("a", "/b", "x" * 2**25, "")) == -1
    assert bus.calls == []
    assert "is not sent" in caplog.text


def test_introduction():
    bus = ScriptedBus()
    finished(attached(bus).introduce())
    assert bus.names == [("com.sky.dobby.thunder", {"errbackUnlessAcquired": False})]
    finished(DobbyProxy().introduce())


def test_a_bus_that_refuses_the_name_is_worked_on_without(caplog, monkeypatch):
    bus = ScriptedBus()
    monkeypatch.setattr(bus, "requestBusName", lambda *_, **__: fail(RemoteError("AccessDenied")))
    finished(attached(bus).introduce())
    assert CLIENT_NAME in caplog.text


@pytest.mark.parametrize(
    ("descriptors", "ids", "containers"),
    [([91, -1], ["a", "b"], [(91, "a"), (-1, "b")]), ([91], [], []), ([], ["a"], []), ([], [], [])],
)
def test_list(descriptors, ids, containers):
    bus = ScriptedBus(table={"List": {"sig": "aias", "body": [descriptors, ids]}})
    assert finished(attached(bus).list_containers()) == tuple(containers)


def test_values():
    dobby = attached(ScriptedBus())
    assert finished(dobby.stop(91, force=True)) is True
    assert finished(dobby.start_from_bundle("a", "/b", "", "")) == 92
    assert finished(dobby.get_state(91)) == 2
    assert '"running"' in finished(dobby.get_info(91))


def test_listing_in_vain_waits_for_nothing():
    bus = ScriptedBus(table={"List": {"noreply": True}})
    attached(bus).list_in_vain()
    assert bus.calls == [["List", "", []]]


@pytest.mark.parametrize(("later", "told"), [(0.9, 0), (1.1, 1)])
def test_a_call_that_begins_while_another_one_is_slow_is_told_of(later, told):
    seconds, overlaps = [100.0], []
    dobby = attached(ScriptedBus(table={"List": {"noreply": True}}), seconds=lambda: seconds[0])
    dobby.overlapping = lambda: overlaps.append(seconds[0])
    dobby.list_in_vain()
    seconds[0] += later
    assert finished(dobby.pause(91)) is True
    assert len(overlaps) == told


def test_signals_are_heard_from_listen_to_stop_listening():
    bus, heard = ScriptedBus(), []
    dobby = attached(bus)
    finished(dobby.listen(lambda *signal: heard.append(signal)))
    assert bus.matches == MATCHES
    bus.emit("Started", "is", [91, "a"])
    bus.emit("Hibernated", "is", [-1, ""])
    assert heard == [("Started", 91, "a"), ("Hibernated", -1, "")]
    finished(dobby.stop_listening())
    assert bus.matches == []
    bus.hear_signal(signal_of())
    assert len(heard) == 2


def test_what_is_asked_of_the_bus_is_asked_in_the_order_of_our_changes(monkeypatch):
    bus, replies = ScriptedBus(), []
    dobby = attached(bus)

    def late(*_, **__):
        replies.append(Deferred())
        return replies[-1]

    answer = bus.callRemoteMessage
    monkeypatch.setattr(bus, "callRemoteMessage", lambda *sent: (answer(*sent), late())[1])
    monkeypatch.setattr(bus, "requestBusName", late)
    changes = dobby.listen(print), dobby.stop_listening(), dobby.listen(print)
    works = [Deferred.fromCoroutine(change) for change in changes]
    assert bus.matches == MATCHES
    assert [work.called for work in works] == [False] * 3
    for reply in replies:
        reply.callback(None)
    assert [work.called for work in works] == [True] * 3


def signal_of(**changed):
    fields = {"path": "/org/rdk/dobby", "interface": "org.rdk.dobby.ctrl1", "member": "Started", "signature": "is"}
    return SimpleNamespace(**fields | {"body": [91, "a"], "sender": ":1.2", "serial": 0} | changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"path": "/"},
        {"interface": "org.rdk.dobby.admin1"},
        {"member": "StoppedWithStatus", "signature": "isi", "body": [91, "a", 0]},
        {"member": "NameOwnerChanged"},
        {"signature": "us"},
        {"signature": None, "body": None},
        {"signature": "i", "body": [91]},
    ],
)
def test_other_signals_are_not_heard(changed):
    bus, heard = ScriptedBus(), []
    finished(attached(bus).listen(lambda *signal: heard.append(signal)))
    bus.hear_signal(signal_of(**changed))
    assert heard == []
    bus.hear_signal(signal_of())
    assert heard == [("Started", 91, "a")]


def test_signals_of_other_types_are_logged(caplog):
    bus = ScriptedBus()
    finished(attached(bus).listen(print))
    bus.hear_signal(signal_of(signature="us"))
    assert "Started with the types (us)" in caplog.text


def test_a_bus_that_refuses_a_match_is_worked_on_without(caplog, monkeypatch):
    bus = ScriptedBus()
    monkeypatch.setattr(bus, "callRemoteMessage", lambda *_: fail(RemoteError("LimitsExceeded")))
    finished(attached(bus).listen(print))
    assert caplog.text.count("AddMatch") == 4


def test_a_plugin_that_works_is_introduced_on_a_new_bus_and_hears_its_signals():
    first, second, heard = ScriptedBus(), ScriptedBus(), []
    dobby = attached(first)
    assert (first.names, first.matches) == ([], [])
    finished(dobby.listen(lambda *signal: heard.append(signal)))
    dobby.detach()
    finished(dobby.attach(second))
    assert [name for name, _ in second.names] == [CLIENT_NAME]
    assert second.matches == MATCHES
    second.emit("Stopped", "is", [92, "b"])
    assert heard == [("Stopped", 92, "b")]
    assert finished(dobby.pause(91)) is True
    assert (len(first.calls), len(second.calls)) == (0, 1)


def test_a_plugin_that_works_before_there_is_a_bus_is_introduced_later():
    bus, heard = ScriptedBus(), []
    dobby = DobbyProxy()
    finished(dobby.listen(lambda *signal: heard.append(signal)))
    finished(dobby.attach(bus))
    bus.emit("Started", "is", [91, "a"])
    assert heard == [("Started", 91, "a")]


SLOW = {"Pause": {"sig": "b", "body": [True], "delay_ms": 2000}, "Resume": {"noreply": True}}


def test_calls_run_side_by_side():
    clock = Clock()
    dobby = attached(ScriptedBus(clock, SLOW))
    slow, quick = begun(dobby.pause(91)), begun(dobby.wake(91))
    assert (slow, quick) == ([], [True])
    clock.advance(2)
    assert slow == [True]


def test_with_one_queue_they_go_one_after_another():
    clock = Clock()
    bus = ScriptedBus(clock, SLOW)
    dobby = attached(bus, one_queue=True)
    slow, never, quick = begun(dobby.pause(91)), begun(dobby.resume(91)), begun(dobby.wake(91))
    assert [member for member, _, _ in bus.calls] == ["Pause"]
    clock.advance(2)
    assert (slow, never, quick) == ([True], [], [])
    assert [member for member, _, _ in bus.calls] == ["Pause", "Resume"]
    clock.advance(25)
    assert (never, quick) == ([False], [True])


def test_the_queue_moves_on_when_the_bus_is_lost():
    clock = Clock()
    bus = ScriptedBus(clock, SLOW)
    dobby = attached(bus, one_queue=True)
    slow, other = begun(dobby.pause(91)), begun(dobby.wake(91))
    dobby.detach()
    clock.advance(2)
    assert (slow, other) == ([True], [False])


def test_a_connection_that_breaks_is_a_failure_and_holds_up_nobody(monkeypatch):
    bus = ScriptedBus()
    dobby = attached(bus, one_queue=True)
    monkeypatch.setattr(bus, "callRemoteMessage", Mock(side_effect=OSError("broken")))
    assert finished(dobby.get_state(1)) is None
    monkeypatch.undo()
    assert finished(dobby.list_containers()) != ()
    assert dobby._under_way == {}
