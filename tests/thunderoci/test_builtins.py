"""What every plugin has: exists, register and unregister, and the events that come of it (facts/thunder.md C)."""

import pytest
from hosting import Connection, EchoPlugin, Hosted, Peer, call, post

from thunderoci.answer import COMMON_HEADERS
from thunderoci.ocicontainer import CALLSIGN

FLAVOURS = {"r4.4.1-rdk": ("0", "22"), "r4.4.1": ("1", "0"), "r4.4.7": ("0", "22")}
"""What exists says by flavour."""
UNREGISTERED = "Unregister was already done!!!."
REGISTERED = "Registration already done!!!."


class Bench(Hosted):
    """A host with the plugin that echoes."""

    def __init__(self, **options):
        self.plugin = EchoPlugin()
        super().__init__(self.plugin, **options)

    def register(self, client=None, *, un=False, **params):
        params = {"event": "e", "id": "me"} | params
        return self.call(f"{CALLSIGN}.{'un' if un else ''}register", params, client)

    def heard(self, client=None):
        """Return the methods of the event messages that a client got since the last look."""
        messages = (client or self.client).heard
        methods = [message["method"] for message in messages]
        messages.clear()
        return methods

    def tell(self, event="e", params="{}"):
        self.plugin.emit(event, params)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("params", "there"),
    [
        *(("echo", True), ("nope", False), ('"echo"', False), ("5", False), ('{"method":"echo"}', False)),
        *(("register", False), ("unregister", False), ("exists", False), ("null", False), ("Echo", False)),
    ],
)
def test_exists(flavour, params, there):
    bench = Bench(flavour=flavour)
    for version in ("", "1.", "255."):
        body = f'{{"id":1,"method":"{CALLSIGN}.{version}exists","params":{params}}}'
        expected = FLAVOURS[flavour][not there]
        assert bench.answer(body.encode()).body == f'{{"jsonrpc":"2.0","id":1,"result":{expected}}}'.encode()
    missing = bench.answer(f'{{"id":1,"method":"{CALLSIGN}.exists"}}'.encode())
    assert missing.body.endswith(b'"result":%b}' % FLAVOURS[flavour][1].encode())


def test_exists_is_asked_of_a_version_that_is_there():
    assert Bench().call(f"{CALLSIGN}.2.exists")["code"] == 45


def test_the_controller_has_them_too():
    body = b'{"id":1,"method":"Controller.exists","params":status}'
    assert Bench().answer(body).body.endswith(b'"result":0}')
    for name in ("Controller.1.register", "register"):
        assert Bench().call(name, {"event": "all", "id": "me"}) == 0


@pytest.mark.parametrize(("flavour", "code"), [("r4.4.1-rdk", -32601), ("r4.4.1", -32601), ("r4.4.7", 22)])
def test_register_and_unregister(flavour, code):
    bench = Bench(flavour=flavour)
    assert bench.register(un=True) == {"code": code, "message": UNREGISTERED}
    assert bench.register() == 0
    assert bench.register() == {"code": code, "message": REGISTERED}
    bench.tell()
    assert bench.client.heard == [{"jsonrpc": "2.0", "method": "me.e", "params": {}}]
    assert bench.register(un=True, event="f") == {"code": code, "message": UNREGISTERED}
    assert bench.register(un=True) == 0
    assert bench.register(un=True) == {"code": code, "message": UNREGISTERED}
    bench.heard()
    bench.tell()
    assert bench.heard() == []


def test_the_order_of_events_is_that_of_registration():
    bench = Bench()
    other = bench.listener()
    order = []
    for client in (bench.client, other):
        client.push = lambda message, client=client: order.append((client, message[26:30]))
    bench.register(other, id="2nd")
    bench.register(id="1st")
    bench.register(other, id="1st")
    bench.tell()
    assert order == [(other, b'"2nd'), (bench.client, b'"1st'), (other, b'"1st')]


@pytest.mark.parametrize(
    ("members", "method"),
    [
        ({"id": 5}, "5.e"),
        ({"id": None}, ".e"),
        ({"id": {"a": 1}}, '{"a":1}.e'),
        ({"id": "a.b/ü"}, "a.b/ü.e"),
        ({"id": True, "event": "e", "more": 1}, "true.e"),
    ],
)
def test_ids_of_any_type(members, method):
    bench = Bench()
    assert bench.register(**members) == 0
    bench.tell()
    assert bench.heard() == [method]


@pytest.mark.parametrize("params", [None, [], "text", 5, {}])
def test_without_an_event_and_an_id_both_are_empty(params):
    bench = Bench()
    assert bench.call(f"{CALLSIGN}.register", params) == 0
    bench.tell("")
    assert bench.heard() == ["."]


@pytest.mark.parametrize("version", ["2.", "99.", "0.", "1.", ""])
def test_any_version_registers(version):
    bench = Bench()
    assert bench.call(f"{CALLSIGN}.{version}register", {"event": "e", "id": "me"}) == 0
    bench.tell()
    assert bench.heard() == ["me.e"]


def test_a_notification_registers():
    bench = Bench()
    body = f'{{"method":"{CALLSIGN}.register","params":{{"event":"e","id":"me"}}}}'
    assert bench.answer(body.encode()) is None
    bench.tell()
    assert bench.heard() == ["me.e"]


def test_on_a_plugins_own_path_it_is_that_plugins_event():
    bench = Bench()
    assert bench.call("register", {"event": "e", "id": "me"}, direct=CALLSIGN) == 0
    bench.tell()
    bench.host.emit("Controller", "e", "{}")
    assert bench.heard() == ["me.e"]


def test_a_subscription_belongs_to_its_connection():
    bench = Bench()
    other = bench.listener()
    bench.register()
    assert bench.register(other, un=True)["message"] == UNREGISTERED
    assert bench.register(other) == 0
    bench.host.disconnect(bench.client)
    bench.tell()
    assert (bench.heard(), bench.heard(other)) == ([], ["me.e"])
    bench.host.connect(bench.client)
    assert bench.register() == 0


def test_a_subscription_ends_when_its_plugin_is_deactivated():
    bench = Bench()
    bench.register()
    bench.call("Controller.1.deactivate", {"callsign": CALLSIGN})
    bench.call("Controller.1.activate", {"callsign": CALLSIGN})
    bench.tell()
    assert bench.heard() == []
    assert bench.register() == 0


@pytest.mark.parametrize(
    ("flavour", "answer"),
    [
        ("r4.4.1-rdk", {"code": 5, "message": "The service is in an illegal state!!!."}),
        ("r4.4.1", {"code": 5, "message": "The service is in an illegal state!!!."}),
        ("r4.4.7", {"code": 2, "message": "Service is not active"}),
    ],
)
@pytest.mark.parametrize("state", ["deactivate", "unavailable"])
def test_a_plugin_that_does_not_work_answers_nothing(flavour, answer, state):
    bench = Bench(flavour=flavour)
    bench.call(f"Controller.1.{state}", {"callsign": CALLSIGN})
    for method in ("echo", "2.echo", "nope", "exists", "register", "unregister"):
        assert bench.call(f"{CALLSIGN}.{method}") == answer
        assert bench.call(method, direct=CALLSIGN) == {"code": 2, "message": "Service is not active"}


REGISTER = call("register").replace(b"}", b',"params":{"event":"e","id":"me"}}')
EVENT = b'{"jsonrpc":"2.0","method":"me.e","params":{"a":1}}'


def test_over_http_an_event_is_an_answer_that_nobody_asked_for():
    connection = Connection()
    connection.send(post(REGISTER))
    other = Peer(connection.factory)
    connection.plugin.emit("e", '{"a":1}')
    assert connection.received() == b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (
        COMMON_HEADERS,
        len(EVENT),
        EVENT,
    )
    assert other.received() == b""


def test_the_end_of_the_connection_ends_its_subscriptions():
    connection = Connection()
    connection.send(post(REGISTER))
    connection.leave()
    (service,) = [service for service in connection.host if service.plugin is connection.plugin]
    assert service.subscriptions.of("e") == []
    connection.plugin.emit("e", "{}")
    assert connection.received() == b""
