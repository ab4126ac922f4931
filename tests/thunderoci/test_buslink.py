"""The plugin host's place on the message bus, when the bus goes away and comes back."""

import contextlib

import pytest
from scriptedbus import ScriptedBus, finished
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock

from thunderoci.buslink import BusLink
from thunderoci.dobby import DobbyProxy

PAUSES = (0.1, 0.2, 0.5, 1, 2, 5, 5)


class Bench:
    """A link to a bus that is there or not."""

    def __init__(self, *, reconnects=True):
        self.clock = Clock()
        self.there = True
        self.buses = []
        self.attempts = []
        self.heard = []
        self.dobby = DobbyProxy()
        self.link = BusLink(self.clock, "unix:path=x", self.connect, self.dobby, reconnects=reconnects)
        finished(self.dobby.listen(lambda *signal: self.heard.append(signal)))

    async def connect(self):
        self.attempts.append(self.clock.seconds())
        if not self.there:
            raise ConnectionRefusedError
        self.buses.append(ScriptedBus(self.clock))
        return self.buses[-1]

    def lose(self, *, comes_back=False):
        self.there = comes_back
        self.buses[-1].disconnect()

    @property
    def works(self):
        return finished(self.dobby.pause(91))


def started(**options):
    bench = Bench(**options)
    finished(bench.link.start())
    return bench


def test_from_the_start_on_dobby_is_reached():
    bench = Bench()
    assert not bench.works
    finished(bench.link.start())
    assert bench.works


def test_what_connecting_raises_is_raised_at_the_start():
    bench = Bench()
    bench.there = False
    with pytest.raises(ConnectionRefusedError):
        finished(bench.link.start())
    assert not bench.clock.getDelayedCalls()


def test_a_lost_bus_is_looked_for_less_and_less_often_until_it_is_back(caplog):
    bench = started()
    bench.lose()
    assert not bench.works
    for pause in PAUSES:
        attempts = len(bench.attempts)
        bench.clock.advance(pause * 0.99)
        assert len(bench.attempts) == attempts
        bench.clock.advance(pause * 0.01 + 1e-9)
        assert len(bench.attempts) == attempts + 1
    assert not bench.works
    bench.there = True
    bench.clock.advance(5)
    assert bench.works
    assert not bench.clock.getDelayedCalls()
    bench.buses[-1].emit("Started", "is", [91, "a"])
    assert bench.heard == [("Started", 91, "a")]
    assert [record.getMessage() for record in caplog.records] == [
        "the message bus at unix:path=x went away; looking for it, which a box never does (--quirk T-no-reconnect)",
        "the message bus at unix:path=x is back",
    ]


def test_each_loss_begins_anew():
    bench = started()
    for _ in range(2):
        bench.lose(comes_back=True)
        bench.clock.advance(0.1)
        assert bench.works
    assert len(bench.buses) == 3


def test_with_the_quirk_it_is_never_looked_for(caplog):
    bench = started(reconnects=False)
    bench.lose(comes_back=True)
    bench.clock.advance(1000)
    assert len(bench.attempts) == 1
    assert not bench.works
    assert "not looked for again" in caplog.text


def test_after_the_stop_it_is_not_looked_for(caplog):
    bench = started()
    finished(bench.link.stop())
    assert not bench.works
    assert not bench.clock.getDelayedCalls()
    assert not caplog.records


def test_the_stop_ends_the_search():
    bench = started()
    bench.lose()
    finished(bench.link.stop())
    assert not bench.clock.getDelayedCalls()


def test_a_stop_before_the_start_is_nothing():
    finished(Bench().link.stop())


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_stop_while_an_attempt_is_under_way_leaves_nothing(comes_back):
    bench = started()
    first, waiting = Deferred(), Deferred()

    async def connect():  # to an address of two entries: the first one is given up, and the second one answers late
        with contextlib.suppress(CancelledError):
            await first
        return await waiting

    bench.link._connect = connect
    bench.lose()
    bench.clock.advance(0.1)
    finished(bench.link.stop())
    late, ended = ScriptedBus(), []
    late.notifyOnDisconnect(lambda *_: ended.append(True))
    if comes_back:
        waiting.callback(late)
    else:
        waiting.errback(ConnectionRefusedError())
    assert ended == [True] * comes_back
    assert not bench.works
    assert not bench.clock.getDelayedCalls()
