"""What tests claim about calls, and how the complaint reads."""

import itertools

import pytest

from thunderoci.testing.expectation import Expectation
from thunderoci.testing.journal import Journal

NUMBERS = itertools.count(1)


def request(method, **params):
    return {"number": next(NUMBERS), "at": 0.25, "kind": "request", "cause": None, "method": method, "params": params}


@pytest.mark.parametrize(
    ("wanted", "came", "meets"),
    [
        ("startContainer", "org.rdk.OCIContainer.1.startContainer", True),
        ("startContainer", "startContainer", True),
        ("startContainer", "org.rdk.OCIContainer.1.startContainerFromDobbySpec", False),
        ("org.rdk.OCIContainer.1.startContainer", "org.rdk.OCIContainer.1.startContainer", True),
        ("org.rdk.OCIContainer.startContainer", "org.rdk.OCIContainer.1.startContainer", True),
        ("org.rdk.OCIContainer.1.startContainer", "org.rdk.OCIContainer.startContainer", True),
        ("OCIContainer.startContainer", "org.rdk.OCIContainer.1.startContainer", True),
        ("org.rdk.Network.startContainer", "org.rdk.OCIContainer.1.startContainer", False),
    ],
)
def test_a_method_is_known_by_its_name_and_by_its_designator(wanted, came, meets):
    assert Expectation("request", wanted, {}).meets(request(came)) is meets


def test_a_method_behind_a_plugins_path_is_known_by_its_designator():
    entry = request("startContainer") | {"callsign": "org.rdk.OCIContainer"}
    assert Expectation("request", "org.rdk.OCIContainer.1.startContainer", {}).meets(entry)
    assert not Expectation("request", "org.rdk.Network.1.startContainer", {}).meets(entry)


def test_params_are_among_the_others():
    entry = request("x.start", containerId="a", bundlePath="/b")
    assert Expectation("request", "start", {"containerId": "a"}).meets(entry)
    assert not Expectation("request", "start", {"containerId": "b"}).meets(entry)
    assert not Expectation("request", "start", {"command": "a"}).meets(entry)
    assert not Expectation("request", "start", {"containerId": "a"}).meets(entry | {"params": ["a"]})


def test_arguments_are_the_first_ones():
    entry = {"number": 1, "at": 0, "kind": "call", "cause": None, "method": "Stop", "arguments": [734, False]}
    assert Expectation("call", "Stop", {}, (734,)).meets(entry)
    assert Expectation("call", "Stop", {}, (734, False)).meets(entry)
    assert not Expectation("call", "Stop", {}, (734, False, 1)).meets(entry)
    assert not Expectation("call", "Stop", {}, (735,)).meets(entry)


class ScriptedControl:
    """Answers queries of the journal, some entries more with each query."""

    def __init__(self, *pages):
        self.pages = list(pages)
        self.entries = []
        self.waits = []
        self.opened = self.closed = 0

    def apart(self):
        self.opened += 1
        return self

    def close(self):
        self.closed += 1

    def do(self, operation, _timeout=None, /, *, since=0, kind=None, wait=None, limit=None):
        assert operation == "queryJournal"
        assert wait is None or self.opened > self.closed, "it waits on the connection of others"
        self.waits += [] if wait is None else [wait]
        if self.pages and limit is None:
            self.entries += self.pages.pop(0)
        last = self.entries[-1]["number"] if self.entries else 0
        chosen = [one for one in self.entries if one["number"] > since and kind in {None, one["kind"]}]
        return {"entries": chosen, "last": last, "dropped": 0}


def complaint(expectation, *entries):
    with pytest.raises(AssertionError) as raised:
        Journal(ScriptedControl(list(entries))).expect(expectation, 0)
    return str(raised.value)


def test_the_complaint_shows_the_nearest_calls():
    start = request("org.rdk.OCIContainer.1.startContainer", containerId="b", bundlePath="/b")
    spec = request("org.rdk.OCIContainer.1.startContainerFromDobbySpec", containerId="a")
    other = request("org.rdk.OCIContainer.1.listContainers")
    assert complaint(Expectation("request", "startContainer", {"containerId": "a"}, times=1), other, spec, start) == (
        'startContainer(containerId="a") was to be called once, and was not.\n'
        "The nearest:\n"
        f"  #{start['number']} at 0.250 s: org.rdk.OCIContainer.1.startContainer"
        '(containerId="b", bundlePath="/b")  (containerId is "b")\n'
        f"  #{spec['number']} at 0.250 s: org.rdk.OCIContainer.1.startContainerFromDobbySpec"
        '(containerId="a")  (another method)\n'
        f"  #{other['number']} at 0.250 s: org.rdk.OCIContainer.1.listContainers()  (another method, no containerId)"
    )


def test_the_complaint_shows_what_should_not_have_been():
    start = request("x.start", containerId="a")
    assert complaint(Expectation("request", "start", {}, times=0), start) == (
        "start() was not to be called, and was once.\nThese were:\n"
        f'  #{start["number"]} at 0.250 s: x.start(containerId="a")'
    )


def test_the_complaint_when_nothing_is_near():
    assert complaint(Expectation("request", "start", {})) == (
        "start() was to be called at least once, and was not.\nThere was no request at all."
    )
    assert complaint(Expectation("request", "start", {}), request("x.listContainers")).endswith(
        "None is like it; there were: x.listContainers."
    )


def test_a_call_that_is_still_to_come_is_waited_for():
    other, start = request("x.list"), request("x.start")
    control = ScriptedControl([other], [], [start])
    assert Journal(control).expect(Expectation("request", "start", {}, times=1), 5) == [start]
    assert len(control.waits) == 2
    assert (control.opened, control.closed) == (1, 1)


def test_one_too_many_is_not_waited_for():
    control = ScriptedControl([request("x.start"), request("x.start")])
    with pytest.raises(AssertionError, match=r"was to be called once, and was twice\."):
        Journal(control).expect(Expectation("request", "start", {}, times=1), 5)
    assert control.waits == []
    assert control.opened == 0
