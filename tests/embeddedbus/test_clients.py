"""Other people's D-Bus clients, and our own programs, on either kind of bus."""

import asyncio
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import urllib.request

import pytest

from rawclient import BUS, BUS_PATH, RETURN, SIGNAL

UNKNOWN = "The name no.such was not provided by any .service files"


def need(what, found):
    """Skip the test without `what`, or fail it in CI."""
    if not found:
        (pytest.fail if "CI" in os.environ else pytest.skip)(f"{what} is not installed")


def run(*command):
    need(command[0], shutil.which(command[0]))
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return done.returncode, done.stdout, done.stderr


def test_dbus_send(either_bus):
    def send(*arguments):
        return run("dbus-send", f"--bus={either_bus.address}", "--print-reply=literal", *arguments)

    assert send(f"--dest={BUS}", BUS_PATH, f"{BUS}.GetNameOwner", f"string:{BUS}")[1] == f"   {BUS}"
    status, _, errors = send("--dest=no.such", "/a", "x.y.Z")
    assert (status, errors) == (1, f"Error org.freedesktop.DBus.Error.ServiceUnknown: {UNKNOWN}\n")
    assert "<node>" in send(f"--dest={BUS}", BUS_PATH, "org.freedesktop.DBus.Introspectable.Introspect")[1]
    # a signal, and a call that is answered
    client = either_bus.client()
    client.bus("AddMatch", "s", ["member=Z"])
    assert run("dbus-send", f"--bus={either_bus.address}", "--type=signal", "/a", "x.y.Z", "string:é") == (0, "", "")
    assert client.next().body == ["é"]


def test_busctl(either_bus):
    def busctl(*arguments):
        return run("busctl", f"--address={either_bus.address}", *arguments)

    client = either_bus.client()
    client.bus("RequestName", "su", ["x.y", 0])
    assert busctl("call", BUS, BUS_PATH, BUS, "GetNameOwner", "s", "x.y")[1] == f's "{client.name}"\n'
    status, output, _ = busctl("list", "--no-legend")
    assert status == 0
    assert output.split()[0] == client.name
    assert f"x.y {os.getpid()}" in " ".join(output.split())
    output = busctl("introspect", BUS, BUS_PATH)[1]
    assert f"{BUS}.Monitoring" in output
    assert '"HeaderFiltering"' in output
    assert UNKNOWN in busctl("call", "no.such", "/a", "x.y", "Z")[2]


def test_gdbus(either_bus, monkeypatch):
    def gdbus(command, *arguments):
        return run("gdbus", command, "--address", either_bus.address, *arguments)

    call = ["--dest", BUS, "--object-path", BUS_PATH, "--method"]
    assert gdbus("call", *call, f"{BUS}.NameHasOwner", "no.such")[1] == "(false,)\n"
    assert "RequestName" in gdbus("introspect", "--dest", BUS, "--object-path", BUS_PATH)[1]
    assert UNKNOWN in gdbus("call", "--dest", "no.such", "--object-path", "/a", "--method", "x.y.Z")[2]
    client = either_bus.client()
    client.bus("AddMatch", "s", ["member=Z"])
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", either_bus.address)  # with --address it emits without Hello
    assert run("gdbus", "emit", "--session", "--object-path", "/a", "--signal", "x.y.Z", "'x'")[0] == 0
    assert client.next().body == ["x"]


@pytest.mark.parametrize(
    ("command", "ready"),
    [(["dbus-monitor", "--address"], "NameLost"), (["busctl", "monitor", "--address"], None)],
)
def test_monitors(either_bus, command, ready):
    need(command[0], shutil.which(command[0]))
    client = either_bus.client()
    client.bus("AddMatch", "s", [f"sender={BUS},member=NameOwnerChanged"])
    client.fence()
    command = (
        [*command[:-1], f"{command[-1]}={either_bus.address}"] if ready is None else [*command, either_bus.address]
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as monitor:
        # a monitor's name comes, and goes when it begins to watch
        assert client.next().body[2] != ""
        assert client.next().body[2] == ""
        client.send(SIGNAL, "s", ["for nobody"], path="/a", interface="x.y", member="Zebra")
        assert any("Zebra" in line for line in monitor.stdout)
        assert any("for nobody" in line for line in monitor.stdout)
        monitor.terminate()


def test_dbus_fast(either_bus):
    need("dbus-fast", importlib.util.find_spec("dbus_fast"))
    from dbus_fast import BusType, Message, MessageType  # noqa: PLC0415 (only where it is installed)
    from dbus_fast.aio import MessageBus  # noqa: PLC0415 (as above)

    async def talk():
        client = await MessageBus(
            bus_address=either_bus.address, bus_type=BusType.SESSION, negotiate_unix_fd=True
        ).connect()
        signals = asyncio.Queue()
        client.add_message_handler(
            lambda message: signals.put_nowait(message) if message.message_type is MessageType.SIGNAL else None
        )

        async def call(destination, path, interface, member, signature="", body=()):  # noqa: PLR0917 (a call has them)
            return await client.call(
                Message(
                    destination=destination,
                    path=path,
                    interface=interface,
                    member=member,
                    signature=signature,
                    body=list(body),
                )
            )

        assert (await client.request_name("x.y")).name == "PRIMARY_OWNER"
        assert (await call(BUS, BUS_PATH, BUS, "GetNameOwner", "s", ["x.y"])).body == [client.unique_name]
        assert (await call("no.such", "/a", "x.y", "Z")).body == [UNKNOWN]
        assert (await client.introspect(BUS, BUS_PATH)).interfaces[0].name == BUS
        await call(BUS, BUS_PATH, BUS, "AddMatch", "s", ["member=Z"])
        await client.send(Message(message_type=MessageType.SIGNAL, path="/a", interface="x.y", member="Z"))
        while (await signals.get()).member != "Z":
            pass
        client.disconnect()
        await client.wait_for_disconnect()

    asyncio.run(asyncio.wait_for(talk(), 20))


TXDBUS = """
import sys
from twisted.internet import defer, task
from txdbus import client
from txdbus.error import RemoteError

async def main(reactor, address):
    connection = await client.connect(reactor, address)
    print(await connection.requestBusName("x.y"))
    owner = await connection.callRemote(
        "/org/freedesktop/DBus", "GetNameOwner", interface="org.freedesktop.DBus",
        destination="org.freedesktop.DBus", signature="s", body=["x.y"])
    print(owner == connection.busName)
    try:
        await connection.callRemote("/a", "Z", interface="x.y", destination="no.such")
    except RemoteError as error:
        print(error)
    remote = await connection.getRemoteObject("org.freedesktop.DBus", "/org/freedesktop/DBus")
    print("x.y" in await remote.callRemote("ListNames"))
    heard = defer.Deferred()
    await connection.addMatch(lambda message: heard.callback(message.body), member="Z")
    from txdbus.message import SignalMessage
    connection.sendMessage(SignalMessage("/a", "Z", "x.y", signature="s", body=["heard"]))
    print(await heard)

task.react(lambda reactor, *a: defer.ensureDeferred(main(reactor, *a)), sys.argv[1:])
"""


def test_txdbus(either_bus):
    status, output, errors = run(sys.executable, "-c", TXDBUS, either_bus.address)
    assert output.splitlines() == [
        "1",
        "True",
        f"org.freedesktop.DBus.Error.ServiceUnknown: {UNKNOWN}",
        "True",
        "['heard']",
    ], errors
    assert status == 0


def test_our_own_programs(either_bus, spawn):
    dobby = spawn("fakedobby", "--bus", either_bus.address)
    host = spawn("thunderoci", "serve", "--bus", either_bus.address, "--port", "0")
    request = {"jsonrpc": "2.0", "id": 1, "method": "org.rdk.OCIContainer.1.listContainers"}
    with urllib.request.urlopen(host.ready["url"], json.dumps(request).encode()) as answer:
        assert json.load(answer)["result"] == {"containers": [], "success": True}
    client = either_bus.client()
    call = client.call("org.rdk.dobby", "/org/rdk/dobby", "org.rdk.dobby.ctrl1", "List")
    assert (call.kind, call.body) == (RETURN, [[], []])
    client.bus("AddMatch", "s", ["member=NameOwnerChanged,arg0=org.rdk.dobby"])
    assert host.end()[0] == 0
    assert dobby.end()[0] == 0
    assert client.next().body[2] == ""


IN_ONE_PROCESS = """
import os
from twisted.internet import defer, task
from fakedobby.bus import connect
from fakedobby.embeddedbus import EmbeddedBus

async def main(reactor):
    bus = EmbeddedBus(guid="0123456789abcdef" * 2)
    address = bus.start(reactor)
    print(address.partition(",")[2])
    path = address.partition(",")[0].removeprefix("unix:path=")
    connections = [await connect(reactor, one) for one in [address, bus.listen(reactor, path + "-2")]]
    print(await connections[0].requestBusName("x.y"))
    print(*sorted(os.listdir(os.path.dirname(path))), sep="; ")
    lost = []
    for connection in connections:
        lost.append(defer.Deferred())
        connection.notifyOnDisconnect(lambda _, reason, lost=lost[-1]: lost.callback(None))
    await bus.stop()
    await defer.gatherResults(lost)
    print(os.path.exists(os.path.dirname(path)), reactor.getDelayedCalls(), len(reactor.getReaders()) < 3)
    await bus.stop()

task.react(lambda reactor: defer.ensureDeferred(main(reactor)))
"""


def test_bus_and_clients_in_one_process_and_nothing_left():
    status, output, errors = run(sys.executable, "-W", "error", "-c", IN_ONE_PROCESS)
    assert output.splitlines() == [f"guid={'0123456789abcdef' * 2}", "1", "bus; bus-2", "False [] True"], errors
    assert status == 0
