"""The recorded sessions, replayed on the fake Dobby over a real bus: same answers, same events in the same order."""

import os
import shutil

import pytest
import pytest_twisted
from recorded import SESSIONS
from replayer import lay_out, replay
from twisted.internet import reactor
from twisted.internet.defer import maybeDeferred

from fakedobby.embeddedbus import EmbeddedBus
from fakedobby.privatebus import PrivateBus

EACH = [
    pytest.param(profile, session, id=f"{profile}-{name.removeprefix('sessions/')}")
    for profile, items in SESSIONS.items()
    for name, session in items.items()
]


@pytest.fixture(scope="module", params=[EmbeddedBus, PrivateBus], ids=["embedded", "dbus-daemon"])
def address(request):
    """A bus for all sessions."""
    if request.param is PrivateBus and shutil.which("dbus-daemon") is None:
        (pytest.fail if "CI" in os.environ else pytest.skip)("there is no dbus-daemon on PATH")
    bus = request.param()
    yield bus.start(reactor)
    pytest_twisted.blockon(maybeDeferred(bus.stop))


@pytest.mark.parametrize(("profile", "session"), EACH)
@pytest_twisted.ensureDeferred
async def test_sessions(address, profile, session, tmp_path):
    lay_out(session["files"], tmp_path)
    await replay(address, profile, session["steps"], tmp_path)


def test_nothing_was_lost():
    assert {profile: len(items) for profile, items in SESSIONS.items()} == {"rdkservices": 46, "entservices": 49}
