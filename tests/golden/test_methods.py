"""The recorded calls of the plugin's methods: same bytes on HTTP, same calls on D-Bus."""

import base64
import json
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from twisted.internet.defer import fail, succeed
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from txdbus.error import RemoteError

from thunderoci.dobby import DobbyProxy
from thunderoci.host import PluginHost
from thunderoci.http import ThunderFactory
from thunderoci.ocicontainer import OCIContainer
from thunderoci.profiles import FLAVOURS

PROFILE, FLAVOUR = "rdkservices", "r4.4.1-rdk"
LINES = Path(__file__).with_name(f"methods.{PROFILE}@{FLAVOUR}.jsonl").read_text(encoding="utf-8").splitlines()
ITEMS = {item["id"]: item for item in map(json.loads, LINES)}

EATEN = "an escaped quote in params confuses the real parser, which drops blanks, brackets or all params"
QUOTED = 'the text "null" reaches the plugin with its quotes'
MISBEHAVIOUR = {
    "methods/start-brackets-in-quotes": EATEN,
    "methods/start-westerosSocket-quotes": EATEN,
    "methods/start-westerosSocket-oddquote": EATEN,
    "methods/spec-deep40": "what is nested too deep is never answered",
    "methods/list-many": "the smallest 32-bit number is written as garbage",
    "methods/startContainer-strnull": QUOTED,
    "methods/startContainerFromDobbySpec-strnull": QUOTED,
    "methods/start-command-strnull": QUOTED,
    "methods/start-westerosSocket-strnull": QUOTED,
}
"""Items that a quirk of the real program touches; without the quirk the answer is another, sane one."""


class ScriptedBus:
    """A bus connection on which Dobby answers from a table."""

    def __init__(self, table):
        self._table = table
        self.calls = []

    def callRemoteMessage(self, mcall, timeout):  # noqa: N802 (txdbus's name)
        assert timeout == 25
        if self._table.get("absent"):
            return fail(RemoteError("org.freedesktop.DBus.Error.ServiceUnknown"))
        self.calls.append([mcall.member, mcall.signature or "", mcall.body])
        answer = self._table[mcall.member]
        if "error" in answer:
            return fail(RemoteError(answer["error"]))
        return succeed(SimpleNamespace(signature=answer["sig"] or None, body=answer["body"]))


def unpack(holder, name):
    if f"{name}_zb64" in holder:
        return zlib.decompress(base64.b64decode(holder[f"{name}_zb64"]))
    if f"{name}_b64" in holder:
        return base64.b64decode(holder[f"{name}_b64"])
    return holder["body"].encode()


def expected(response):
    """Return the recorded answer as bytes."""
    if response.get("silent"):
        return b""
    head = [f"{response['version']} {response['status']} {response['reason']}"]
    head += [f"{name}: {value}" for name, value in response["headers"]]
    return "\r\n".join([*head, "", ""]).encode() + unpack(response, "body")


def replay(item):
    """Return what we answer to a recorded request, and the D-Bus calls that we make."""
    bus = ScriptedBus(item["dobby"])
    flavour = FLAVOURS[FLAVOUR]
    host = PluginHost(flavour, [OCIContainer(DobbyProxy(bus), flavour)])
    clock = Clock()
    channel = ThunderFactory(host, clock).buildProtocol(None)
    transport = StringTransport()
    channel.makeConnection(transport)
    channel.dataReceived(unpack(item["request"], "raw"))
    assert not transport.disconnecting
    channel.connectionLost(None)
    return transport.value(), bus.calls


@pytest.mark.parametrize(
    "item", [pytest.param(item, id=name) for name, item in ITEMS.items() if name not in MISBEHAVIOUR]
)
def test_same_bytes_and_same_calls(item):
    answer, calls = replay(item)
    assert answer == expected(item["response"])
    assert calls == item["dbus_calls"]


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_misbehaviour_is_not_copied(name):
    item = ITEMS[name]
    answer, calls = replay(item | {"dobby": {"StartFromBundle": {"sig": "i", "body": [92]}} | item["dobby"]})
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert (answer, calls) != (expected(item["response"]), item["dbus_calls"])


def test_nothing_was_lost():
    assert len(ITEMS) == len(LINES) == 235
