"""Random calls against a model: whatever is called in whatever order, the daemon does what the model says.

`pytest --hypothesis-profile=long` makes 100,000 calls.
"""

import json
import tempfile
from collections import Counter
from typing import NamedTuple

from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bench import spec
from fakedobby.protocol import METHODS
from fakedobby.timings import IMMEDIATE
from model import Model
from wire import call, published


class Program(NamedTuple):
    """What a container is to run, and all that the model knows of it."""

    name: str
    text: str
    seconds: int | None = None
    status: int = 0
    on_term: int | None = 15
    accepted: bool = True
    runnable: bool = True
    restarts: bool = False


def shell(script):
    return spec(args=["sh", "-c", script])


PROGRAMS = [
    Program("for ever", spec(args=["/usr/bin/app"])),
    Program("sleeps", spec(args=["sleep", "3"]), seconds=3),
    Program("at once", spec(args=["true"]), seconds=0),
    Program("fails", shell("sleep 2; exit 7"), seconds=2, status=1792),
    Program("missing", spec(args=["/no/such"]), seconds=0, status=256),
    Program("ignores TERM", shell("trap '' TERM; while true; do sleep 1; done"), on_term=None),
    Program("traps TERM", shell("trap 'exit 3' TERM; while true; do sleep 1; done"), on_term=768),
    Program("crashes", spec(args=["sh", "-c", "sleep 1; kill -SEGV $$"], restartOnCrash=True), 1, 139, restarts=True),
    Program("no JSON", "{", accepted=False),
    Program("no user", spec(user=None), accepted=False),
    Program("no memory", spec(memLimit=0), runnable=False),
]
IDS = ["app", "App", "b.2", "c-3", "-d", "1", "a..b", "x" * 64, "x" * 65, "é"]
DESCRIPTORS = strategies.one_of(
    strategies.sampled_from([734, 879, 439, 731, 365, 182, 91, 45]), strategies.integers(-(2**31), 2**31 - 1)
)


class AnyCalls(RuleBasedStateMachine):
    """Calls on a daemon without a bus, whose clock goes by whole seconds."""

    def __init__(self):
        super().__init__()
        self.model = Model()
        self.connection = published(timings=IMMEDIATE)
        self.directory = tempfile.TemporaryDirectory()

    def ask(self, member, signature="", *values):
        """Call a method; return the value of its reply."""
        call(self.connection, member, signature, *values, interface=METHODS[member].interface)
        (reply,) = [message for message in self.connection.sent if hasattr(message, "reply_serial")]
        self.connection.sent.remove(reply)
        return reply.body if reply.signature == "aias" else reply.body[0]

    @rule(container_id=strategies.sampled_from(IDS), program=strategies.sampled_from(PROGRAMS))
    def start(self, container_id, program):
        descriptor = self.ask("StartFromSpec", "ssah", container_id, program.text, [])
        assert descriptor == self.model.start(container_id, program)

    @rule(descriptor=DESCRIPTORS, force=strategies.booleans())
    def stop(self, descriptor, force):
        # what has no time left ends before anybody can stop it
        self.settle()
        assert self.ask("Stop", "ib", descriptor, force) is self.model.stop(descriptor, force)

    @rule(
        descriptor=DESCRIPTORS,
        call=strategies.sampled_from(
            [
                ("Pause", "i", [], Model.pause, []),
                ("Resume", "i", [], Model.resume, []),
                ("Hibernate", "is", [""], Model.hibernate, []),
                ("Wakeup", "i", [], Model.wake, []),
                ("Exec", "iss", ["", "ls"], Model.execute, [""]),
                ("Exec", "iss", ["--nonsense", "ls"], Model.execute, ["--nonsense"]),
                ("Annotate", "iss", ["k", "v"], Model.annotate, ["k", "v"]),
                ("RemoveAnnotation", "is", ["k"], Model.remove_annotation, ["k"]),
                ("Unmount", "is", ["/mnt/here"], Model.unmount, ["/mnt/here"]),
                ("GetState", "i", [], Model.state, []),
            ]
        ),
    )
    def on_container(self, descriptor, call):
        member, signature, arguments, method, modelled = call
        self.settle_what_ends()
        assert self.ask(member, signature, descriptor, *arguments) == method(self.model, descriptor, *modelled)

    @rule(descriptor=DESCRIPTORS, flag=strategies.sampled_from(["bind", "ro"]))
    def mount(self, descriptor, flag):
        answer = self.ask("Mount", "issass", descriptor, self.directory.name, "/mnt/here", [flag], "")
        assert answer is self.model.mount(descriptor, "/mnt/here", flag)

    @rule(descriptor=DESCRIPTORS)
    def info(self, descriptor):
        text = self.ask("GetInfo", "i", descriptor)
        box = self.model._find(descriptor)
        if box is None:
            assert text == ""
        else:
            info = json.loads(text)
            assert (info["id"], info.get("annotations", {})) == (box.id, box.annotations)

    @rule()
    def settle(self):
        self.connection.clock.advance(0)
        # a program that ends at once after a restart needs one more turn
        self.connection.clock.advance(0)
        self.model.settle()

    def settle_what_ends(self):
        """See to it that no process has ended without being reaped; that is a race on a real box too."""
        if any(box.left == 0 for box in self.model.boxes.values()):
            self.settle()

    @rule(seconds=strategies.integers(1, 5))
    def wait(self, seconds):
        self.settle()
        for _ in range(seconds):
            self.connection.clock.advance(1)
            self.connection.clock.advance(0)
            self.model.second()

    @invariant()
    def says_the_same(self):
        told = [(message.member, *message.body) for message in self.connection.sent]
        self.connection.sent.clear()
        # two containers that end in the same second may do so in either order, each in its own
        assert Counter(told) == Counter(self.model.told)
        for container_id in {entry[2] for entry in told}:
            own = [entry for entry in told if entry[2] == container_id]
            assert own == [entry for entry in self.model.told if entry[2] == container_id]
        self.model.told.clear()

    @invariant()
    def lists_the_same(self):
        assert self.ask("List") == self.model.listed()

    def teardown(self):
        self.settle()
        for descriptor in self.model.listed()[0]:
            assert self.ask("Stop", "ib", descriptor, True) is True
        assert self.ask("List") == [[], []]
        assert self.connection.clock.getDelayedCalls() == []
        self.connection.daemon.manager.close()
        self.directory.cleanup()


TestAnyCalls = AnyCalls.TestCase
TestAnyCalls.settings = settings(deadline=None)
