"""Calls over HTTP keep-alive and over one WebSocket, beside a bare twisted.web resource that is called the same way."""

from contextlib import ExitStack

from benchmarks import arrangement, wrk
from benchmarks.arrangement import ALL, LIST, Arrangement, call, start
from benchmarks.connection import Connection, WebSocket
from benchmarks.errors import WrongAnswer
from benchmarks.load import GOOD, always, load
from benchmarks.program import floor

ROOM = 1023
"""How many containers Dobby can have at once."""
ECHO = b'"success": true'
UNITS = {"list": "calls/s", "state": "calls/s", "cycle": "cycles/s"}
NAMES = {"list": "listContainers", "state": "getContainerState", "cycle": "start and stop of a container"}


def key_of(what, arrangement_name, containers, connections):
    """Return the key of a figure; connections are a number, or "ws" for one WebSocket."""
    way = connections if connections == "ws" else f"c{connections}"
    return f"{what}.{arrangement_name}.{containers}.{way}"


def floor_key(client, connections):
    return f"http-floor.{client}.c{connections}"


def populations(what, plan):
    """Return with how many containers something is measured: one at least when one has to be asked for."""
    return [max(count, 1) if what == "state" else count for count in plan.containers]


def cycle(kind):
    """Return the requests of clients that start and stop containers, each its own."""

    def requests(number):
        container_id = f"com.example.cycle{number}"
        starting = kind.wrap(start(container_id))
        stopping = kind.wrap(call("stopContainer", containerId=container_id, force=True))
        while True:
            yield starting, False
            yield stopping, True

    return requests


def measure(plan, figures):
    """Measure all calls; what is compared is alternated, in as many rounds as the plan says."""
    with ExitStack() as stack:
        echo = floor("httpfloor.py")
        stack.callback(echo.end)
        running = {}
        counts = sorted({count for what in NAMES for count in populations(what, plan)})
        for one in plan.arrangements:
            for count in counts:
                running[one, count] = stack.enter_context(
                    Arrangement(one, "--progression", "immediate", containers=count)
                )
        for number in range(plan.rounds):
            for connections in plan.connections:
                plan.progress(f"calls, round {number + 1} of {plan.rounds}, {connections} connections")
                _floors(plan, figures, echo, connections)
                _all(plan, figures, running, connections)
            plan.progress(f"calls, round {number + 1} of {plan.rounds}, WebSocket")
            _all(plan, figures, running, "ws")


def _all(plan, figures, running, connections):
    for what in NAMES:
        for emulator in running.values():
            count = emulator.containers
            fits = what != "cycle" or connections == "ws" or count + connections < ROOM
            if count in populations(what, plan) and fits:
                _measure(plan, figures, what, emulator, connections)


def _floors(plan, figures, echo, connections):
    name = f"bare twisted.web resource, {_connections(connections)}"
    port, before = int(echo.line), echo.processor_time()
    sample = load(port, connections, always(LIST), seconds=plan.seconds, good=ECHO)
    figures.add_sample(floor_key("own", connections), f"{name}, own client", sample, cpu=echo.processor_time() - before)
    if plan.wrk:
        before = echo.processor_time()
        sample = wrk.load(port, connections, LIST, seconds=1)
        cpu = echo.processor_time() - before
        figures.add_sample(floor_key("wrk", connections), f"{name}, wrk", sample, cpu=cpu)


def _measure(plan, figures, what, emulator, connections):
    key = key_of(what, emulator.name, emulator.containers, connections)
    containers = f"{emulator.containers} container{'s' * (emulator.containers != 1)}"
    name = f"{NAMES[what]}, {containers}, {_connections(connections)}, {ALL[emulator.name]}"
    body = LIST if what == "list" else call("getContainerState", containerId=arrangement.name(emulator.containers - 1))
    by_wrk = plan.wrk and what != "cycle" and connections != "ws"
    if by_wrk and GOOD not in emulator.ask(body):  # wrk does not look into answers
        raise WrongAnswer(what=name, answer=emulator.ask(body))
    before = emulator.processor_time()
    if by_wrk:
        sample = wrk.load(emulator.port, connections, body, seconds=1)
    else:
        kind, number = (WebSocket, 1) if connections == "ws" else (Connection, connections)
        requests = cycle(kind) if what == "cycle" else always(body, kind)
        sample = load(emulator.port, number, requests, seconds=plan.seconds, kind=kind)
    beside = floor_key("wrk" if by_wrk else "own", 1 if connections == "ws" else connections)
    cost = 2 if what == "cycle" else 1  # a cycle is two calls
    cpu = emulator.processor_time() - before
    figures.add_sample(key, name, sample, unit=UNITS[what], floor=beside, cost=cost, cpu=cpu)


def _connections(connections):
    if connections == "ws":
        return "one WebSocket"
    return f"{connections} connection{'s' * (connections != 1)}"
