"""A manager on a clock that only the test moves, with everything that it says in one list."""

import json

from twisted.internet.task import Clock

from fakedobby.manager import Manager
from fakedobby.settings import Settings

SPEC = {
    "version": "1.0",
    "cwd": "/",
    "args": ["sleep", "60"],
    "user": {"uid": 1000, "gid": 1000},
    "memLimit": 41943040,
}


def spec(**changes):
    return json.dumps(SPEC | changes)


made = []
"""Every bench of the test that runs: what a daemon leaves behind is looked for when the test is over (conftest.py)."""


class Bench:
    """A manager whose replies and signals are written into one list, in their order."""

    def __init__(self, *, clock=None, uptime=0.0, **settings):
        made.append(self)
        settings = Settings(**settings)
        self.clock = clock or Clock()
        self.heard = []
        self.manager = Manager(
            self.clock, lambda signal, values: self.heard.append((signal, *values)), settings, uptime=uptime
        )

    def call(self, member, *arguments):
        self.manager.call(member, list(arguments), lambda answer: self.heard.append((member, answer)))

    def ask(self, member, *arguments):
        """Return the answer of a call that is answered at once."""
        answers = []
        self.manager.call(member, list(arguments), answers.append)
        (answer,) = answers
        return answer

    def start(self, container_id="app", text=None, command=None):
        forms = [] if command is None else [command, "", []]
        return self.ask("StartFromSpec", container_id, text or spec(), [], *forms)

    def take(self):
        heard, self.heard[:] = list(self.heard), []
        return heard

    def run(self, member, *arguments):
        """Return the answer of a call, however long it takes."""
        answers = []
        self.manager.call(member, list(arguments), answers.append)
        while not answers:
            self.clock.advance(min(call.getTime() for call in self.clock.getDelayedCalls()) - self.clock.seconds())
        return answers[0]
