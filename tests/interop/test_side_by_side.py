"""Two emulators in one process: of different generations, inside different Thunders, on buses of their own."""

import socket
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from websockets.exceptions import ConnectionClosed

from fakedobby.bus import connect
from fakedobby.embeddedbus import EmbeddedBus
from fakedobby.service import DobbyService
from fakedobby.settings import Settings as DobbySettings
from fakedobby.timings import IMMEDIATE
from tests_support import SPEC
from thunderclient import CALLSIGN, DONE, EVENTS, NONE, PATIENCE, HTTPClient, WebSocket, until
from thunderoci.app import Thunder
from thunderoci.errors import CannotListen
from thunderoci.profiles import FLAVOURS
from thunderoci.settings import Settings

LEFT = ("rdkservices", "r4.4.1-rdk")
RIGHT = ("entservices", "r4.4.7")
UNKNOWN = {"code": 53, "message": "ERROR_UNKNOWN_METHOD"}
OWN_EVENTS = {
    LEFT: [
        ("onContainerStarted", {"descriptor": "734", "name": "rdkservices"}),
        ("onContainerStopped", {"descriptor": "734", "name": "rdkservices"}),
    ],
    RIGHT: [
        ("onContainerStateChanged", {"containerId": "entservices", "state": "RUNNING"}),
        ("onContainerStarted", {"containerId": "entservices", "name": "entservices"}),
        ("onContainerStateChanged", {"containerId": "entservices", "state": "STOPPED"}),
        ("onContainerStopped", {"containerId": "entservices", "name": "entservices"}),
    ],
}


class Emulator:
    """A bus, a fake Dobby and a plugin host."""

    def __init__(self, profile, flavour, path=None):
        self.bus = EmbeddedBus(path=path)
        self.thunder = Thunder(reactor, Settings(profile=profile, flavour=FLAVOURS[flavour]))
        self.dobby = None

    async def start(self):
        address = self.bus.start(reactor)
        self.dobby = DobbyService(await connect(reactor, address), reactor, DobbySettings(timings=IMMEDIATE))
        await self.dobby.publish()
        await self.thunder.start(address)

    async def stop(self):
        await self.thunder.stop()
        await self.dobby.shutdown()
        await self.bus.stop()


class Clients:
    """What talks to one emulator, and what it must hear; all of it blocks, and so it runs in a thread."""

    def __init__(self, what, thunder):
        self.what, (self.profile, self.flavour) = what, what
        self.socket = WebSocket(thunder.ws, client_id=self.profile)
        self.http = HTTPClient(thunder.url)
        self.heard = []

    def subscribe(self):
        self.socket.register(*EVENTS[self.profile])
        self.socket.register("statechange", callsign="Controller")
        assert self.http.call("register", {"event": "onContainerStopped", "id": "http"}) == 0

    def begin(self):
        """Start a container, and check that it is the only one."""
        spec = {"containerId": self.profile, "dobbySpec": SPEC}
        self.descriptor = self.socket.call("startContainerFromDobbySpec", spec)["descriptor"]
        containers = [{"Descriptor": self.descriptor, "Id": self.profile}]
        assert self.http.call("listContainers") == {**NONE[self.profile], "containers": containers}

    def end(self):
        assert self.socket.call("stopContainer", {"containerId": self.profile}) == DONE[self.profile]
        expected = OWN_EVENTS[self.what]
        assert self.socket.events(len(expected)) == [(f"{self.profile}.{name}", params) for name, params in expected]
        assert self.socket.heard() == []
        status, _, event = self.http.receive()
        assert (status, event["method"], event["params"]) == (
            "HTTP/1.1 200 OK",
            "http.onContainerStopped",
            expected[-1][1],
        )
        assert self.http.call("listContainers") == NONE[self.profile]

    def ask_what_differs(self):
        hibernates = self.socket.call("hibernateContainer", {"containerId": "nobody"})
        assert hibernates == ({"success": False, "errorReason": ""} if self.profile == "entservices" else UNKNOWN)
        version = self.socket.call("Controller.1.version")
        assert f"r{version['major']}.{version['minor']}.{version['patch']}" == self.flavour.partition("-")[0]
        assert len(self.socket.call("Controller.1.links")) == 2

    def deactivate(self):
        assert self.socket.call("Controller.1.deactivate", {"callsign": CALLSIGN}) is None
        assert self.socket.event()[0] == f"{self.profile}.statechange"
        assert self.http.call("listContainers")["code"] == (2 if self.flavour == "r4.4.7" else 5)

    def work(self):
        assert self.http.call("listContainers") == self.socket.call("listContainers") == NONE[self.profile]

    def are_cut_off(self):
        with pytest.raises(ConnectionClosed):
            self.socket.next()
        with pytest.raises(ConnectionError):
            self.http.receive()

    def close(self):
        self.socket.close()
        self.http.__exit__()


def in_use():
    """Return what the reactor watches, what it will do later, and which sockets this process has open."""
    files = {entry.name: link(entry) for entry in Path("/proc/self/fd").iterdir()}
    return (
        set(reactor.getReaders()) | set(reactor.getWriters()),
        set(reactor.getDelayedCalls()),
        {number: file for number, file in files.items() if file.startswith("socket:")},
    )


def link(entry):
    try:
        return str(entry.readlink())
    except FileNotFoundError:  # what listed them
        return ""


@pytest.fixture
def nothing_left():
    """Check that a test leaves the process as it was."""
    pytest_twisted.blockon(deferToThread(int))  # the threads wake the reactor through a socket
    before = in_use()
    yield
    assert in_use() == before


@pytest.mark.usefixtures("nothing_left")
@pytest_twisted.ensureDeferred
async def test_two_emulators_share_nothing_but_the_process():
    emulators = {what: Emulator(*what) for what in (LEFT, RIGHT)}
    for emulator in emulators.values():
        await emulator.start()
    left, right = both = [await deferToThread(Clients, what, emulator.thunder) for what, emulator in emulators.items()]
    for step in (Clients.subscribe, Clients.ask_what_differs, Clients.begin, Clients.end):
        for clients in both:
            await deferToThread(step, clients)
    # what is done to one does not touch the other
    await deferToThread(left.deactivate)
    await deferToThread(right.work)
    await emulators[LEFT].stop()
    await deferToThread(left.are_cut_off)
    await deferToThread(right.work)
    await emulators[RIGHT].stop()
    await deferToThread(right.are_cut_off)
    for clients in both:
        await deferToThread(clients.close)


class Lists:
    """What two hosts on one bus list, each asked by a client of its own; it blocks."""

    def __init__(self, *thunders):
        self._clients = [WebSocket(thunder.ws) for thunder in thunders]
        self._containers = {}
        for client in self._clients:
            client.register("onContainerStopped")

    def work(self):
        """Change the list by one host and the other, and ask both several times."""
        one, other = self._clients
        self._check()
        for client, container_id in ((one, "m"), (other, "z"), (one, "a")):
            self._start(client, container_id)
        self._stop(other, "m")
        self._start(one, "m")  # the same ids, another descriptor
        self._stop(one, "z")
        self._start(other, "b")  # as many, others
        for client, container_id in ((other, "a"), (one, "b"), (other, "m")):
            self._stop(client, container_id)
        self._start(other, "a")

    def _start(self, client, container_id):
        answer = client.call("startContainerFromDobbySpec", {"containerId": container_id, "dobbySpec": SPEC})
        self._containers[container_id] = answer["descriptor"]
        self._check()

    def _stop(self, client, container_id):
        assert client.call("stopContainer", {"containerId": container_id})["success"] is True
        for each in self._clients:
            assert each.event()[0] == "client.onContainerStopped"
        del self._containers[container_id]
        self._check()

    def _check(self):
        expected = [{"Descriptor": self._containers[name], "Id": name} for name in sorted(self._containers)]
        for client in self._clients * 2:
            assert client.call("listContainers")["containers"] == expected
            for name in self._containers:
                assert client.call("getContainerState", {"containerId": name})["success"] is True

    def close(self):
        for client in self._clients:
            client.close()


@pytest.mark.usefixtures("nothing_left")
@pytest_twisted.ensureDeferred
async def test_two_hosts_list_the_containers_of_one_dobby(message_bus):
    """Lists are remembered on their way, by the daemon, by what reads messages, and by both hosts."""
    connection = await connect(reactor, message_bus.address)
    dobby = DobbyService(connection, reactor, DobbySettings(timings=IMMEDIATE))
    await dobby.publish()
    thunders = [Thunder(reactor, Settings(profile=what[0], flavour=FLAVOURS[what[1]])) for what in (LEFT, RIGHT)]
    for thunder in thunders:
        await thunder.start(message_bus.address)
    lists = await deferToThread(Lists, *thunders)
    try:
        await deferToThread(lists.work)
    finally:
        await deferToThread(lists.close)
        for thunder in thunders:
            await thunder.stop()
        await dobby.shutdown()
        gone = Deferred()
        connection.notifyOnDisconnect(lambda *_: gone.callback(None))
        connection.disconnect()
        await gone


@pytest.mark.usefixtures("nothing_left")
@pytest_twisted.ensureDeferred
async def test_an_emulator_that_stops_with_calls_in_flight():
    emulator = Emulator(*LEFT)
    await emulator.start()
    emulator.dobby._connection.answer_call = lambda _call: None
    clients = await deferToThread(Clients, LEFT, emulator.thunder)
    for _ in range(20):
        clients.socket.send("listContainers")
        clients.http.send("listContainers")
    await deferToThread(clients.socket.call, "Controller.1.version")
    await emulator.stop()
    await deferToThread(clients.close)


@pytest.mark.usefixtures("nothing_left")
@pytest_twisted.ensureDeferred
async def test_a_host_that_stops_while_it_looks_for_its_bus(caplog):
    emulator = Emulator(*LEFT)
    await emulator.start()
    await emulator.dobby.shutdown()
    clients = await deferToThread(Clients, LEFT, emulator.thunder)
    await emulator.bus.stop()
    await deferToThread(until, lambda: clients.http.call("listContainers") and "looking for it" in caplog.text)
    await deferToThread(clients.work)
    await emulator.thunder.stop()
    await deferToThread(clients.close)


@pytest.mark.usefixtures("nothing_left")
@pytest_twisted.ensureDeferred
async def test_a_host_that_stops_while_a_bus_keeps_it_waiting(tmp_path):
    path = str(tmp_path / "bus")
    emulator = Emulator(*LEFT, path)
    await emulator.start()
    await emulator.dobby.shutdown()
    await emulator.bus.stop()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.settimeout(PATIENCE)
        listener.bind(path)
        listener.listen()
        client, _ = await deferToThread(listener.accept)
        with client:
            client.settimeout(2)
            await emulator.thunder.stop()
            # the host hangs up now, and not when its patience of 5 seconds ends
            assert await deferToThread(client.makefile("rb").read)


@pytest.mark.usefixtures("nothing_left")
@pytest_twisted.ensureDeferred
async def test_a_port_in_use_leaves_nothing_behind():
    emulator = Emulator(*LEFT)
    await emulator.start()
    port = int(emulator.thunder.url.rpartition(":")[2].partition("/")[0])
    second = Thunder(reactor, Settings(port=port))
    with pytest.raises(CannotListen):
        await second.start(emulator.bus.start(reactor))
    await second.stop()
    await emulator.stop()
