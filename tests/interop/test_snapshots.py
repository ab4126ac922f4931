"""What a subscriber hears of a snapshot that is brought back: nothing."""

import pytest

from thunderoci.testing import Emulator


@pytest.fixture
def thunder():
    with Emulator(clock="virtual") as thunder:
        yield thunder


def test_no_event_is_sent(thunder):
    events = thunder.subscribe("onContainerStarted", "onContainerStopped")
    thunder.containers.start("player")
    events.next()
    kept = thunder.snapshot()
    thunder.faults.add("plugin", "event", event="onContainerStopped", seconds=500, times=1)
    thunder.faults.add("dobby", "delay-signal", method="Started", seconds=500)
    thunder.call("listContainers")
    thunder.containers.start("late")
    assert thunder.clock.get()["next"] == 500
    thunder.restore(kept)
    assert events.heard() == []
    assert thunder.clock.get()["next"] is None
    assert [one["id"] for one in thunder.containers.list()] == ["player"]
    thunder.clock.advance(1000)
    assert events.heard() == []


def test_an_event_that_is_not_overtaken_by_a_snapshot_comes_in_its_time(thunder):
    events = thunder.subscribe("onContainerStopped")
    thunder.faults.add("plugin", "event", event="onContainerStopped", params={"name": "ghost"}, seconds=500, times=1)
    thunder.call("listContainers")
    thunder.clock.advance(499)
    assert events.heard() == []
    thunder.clock.advance(1)
    assert [event.params for event in events.heard()] == [{"name": "ghost"}]
