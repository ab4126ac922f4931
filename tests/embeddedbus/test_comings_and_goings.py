"""Clients that come, call at random and vanish, with calls in flight: the daemon keeps nothing of them."""

import json
from pathlib import Path
from random import Random

import pytest

from dobbyclient import CTRL, NAME, PATH, SPEC, Client
from rawclient import CALL

CLIENTS = 100
CALLS = 20


def any_call(random):
    """One call with fitting types: its member, its signature and its values."""
    container_id = f"c{random.randrange(30)}"
    descriptor = random.choice([734, 879, 439, 731, 365, 182, 91, 45, 22, 11, -1, 0])
    return random.choice(
        [
            ("StartFromSpec", "ssah", [container_id, json.dumps(SPEC | {"args": ["true"]}), []]),
            ("StartFromSpec", "ssah", [container_id, json.dumps(SPEC), []]),
            ("Start", "ssah", [container_id, "{}", []]),
            ("Stop", "ib", [descriptor, random.random() < 0.5]),
            ("Pause", "i", [descriptor]),
            ("Resume", "i", [descriptor]),
            ("Hibernate", "is", [descriptor, ""]),
            ("Wakeup", "i", [descriptor]),
            ("Annotate", "iss", [descriptor, "k", "v"]),
            ("GetInfo", "i", [descriptor]),
            ("List", "", []),
        ]
    )


@pytest.mark.parametrize("kind", ["private", "embedded"])
def test_nothing_is_left_of_clients(spawn, kind):
    program = spawn("thunderoci", "up", "--port", "0", "--progression", "immediate", "--bus", kind)
    descriptors = Path(f"/proc/{program.process.pid}/fd")
    random = Random(1)  # noqa: S311 (not for secrets)
    with Client(program.ready["bus"]) as observer:
        observer.bus("AddMatch", "s", ["member='NameOwnerChanged'"])
        names, files = set(observer.bus("ListNames").body[0]), len(list(descriptors.iterdir()))
        visitors = set()
        for _ in range(CLIENTS):
            with Client(program.ready["bus"]) as client:
                visitors.add(client.name)
                for _ in range(random.randrange(CALLS)):
                    member, signature, values = any_call(random)
                    client.send(CALL, signature, values, destination=NAME, path=PATH, interface=CTRL, member=member)
        while visitors:
            signal = observer.passed.pop(0) if observer.passed else observer.next()
            if signal.member == "NameOwnerChanged" and signal.body[2] == "":
                visitors.discard(signal.body[0])
        for descriptor in observer.value("List")[1][0]:
            observer.value("Stop", "ib", descriptor, True)
        assert observer.value("List") == ("aias", [[], []])
        assert set(observer.bus("ListNames").body[0]) == names
        assert len(list(descriptors.iterdir())) == files
    assert program.end() == (0, "")
