"""An emulator without sockets whose control API is on, and a fake Dobby of paper behind it."""

import json
from random import Random

from hosting import Connection
from twisted.internet.defer import Deferred

from fakedobby.emulatedclock import EmulatedClock
from fakedobby.emulation import Emulation
from thunderoci.control.about import About
from thunderoci.control.access import Access
from thunderoci.control.api import ControlAPI
from thunderoci.control.operations import Operations


class Answer:
    """An HTTP answer taken apart."""

    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = dict(line.split(": ", 1) for line in lines)

    @property
    def json(self):
        return json.loads(self.body)


class Controlled(Connection):
    """One client's connection; what it asks for is answered at once unless it waits."""

    def __init__(self, *, access=None, daemon=None, clock=None):
        def emulation_on(base):
            moved = clock or EmulatedClock(base, 0)
            return Emulation(moved, moved, Random(0))  # noqa: S311 (chance that can be repeated)

        super().__init__(emulation_on=emulation_on)
        self.emulation = self.host.emulation
        self.journal = self.emulation.journal
        about = About("rdkservices", "r4.4.1-rdk", "http://127.0.0.1:9998/jsonrpc", "ws://x", "unix:path=x", "real")
        self.operations = Operations(self.host, self.emulation, about, self.clock, daemon, turns=self.factory.turns)
        self.factory.control = ControlAPI(self.operations, access or Access())

    def ask(self, verb, path, body=None, headers=None, host="127.0.0.1:9998"):
        """Send a request and return its answer; None while there is none."""
        lines = {} if host is None else {"Host": host}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            lines |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = {name: value for name, value in (lines | (headers or {})).items() if value is not None}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        answer = self.send(f"{verb} {path} HTTP/1.1\r\n{head}\r\n".encode() + (body or b""))
        return Answer(answer) if answer else None

    def get(self, path, **options):
        """Return what is at a path below /emulator."""
        answer = self.ask("GET", f"/emulator{path}", **options)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
        return answer.json

    def do(self, verb, path, body=None, **options):
        """Carry out what must succeed, and return the result."""
        answer = self.ask(verb, f"/emulator{path}", body, **options)
        assert answer.status in {200, 201, 204}, answer.body
        return answer.json if answer.body else None

    def refused(self, verb, path, body=None, **options):
        """Return the problem document of what must not succeed."""
        answer = self.ask(verb, f"/emulator{path}", body, **options)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json["status"] == answer.status
        return answer.json


def turn(clock):
    """Let the loop turn once: what is put off to the next turn meanwhile is left there, unlike by Clock.advance()."""
    due = [one for one in clock.calls if one.getTime() <= clock.seconds()]
    for one in due:
        clock.calls.remove(one)
        one.called = 1
        one.func(*one.args, **one.kw)


class PaperDobby:
    """What DaemonControl promises, without a daemon: it writes down what it is asked to do."""

    def __init__(self):
        self.asked = []
        self.containers = []
        self.advancing = None
        self.is_there = True

    def list_containers(self):
        return self.containers

    def get_container(self, container_id):
        return {"id": container_id}

    async def start_container(self, document):
        self.asked.append(("start", document))
        return {"id": document["id"]}

    def exit_container(self, container_id, status):
        self.asked.append(("exit", container_id, status))

    def crash_container(self, container_id, signal):
        self.asked.append(("crash", container_id, signal))

    def containers_state(self):
        return self.containers

    def set_containers(self, containers):
        self.containers = containers

    async def reset(self):
        self.containers = []

    def snapshot(self):
        return {"containers": self.containers, "clock": {"seconds": 0.0, "speed": 0.0}, "nextDescriptor": 740}

    def restore(self, snapshot):
        self.containers = snapshot["containers"]

    async def advance(self, seconds):
        self.advancing = Deferred()
        await self.advancing
        self.asked.append(("advance", seconds))

    async def step(self, steps):
        self.asked.append(("step", steps))

    def waiting(self):
        return ["starting com.a"]
