"""Whatever a client sends, the daemon answers once, goes on, and leaves other containers alone (facts/dobby.md 0)."""

import json
import logging
import os
import shutil
from collections import Counter

import pytest
import pytest_twisted
from anyvalues import ARGUMENTS, TEXT, body_of, call_of, types_in, values
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, maybeDeferred
from twisted.internet.task import Clock
from twisted.internet.threads import blockingCallFromThread, deferToThread
from txdbus.error import RemoteError

from fakedobby.bus import connect
from fakedobby.embeddedbus import EmbeddedBus
from fakedobby.privatebus import PrivateBus
from fakedobby.protocol import BUS_NAME, CTRL_INTERFACE, METHODS, OBJECT_PATH
from fakedobby.service import DobbyService
from fakedobby.settings import Settings
from fakedobby.timings import IMMEDIATE

PATIENCE = 20
SPEC = '{"version":"1.0","cwd":"/","args":["sleep","1000"],"user":{"uid":1,"gid":1},"memLimit":67108864,"console":null}'
DROPPED = {"d", "g", "v"}
PEER = "org.freedesktop.DBus.Peer"


def interface_of(member):
    return getattr(METHODS[member], "interface", CTRL_INTERFACE)


INTERFACES = sorted({interface_of(member) for member in METHODS})
CALLS = [
    (interface, member)
    for member in METHODS
    if member != "Shutdown"  # it would do so
    for interface in INTERFACES
]
FORMS = [(member, form) for member, method in METHODS.items() if method.accepts is not None for form in method.accepts]


def immediate_dobby(connection, clock, workspace):
    """The daemon under test, which may write below the folder `workspace`."""
    return DobbyService(connection, clock, Settings(timings=IMMEDIATE, workspace=workspace))


class Daemon:
    """The fake daemon with one container that runs, and a client of it."""

    async def start(self, address, workspace):
        self._clock = Clock()
        self._own, self._client = await connect(reactor, address), await connect(reactor, address)
        self._replies = Counter()
        send = self._own.sendMessage

        def counted(message):
            self._replies[getattr(message, "reply_serial", None)] += 1
            send(message)

        self._own.sendMessage = counted
        await immediate_dobby(self._own, self._clock, workspace).publish()
        signature, body = await self.call(CTRL_INTERFACE, "StartFromSpec", "ssah", ["witness", SPEC, []])
        assert (signature, body) == ("i", [734])
        return self

    def stop(self):
        for connection in [self._own, self._client]:
            connection.transport.loseConnection()

    async def call(self, interface, member, signature="", arguments=(), *, little=True, path=OBJECT_PATH):
        """Return signature and values of the one reply, or an error's name and its text."""
        body = body_of(signature, arguments, little=little)
        call = call_of(path, interface, member, BUS_NAME, signature, body, little=little)
        sent = self._client.callRemoteMessage(call, PATIENCE)
        ping = call_of(OBJECT_PATH, PEER, "Ping", BUS_NAME)
        await self._client.callRemoteMessage(ping, PATIENCE)
        while not sent.called and self._clock.getDelayedCalls():
            self._clock.advance(min(timer.getTime() for timer in self._clock.getDelayedCalls()) - self._clock.seconds())
            await self._client.callRemoteMessage(call_of(OBJECT_PATH, PEER, "Ping", BUS_NAME), PATIENCE)
        try:
            reply = await sent
        except RemoteError as error:
            answer = error.errName, error.values
        else:
            answer = reply.signature or "", reply.body or []
        assert self._replies[call.serial] == 1
        return answer

    async def is_well(self):
        """Tell whether the container that runs is untouched."""
        return await self.call(CTRL_INTERFACE, "GetState", "i", [734]) == ("i", [2])


@pytest.fixture(scope="module", params=[EmbeddedBus, PrivateBus], ids=["embedded", "dbus-daemon"])
def bus(request):
    if request.param is PrivateBus and shutil.which("dbus-daemon") is None:
        (pytest.fail if "CI" in os.environ else pytest.skip)("there is no dbus-daemon on PATH")
    bus = request.param()
    bus.address = bus.start(reactor)
    yield bus
    pytest_twisted.blockon(maybeDeferred(bus.stop))


@pytest.fixture(autouse=True)
def no_defect(caplog):
    """What broke inside is answered too, and told to the log; here nothing breaks."""
    yield
    assert [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR] == []


@pytest.fixture(scope="module")
def daemon(bus, tmp_path_factory):
    daemon = Daemon()
    yield pytest_twisted.blockon(ensureDeferred(daemon.start(bus.address, tmp_path_factory.mktemp("workspace"))))
    daemon.stop()


def in_reactor(test, *arguments, **named):
    """Run a coroutine on the reactor, from the thread in which Hypothesis runs."""
    return blockingCallFromThread(reactor, lambda: ensureDeferred(test(*arguments, **named)))


def examples(bus, number):
    """Most examples run on the embedded bus, which is the faster one."""
    return settings(max_examples=number if isinstance(bus, EmbeddedBus) else number // 5, deadline=None, database=None)


def allowed(interface, member, signature):
    """Return what the reply of a call may be: the signature of a success, or the whole reply of a refusal."""
    method = METHODS[member]
    if interface != interface_of(member):
        return ["org.freedesktop.DBus.Error.UnknownMethod"], []
    understood = "".join(kind for kind in types_in(signature) if kind not in DROPPED)
    fits = method.accepts is None or understood in method.accepts
    return [method.returns] if fits else [], [(method.refusal.signature, list(method.refusal.values))]


def spared(signature, arguments):
    """Keep the running container out of it: a call may well stop it."""
    return [
        735 if kind == "i" and value == 734 else value
        for kind, value in zip(types_in(signature), arguments, strict=True)
    ]


@pytest_twisted.ensureDeferred
async def test_any_arguments(bus, daemon):
    @examples(bus, 600)
    @given(st.sampled_from(CALLS), ARGUMENTS, st.booleans())
    def each(call, arguments, little):
        interface, member = call
        signature, sent = arguments
        answer = in_reactor(daemon.call, interface, member, signature, spared(signature, sent), little=little)
        signatures, replies = allowed(interface, member, signature)
        assert answer[0] in signatures or answer in replies
        assert in_reactor(daemon.is_well)

    await deferToThread(each)


@pytest.mark.parametrize(
    ("signature", "arguments"),
    [("iv", [734, ("a{sv}", [])]), ("div", [0.5, 734, ("y", 1)]), ("gig", ["", 734, "a{sv}"])],
)
@pytest_twisted.ensureDeferred
async def test_doubles_signatures_and_variants_do_not_count(daemon, signature, arguments):
    assert await daemon.call(CTRL_INTERFACE, "GetState", signature, arguments) == ("i", [2])


@pytest.mark.parametrize(
    ("signature", "arguments"),
    [
        ("i(i)", [734, [1]]),
        ("ia(i)", [734, []]),
        ("iaas", [734, []]),
        ("iaai", [734, [[1], []]]),
        ("ia{sv}", [734, [["a", ("s", "b")]]]),
        ("i" + "(" * 32 + "y" + ")" * 32, [734, json.loads("[" * 32 + "1" + "]" * 32)]),
        ("i" + "a" * 32 + "y", [734, json.loads("[" * 32 + "]" * 32)[0]]),
        ("i" * 255, [734] * 255),
    ],
)
@pytest_twisted.ensureDeferred
async def test_structs_and_arrays_of_containers_are_bad_arguments(daemon, signature, arguments):
    assert await daemon.call(CTRL_INTERFACE, "GetState", signature, arguments) == ("i", [-1])
    assert await daemon.call(CTRL_INTERFACE, "GetInfo", signature, arguments) == ("b", [True])
    assert await daemon.is_well()


@pytest_twisted.ensureDeferred
async def test_large_arguments(daemon):
    for signature, value in [("s", "x" * (8 << 20)), ("as", ["x"] * 100_000), ("ay", bytes(1 << 20))]:
        assert await daemon.call(CTRL_INTERFACE, "GetState", signature, [value]) == ("i", [-1])
    nested = "x"
    for _ in range(60):
        nested = ("v", nested) if isinstance(nested, tuple) else ("s", nested)
    assert await daemon.call(CTRL_INTERFACE, "GetState", "iiv", [734, 1, nested]) == ("i", [-1])
    assert await daemon.is_well()


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.just("\ud800") | st.just("\0")
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=8
)
KEYS = st.sampled_from([*json.loads(SPEC), "env", "network", "mounts", "rdkPlugins", "cpu", "etc", "seccomp", "\ud800"])
DEEP = 100_000
JSON_TEXTS = [
    "",
    "null",
    "[]",
    "{",
    "\ufeff{}",
    "[" * DEEP,
    "[" * DEEP + "]" * DEEP,
    '{"args":' * DEEP + "1" + "}" * DEEP,
    SPEC.replace("67108864", "9" * DEEP),
    SPEC.replace("67108864", "-" + "9" * DEEP),
    SPEC.replace("67108864", "1e999999999"),
    SPEC.replace("67108864", "NaN"),
    SPEC.replace("67108864", "-Infinity"),
    SPEC.replace('"console":null', '"console":NaN'),
    SPEC.replace("{", '{"version":2,', 1),
    SPEC.replace('"sleep"', '"\\ud800"'),
    SPEC.replace('"sleep"', '"\\u0000"'),
    SPEC.replace('"1000"', '"\\udfff\\ud800"'),
    SPEC.replace('"1000"', '"' + "x" * (1 << 20) + '"'),
    SPEC.replace('"1000"', ",".join(['"x"'] * DEEP)),
    SPEC.replace('"cwd":"/"', '"cwd":"\\ud800/\\u0000"'),
    SPEC.replace('"console":null', '"\\ud800":"\\ud800"'),
    SPEC.replace('"console":null', '"console":null,' * DEEP + '"console":null'),
]
SPECS = st.builds(lambda key, value: json.dumps(json.loads(SPEC) | {key: value}), KEYS, JSON)
"""Dobby specs that are nearly right."""


def fitting(form):
    """Arguments of the right types; texts may be JSON of all kinds."""
    texts = TEXT | SPECS | JSON.map(json.dumps) | st.sampled_from(["witness", "a", "/", "734"])
    return st.tuples(*(texts if kind == "s" else values(kind) for kind in types_in(form)))


@pytest_twisted.ensureDeferred
async def test_arguments_that_fit(bus, daemon):
    @examples(bus, 300)
    @given(st.sampled_from(FORMS).flatmap(lambda form: st.tuples(st.just(form), fitting(form[1]))))
    def each(call):
        (member, form), sent = call
        signature, _ = in_reactor(daemon.call, interface_of(member), member, form, spared(form, sent))
        assert signature == METHODS[member].returns
        assert in_reactor(daemon.is_well)

    await deferToThread(each)


@pytest.mark.parametrize("number", range(len(JSON_TEXTS)))
@pytest.mark.parametrize("source", ["spec", "bundle"])
@pytest_twisted.ensureDeferred
async def test_json(daemon, tmp_path, source, number):
    if source == "spec":
        member, text = "StartFromSpec", JSON_TEXTS[number]
    else:
        member, text = "StartFromBundle", str(tmp_path)
        (tmp_path / "rootfs").mkdir()
        (tmp_path / "config.json").write_text(JSON_TEXTS[number], encoding="utf-8")
    container_id = f"{source}.{number}"
    signature, (descriptor,) = await daemon.call(CTRL_INTERFACE, member, "ssah", [container_id, text, []])
    assert signature == "i"
    if descriptor > 0:
        for asked in ["GetInfo", "GetSpec", "GetOCIConfig"]:
            if asked in METHODS:
                assert (await daemon.call(interface_of(asked), asked, "i", [descriptor]))[0] == "s"
        assert await daemon.call(CTRL_INTERFACE, "Stop", "ib", [descriptor, True]) == ("b", [True])
    assert await daemon.is_well()
