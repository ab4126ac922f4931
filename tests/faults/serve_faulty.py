"""One of our programs, with lines of JSON on its standard input that put faults in force and move its clock.

serve_faulty.py MODULE OPTION... runs the module's command. Each line is a list, a command and its argument, and is
answered by a line: add (a fault), clear, faults, journal (a kind of entries), speed (of the clock), advance (seconds).
"""

import importlib
import json
import sys
from random import Random

from twisted.internet import reactor, stdio
from twisted.protocols.basic import LineReceiver

from fakedobby.emulatedclock import EmulatedClock
from fakedobby.emulation import Emulation
from fakedobby.faults import Fault

made = []
"""The one emulation of the program, once there is one."""


class Commands(LineReceiver):
    """Carries the lines out."""

    delimiter = b"\n"

    def lineReceived(self, line):  # noqa: N802 (Twisted's name)
        command, argument = json.loads(line)
        self.sendLine(json.dumps(getattr(self, command)(argument)).encode())

    def add(self, document):
        return made[0].faults.add(Fault.of(document)).as_document()

    def clear(self, _):
        made[0].faults.clear()

    def faults(self, _):
        return [fault.as_document() for fault in made[0].faults]

    def journal(self, kind):
        return [entry.facts for entry in made[0].journal if entry.kind == kind]

    def speed(self, speed):
        made[0].clock.speed = speed

    def advance(self, seconds):
        clock = made[0].clock
        clock.advance_to(clock.seconds() + seconds)


def emulation_on(clock):
    emulated = EmulatedClock(clock)
    made.append(Emulation(emulated, emulated, Random(0)))  # noqa: S311 (no secret)
    return made[0]


Emulation.on = emulation_on
reactor.callWhenRunning(stdio.StandardIO, Commands())
module, *arguments = sys.argv[1:]
sys.exit(importlib.import_module(f"{module}.cli").main(arguments))
