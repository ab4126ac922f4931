"""Where the recorded calls say nothing: the plugin's own decisions (facts/thunder.md D.1)."""

import json

import pytest

from thunderoci.host import PluginHost
from thunderoci.ocicontainer import OCIContainer
from thunderoci.profiles import FLAVOURS


class Dobby:
    """A Dobby with containers of our choice."""

    def __init__(self, containers=(), info="{}", started=734):
        self.containers = list(containers)
        self.info = info
        self.started = started
        self.asked = []

    async def list_containers(self):
        return self.containers

    async def get_state(self, descriptor):
        self.asked.append(descriptor)
        return 2

    async def get_info(self, _descriptor):
        return self.info

    async def start_from_bundle(self, *arguments):
        self.asked.append(arguments)
        return self.started


def call(dobby, method, params, flavour="r4.4.1-rdk"):
    host = PluginHost(FLAVOURS[flavour], [OCIContainer(dobby, FLAVOURS[flavour])])
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": f"org.rdk.OCIContainer.1.{method}", "params": params})
    with pytest.raises(StopIteration) as stop:
        host.answer(body.encode()).send(None)
    return json.loads(stop.value.value.body)


FAILURE = {"code": 1, "message": "ERROR_GENERAL"}


def test_descriptor_zero_is_found_and_negative_ones_are_not():
    dobby = Dobby([(0, "zero"), (-1, "negative"), (5, "negative")])
    assert call(dobby, "getContainerState", {"containerId": "zero"})["result"]["state"] == "Running"
    assert call(dobby, "getContainerState", {"containerId": "0"})["result"]["containerId"] == "0"
    assert call(dobby, "getContainerState", {"containerId": "negative"})["error"] == FAILURE
    assert dobby.asked == [0, 0]


def test_descriptor_zero_from_a_start_is_a_failure():
    assert call(Dobby(started=0), "startContainer", {"containerId": "a", "bundlePath": "/b"})["error"] == FAILURE


def test_a_descriptor_wins_over_an_id_that_is_listed_later():
    dobby = Dobby([(93, "a"), (5, "93")])
    call(dobby, "getContainerState", {"containerId": "93"})
    assert dobby.asked == [93]


@pytest.mark.parametrize(
    ("flavour", "info", "shown"),
    [
        ("r4.4.1-rdk", "null", {}),
        ("r4.4.7", "null", None),
        ("r4.4.7", '{ "a" : { "b" : 1.0 } }', {"a": {"b": 1.0}}),
    ],
)
def test_information_by_flavour(flavour, info, shown):
    dobby = Dobby([(5, "a")], info=info)
    assert call(dobby, "getContainerInfo", {"containerId": "a"}, flavour)["result"] == {"info": shown, "success": True}


@pytest.mark.parametrize(("flavour", "accepted"), [("r4.4.1-rdk", True), ("r4.4.1", True), ("r4.4.7", False)])
def test_null_as_a_string_by_flavour(flavour, accepted):
    dobby = Dobby()
    answer = call(dobby, "startContainer", {"containerId": None, "bundlePath": None}, flavour)
    assert ("result" in answer) is accepted
    assert dobby.asked == ([("", "", "", "")] if accepted else [])


def test_the_log_says_why(caplog):
    caplog.set_level("INFO")
    call(Dobby(), "getContainerState", {"containerId": "nobody"})
    call(Dobby(), "getContainerState", {})
    assert "Dobby runs no container 'nobody'" in caplog.text
    assert "'containerId' is missing" in caplog.text
