"""Clients of Dobby's bus that come, say something and go, by the thousand: nothing is left of them."""

import contextlib
import random

from rawclient import CALL, Closed, RawClient
from watched import until

DOBBY = {"destination": "org.rdk.dobby", "path": "/org/rdk/dobby"}
MEMBERS = ("Ready", "List", "GetState", "GetInfo", "StartFromSpec", "Stop", "Nonsense")
INTERFACES = ("org.rdk.dobby.admin1", "org.rdk.dobby.ctrl1", "org.rdk.dobby.debug1", "a.b")
VALUES = {
    "i": -1,
    "u": 7,
    "s": "text",
    "b": True,
    "d": 0.5,
    "x": 2**40,
    "y": 1,
    "o": "/a",
    "ai": [1, 2],
    "as": ["a"] * 50,
    "ah": [],
    "v": "variant",
    "a{sv}": {"a": 1},
    "(is)": [1, "a"],
    "aai": [[1], [2]],
}
MEBIBYTE = 2**20


def come_and_go(address, number):
    """Say a few things that nobody has said before, and leave in one of several ways."""
    chance = random.Random(number)  # noqa: S311 (chance that can be repeated)
    client = RawClient(address, hello=number % 7 != 0, authenticate=number % 11 != 0)
    with client, contextlib.suppress(Closed):
        if client.name is None:
            return
        client.bus("AddMatch", "s", [f"type='signal',sender='a.b{number}'"])
        client.bus("RequestName", "su", [f"a.b{number}", 0])
        for _ in range(3):
            types = chance.choices(list(VALUES), k=chance.randrange(8))
            member, interface = chance.choice(MEMBERS), chance.choice(INTERFACES)
            values = [VALUES[each] for each in types]
            serial = client.send(CALL, "".join(types), values, member=member, interface=interface, **DOBBY)
            if number % 5:
                client.answer(serial)
        if number % 3 == 0:
            client.socket.sendall(b"l\1\0\1\xff\0\0\0\1\0\0\0\x20\0\0\0\1\1o\0")  # a message that does not end


def test_nothing_is_left_of_clients(watch, bus, scale):
    box = watch("up", "--port", "0", "--bus", bus, "--progression", "immediate")
    files = box.open_files
    address = box.ready["bus"]
    with RawClient(address) as client:  # the journal is full from here on, so it grows no more
        while box.control("GET", "journal?limit=1")["dropped"] == 0:
            for _ in range(500):
                client.send(CALL, "i", [7], member="GetState", interface=INTERFACES[1], **DOBBY)
            client.fence()
    for number in range(scale.bus_clients // 2):
        come_and_go(address, number)
    until(lambda: box.open_files <= files)
    before = box.memory
    for number in range(scale.bus_clients // 2, scale.bus_clients + scale.bus_clients // 2):
        come_and_go(address, number)
    until(lambda: box.open_files <= files)
    # a connection that is kept has some kibibytes
    assert box.memory - before < MEBIBYTE
    assert box.call("listContainers")["result"] == {"containers": [], "success": True}
    status, said = box.end()
    assert (status, "Traceback" in said, "defect" in said) == (0, False, False), said
