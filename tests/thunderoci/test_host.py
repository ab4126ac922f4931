"""Which plugin and method a call reaches, and what it answers otherwise (facts/thunder.md B)."""

import json
from random import Random

import pytest
from hosting import EchoPlugin, Hosted
from hypothesis import given, settings
from hypothesis import strategies as st
from scriptedbus import finished
from twisted.internet.defer import Deferred, DeferredSemaphore

from thunderoci.controller import Controller
from thunderoci.host import PluginHost
from thunderoci.message import Request
from thunderoci.ocicontainer import CALLSIGN
from thunderoci.profiles import FLAVOURS
from thunderoci.quirks import NULL_ANSWERS, VERSION_NUMBER

UNKNOWN_METHOD = {"code": 53, "message": "ERROR_UNKNOWN_METHOD"}
UNAVAILABLE = {"code": 2, "message": "ERROR_UNAVAILABLE"}
BAD_VERSION = {"code": 45, "message": "Requested version is not supported."}
BAD_SIGNATURE = {"code": -32602}


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        *((f"{CALLSIGN}.{version}.echo", "ok") for version in ("1", "01", "001", "255", "256", "999", "", "1.")),
        (f"{CALLSIGN}.echo", "ok"),
        (f"{CALLSIGN}.1.echo@x", "ok"),
        *((f"{CALLSIGN}.{version}.echo", BAD_VERSION) for version in ("0", "2", "99", "254", "1.0")),
        ("2.echo", BAD_VERSION),
        *((f"{CALLSIGN}.{text}.m", BAD_SIGNATURE) for text in ("1.0.4", "-1", "1a", "latest", "1.rpc", "1.echo")),
        (f"{CALLSIGN}.1.echo.", BAD_SIGNATURE),
        *((f"{CALLSIGN}.1.{name}", UNKNOWN_METHOD) for name in ("nope", "Echo", "", "echo ", "@x")),
        *((name, UNKNOWN_METHOD) for name in ("echo", "1.echo", ".echo", "", "@", " ", "1")),
        *((f"Controller.{rest}", UNKNOWN_METHOD) for rest in ("1.nope", "nope", "1.")),
        *((name, UNAVAILABLE) for name in ("org.rdk.1.foo", "org.1.foo", "...", ".1.", "1.1.echo", "rpc.discover")),
        *((name, UNAVAILABLE) for name in ("OCIContainer.1.echo", f"{CALLSIGN}x.1.m", CALLSIGN, f" {CALLSIGN}.m")),
    ],
)
def test_designators(method, answer):
    assert Hosted(EchoPlugin()).call(method) == answer


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        *((name, "ok") for name in ("echo", "1.echo", "Controller.1.echo", "x.echo@y")),
        *((name, UNKNOWN_METHOD) for name in ("nope", "", ".", "unknown.1.foo")),
        ("2.echo", BAD_VERSION),
    ],
)
def test_designators_on_a_plugins_own_path(method, answer):
    assert Hosted(EchoPlugin()).call(method, direct=CALLSIGN) == answer


@pytest.mark.parametrize(
    ("flavour", "errors"),
    [
        ("r4.4.1-rdk", [UNKNOWN_METHOD, BAD_VERSION, BAD_SIGNATURE, UNAVAILABLE]),
        (
            "r4.4.1",
            [
                {"code": -32601, "message": "Unknown method."},
                BAD_VERSION,
                {"code": 38, "message": "ERROR_INVALID_SIGNATURE"},
                UNAVAILABLE,
            ],
        ),
        (
            "r4.4.7",
            [
                {"code": -32601, "message": "Unknown method."},
                {"code": -32602, "message": "Requested version is not supported."},
                {"code": -32602, "message": "Requested version is not supported."},
                {"code": -32603, "message": "Could not access requested service"},
            ],
        ),
    ],
)
def test_errors_a_flavour(flavour, errors):
    hosted = Hosted(EchoPlugin(), flavour=flavour)
    methods = [f"{CALLSIGN}.1.nope", f"{CALLSIGN}.2.echo", f"{CALLSIGN}.x.echo", "nobody.1.x"]
    assert [hosted.call(method) for method in methods] == errors
    assert hosted.call(f"{CALLSIGN}.fail") == {"code": 1, "message": "ERROR_GENERAL"}


class Bench(Hosted):
    """A host with the plugin that echoes."""

    def __init__(self, **options):
        self.plugin = EchoPlugin()
        super().__init__(self.plugin, **options)


@pytest.mark.parametrize("params", ["null", "[]", '["a"]', '"text"', "5", "true", "{}", "word", '{"a"}'])
def test_params_that_are_no_object_are_no_params(params):
    bench = Bench()
    bench.answer(f'{{"id":1,"method":"{CALLSIGN}.echo","params":{params}}}'.encode())
    (call,) = bench.plugin.calls
    assert (call.params, call.members) == (params, {})


def test_what_a_method_gets():
    bench = Bench()
    bench.call(f"{CALLSIGN}.1.echo@here", {"a": 1})
    bench.call(f"{CALLSIGN}.echo")
    first, second = bench.plugin.calls
    assert (first.params, first.members, first.instance, first.client) == ('{"a":1}', {"a": "1"}, "here", bench.client)
    assert (second.params, second.members, second.instance) == (None, {}, "")


def test_a_notification_is_carried_out_and_not_answered():
    bench = Bench()
    for method in ("echo", "nope", "fail"):
        assert bench.answer(f'{{"jsonrpc":"2.0","method":"{CALLSIGN}.{method}"}}'.encode()) is None
    assert len(bench.plugin.calls) == 1


def test_a_rejected_message_is_answered_with_id_null_and_logged_once(caplog):
    bench = Bench()
    for _ in range(2):
        response = bench.answer(b"nonsense")
        assert json.loads(response.body)["id"] is None
        assert response.failure is None
    assert caplog.text.count("--quirk T-silence") == 1
    assert bench.plugin.calls == []


def test_a_defect_of_a_plugin_is_an_error_and_a_log_entry(caplog):
    assert Bench().call(f"{CALLSIGN}.break") == {"code": 1, "message": "ERROR_GENERAL"}
    assert "a defect" in caplog.text


def test_a_plugin_that_works_is_not_activated_again():
    bench = Bench()
    bench.plugin.activate = None
    for service in bench.host:
        finished(bench.host.activate(service))


def test_plugins_work_only_after_the_start():
    controller = Controller()
    plugin = EchoPlugin()
    host = PluginHost(FLAVOURS["r4.4.1"], controller, [plugin])
    assert not any(service.active for service in host)
    assert host.service_at("Controller").plugin is controller
    assert host.service_at("controller") is None
    assert plugin.emit is None


@pytest.mark.parametrize("workers", [None, 2])
def test_slow_calls_hold_up_others_only_where_there_are_so_few_workers(workers):
    bench = Bench(workers=DeferredSemaphore(workers) if workers else None)
    host, plugin = bench.host, bench.plugin
    done = []

    def begin(number, method):
        handled = host.handle(Request(number, method, None), bench.client, host.service_at(CALLSIGN))
        Deferred.fromCoroutine(handled).addCallback(lambda _: done.append(number))

    begin(1, "wait")
    begin(2, "wait")
    begin(3, "echo")
    assert done == ([] if workers else [3])
    plugin.waiting[1].callback("1")
    assert sorted(done) == [2, 3]
    begin(4, "break")
    begin(5, "echo")
    assert done[2:] == [4, 5]


@pytest.mark.parametrize(
    ("flavour", "body", "quirk", "spoilt"),
    [
        ("r4.4.1", b'{"id":1,"jsonrpc":null,"method":"version"}', VERSION_NUMBER, b'{"jsonrpc":2.0,'),
        ("r4.4.7", b"null", NULL_ANSWERS, b"null"),
    ],
)
def test_one_odd_request_spoils_a_fifth_of_what_comes_later(flavour, body, quirk, spoilt):
    bench = Bench(flavour=flavour, quirks=(quirk,), random=Random(1))  # noqa: S311 (nothing here is secret)
    ask = b'{"id":1,"method":"version"}'
    assert not any(bench.answer(ask).body.startswith(spoilt) for _ in range(100))
    bench.answer(body)
    answers = [bench.answer(ask).body.startswith(spoilt) for _ in range(1000)]
    assert 150 < sum(answers) < 250
    bench.answer(f'{{"method":"{CALLSIGN}.register","params":{{"event":"e"}}}}'.encode())
    events = []
    bench.client.push = events.append
    for _ in range(1000):
        bench.plugin.emit("e", "{}")
    assert 150 < sum(event.startswith(spoilt) for event in events) < 250


PARTS = st.sampled_from(
    [
        *(
            ".",
            "..",
            "@",
            "1",
            "255",
            "99999999999",
            "-1",
            "Controller",
            CALLSIGN,
            "org",
            "echo",
            "register",
            " ",
            "\0",
        ),
        "²",
    ]
)
DESIGNATORS = st.text() | st.lists(PARTS).map("".join) | st.lists(PARTS).map(".".join)
HOSTED = {
    (flavour, state): Hosted(EchoPlugin(), flavour=flavour) for flavour in FLAVOURS for state in ("active", "inactive")
}
for (_, state), hosted_ in HOSTED.items():
    if state == "inactive":
        hosted_.call("Controller.1.deactivate", {"callsign": CALLSIGN})


@settings(max_examples=400)
@given(
    flavour=st.sampled_from(list(FLAVOURS)),
    state=st.sampled_from(["active", "inactive"]),
    method=DESIGNATORS,
    direct=st.sampled_from([None, CALLSIGN, "Controller"]),
)
def test_any_designator_has_an_answer(flavour, state, method, direct):
    hosted = HOSTED[flavour, state]
    answer = json.loads(hosted.answer(json.dumps({"id": 1, "method": method}).encode(), direct=direct).body)
    assert (answer["jsonrpc"], answer["id"]) == ("2.0", 1)
    if "result" not in answer:
        codes = {code for code, _ in FLAVOURS[flavour].errors.values()}
        assert answer["error"]["code"] in codes - {1}  # which stands for a defect, too


@pytest.mark.parametrize("method", ["²." * 3 + "²", f"{CALLSIGN}.²²²²²²²².echo", "9" * 5000 + ".echo", "Controller.²"])
def test_no_designator_is_a_defect(method, caplog):
    for hosted in HOSTED.values():
        hosted.call(method)
    assert "defect" not in caplog.text
