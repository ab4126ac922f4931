"""Replays a recorded session on the fake Dobby: as D-Bus calls and signals, on a real bus, in virtual time.

Messages go over sockets in real time, containers live on a test clock. What has arrived is proved by a Ping, which the
daemon answers at once whatever else it does, and behind everything that it sent before.
"""

import json

from plugin_calls import PLUGINS, dumps
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from txdbus.error import RemoteError
from txdbus.message import MethodCallMessage

from fakedobby.bus import connect
from fakedobby.service import DobbyService
from fakedobby.settings import Settings

_NAME, _PATH, _CTRL = "org.rdk.dobby", "/org/rdk/dobby", "org.rdk.dobby.ctrl1"
_CALLSIGN = "org.rdk.OCIContainer.1."
_SIGNATURES = {"Started": "is", "StoppedWithStatus": "isi", "Stopped": "is", "Hibernated": "is", "Awoken": "is"}
_PATIENCE = 20
"""Real seconds that a message may take."""
_PLUGIN_WAITS = 25
"""Seconds that the plugin has for an answer; virtual ones."""
_WITHIN = 6000
"""Milliseconds in which events come, unless the step says otherwise."""
_KINDS = {
    "int": lambda value: type(value) is int,
    "num": lambda value: type(value) in {int, float},
    "str": lambda value: isinstance(value, str),
    "list": lambda value: isinstance(value, list),
    "list:int": lambda value: isinstance(value, list) and all(type(one) is int for one in value),
    "object": lambda value: isinstance(value, dict),
    "any": lambda _: True,
}
"""What `{"$any": kind}` stands for."""


class Difference(Exception):
    """What was replayed is not what was recorded."""


def same(expected, got):
    """Compare JSON values; the order of members counts, placeholders stand for any value of their kind."""
    if isinstance(expected, dict):
        if list(expected) == ["$any"]:
            return _KINDS[expected["$any"]](got)
        return (
            isinstance(got, dict)
            and list(expected) == list(got)
            and all(same(value, got[name]) for name, value in expected.items())
        )
    if isinstance(expected, list):
        return isinstance(got, list) and len(expected) == len(got) and all(map(same, expected, got))
    return type(expected) is type(got) and expected == got


def filled(value, folder):
    """Replace ${DIR} in all strings of a JSON value."""
    return json.loads(json.dumps(value).replace("${DIR}", str(folder)))


def lay_out(files, folder):
    """Make a session's files and folders."""
    for name, content in files.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(filled(content, folder)), encoding="utf-8")


def fake_dobby(connection, clock, workspace):
    """The daemon under test, which may write below the folder `workspace`."""
    return DobbyService(connection, clock, Settings(workspace=workspace))


class Dobby:
    """The fake daemon with a clock of its own, and a client that calls it and hears its signals."""

    def __init__(self, daemon, client, clock):
        self._daemon = daemon
        self._client = client
        self.clock = clock
        self.signals = []

    @classmethod
    async def start(cls, address, workspace, tamper=None):
        """Start on the bus at `address`."""
        clock = Clock()
        daemon, client = await connect(reactor, address), await connect(reactor, address)
        dobby = cls(daemon, client, clock)
        await fake_dobby(daemon, clock, workspace).publish()
        if tamper is not None:
            send = daemon.sendMessage
            daemon.sendMessage = lambda message: [send(one) for one in tamper(message)]
        await client.addMatch(dobby.signals.append, mtype="signal", path=_PATH, interface=_CTRL)
        return dobby

    async def stop(self):
        """End both connections; the name is free afterwards."""
        await self._daemon.releaseBusName(_NAME)
        for connection in [self._daemon, self._client]:
            lost = Deferred()
            connection.notifyOnDisconnect(lambda *_, lost=lost: lost.callback(None))
            connection.transport.loseConnection()
            await lost

    async def call(self, member, returns, signature="", *values):
        """Call ctrl1 and let time pass until it answers; None for an error, or a reply of another signature."""
        call = MethodCallMessage(
            _PATH, member, interface=_CTRL, destination=_NAME, signature=signature or None, body=list(values)
        )
        answers = []
        sent = self._client.callRemoteMessage(call, _PATIENCE)
        sent.addErrback(lambda failure: failure.trap(RemoteError) and None)
        sent.addCallback(lambda reply: answers.append((reply, self.signals[-1:])))
        end = self.clock.seconds() + _PLUGIN_WAITS
        await self.fence()
        while not answers:
            if not self._next_moment(end):
                raise Difference(f"{member} is not answered in {_PLUGIN_WAITS} seconds")
            await self.fence()
        ((reply, before),) = answers
        if reply is None or (reply.signature or "") != returns:
            return None
        if member.startswith("Start") and reply.body[0] > 0:
            announced = [(signal.member, signal.body) for signal in before]
            if announced != [("Started", [reply.body[0], values[0]])]:
                raise Difference(f"{member} is answered behind {announced}")
        return reply.body

    async def fence(self):
        """Wait until all that was sent has arrived, on both sides."""
        ping = MethodCallMessage(_PATH, "Ping", interface="org.freedesktop.DBus.Peer", destination=_NAME)
        await self._client.callRemoteMessage(ping, _PATIENCE)

    async def pass_time(self, seconds, enough=lambda: False):
        """Let time pass, one event of the daemon after another, until it is `enough`."""
        end = self.clock.seconds() + seconds
        await self.fence()
        while not enough() and self._next_moment(end):
            await self.fence()
        if not enough():
            self.clock.advance(max(0, end - self.clock.seconds()))

    def _next_moment(self, end=float("inf")):
        """Go to the next moment in which something happens; tell whether there is one."""
        times = [timer.getTime() for timer in self.clock.getDelayedCalls()]
        if not times or min(times) > end:
            return False
        self.clock.advance(max(0, min(times) - self.clock.seconds()))
        return True


class Replayer:
    """The steps of one session, with the subscriptions and the events that did not have their turn."""

    def __init__(self, dobby, profile, folder):
        self._dobby = dobby
        self._plugin = PLUGINS[profile](dobby.call)
        self._folder = folder
        self._subscriptions = []
        self._events = []
        self._signals = []
        self._unlisted = 0
        self._steps = {"call": self._call, "events": self._expect, "quiet": self._be_quiet, "sleep": self._sleep}

    async def run(self, steps):
        """Replay all steps; raises Difference."""
        for number, step in enumerate(steps, 1):
            try:
                await self._steps[step["do"]](step)
                self._hear()
                await self._list_anew()
            except Difference as difference:
                raise Difference(f"step {number}, {step.get('method', step['do'])}: {difference}") from None
        if self._events:
            raise Difference(f"the events {dumps(self._events)} came as well")

    async def _call(self, step):
        method, params = step["method"], filled(step.get("params"), self._folder)
        name = method.removeprefix(_CALLSIGN)
        if name in {"register", "unregister"}:
            answer = self._subscribe(name, (params["event"], params["id"]))
        elif name in self._plugin.methods:
            answer = await self._plugin.answer(name, params)
        else:  # the plugin host's own answer, which Dobby has nothing to do with
            if step["reply"].get("error", {}).get("code", 1) == 1:
                raise Difference("the recorded plugin has this method")
            return
        self._compare(step, f'{{"jsonrpc":"2.0","id":{step["id"]},{answer}}}')

    @staticmethod
    def _compare(step, text):
        if text != step["text"] if "text" in step else not same(step["reply"], json.loads(text)):
            raise Difference(f"{text}, but recorded was {step.get('text') or dumps(step['reply'])}")

    def _subscribe(self, method, subscription):
        if (subscription in self._subscriptions) is (method == "register"):
            done = "Registration" if method == "register" else "Unregister was"
            return f'"error":{{"code":-32601,"message":"{done} already done!!!."}}'
        if method == "register":
            self._subscriptions.append(subscription)
        else:
            self._subscriptions.remove(subscription)
        return '"result":0'

    async def _expect(self, step):
        groups = [event.get("$unordered", [event]) for event in step["list"]]
        count = sum(map(len, groups))
        await self._pass(step.get("within_ms", _WITHIN), enough=lambda: len(self._events) >= count)
        for group in groups:
            part, self._events = self._events[: len(group)], self._events[len(group) :]
            rest = list(part)
            for expected in group:
                found = next((event for event in rest if same(expected, event)), None)
                if found is None:
                    raise Difference(f"the events {dumps(part)}, but recorded were {dumps(group)}")
                rest.remove(found)

    async def _be_quiet(self, step):
        await self._pass(step["ms"])
        if self._events:
            raise Difference(f"the events {dumps(self._events)}, but recorded was silence")

    async def _sleep(self, step):
        await self._pass(step["ms"])

    async def _pass(self, milliseconds, enough=lambda: False):
        await self._dobby.pass_time(milliseconds / 1000, lambda: self._hear() or enough())
        self._hear()

    def _hear(self):
        """Turn the signals that have come into events for whoever subscribed to them."""
        while len(self._signals) < len(self._dobby.signals):
            signal = self._dobby.signals[len(self._signals)]
            self._check_signal(signal)
            self._signals.append(signal)
            if signal.member == "StoppedWithStatus":
                continue
            self._unlisted += self._plugin.lists_after.get(signal.member, 0)
            for event, params in self._plugin.events[signal.member](*signal.body):
                for subscribed, prefix in self._subscriptions:
                    if subscribed == event:
                        self._events.append({"jsonrpc": "2.0", "method": f"{prefix}.{event}", "params": params})

    def _check_signal(self, signal):
        if signal.signature != _SIGNATURES.get(signal.member):
            raise Difference(f"the signal {signal.member}({signal.signature})")
        last = self._signals[-1] if self._signals else None
        announced = last.body[:2] if last is not None and last.member == "StoppedWithStatus" else None
        stopped = signal.body if signal.member == "Stopped" else None
        if announced != stopped:
            raise Difference(f"{signal.member}{signal.body} right behind StoppedWithStatus of {announced}")

    async def _list_anew(self):
        """Make the calls to which signals lead the plugin."""
        while self._unlisted:
            self._unlisted -= 1
            await self._dobby.call("List", "aias")
            self._hear()


async def replay(address, profile, steps, folder, tamper=None):
    """Replay the steps of a session on a daemon of its own; raises Difference.

    `tamper` turns each message that the daemon sends into a list of other ones.
    """
    dobby = await Dobby.start(address, folder, tamper)
    try:
        await Replayer(dobby, profile, folder).run(steps)
    finally:
        await dobby.stop()
