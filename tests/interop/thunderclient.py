"""Clients of a plugin host and a Dobby that does what a test tells it; all do one thing at a time."""

import itertools
import json
import socket
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

from websockets.sync.client import connect

from dobbyclient import CTRL, NAME, PATH
from rawclient import ERROR, RETURN, SIGNAL, RawClient

CALLSIGN = "org.rdk.OCIContainer"
PATIENCE = 20
NONE = {"rdkservices": {"containers": [], "success": True}}
NONE["entservices"] = {**NONE["rdkservices"], "errorReason": ""}
"""What listContainers answers when there is no container."""
DONE = {"rdkservices": {"success": True}, "entservices": {"success": True, "errorReason": ""}}
EVENTS = {
    "rdkservices": ("onContainerStarted", "onContainerStopped"),
    "entservices": ("onContainerStateChanged", "onContainerStarted", "onContainerStopped"),
}
"""The events that each generation has for what happens to containers."""


def message(method, params=None, number=1, callsign=CALLSIGN):
    """Return a call as text; a method with a dot in it is a whole designator."""
    call = {"jsonrpc": "2.0", "id": number, "method": method if "." in method else f"{callsign}.1.{method}"}
    return json.dumps(call if params is None else {**call, "params": params})


def until(holds):
    """Ask again and again, until it is so; for what no message tells of."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline


class WebSocket:
    """A client on a WebSocket: calls one after another, and keeps the events that come in between."""

    def __init__(self, url, *, client_id="client", **options):
        self._id = client_id
        self._numbers = itertools.count(1)
        self._answers = {}
        self._events = []
        # the host answers a close and leaves the connection to its client
        self._open = ExitStack()
        self._connection = self._open.enter_context(
            connect(url, subprotocols=["notification"], close_timeout=0.1, **options)
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._open.close()

    def send(self, method, params=None):
        """Send a call and return its number."""
        number = next(self._numbers)
        self._connection.send(message(method, params, number))
        return number

    def next(self):
        """Return the next message, an answer or an event."""
        return json.loads(self._connection.recv(PATIENCE))

    def answer(self, number):
        """Return the answer to a call: its result, or its error."""
        while number not in self._answers:
            received = self.next()
            if "id" in received:
                self._answers[received["id"]] = received
            else:
                self._events.append(received)
        answer = self._answers.pop(number)
        return answer["result"] if "result" in answer else answer["error"]

    def call(self, method, params=None):
        """Call and return the result, or the error."""
        return self.answer(self.send(method, params))

    def register(self, *events, callsign=CALLSIGN, unregister=False):
        for event in events:
            verb = "unregister" if unregister else "register"
            assert self.call(f"{callsign}.1.{verb}", {"event": event, "id": self._id}) == 0

    def event(self):
        """Return the next event as its name, with the id that it was registered under, and params."""
        received = self._events.pop(0) if self._events else self.next()
        assert set(received) == {"jsonrpc", "method", "params"}, received
        return received["method"], received["params"]

    def events(self, number):
        return [self.event() for _ in range(number)]

    def heard(self):
        """Return the events that came before now: a call goes to Dobby and back, behind all that Dobby has sent."""
        self.call("listContainers")
        return [self.event() for _ in range(len(self._events))]


class HTTPClient:
    """A keep-alive connection, byte by byte."""

    def __init__(self, url):
        address = urlsplit(url)
        self._path = address.path
        self._connection = socket.create_connection((address.hostname, address.port), PATIENCE)
        self._stream = self._connection.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()
        self._connection.close()

    def send(self, method, params=None, headers=""):
        body = message(method, params)
        head = f"POST {self._path} HTTP/1.1\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        self._connection.sendall((head + body).encode())

    def receive(self):
        """Return the next response, whether asked for or not: its status line, its headers' lines, and its body."""
        status, *lines = iter(lambda: self._stream.readline().decode().rstrip("\r\n"), "")
        length = int(dict(line.split(": ", 1) for line in lines)["Content-Length"])
        return status, lines, json.loads(self._stream.read(length))

    def call(self, method, params=None):
        self.send(method, params)
        answer = self.receive()[2]
        return answer["result"] if "result" in answer else answer["error"]


class ScriptedDobby(RawClient):
    """A Dobby that says what a test wants, when it wants it."""

    def __init__(self, address):
        super().__init__(address)
        assert self.bus("RequestName", "su", [NAME, 0]).body == [1]

    def next_call(self, member=None):
        """Return the next call; `member` is what it must be."""
        call = super().next_call()
        assert member in {None, call.member}, call
        return call

    def reply(self, call, signature="", *values):
        self.send(RETURN, signature, values, destination=call.sender, reply_serial=call.serial)

    def refuse(self, call):
        name = "org.freedesktop.DBus.Error.Failed"
        self.send(ERROR, destination=call.sender, reply_serial=call.serial, error_name=name)

    def list(self, **containers):
        """Answer the List that comes next."""
        self.reply(self.next_call("List"), "aias", list(containers.values()), list(containers))

    def tell(self, member, signature="is", values=(7, "told"), **fields):
        """Send a signal."""
        self.send(SIGNAL, signature, values, path=PATH, interface=CTRL, member=member, **fields)
