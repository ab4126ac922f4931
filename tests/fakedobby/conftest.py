"""How long the property tests look, and what every test must leave behind: nothing."""

import pytest
from hypothesis import HealthCheck, settings

import bench
import wire

# about 40 calls a run: 100,000 in all
settings.register_profile(
    "long",
    max_examples=2_700,
    stateful_step_count=40,
    deadline=None,
    # a long run is meant to be slow
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def nothing_is_left(monkeypatch, tmp_path_factory):
    """Close every daemon of the test, and look for timers, containers and files that it has left."""
    bench.made.clear()
    wire.made.clear()
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield
    for manager, clock in [
        *((one.manager, one.clock) for one in bench.made),
        *((one.daemon.manager, one.clock) for one in wire.made),
    ]:
        manager.close()
        clock.advance(0)
        assert clock.getDelayedCalls() == []
        assert list(manager._containers) == []
    assert list(folder.glob("thunderoci-*")) == []
