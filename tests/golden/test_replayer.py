"""The replayer finds what a daemon does wrong: each fault turns a recorded session red."""

import json

import pytest
import pytest_twisted
from recorded import SESSIONS
from replayer import Difference, lay_out, replay, same
from twisted.internet import reactor
from twisted.internet.defer import maybeDeferred
from txdbus.message import MethodReturnMessage, SignalMessage

from fakedobby.embeddedbus import EmbeddedBus


@pytest.fixture(scope="module")
def address():
    bus = EmbeddedBus()
    yield bus.start(reactor)
    pytest_twisted.blockon(maybeDeferred(bus.stop))


def reply(message, *values):
    return MethodReturnMessage(
        message.reply_serial, body=list(values), destination=message.destination, signature=message.signature
    )


def signal(message, member, *values, signature="is"):
    return SignalMessage(message.path, member, message.interface, signature=signature, body=list(values))


def changing(kind, change, **attributes):
    """A daemon that sends, for messages of this kind and these attributes, what `change` makes of them."""

    def tamper(message):
        fits = isinstance(message, kind) and all(getattr(message, name) == value for name, value in attributes.items())
        return change(message) if fits else [message]

    return tamper


def answers(signature, change):
    """A daemon whose replies of one signature are changed."""
    return changing(MethodReturnMessage, lambda it: [reply(it, *change(*it.body))], signature=signature)


def signals(member, change):
    """A daemon that sends something else for one of its signals."""
    return changing(SignalMessage, change, member=member)


def both(*tampers):
    """A daemon with two faults."""
    first, second = tampers
    return lambda message: [two for one in first(message) for two in second(one)]


def late(member, behind):
    """A daemon that sends a signal behind the next message of the kind `behind` that has a body."""
    held = []

    def tamper(message):
        if isinstance(message, SignalMessage) and message.member == member:
            held.append(message)
            return []
        return [message, held.pop()] if isinstance(message, behind) and message.signature and held else [message]

    return tamper


def renamed(message):
    """A signal with another id."""
    values = [message.body[0], "other", *message.body[2:]]
    return [signal(message, message.member, *values, signature=message.signature)]


def numbered(message):
    """A signal with another descriptor."""
    return [signal(message, message.member, 735, message.body[1])]


def reordered(info):
    return (json.dumps(dict(reversed(json.loads(info).items()))),)


def limited(info):
    return (info.replace("67108864", "67108865"),)


def numeric(message):
    """A reply of another type."""
    return [MethodReturnMessage(message.reply_serial, body=[1], destination=message.destination, signature="i")]


def ended_twice(message):
    return [message, signal(message, "StoppedWithStatus", *message.body, 0, signature="isi"), message]


FAULTS = {
    "another descriptor in the reply": (
        "spec-start-stop",
        lambda: answers("i", lambda value: (735 if value == 734 else value,)),
        "step 4, .* is answered behind",
    ),
    "another descriptor everywhere": (
        "spec-start-stop",
        lambda: both(answers("i", lambda value: (735 if value == 734 else value,)), signals("Started", numbered)),
        'step 4, .*"descriptor":735',
    ),
    "another state": (
        "pause-resume",
        lambda: answers("i", lambda value: (2 if value == 4 else value,)),
        'getContainerState: .*"Running".* recorded was .*"Paused"',
    ),
    "a refusal": ("pause-resume", lambda: answers("b", lambda _: (False,)), "pauseContainer: .*ERROR_GENERAL"),
    "no refusal": ("pause-twice", lambda: answers("b", lambda _: (True,)), "pauseContainer: .*success"),
    "a reply of another type": (
        "pause-resume",
        lambda: changing(MethodReturnMessage, numeric, signature="b"),
        "pauseContainer: .*ERROR_GENERAL",
    ),
    "no reply": (
        "pause-resume",
        lambda: changing(MethodReturnMessage, lambda _: [], signature="b"),
        "Pause is not answered in 25 seconds",
    ),
    "another order of the list": (
        "list-order",
        lambda: answers("aias", lambda descriptors, ids: (descriptors[::-1], ids[::-1])),
        "listContainers",
    ),
    "another order of the document": ("info-running", lambda: answers("s", reordered), "getContainerInfo"),
    "another figure in the document": ("info-running", lambda: answers("s", limited), "getContainerInfo"),
    "no Started": ("pause-resume", lambda: signals("Started", lambda _: []), "is answered behind"),
    "no Stopped": (
        "spec-start-stop",
        lambda: signals("Stopped", lambda _: []),
        r"step 9, events: the events \[\], but",
    ),
    "no StoppedWithStatus": (
        "spec-start-stop",
        lambda: signals("StoppedWithStatus", lambda _: []),
        "Stopped.* right behind StoppedWithStatus of None",
    ),
    "a second Started": ("spec-start-stop", lambda: signals("Started", lambda it: [it, it]), "step 9, events"),
    "a second end": ("spec-start-stop", lambda: signals("Stopped", ended_twice), "quiet: .* recorded was silence"),
    "a signal that nobody knows": (
        "spec-start-stop",
        lambda: signals("Started", lambda it: [signal(it, "Paused", *it.body), it]),
        r"the signal Paused\(is\)",
    ),
    "a signal of other types": (
        "spec-start-stop",
        lambda: signals("Stopped", lambda it: [signal(it, "Stopped", *it.body, 0, signature="isi")]),
        r"the signal Stopped\(isi\)",
    ),
    "Stopped of another container": (
        "spec-start-stop",
        lambda: signals("Stopped", renamed),
        "right behind StoppedWithStatus of",
    ),
    "the end of another container": (
        "spec-start-stop",
        lambda: both(signals("Stopped", renamed), signals("StoppedWithStatus", renamed)),
        'step 9, events: .*"name":"other"',
    ),
    "Started behind the reply": ("spec-start-stop", lambda: late("Started", MethodReturnMessage), "is answered behind"),
    "StoppedWithStatus behind Stopped": (
        "spec-start-stop",
        lambda: late("StoppedWithStatus", SignalMessage),
        "Stopped.* right behind StoppedWithStatus of None",
    ),
}
"""The session, what the daemon does to its messages, and what the replayer says."""


@pytest.mark.parametrize("fault", FAULTS)
@pytest_twisted.ensureDeferred
async def test_a_fault_is_found(address, fault, tmp_path):
    name, start, complaint = FAULTS[fault]
    session = SESSIONS["rdkservices"][f"sessions/{name}"]
    lay_out(session["files"], tmp_path)
    with pytest.raises(Difference, match=complaint):
        await replay(address, "rdkservices", session["steps"], tmp_path, start())


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ([1, 2], [2, 1]),
        ([1], [1, 2]),
        (1, True),
        (1, 1.0),
        ({"$any": "int"}, True),
        ({"$any": "int"}, 1.5),
        ({"$any": "list:int"}, [1, "2"]),
        ({"$any": "list"}, {}),
        ({"$any": "str"}, 1),
    ],
)
def test_values_that_differ(expected, got):
    assert not same(expected, got)
