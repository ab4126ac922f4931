"""Events: from the signal on D-Bus, as another client of the bus sees it, to the last subscriber on WebSocket."""

import json
import select
import time
from contextlib import ExitStack

from benchmarks.arrangement import ALL, Arrangement, start
from benchmarks.connection import PATIENCE, Connection, WebSocket
from benchmarks.errors import TookTooLong, WrongAnswer
from benchmarks.load import GOOD
from benchmarks.sample import median, percentile
from rawclient import SIGNAL, RawClient

EVENT = "onContainerStarted"
FILLER = "filler"
FILLER_BYTES, FILLERS = 2**18, 16
"""More than a kernel keeps for a connection that nobody reads."""


def key_of(arrangement_name, subscribers, stalled):
    return f"events.{arrangement_name}.{subscribers}" + ".stalled" * stalled


def _subscription(method, event):
    name = f"org.rdk.OCIContainer.1.{method}"
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": name, "params": {"event": event, "id": "me"}}).encode()


class Audience:
    """WebSockets that subscribe, and a client of the bus that sees the signal."""

    def __init__(self, emulator, size, stack):
        self.emulator = emulator
        self._sockets = []
        self._subscribed = 0
        self._bus = stack.enter_context(RawClient(emulator.bus))
        rule = "type='signal',interface='org.rdk.dobby.ctrl1',member='Started'"
        self._bus.bus("AddMatch", "s", [rule])
        self._bus.fence()
        self._caller = Connection(emulator.port)
        stack.callback(self._caller.close)
        for _ in range(size):
            socket = WebSocket(emulator.port)
            stack.callback(socket.close)
            self._sockets.append(socket)

    def subscribe(self, size):
        """Let so many of the sockets be subscribed."""
        for number in range(self._subscribed, size):
            self._sockets[number].ask(_subscription("register", EVENT))
        for number in range(size, self._subscribed):
            self._sockets[number].ask(_subscription("unregister", EVENT))
        self._subscribed = size

    def time_of(self, container_id):
        """Start a container; return the seconds from its signal to the last subscriber's event."""
        events = []
        waiting = {socket.socket.fileno(): socket for socket in self._sockets[: self._subscribed]}
        bus, caller = self._bus.socket.fileno(), self._caller.socket.fileno()
        seen = last = answered = None
        with select.epoll() as poll:
            for number in (bus, caller, *waiting):
                poll.register(number, select.EPOLLIN)
            self._caller.send(self._caller.wrap(start(container_id)))
            while seen is None or waiting or not answered:
                ready = poll.poll(PATIENCE)
                now = time.perf_counter()
                if not ready:
                    raise TookTooLong(what=f"{len(waiting)} subscribers", seconds=PATIENCE)
                for number, _ in ready:
                    if number == bus:
                        seen = now
                        poll.unregister(bus)  # it is read when the time is taken
                    elif number == caller:
                        answered = self._caller.take()
                    elif event := waiting[number].take():
                        last = time.perf_counter()
                        poll.unregister(number)
                        del waiting[number]
                        events.append(event)
        self._check(container_id, answered, events)
        return last - seen

    def _check(self, container_id, answered, events):
        """See that all have heard of the container."""
        if GOOD not in answered:
            raise WrongAnswer(what="the start of a container", answer=answered)
        signal = self._bus.next()
        if signal.kind != SIGNAL or container_id not in signal.body:
            raise WrongAnswer(what="the bus", answer=signal)
        for event in events:
            if container_id.encode() not in event:
                raise WrongAnswer(what="a subscription", answer=event)


def stalled(emulator):
    """Return a subscriber that reads nothing from now on, and already has more to read than the kernel keeps."""
    socket = WebSocket(emulator.port, receive_buffer=4096)
    try:
        for event in (EVENT, FILLER):
            socket.ask(_subscription("register", event))
        document = {"event": FILLER, "params": {"text": "x" * FILLER_BYTES}}
        for _ in range(FILLERS):
            emulator.control("POST", "events", document)
    except BaseException:
        socket.close()
        raise
    return socket


def measure(plan, figures):
    """Measure with and without a subscriber that stopped reading, in turn."""
    with ExitStack() as stack:
        audiences = []
        for one in plan.arrangements:
            emulator = stack.enter_context(Arrangement(one, "--progression", "immediate"))
            audiences.append(Audience(emulator, max(plan.subscribers), stack))
        for number in range(plan.rounds):
            for audience in audiences:
                plan.progress(f"events, round {number + 1} of {plan.rounds}, {audience.emulator.name}")
                for size in plan.subscribers:
                    audience.subscribe(size)
                    _measure(plan, figures, audience, size, number)


def _measure(plan, figures, audience, size, number):
    emulator = audience.emulator
    base = key_of(emulator.name, size, stalled=False)
    for blocked in (False, True):
        reader = stalled(emulator) if blocked else None
        try:
            times = [audience.time_of(f"com.example.e{number}n{turn}") for turn in range(plan.events)]
            note = (
                "it was still connected"
                if blocked and FILLER.encode() in emulator.control("GET", "subscriptions")
                else ""
            )
        finally:
            if reader is not None:
                reader.close()
            emulator.populate(0)
        what = f"event to {size} subscriber{'s' * (size != 1)}"
        what += ", and one that stopped reading" * blocked + f", {ALL[emulator.name]}"
        key = key_of(emulator.name, size, blocked)
        figure = figures.add(
            key, what, "ms", median(times) * 1000, floor=base if blocked and size > 1 else None, note=note
        )
        figure.p50s.append(median(times) * 1000)
        figure.p99s.append(percentile(times, 99) * 1000)
