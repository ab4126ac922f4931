"""Which plugin and method a call reaches, and what it answers otherwise (facts/thunder.md B)."""

import json

import pytest

from thunderoci.errors import Failed, Failure
from thunderoci.host import PluginHost
from thunderoci.profiles import FLAVOURS


class Plugin:
    callsign = "org.rdk.OCIContainer"
    version = 1

    def __init__(self):
        self.calls = []
        self.methods = {"listContainers": self.list_containers, "fail": self.fail, "break": self.breaks}

    async def list_containers(self, params):
        self.calls.append(params)
        return "[]"

    async def fail(self, _params):
        raise Failed(Failure.GENERAL, "as it should")

    async def breaks(self, _params):
        raise RuntimeError("a defect")


def finish(coroutine):
    """Return the result of a coroutine that waits for nothing."""
    with pytest.raises(StopIteration) as stop:
        coroutine.send(None)
    return stop.value.value


class Bench:
    def __init__(self, flavour="r4.4.1-rdk"):
        self.plugin = Plugin()
        self.host = PluginHost(FLAVOURS[flavour], [self.plugin])

    def call(self, method, *, direct=False, **members):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, **members}).encode()
        response = finish(self.host.answer(body, self.plugin if direct else None))
        answer = json.loads(response.body)
        assert (answer["jsonrpc"], answer["id"]) == ("2.0", 1)
        return answer.get("error", answer.get("result"))


CALLSIGN = "org.rdk.OCIContainer"
UNKNOWN_METHOD = {"code": 53, "message": "ERROR_UNKNOWN_METHOD"}
UNAVAILABLE = {"code": 2, "message": "ERROR_UNAVAILABLE"}
BAD_VERSION = {"code": 45, "message": "Requested version is not supported."}
BAD_SIGNATURE = {"code": -32602}


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        *(
            (f"{CALLSIGN}.{version}.listContainers", [])
            for version in ("1", "01", "001", "255", "256", "999", "", "1.")
        ),
        (f"{CALLSIGN}.listContainers", []),
        (f"{CALLSIGN}.1.listContainers@x", []),
        *((f"{CALLSIGN}.{version}.listContainers", BAD_VERSION) for version in ("0", "2", "99", "254", "1.0")),
        ("2.listContainers", BAD_VERSION),
        *(
            (f"{CALLSIGN}.{text}.m", BAD_SIGNATURE)
            for text in ("1.0.4", "-1", "1a", "latest", "1.rpc", "1.listContainers")
        ),
        (f"{CALLSIGN}.1.listContainers.", BAD_SIGNATURE),
        *((f"{CALLSIGN}.1.{name}", UNKNOWN_METHOD) for name in ("nope", "ListContainers", "", "listContainers ", "@x")),
        *(
            (name, UNKNOWN_METHOD)
            for name in ("listContainers", "1.listContainers", ".listContainers", "", "@", " ", "1")
        ),
        *((f"Controller.{rest}", UNKNOWN_METHOD) for rest in ("1.nope", "nope", "1.")),
        *(
            (name, UNAVAILABLE)
            for name in ("org.rdk.1.foo", "org.1.foo", "...", ".1.", "1.1.listContainers", "rpc.discover")
        ),
        *(
            (name, UNAVAILABLE)
            for name in ("OCIContainer.1.listContainers", f"{CALLSIGN}x.1.m", CALLSIGN, f" {CALLSIGN}.m")
        ),
    ],
)
def test_designators(method, answer):
    assert Bench().call(method) == answer


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        *(
            (name, [])
            for name in ("listContainers", "1.listContainers", "Controller.1.listContainers", "x.listContainers@y")
        ),
        *((name, UNKNOWN_METHOD) for name in ("nope", "", ".", "unknown.1.foo")),
        ("2.listContainers", BAD_VERSION),
    ],
)
def test_designators_on_a_plugins_own_path(method, answer):
    assert Bench().call(method, direct=True) == answer


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
    bench = Bench(flavour)
    methods = [f"{CALLSIGN}.1.nope", f"{CALLSIGN}.2.listContainers", f"{CALLSIGN}.x.listContainers", "nobody.1.x"]
    assert [bench.call(method) for method in methods] == errors
    assert bench.call(f"{CALLSIGN}.fail") == {"code": 1, "message": "ERROR_GENERAL"}


@pytest.mark.parametrize("params", [None, [], ["a"], "text", 5, True, {}])
def test_params_that_are_no_object_are_no_params(params):
    bench = Bench()
    bench.call(f"{CALLSIGN}.listContainers", params=params)
    assert bench.plugin.calls == [{}]


def test_a_notification_is_executed_and_not_answered():
    bench = Bench()
    for method in ("listContainers", "nope", "fail"):
        body = json.dumps({"jsonrpc": "2.0", "method": f"{CALLSIGN}.{method}"}).encode()
        assert finish(bench.host.answer(body)) is None
    assert bench.plugin.calls == [{}]


def test_a_rejected_message_is_answered_with_id_null_and_logged(caplog):
    bench = Bench()
    response = finish(bench.host.answer(b"nonsense"))
    assert json.loads(response.body)["id"] is None
    assert response.failure is None
    assert "a real box would never answer" in caplog.text
    assert bench.plugin.calls == []


def test_a_defect_of_a_plugin_is_an_error_and_a_log_entry(caplog):
    assert Bench().call(f"{CALLSIGN}.break") == {"code": 1, "message": "ERROR_GENERAL"}
    assert "a defect" in caplog.text
