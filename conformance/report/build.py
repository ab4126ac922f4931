"""Makes the report of a run out of what its targets brought."""

from collections import defaultdict
from collections.abc import Container, Iterable
from typing import Any

FORMAT = "thunderoci-conformance/1"


def latencies(results: Iterable[dict[str, Any]], methods: Container[str]) -> dict[str, dict[str, Any]]:
    """Return, for each of ``methods``, how many answers were timed and how long they took (p50 and p99, seconds)."""
    seconds: dict[str, list[float]] = defaultdict(list)
    for result in results:
        for step in result["steps"]:
            if step.get("call") in methods and step.get("status") is not None:
                seconds[step["call"]].append(step["seconds"])
    return {
        method: {"count": len(times), "p50": _percentile(times, 50), "p99": _percentile(times, 99)}
        for method, times in sorted(seconds.items())
    }


def _percentile(times: list[float], percent: int) -> float:
    """Return the smallest of the times that this percentage of them does not exceed."""
    times = sorted(times)
    return times[max(0, -(-len(times) * percent // 100) - 1)]
