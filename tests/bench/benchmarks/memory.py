"""Memory: how much of it is resident after the start and after calls."""

from benchmarks.arrangement import ALL, LIST, Arrangement, call, name
from benchmarks.load import in_turn, load

CONNECTIONS = 16


def key_of(arrangement_name, calls):
    return f"memory.{arrangement_name}.{calls}"


def measure(plan, figures):
    """Measure each arrangement once: its options are the usual ones, and one container runs."""
    bodies = [LIST, call("getContainerState", containerId=name(0))]
    for one in plan.arrangements:
        plan.progress(f"memory, {ALL[one]}")
        with Arrangement(one) as emulator:
            figures.add(key_of(one, 0), f"memory after the start, {ALL[one]}", "MiB", emulator.memory())
            emulator.populate(1)
            done, before = 0, None
            for calls in plan.calls:
                load(emulator.port, CONNECTIONS, in_turn(bodies), count=calls - done)
                done = calls
                what = f"memory after {calls:,} calls, {ALL[one]}"
                figures.add(key_of(one, calls), what, "MiB", emulator.memory(), floor=before)
                before = before or key_of(one, calls)
