"""The plugin host as a whole: what it is made of, where it listens, and how it starts and ends."""

import json

import pytest
from hosting import PORT, UPGRADE, Served, call, post
from scriptedbus import finished
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import CannotListenError

from fakedobby.scenariofile import ScenarioFile
from thunderoci.errors import CannotListen
from thunderoci.profiles import FLAVOURS
from thunderoci.quirks import NO_RECONNECT, ONE_QUEUE, chosen
from thunderoci.scenario import plugins_of

SLOW = {"Pause": {"sig": "b", "body": [True], "delay_ms": 5000}}
PAUSE = call("pauseContainer").replace(b"}", b',"params":{"containerId":"91"}}')
LIST = call("listContainers", 2)


def answers(peer, request=b""):
    """Send a request, and return the JSON of each answer that has come since the last look."""
    pieces = peer.send(request).split(b"\r\n\r\n")[1:]
    return [json.JSONDecoder().raw_decode(piece.decode())[0] for piece in pieces]


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_where_it_listens(host, shown):
    served = Served(host=host)
    ((port, _, _, interface),) = served.clock.tcpServers
    assert (port, interface) == (PORT, host)
    address = served.thunder.url.removeprefix("http://").removesuffix("/jsonrpc")
    assert address.rpartition(":")[0] == shown
    assert served.thunder.ws == f"ws://{address}/jsonrpc"


def test_a_port_that_is_taken(monkeypatch):
    def taken(_, port, *__, **options):
        raise CannotListenError(options["interface"], port, OSError(98, "Address already in use"))

    monkeypatch.setattr("twisted.internet.testing.MemoryReactorClock.listenTCP", taken)
    with pytest.raises(CannotListen, match=f"port {PORT} of 127.0.0.1: Address already in use"):
        Served()


def test_at_the_start_the_plugin_is_on_the_bus():
    served = Served()
    assert [name for name, _ in served.bus.names] == ["com.sky.dobby.thunder"]
    assert len(served.bus.matches) == 4


def test_the_patience_with_dobby_is_a_setting():
    served = Served(dobby_timeout=3.0)
    served.bus.load({"List": {"noreply": True}})
    peer = served.connect()
    assert answers(peer, post(LIST)) == []
    served.clock.advance(2.9)
    assert answers(peer) == []
    served.clock.advance(0.1)
    assert answers(peer) == [{"jsonrpc": "2.0", "id": 2, "result": {"containers": [], "success": True}}]


@pytest.mark.parametrize(("quirks", "held_up"), [((), False), ((ONE_QUEUE,), True)])
def test_a_slow_call_holds_up_others_only_with_the_quirk(quirks, held_up):
    served = Served(quirks=frozenset(quirks))
    served.bus.load(SLOW)
    first, second = served.connect(), served.connect()
    first.send(post(PAUSE))
    assert bool(answers(second, post(LIST))) is not held_up
    served.clock.advance(5)
    assert bool(answers(second)) is held_up
    assert answers(first)[0]["result"] == {"success": True}


@pytest.mark.parametrize("faithful", [True, False])
def test_four_calls_at_a_time_with_the_quirk(faithful):
    served = Served(quirks=chosen([], faithful=faithful) - {ONE_QUEUE})
    served.bus.load(SLOW)
    for _ in range(4):
        served.connect().send(post(PAUSE))
    other = served.connect()
    assert bool(answers(other, post(b'{"id":1,"method":"version"}'))) is not faithful
    served.clock.advance(5)
    assert bool(answers(other)) is faithful


@pytest.mark.parametrize("quirks", [(), (NO_RECONNECT,)])
def test_a_lost_bus_is_looked_for_unless_the_quirk_is_on(quirks):
    served = Served(quirks=frozenset(quirks))
    served.bus.disconnect()
    assert bool(served.clock.getDelayedCalls()) is (quirks == ())
    assert answers(served.connect(), post(LIST))[0]["result"] == {"containers": [], "success": True}


def test_plugins_of_a_scenario_and_the_token(tmp_path):
    file = tmp_path / "scenario.toml"
    file.write_text('[[plugin]]\ncallsign = "a"\nmethods = { m = "x" }\n')
    served = Served(plugins=plugins_of(ScenarioFile(file)), token="secret")  # noqa: S106 (of the test)
    peer = served.connect()
    (answer,) = answers(peer, post(b'{"id":1,"method":"a.m"}', path=b"/jsonrpc?token=secret"))
    assert answer["result"] == "x"
    assert peer.send(post()).startswith(b"HTTP/1.1 401 ")


def test_the_end_takes_all_connections_along():
    served = Served()
    peers = [served.connect() for _ in range(3)]
    peers[1].send(UPGRADE)
    served.thunder._listening._port.stopListening = lambda: succeed(None)  # the one of Twisted's tests returns nothing
    stopped, ended = [], []
    served.bus.notifyOnDisconnect(lambda *_: ended.append(True))
    Deferred.fromCoroutine(served.thunder.stop()).addCallback(stopped.append)
    assert [peer.transport.aborted for peer in peers] == [True] * 3
    assert stopped == []
    for peer in peers:
        peer.leave()
    assert stopped == [None]
    assert ended == [True]
    assert not served.clock.getDelayedCalls()


def test_two_of_different_kind_in_one_process():
    old = Served(profile="rdkservices", flavour=FLAVOURS["r4.4.1"])
    new = Served(profile="entservices", flavour=FLAVOURS["r4.4.7"], port=PORT + 1)
    old.bus.load({"List": {"sig": "aias", "body": [[5], ["only-old"]]}})
    requests = b"".join(map(post, (LIST, call("annotate"), b'{"id":3,"method":"version"}')))
    old_peer, new_peer = old.connect(), new.connect()  # both are there when the first one is asked
    of_old, of_new = (
        [answer.get("result", answer.get("error")) for answer in answers(peer, requests)]
        for peer in (old_peer, new_peer)
    )
    assert of_old == [
        {"containers": [{"Descriptor": 5, "Id": "only-old"}], "success": True},
        {"code": -32601, "message": "Unknown method."},
        {"hash": "engineering_build_for_debug_purpose_only", "major": 4, "minor": 4, "patch": 1},
    ]
    assert of_new == [
        {"containers": [{"Descriptor": 91, "Id": "com.example.a"}], "success": True, "errorReason": ""},
        {"success": False, "errorReason": ""},
        {"hash": "engineering_build_for_debug_purpose_only", "major": 4, "minor": 4, "patch": 7},
    ]
    finished(old.thunder.host.deactivate(old.thunder.host.service_at("org.rdk.OCIContainer")))
    assert new.thunder.host.service_at("org.rdk.OCIContainer").active


def test_many_clients_may_come_at_once():
    ((_, _, backlog, _),) = Served().clock.tcpServers
    assert backlog >= 1000
