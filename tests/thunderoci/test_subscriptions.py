"""Who hears of an event, and in which order (facts/thunder.md C)."""

import pytest
from hosting import CALLSIGN, EchoPlugin, Hosted, Listener
from twisted.internet.defer import Deferred

from fakedobby.journalentry import as_json
from thunderoci.control.shown import entry_lines
from thunderoci.limits import NOTED_EVENTS, SUBSCRIPTIONS
from thunderoci.profiles import FLAVOURS
from thunderoci.subscriptions import Subscriptions

A, B = Listener(), Listener()


def subscribed(*triples):
    subscriptions = Subscriptions()
    for event, client, client_id in triples:
        assert subscriptions.add(event, client, client_id)
    return subscriptions


def test_the_order_is_that_of_registration():
    subscriptions = subscribed(("e", B, "2"), ("f", A, "x"), ("e", A, "1"), ("e", B, "1"))
    assert subscriptions.of("e") == [(B, "2"), (A, "1"), (B, "1")]
    assert subscriptions.of("f") == [(A, "x")]
    assert subscriptions.of("nothing") == []


def test_one_subscription_is_taken_once():
    subscriptions = subscribed(("e", A, "1"))
    assert not subscriptions.add("e", A, "1")
    assert subscriptions.of("e") == [(A, "1")]


def test_who_comes_again_comes_last():
    subscriptions = subscribed(("e", A, "1"), ("e", A, "2"))
    assert subscriptions.remove("e", A, "1")
    assert subscriptions.add("e", A, "1")
    assert subscriptions.of("e") == [(A, "2"), (A, "1")]


def test_only_what_is_there_can_be_removed():
    subscriptions = subscribed(("e", A, "1"))
    for event, client, client_id in [("f", A, "1"), ("e", B, "1"), ("e", A, "2")]:
        assert not subscriptions.remove(event, client, client_id)
    assert subscriptions.remove("e", A, "1")
    assert not subscriptions.remove("e", A, "1")


def test_a_client_is_forgotten_in_all_events():
    subscriptions = subscribed(("e", A, "1"), ("e", B, "1"), ("f", A, "1"), ("e", A, "2"))
    subscriptions.forget(A)
    assert (subscriptions.of("e"), subscriptions.of("f")) == ([(B, "1")], [])
    subscriptions.forget(A)


def test_clear():
    subscriptions = subscribed(("e", A, "1"), ("f", B, "1"))
    subscriptions.clear()
    assert (subscriptions.of("e"), subscriptions.of("f")) == ([], [])


def test_what_is_over_leaves_nothing_behind():
    # a client may make up a name for an event in every call
    subscriptions = subscribed(("e", A, "1"), ("f", A, "1"))
    subscriptions.remove("e", A, "1")
    assert list(subscriptions._subscribers) == ["f"]
    subscriptions.forget(A)
    assert not subscriptions._subscribers
    assert not subscriptions._made_by
    subscribed_once = subscribed(("e", A, "1"))
    subscribed_once.remove("e", A, "1")
    assert not subscribed_once._made_by


class Untouchable(Listener):
    """A client whose subscriptions may not be looked at."""

    touched = 0

    def __hash__(self):
        self.touched += 1
        return 7


def test_the_end_of_a_client_costs_nothing_but_its_own_subscriptions():
    other = Untouchable()
    subscriptions = subscribed(*((f"e{number}", other, "1") for number in range(9)), ("e1", A, "1"), ("e1", A, "2"))
    before = other.touched
    subscriptions.forget(A)
    assert other.touched == before
    assert (len(subscriptions), subscriptions.made_by(A), subscriptions.made_by(other)) == (9, 0, 9)
    assert subscriptions.of("e1") == [(other, "1")]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_connection_has_so_many_subscriptions_and_no_more(flavour, caplog):
    echo = EchoPlugin()
    hosted = Hosted(echo, flavour=flavour)
    other = hosted.listener()

    def register(number, verb="register", client=None, callsign=CALLSIGN):
        return hosted.call(f"{callsign}.1.{verb}", {"event": f"e{number}", "id": "me"}, client)

    assert register(0, callsign="Controller") == 0
    assert {register(number) for number in range(1, SUBSCRIPTIONS)} == {0}
    twice = register(1)
    for number in range(SUBSCRIPTIONS, SUBSCRIPTIONS + 3):
        assert register(number) == register(number, callsign="Controller") == twice
    assert [one.getMessage() for one in caplog.records if "gets no more" in one.message] == [
        f"the client at 127.0.0.1 has {SUBSCRIPTIONS} subscriptions, and gets no more here"
    ]
    assert register(SUBSCRIPTIONS, client=other) == 0
    echo.emit(f"e{SUBSCRIPTIONS}", "{}")
    assert (len(hosted.client.heard), len(other.heard)) == (0, 1)
    # one that ends makes room for another
    assert register(5, "unregister") == 0
    assert register(SUBSCRIPTIONS) == 0


def test_a_crowd_of_subscribers_does_not_fill_the_journal():
    echo = EchoPlugin()
    hosted = Hosted(echo)
    for number in range(NOTED_EVENTS + 7):
        assert hosted.call(f"{CALLSIGN}.1.register", {"event": "e", "id": f"c{number}"}) == 0
    journal = hosted.host.emulation.journal
    before = journal.last
    echo.emit("e", '{"a":1}')
    assert len(hosted.client.heard) == NOTED_EVENTS + 7
    first, *entries = map(as_json, journal.since(before))
    assert [entry["method"] for entry in entries] == [f"c{number}.e" for number in range(NOTED_EVENTS)]
    assert {key: first[key] for key in ("kind", "others", "method", "params")} == {
        "kind": "event",
        "others": 7,
        "method": "e",
        "params": {"a": 1},
    }
    (line,) = entry_lines(first, "http://x")
    assert '7 other clients e {"a":1}' in line


def test_the_list_may_change_while_it_is_gone_through():
    subscriptions = subscribed(("e", A, "1"), ("e", B, "1"))
    for client, client_id in subscriptions.of("e"):
        subscriptions.remove("e", client, client_id)
    assert subscriptions.of("e") == []


def test_clients_have_numbers_of_their_own():
    assert A.number != B.number
    assert A.remote == "127.0.0.1"


def test_while_a_plugin_is_being_deactivated_nobody_can_subscribe_any_more():
    echo, stopped = EchoPlugin(), Deferred()
    hosted = Hosted(echo)
    echo.deactivate = lambda: stopped
    stopping = Deferred.fromCoroutine(hosted.host.deactivate(hosted.host.service_at(CALLSIGN)))
    assert "code" in hosted.call(f"{CALLSIGN}.1.register", {"event": "late", "id": "me"})
    stopped.callback(None)
    assert stopping.called
    hosted.call("Controller.1.activate", {"callsign": CALLSIGN})
    echo.emit("late", "{}")
    assert hosted.client.heard == []
