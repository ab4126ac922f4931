"""A scripted Dobby on a message bus that is not there."""

from types import SimpleNamespace

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock
from txdbus.client import NAME_ACQUIRED, NAME_IN_USE
from txdbus.error import RemoteError
from txdbus.message import parseMessage

_DOBBY = ("/org/rdk/dobby", "org.rdk.dobby.ctrl1")
_TRUE = {"sig": "b", "body": [True]}
_INFO = (
    '{"id":"com.example.a","state":"running","timestamp":348134887768,"pids":[10110],'
    '"cpu":{"usage":{"total":734236982,"percpu":[348134887,386102095]}},'
    '"memory":{"user":{"failcnt":0,"limit":41943040,"max":1359872,"usage":18446744073709551615}}}'
)
ANSWERS = {
    "List": {"sig": "aias", "body": [[91], ["com.example.a"]]},
    "GetState": {"sig": "i", "body": [2]},
    "GetInfo": {"sig": "s", "body": [_INFO]},
    "StartFromBundle": {"sig": "i", "body": [92]},
    "StartFromSpec": {"sig": "i", "body": [92]},
    **dict.fromkeys(["Stop", "Pause", "Resume", "Hibernate", "Wakeup", "Exec"], _TRUE),
    **dict.fromkeys(["Annotate", "RemoveAnnotation", "Mount", "Unmount"], _TRUE),
}
"""What the scripted Dobby answers unless it is told otherwise: it runs one container, 91."""


def finished(awaitable):
    """Return the result of what has nothing to wait for, or raise what it raised."""
    results = []
    Deferred.fromCoroutine(_awaiting(awaitable)).addBoth(results.append)
    assert results, "it still waits"
    if hasattr(results[0], "raiseException"):
        results[0].raiseException()
    return results[0]


async def _awaiting(awaitable):
    return await awaitable


class ScriptedBus:
    """A connection to a message bus on which Dobby answers from a table; `clock` passes where an answer takes time.

    An answer in the table is one of {"sig", "body"}, {"error": name} and {"noreply": True}, with "delay_ms" and the
    signals to "emit_before" and "emit_after" if there are any. {"absent": True} as the table is no Dobby at all.
    """

    def __init__(self, clock=None, table=()):
        self.hear_signal = None
        self.busName = ":1.1"
        self.calls = []
        """Member, signature and arguments, as they are on the wire."""
        self.destinations = set()
        self.timeouts = set()
        self.names = []
        self.name_taken = False
        self.matches = []
        self._clock = clock or Clock()
        self._watchers = []
        self.load(dict(table))

    def load(self, table):
        """Answer from another table."""
        self._table = ANSWERS | table

    def callRemoteMessage(self, mcall, timeout):  # noqa: N802 (txdbus's name)
        if mcall.destination == "org.freedesktop.DBus":
            change = self.matches.append if mcall.member == "AddMatch" else self.matches.remove
            change(mcall.body[0])
            return succeed(SimpleNamespace(signature=None, body=None))
        if self._table.get("absent"):
            return fail(RemoteError("org.freedesktop.DBus.Error.ServiceUnknown"))
        sent = parseMessage(mcall.rawMessage, [])
        self.calls.append([sent.member, sent.signature or "", sent.body or []])
        self.destinations.add((sent.destination, sent.path, sent.interface))
        self.timeouts.add(timeout)
        answer = self._table[mcall.member]
        reply = Deferred()
        if answer.get("noreply"):
            return reply.addTimeout(timeout, self._clock)
        if answer.keys() & {"delay_ms", "emit_before", "emit_after"}:
            self._clock.callLater(answer.get("delay_ms", 0) / 1000, self._answer, reply, answer)
        else:
            self._answer(reply, answer)
        return reply

    def _answer(self, reply, answer):
        for signal in answer.get("emit_before", ()):
            self.emit(*signal)
        if "error" in answer:
            reply.errback(RemoteError(answer["error"]))
        else:
            reply.callback(SimpleNamespace(signature=answer["sig"] or None, body=answer["body"]))
        for signal in answer.get("emit_after", ()):
            self.emit(*signal)

    def emit(self, member, signature, body, path=_DOBBY[0], interface=_DOBBY[1]):
        """Send a signal to whoever asked the bus for it."""
        if any(f"member='{member}'" in rule for rule in self.matches):
            self.hear_signal(
                SimpleNamespace(
                    sender=":1.2",
                    serial=0,
                    path=path,
                    interface=interface,
                    member=member,
                    signature=signature,
                    body=body,
                )
            )

    def requestBusName(self, newName, **options):  # noqa: N802, N803 (txdbus's names)
        self.names.append((newName, options))
        return succeed(NAME_IN_USE if self.name_taken else NAME_ACQUIRED)

    def notifyOnDisconnect(self, watcher):  # noqa: N802 (txdbus's name)
        self._watchers.append(watcher)

    def disconnect(self):
        """End, from whichever side."""
        for watcher in self._watchers:
            watcher(self, ConnectionLost())
