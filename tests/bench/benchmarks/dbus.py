"""D-Bus calls: an empty method by txdbus and by dbus-fast, and what Dobby's List costs a fast client."""

import json
import sys
import tempfile
from contextlib import ExitStack

from benchmarks.arrangement import ALL, Arrangement
from benchmarks.program import FLOORS, floor, message_bus, run
from benchmarks.sample import Sample

LIBRARIES = ("txdbus", "dbus-fast")
FLIGHTS = (1, 16)
SCRIPT = "dbusfloor.py"
FLOOR = ("org.example.Floor", "/org/example/Floor", "org.example.Floor", "Ping")
LIST = ("org.rdk.dobby", "/org/rdk/dobby", "org.rdk.dobby.ctrl1", "List")


def floor_key(library, flight):
    return f"dbus-floor.{library}.{flight}"


def measure(plan, figures):
    """Measure the floors and List in turn."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        bus = message_bus(folder)
        stack.callback(bus.end)
        # a service of each library would want the same name: they take turns
        running = {
            (one, count): stack.enter_context(Arrangement(one, "--progression", "immediate", containers=count))
            for one in plan.arrangements
            for count in plan.containers
        }
        for number in range(plan.rounds):
            plan.progress(f"D-Bus, round {number + 1} of {plan.rounds}")
            for library in LIBRARIES:
                served = floor(SCRIPT, library, "serve", bus.line)
                try:
                    for flight in FLIGHTS:
                        sample = _sample(plan, library, bus.line, FLOOR, flight)
                        what = f"empty D-Bus method, {library} on both sides, {flight} in flight"
                        figures.add_sample(floor_key(library, flight), what, sample)
                finally:
                    served.end()
            for (one, count), emulator in running.items():
                sample = _sample(plan, "dbus-fast", emulator.bus, LIST, 1)
                what = f"Dobby's List, {count} containers, 1 in flight, by dbus-fast, {ALL[one]}"
                figures.add_sample(f"dobby-list.{one}.{count}", what, sample, floor=floor_key("dbus-fast", 1))


def _sample(plan, library, address, member, flight):
    _, text = run(sys.executable, FLOORS / SCRIPT, library, "call", address, *member, plan.seconds, flight)
    done = json.loads(text)
    return Sample.of(done["times"], done["seconds"])
