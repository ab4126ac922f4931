"""Members of results that are there, have the right type, and lie."""

from functools import partial
from itertools import count

from mutation.mutant import ENT, RDK, Mutant, add, mutant, succeeded

from .changes import STARTS, Result, replaced
from .fields import finder


def _value(mutant_id, does, finds, clause, path, value, **options):
    method = mutant_id.partition(".")[0]
    add(mutant_id, does, finds, clause, partial(Result, method, replaced(path, value)), **options)


_value(
    "listContainers.entries-twice",
    "listContainers lists each container twice",
    "startContainerFromDobbySpec/1",
    "listContainers.containers",
    "containers",
    lambda entries: entries * 2,
)
_value(
    "listContainers.other-ids",
    "listContainers gives ids with a letter more",
    "startContainerFromDobbySpec/1",
    "startContainerFromDobbySpec.effect",
    "containers[].Id",
    lambda name: f"{name}x",
)
_value(
    "listContainers.other-descriptors",
    "listContainers gives descriptors one higher than the starts did",
    "startContainerFromDobbySpec/1",
    "listContainers.Descriptor",
    "containers[].Descriptor",
    lambda number: number + 1,
)
_value(
    "listContainers.nobody",
    "listContainers says that nothing runs",
    "startContainerFromDobbySpec/1",
    "startContainerFromDobbySpec.effect",
    "containers",
    [],
)
_value(
    "getContainerState.other-id",
    "getContainerState repeats another container id",
    "getContainerState/2",
    "getContainerState.containerId",
    "containerId",
    "other",
    profiles=RDK,
)
_value(
    "getContainerState.no-word",
    "getContainerState gives a state that is none",
    "getContainerState/2",
    "getContainerState.state",
    "state",
    "Ready",
)
_value(
    "getContainerState.lower-case",
    "getContainerState writes states in lower case",
    "getContainerState/2",
    "getContainerState.states",
    "state",
    str.lower,
)
_value(
    "getContainerState.always-running",
    "getContainerState says Running whatever the state is",
    "pauseContainer/2",
    "pauseContainer.effect",
    "state",
    lambda state: state.replace("aused", "unning").replace("P", "R").replace("AUSED", "UNNING"),
)
_value(
    "getContainerInfo.other-id",
    "getContainerInfo names another container",
    "getContainerInfo/2",
    "getContainerInfo.id",
    "info.id",
    "other",
)
_value(
    "getContainerInfo.capitalised-state",
    "getContainerInfo writes the state with a capital letter",
    finder("getContainerInfo.state", 10, 30),
    "getContainerInfo.state",
    "info.state",
    str.capitalize,
    profiles=RDK,
)
_value(
    "getContainerInfo.always-running",
    "getContainerInfo says running whatever the state is",
    "getContainerInfo/4",
    "getContainerInfo.addressee",
    "info.state",
    "running",
)
_value(
    "getContainerInfo.pids-as-text",
    "getContainerInfo gives process ids as text",
    finder("getContainerInfo.pids", 10, 30),
    "getContainerInfo.pids",
    "info.pids",
    lambda pids: [str(pid) for pid in pids or [1]],
)
_value(
    "getContainerInfo.percpu-as-text",
    "getContainerInfo gives the figures of each processor as text",
    finder("getContainerInfo.cpu.percpu", 10, 30),
    "getContainerInfo.cpu.percpu",
    "info.cpu.usage.percpu",
    ["1", "2"],
)
_value(
    "getContainerInfo.total-with-fraction",
    "getContainerInfo gives the time of all processors with a fraction",
    finder("getContainerInfo.cpu.total", 10, 30),
    "getContainerInfo.cpu.total",
    "info.cpu.usage.total",
    1.5,
)
_value(
    "getContainerInfo.no-figures",
    "getContainerInfo gives an empty info",
    "getContainerInfo/2",
    "getContainerInfo.id",
    "info",
    {},
)
for _start in STARTS:
    _value(
        f"{_start}.descriptor-zero",
        f"{_start} gives the descriptor 0",
        f"{_start}/1",
        f"{_start}.descriptor",
        "descriptor",
        0,
    )
    _value(
        f"{_start}.descriptor-negative",
        f"{_start} gives a negative descriptor",
        f"{_start}/1",
        f"{_start}.descriptor",
        "descriptor",
        lambda number: -number,
    )
    _value(
        f"{_start}.success-one",
        f"{_start} says success 1 in place of true",
        f"{_start}/1",
        f"{_start}.success",
        "success",
        1,
    )
    _value(
        f"{_start}.success-false",
        f"{_start} starts the container and says success false",
        f"{_start}/1",
        f"{_start}.success",
        "success",
        value=False,
    )
for _method in ("pauseContainer", "resumeContainer", "stopContainer", "executeCommand"):
    _value(
        f"{_method}.success-false",
        f"{_method} does what it is asked and says success false",
        f"{_method}/2",
        f"{_method}.success",
        "success",
        value=False,
    )
    _value(
        f"{_method}.reason-null",
        f"{_method} gives null as errorReason",
        finder(f"{_method}.errorReason", 10, 30),
        f"{_method}.errorReason",
        "errorReason",
        None,
        profiles=ENT,
    )


class _More(Mutant):
    """A result with a member that nobody documents."""

    def __init__(self, method):
        self._method = method

    def answer(self, call, message):
        if call.method == self._method and succeeded(message):
            message["result"]["more"] = 1
        return message


for _method, _number in (("listContainers", 1), ("getContainerState", 2), ("pauseContainer", 2), ("stopContainer", 2)):
    add(
        f"{_method}.more",
        f"{_method} gives a member that is not documented",
        f"{_method}/{_number}",
        f"{_method}.closed",
        partial(_More, _method),
    )


@mutant("values.descriptor-reused", "startContainerFromDobbySpec/60", "startContainerFromDobbySpec.descriptor.new")
class OneDescriptor(Mutant):
    """All containers have the same descriptor, in the answers of the starts and in the list"""

    def answer(self, call, message):
        if call.method in STARTS and succeeded(message):
            message["result"]["descriptor"] = 7
        elif call.method == "listContainers" and succeeded(message):
            for entry in message["result"]["containers"]:
                entry["Descriptor"] = 7
        return message


@mutant("values.cpu-of-the-paused", "pauseContainer/60", "getContainerInfo.cpu.still")
class BusyWhilePaused(Mutant):
    """The processor time of a container goes on growing while it is paused"""

    def __init__(self):
        self._extra = count(1)

    def answer(self, call, message):
        if call.method == "getContainerInfo" and succeeded(message):
            usage = message["result"]["info"]["cpu"]["usage"]
            usage["total"] = (usage["total"] or 0) + 1000 * next(self._extra)
        return message


class _Falling(Mutant):
    """A figure that becomes smaller with each call."""

    def __init__(self, path):
        self._path = path
        self._calls = count(1)

    def answer(self, call, message):
        if call.method == "getContainerInfo" and succeeded(message):
            replaced(self._path, lambda value: (value or 0) - 10**15 * next(self._calls))(message["result"])
        return message


add(
    "getContainerInfo.total-falls",
    "The processor time of a running container becomes smaller",
    "getContainerInfo/60",
    "getContainerInfo.cpu.grows",
    partial(_Falling, "info.cpu.usage.total"),
)
add(
    "getContainerInfo.time-runs-back",
    "The timestamp of a later call is smaller",
    "getContainerInfo/61",
    "getContainerInfo.timestamp.grows",
    partial(_Falling, "info.timestamp"),
)
