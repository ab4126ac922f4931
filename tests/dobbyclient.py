"""A client of the daemon, one call at a time."""

import itertools
import json

from rawclient import RETURN, RawClient

NAME = "org.rdk.dobby"
PATH = "/org/rdk/dobby"
CTRL = f"{NAME}.ctrl1"
SPEC = {"version": "1.0", "cwd": "/", "args": ["sleep", "60"], "user": {"uid": 1, "gid": 1}, "memLimit": 41943040}
STARTED, STATUS, STOPPED = "Started", "StoppedWithStatus", "Stopped"


class Client(RawClient):
    """A client that hears the daemon's signals."""

    _ids = itertools.count()

    def dobby(self, member, signature="", *values, interface=CTRL, path=PATH, **fields):
        """Call the daemon; return its answer."""
        return self.call(NAME, path, interface, member, signature, values, **fields)

    def value(self, member, signature="", *values, **fields):
        """Call the daemon; return the signature and the values of its reply."""
        answer = self.dobby(member, signature, *values, **fields)
        assert answer.kind == RETURN
        return answer.signature, answer.body

    def start(self, container_id=None, **changes):
        """Start a container from a Dobby spec; return its id and the descriptor."""
        container_id = container_id or f"c{next(self._ids)}"
        return container_id, self.value("StartFromSpec", "ssah", container_id, json.dumps(SPEC | changes), [])[1][0]

    def end(self, descriptor):
        """Stop a container, and wait until it is gone."""
        assert self.value("Stop", "ib", descriptor, True) == ("b", [True])
        while self.next().member != STOPPED:
            pass

    def heard(self):
        """The signals of the daemon that came before its last answer, oldest first, as (member, values)."""
        signals, self.passed = self.passed, []
        return [(signal.member, signal.body) for signal in signals if signal.path == PATH]
