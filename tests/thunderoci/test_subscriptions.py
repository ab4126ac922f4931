"""Who hears of an event, and in which order (facts/thunder.md C)."""

from hosting import CALLSIGN, EchoPlugin, Hosted, Listener
from twisted.internet.defer import Deferred

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
